"""Examples of what a model reconstructs, in a file for the figures.

`ige.storage.arrays.read_arrays(path, KIND)` reads it:

| array | shape, type | holds |
| --- | --- | --- |
| rgba | (N, P, P, 4) u1 | image, straight alpha |
| truth | (N, R, R, ceil(R / 8)) u1 | truth at the training resolution R, in the frustum, packed along depth |
| truth_fine | (N, E, E, ceil(E / 8)) u1 | truth at the evaluation resolution E, in the frustum, packed |
| probability | (N, T + 1, R, R, R) u1 | of a filled cell, of each iterate, first guess first; 255 is 1 |
| camera | (N, 3, 4) f8 | X_cam = camera @ (X_world, 1) |
| focal, near, far | (N,) f8 | widths of the image; planar depths of the planes |

| attribute | holds |
| --- | --- |
| name, model, family | of the trained model, of its definition, its kind |
| seed, data | of the training; source of the shapes |
| coordinates | frustum: `probability` lies in the view's frustum; world: in `object_box()` |
| threshold | cells of a greater probability are filled |
| resolution, evaluation_resolution | R, E |
| steps | T; 0 for a model that does not refine |
| category, id, view | lists of N: of the example |
| iou_frustum | list of N: of the last iterate at E, unweighted |

A byte of `probability` exceeds 255 times the threshold just where the probability exceeds the threshold: what
is filled in the file is what was scored. Grids are (row, column, depth) as everywhere.

The examples are those of the first seed: of each category so many, evenly spread over its test views, in the
order of the categories and of the views. So all models of the same resolution and categories show the same
views.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.shapes.voxels.scored_views import Truth
from ige.storage.arrays import write_arrays

KIND = "shape-examples"

Bytes = NDArray[np.uint8]


def choose_examples(categories: Sequence[int], count: int) -> list[int]:
    """Choose so many views of each category, evenly spread; all of them where there are fewer.

    Args:
        categories: (V,) number of the category of each view.
        count: views of each category.

    Returns:
        places in `categories`, by category and then as they stand there.
    """
    places = np.asarray(categories)
    chosen: list[int] = []
    for category in np.unique(places):
        of_category = np.flatnonzero(places == category)
        taken = min(count, len(of_category))
        # From the middle of each of so many equal parts.
        parts = (2 * np.arange(taken) + 1) * len(of_category) // (2 * taken)
        chosen += of_category[parts].tolist()
    return chosen


class ExampleBook:
    """Collects examples as an evaluation comes by them.

    Args:
        chosen: numbers of the views, in the order of the file.
        threshold: cells of a greater probability are filled; less than 1.
    """

    def __init__(self, chosen: Sequence[int], threshold: float) -> None:
        self._threshold = threshold
        self._slots = {number: slot for slot, number in enumerate(chosen)}
        self._rows: list[dict[str, Any]] = [{} for _ in chosen]
        self._facts: list[dict[str, Any]] = [{} for _ in chosen]

    def wants(self, number: int) -> bool:
        """Say whether a view is an example."""
        return number in self._slots

    def add(
        self,
        number: int,
        *,
        image: Bytes,
        bits: Bytes,
        probabilities: NDArray[np.float32],
        truth: Truth,
        iou_frustum: float,
    ) -> None:
        """Keep a view.

        Args:
            number: of the view.
            image: (4, P, P) RGBA.
            bits: (R, R, ceil(R / 8)) truth at the training resolution.
            probabilities: (T + 1, R, R, R) of each iterate, 0 to 1; what is no number is kept as 0.
            truth: at the evaluation resolution.
            iou_frustum: of the last iterate there.
        """
        slot, frustum = self._slots[number], truth.frustum
        self._rows[slot] = {
            "rgba": image.transpose(1, 2, 0),
            "truth": bits,
            "truth_fine": truth.bits,
            "probability": self._bytes(probabilities),
            "camera": frustum.extrinsics,
            **{name: np.float64(getattr(frustum, name)) for name in ("focal", "near", "far")},
        }
        self._facts[slot] = {
            "category": truth.category,
            "id": truth.id,
            "view": truth.view,
            "iou_frustum": iou_frustum,
        }

    def _bytes(self, probabilities: NDArray[np.float32]) -> Bytes:
        """Round probabilities to bytes, but none across the threshold."""
        rounded = np.rint(255.0 * np.nan_to_num(probabilities))
        last_empty = math.floor(255.0 * self._threshold)
        filled = probabilities > self._threshold
        kept: Bytes = np.where(
            filled, np.maximum(rounded, last_empty + 1), np.minimum(rounded, last_empty)
        ).astype(np.uint8)
        return kept

    def write(self, path: Path, attributes: Mapping[str, Any]) -> None:
        """Write the file, once all examples were added.

        Raises:
            StorageError: if it cannot be written.
        """
        arrays = {name: np.stack([row[name] for row in self._rows]) for name in self._rows[0]}
        lists = {name: [facts[name] for facts in self._facts] for name in self._facts[0]}
        steps = arrays["probability"].shape[1] - 1
        write_arrays(path, KIND, arrays, {**attributes, "steps": steps, **lists})
