"""An answer beside the truth: the measures of one view, and of the iterates of many.

A grid of the training resolution R is brought to the resolution E of the evaluation by nearest cells. An
answer in the frustum is carried to the object's box for the IoU in the world, and an answer in that box to
the frustum for all others; what lies outside a grid is empty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import object_box
from ige.grids.resample import resample
from ige.metrics.voxels import error_shares, iou, silhouette_iou, surface_f_score, upsample_nearest
from ige.params.shape_models import Coordinates
from ige.shapes.voxels.scored_views import Truth

Cells = NDArray[np.bool_]
_StepsOfView = tuple[tuple[float, ...], tuple[float, ...]]  # IoU of each iterate, energies

MEASURES = (
    "iou_frustum_weighted",
    "iou_frustum",
    "iou_world",
    "silhouette_iou",
    "f_score",
    "false_outside",
    "false_inside",
    "missed",
)
PROTOCOL = (
    "cells of a greater probability than the threshold, at the training resolution; nearest cells at the "
    "evaluation resolution; mean over views; iou_frustum_weighted: IoU of the frustum's cells, by their "
    "volumes; iou_frustum: each cell alike; iou_world: in the unit cube about the object; silhouette_iou: "
    "rows and columns of the frustum in which any cell is filled; f_score: of the surfaces of the frustum's "
    "grids, within 1 % of the diagonal of the object's box; false_outside, false_inside, missed: wrong "
    "volumes beside and behind the true silhouette, and missing ones, in parts of the union's volume"
)


def measure(filled: Cells, coordinates: Coordinates, truth: Truth) -> dict[str, float]:
    """Measure an answer.

    Args:
        filled: (R, R, R) cells of the answer.
        coordinates: frustum: they lie in the view's frustum | world: in the object's box.
        truth: of the view.

    Returns:
        one value for each of `MEASURES`.

    Raises:
        ValueError: if the answer is finer than the truth.
    """
    fine, frustum = truth.resolution, truth.frustum
    if coordinates == "frustum":
        seen, world = upsample_nearest(filled, fine), resample(filled, frustum, object_box(), fine)
    else:
        seen, world = resample(filled, object_box(), frustum, fine), upsample_nearest(filled, fine)
    volumes = frustum.cell_volumes(fine)
    errors = error_shares(seen, truth.seen, volumes)
    measures = {
        "iou_frustum_weighted": iou(seen, truth.seen, volumes),
        "iou_frustum": iou(seen, truth.seen),
        "iou_world": iou(world, truth.world),
        "silhouette_iou": silhouette_iou(seen, truth.seen),
        "f_score": surface_f_score(seen, truth.seen, frustum).f_score,
        "false_outside": errors.false_outside,
        "false_inside": errors.false_inside,
        "missed": errors.missed,
    }
    return {name: float(value) for name, value in measures.items()}


class StepMeans:
    """Means over views, of each iterate of a model that refines."""

    def __init__(self) -> None:
        self._views: dict[str, list[_StepsOfView]] = {}

    def add(self, category: str, ious: Sequence[float], energies: Sequence[float]) -> None:
        """Add a view.

        Args:
            category: of the view.
            ious: (T + 1,) of each iterate.
            energies: (T + 1,) of each iterate, (T,) without the last, or none.
        """
        self._views.setdefault(category, []).append((tuple(ious), tuple(energies)))

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each iterate, the mean over all views; none if no view was added.

        An energy that is unknown, or not finite, is None.
        """
        return _rows([view for views in self._views.values() for view in views])

    def rows_by_category(self) -> dict[str, list[dict[str, Any]]]:
        """Return the same for the views of each category, in the order of their first views."""
        return {category: _rows(views) for category, views in self._views.items()}


def _rows(views: Sequence[_StepsOfView]) -> list[dict[str, Any]]:
    if not views:
        return []
    ious = np.mean([of_view for of_view, _ in views], axis=0).tolist()
    energies = [
        value if math.isfinite(value) else None
        for value in np.mean([of_view for _, of_view in views], axis=0).tolist()
    ]
    return [
        {"step": step, "iou_frustum": value, "energy": energy}
        for step, (value, energy) in enumerate(zip_longest(ious, energies))
    ]
