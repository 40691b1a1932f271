"""What the training views of a model have in common: how an image of one's own must look to be like them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ige.geometry.frustum import Frustum, shape_view
from ige.shapes.dataset import ShapeGrids

OPAQUE = 128  # a pixel with this alpha, or more, shows the object

_MOST_VIEWS = 512


@dataclass(frozen=True, slots=True)
class ViewFacts:
    """Means over training views, but medians of the box: an object that reaches out of one must not count.

    Attributes:
        pixels: per side of an image.
        elevation_degrees: of the camera above the horizontal.
        distance: of the eye from the origin, diagonals of the object.
        focal: widths of the image.
        near: planar depth of the near plane.
        far: planar depth of the far plane.
        box_side: longer side of the box about the object in an image, widths of the image.
        box_row: the box's middle, widths of the image from the top.
    """

    pixels: int
    elevation_degrees: float
    distance: float
    focal: float
    near: float
    far: float
    box_side: float
    box_row: float

    def frustum(self) -> Frustum:
        """Return the camera that stands for all: at their mean elevation, at azimuth 0, that is along +x."""
        elevation = math.radians(self.elevation_degrees)
        view = shape_view(0.0, elevation, distance=self.distance, focal=self.focal)
        return dataclasses.replace(view, near=self.near, far=self.far)

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> Self:
        """Read what `view_facts` gave.

        Raises:
            KeyError: if a fact is missing.
        """
        names = [each.name for each in dataclasses.fields(cls) if each.name != "pixels"]
        return cls(pixels=int(attributes["pixels"]), **{name: float(attributes[name]) for name in names})


def view_facts(grids: ShapeGrids) -> dict[str, int | float]:
    """Return the facts of the training views, JSON values, for a `model.pt`; at most 512 views are looked at.

    Args:
        grids: the training set; its views are taken evenly spread.
    """
    count = min(len(grids), _MOST_VIEWS)
    chosen = np.unique(np.linspace(0, len(grids) - 1, count).round().astype(int)).tolist()
    views = grids[chosen]
    cameras = views["camera"].double()
    upward = -cameras[:, 2, 2].clamp(-1.0, 1.0)  # the axis that looks forward, in the world
    eyes = torch.einsum("nij,ni->nj", cameras[:, :, :3], cameras[:, :, 3])
    boxes = [box for box in map(_box, views["image"][:, 3]) if box is not None]
    top, left, bottom, right = np.array(boxes or [(0, 0, *views["image"].shape[2:])], dtype=np.float64).T
    pixels = int(views["image"].shape[-1])
    facts = ViewFacts(
        pixels=pixels,
        elevation_degrees=math.degrees(float(torch.asin(upward).mean())),
        distance=float(eyes.norm(dim=1).mean()),
        **{name: float(views[name].double().mean()) for name in ("focal", "near", "far")},
        box_side=float(np.median(np.maximum(bottom - top, right - left))) / pixels,
        box_row=float(np.median(top + bottom)) / (2.0 * pixels),
    )
    return dataclasses.asdict(facts)


def _box(alpha: Tensor) -> tuple[int, int, int, int] | None:
    return box_of(alpha.numpy() >= OPAQUE)


def box_of(mask: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Return (top, left, bottom, right), half-open, of what a mask (H, W) has; None if it has nothing."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
