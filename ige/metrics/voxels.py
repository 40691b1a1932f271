"""Measures of filled grids (R, R, R) of truth values (row, column, depth), each defined once.

| measure | what it compares |
| --- | --- |
| `iou` | filled cells; with weights (R,) by depth, their volumes, since cells of a frustum grow with depth |
| `silhouette_iou` | what is seen of them along depth |
| `surface_f_score` | their surfaces, in the world |
| `error_shares` | the cells that are wrong: seen beside the true silhouette, hidden in it, missed |

Two empty grids are alike: IoU and F-score are 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ige.geometry.frustum import Frustum

Cells = NDArray[np.bool_]
Floats = NDArray[np.float64]

F_SCORE_DISTANCE = 0.01  # world units, where an object's bounding-box diagonal is 1
F_SCORE_POINTS = 10_000  # of each surface, drawn: a share of them has a standard error of at most 0.005


@dataclass(frozen=True, slots=True)
class SurfaceScore:
    """How much of two surfaces is near to the other.

    Attributes:
        precision: share of the predicted surface that is near the true one.
        recall: share of the true surface that is near the predicted one.
        f_score: harmonic mean of the two.
    """

    precision: float
    recall: float
    f_score: float


@dataclass(frozen=True, slots=True)
class ErrorShares:
    """What is wrong, in parts of the union of both grids: together one minus the IoU.

    Attributes:
        false_outside: predicted alone, beside the true silhouette: the image shows that it is wrong.
        false_inside: predicted alone, in front of or behind what is seen.
        missed: true alone.
    """

    false_outside: float
    false_inside: float
    missed: float


def iou(predicted: Cells, true: Cells, weights: Floats | None = None) -> float:
    """Return the intersection over the union.

    Args:
        predicted: (R, R, R).
        true: (R, R, R).
        weights: (R,) of the cells at each depth, `Frustum.cell_volumes`; None: all alike.

    Raises:
        ValueError: for other shapes or types.
    """
    _check(predicted, true, weights)
    common = _amount(predicted & true, weights)
    union = _amount(predicted, weights) + _amount(true, weights) - common
    return common / union if union > 0.0 else 1.0


def silhouette_iou(predicted: Cells, true: Cells) -> float:
    """Return the IoU of the silhouettes: of rows and columns in which any depth is filled.

    Raises:
        ValueError: for other shapes or types.
    """
    _check(predicted, true, None)
    first, second = _silhouette(predicted), _silhouette(true)
    union = np.count_nonzero(first | second)
    return np.count_nonzero(first & second) / union if union else 1.0


def error_shares(predicted: Cells, true: Cells, weights: Floats | None = None) -> ErrorShares:
    """Tell what kinds of errors there are, in parts of the union; none if both are empty.

    Arguments and errors as `iou`.
    """
    _check(predicted, true, weights)
    common = _amount(predicted & true, weights)
    filled, truth = _amount(predicted, weights), _amount(true, weights)
    union = filled + truth - common
    if not union > 0.0:
        return ErrorShares(0.0, 0.0, 0.0)
    outside = _amount(predicted[~_silhouette(true)], weights)
    return ErrorShares(
        false_outside=outside / union,
        # Rounding may leave a little less than nothing.
        false_inside=max(0.0, filled - common - outside) / union,
        missed=max(0.0, truth - common) / union,
    )


def surface_f_score(
    predicted: Cells,
    true: Cells,
    frustum: Frustum,
    *,
    distance: float = F_SCORE_DISTANCE,
    points: int = F_SCORE_POINTS,
    seed: int = 0,
) -> SurfaceScore:
    """Return how much of each surface is within a distance of the other.

    The surface of a grid is the centres of its filled cells that have an empty neighbour on one of their six
    sides, beyond the border included. If one grid alone is empty, all scores are 0.

    Args:
        predicted: (R, R, R).
        true: (R, R, R).
        frustum: of both.
        distance: world units.
        points: of each surface that are looked at; they are drawn where there are more, and compared with
            the whole of the other surface.
        seed: of the draw.

    Raises:
        ValueError: for other shapes or types.
    """
    _check(predicted, true, None)
    surfaces = _surface_world(predicted, frustum), _surface_world(true, frustum)
    if not (len(surfaces[0]) and len(surfaces[1])):
        alike = float(len(surfaces[0]) == len(surfaces[1]))
        return SurfaceScore(alike, alike, alike)
    rng = np.random.default_rng(seed)
    precision, recall = (
        _share_near(_drawn(one, points, rng), other, distance) for one, other in (surfaces, surfaces[::-1])
    )
    both = precision + recall
    return SurfaceScore(precision, recall, 2.0 * precision * recall / both if both > 0.0 else 0.0)


def upsample_nearest(grid: Cells, resolution: int) -> Cells:
    """Return a grid in finer cells: each takes the value of the cell in which its centre lies.

    Raises:
        ValueError: if the grid is no cube, or finer already.
    """
    side = len(grid)
    if grid.shape != (side, side, side) or not 0 < side <= resolution:
        raise ValueError(f"a grid {grid.shape} cannot become one of {resolution} cells per side")
    nearest = (2 * np.arange(resolution) + 1) * side // (2 * resolution)
    # The last axis first: so the larger copies are of whole lines and planes.
    return grid[:, :, nearest][:, nearest][nearest]


def _check(predicted: Cells, true: Cells, weights: Floats | None) -> None:
    side = len(predicted)
    for grid in (predicted, true):
        if grid.shape != (side, side, side) or grid.dtype != np.bool_:
            raise ValueError(f"expected two cubes of truth values, found {predicted.shape} and {true.shape}")
    if weights is not None and weights.shape != (side,):
        raise ValueError(f"expected weights ({side},), found {weights.shape}")


def _amount(cells: Cells, weights: Floats | None) -> float:
    """Count the filled cells of lines (..., R), or sum up their weights."""
    if weights is None:
        return float(np.count_nonzero(cells))
    lines = cells.reshape(-1, cells.shape[-1]).view(np.uint8)
    return float(np.add.reduce(lines, axis=0, dtype=np.int64) @ weights)


def _silhouette(cells: Cells) -> Cells:
    return np.asarray(cells.any(axis=-1))


def _surface_world(cells: Cells, frustum: Frustum) -> Floats:
    """Return the centres (n, 3) of the cells of the surface, in the world."""
    box = _filled_box(cells)
    part = np.pad(cells[box], 1)
    inner = part[1:-1, 1:-1, 1:-1].copy()
    for axis in range(3):
        for side in (slice(None, -2), slice(2, None)):
            neighbours = [slice(1, -1)] * 3
            neighbours[axis] = side
            inner &= part[tuple(neighbours)]
    found = np.argwhere(cells[box] & ~inner) + [each.start for each in box]
    return frustum.to_world(found + 0.5, len(cells))


def _filled_box(cells: Cells) -> tuple[slice, slice, slice]:
    """Return the least part of a grid that has all filled cells; an empty part where there are none."""
    seen = _silhouette(cells)
    lines = seen.any(axis=1), seen.any(axis=0), cells[seen].any(axis=0)
    row, column, depth = (np.flatnonzero(line) for line in lines)
    if not len(row):
        return slice(0, 0), slice(0, 0), slice(0, 0)
    return slice(row[0], row[-1] + 1), slice(column[0], column[-1] + 1), slice(depth[0], depth[-1] + 1)


def _drawn(points: Floats, most: int, rng: np.random.Generator) -> Floats:
    return points[rng.choice(len(points), most, replace=False)] if len(points) > most else points


def _share_near(points: Floats, surface: Floats, distance: float) -> float:
    found, _ = cKDTree(surface).query(points, distance_upper_bound=distance)
    return float(np.mean(np.isfinite(found)))
