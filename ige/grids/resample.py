"""The grid of one frustum as seen in the cells of another."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum
from ige.grids.kernel import kernel
from ige.grids.projected import Floats


def resample(
    occupancy: NDArray[np.bool_], source: Frustum, target: Frustum, resolution: int
) -> NDArray[np.bool_]:
    """Return the cells of a target frustum whose centres lie in filled cells of a source frustum.

    What lies outside the source frustum is empty. Between a frustum and itself, at the same resolution,
    nothing changes.

    Args:
        occupancy: (S, S, S) truth values (row, column, depth) in the source frustum.
        source: where the cells are; `ige.geometry.frustum.object_box` for a grid in the world.
        target: where the answer's cells are.
        resolution: R, cells per side of the answer.

    Returns:
        (R, R, R) (row, column, depth) in the target frustum.

    Raises:
        ValueError: if the grid is no cube of truth values, or the resolution is not positive.
    """
    if occupancy.ndim != 3 or len(set(occupancy.shape)) != 1 or not occupancy.size:
        raise ValueError(f"a grid must be a cube of cells, found shape {occupancy.shape}")
    if occupancy.dtype != np.bool_:
        raise ValueError(f"a grid must hold truth values, found {occupancy.dtype}")
    if resolution < 1:
        raise ValueError(f"resolution must be positive, found {resolution}")
    cells = np.zeros((resolution, resolution, resolution), dtype=np.bool_)
    _resample(
        np.ascontiguousarray(occupancy),
        _between(source, target),
        _lens(source),
        _lens(target),
        cells,
    )
    return cells


def _between(source: Frustum, target: Frustum) -> Floats:
    """Return the motion (3, 4) from the target's camera frame to the source's."""
    turn = source.extrinsics[:, :3] @ target.extrinsics[:, :3].T
    shift = source.extrinsics[:, 3] - turn @ target.extrinsics[:, 3]
    return np.hstack([turn, shift[:, None]])


def _lens(frustum: Frustum) -> Floats:
    perspective = float(frustum.projection == "perspective")
    return np.array([frustum.focal, frustum.near, frustum.far, perspective])


@kernel
def _resample(
    filled: NDArray[np.bool_], motion: Floats, source: Floats, target: Floats, cells: NDArray[np.bool_]
) -> None:
    side, resolution = filled.shape[0], cells.shape[0]
    step_z = (target[2] - target[1]) / resolution
    start_z = target[1] + 0.5 * step_z
    start, step = np.empty(4), np.empty(4)
    for i in range(resolution):
        for j in range(resolution):
            x, y = ((j + 0.5) / resolution - 0.5) / target[0], ((i + 0.5) / resolution - 0.5) / target[0]
            if target[3] > 0.0:
                _to_source(motion, source, (x * start_z, y * start_z, start_z, 1.0), start)
                _to_source(motion, source, (x * step_z, y * step_z, step_z, 0.0), step)
            else:
                _to_source(motion, source, (x, y, start_z, 1.0), start)
                _to_source(motion, source, (0.0, 0.0, step_z, 0.0), step)
            first, last = _inside(start, step, resolution)
            for k in range(first, last + 1):
                scale = start[3] + k * step[3]
                if not scale > 0.0:
                    continue
                r = (start[0] + k * step[0]) / scale * side
                c = (start[1] + k * step[1]) / scale * side
                d = (start[2] + k * step[2]) * side
                if min(r, c, d) >= 0.0 and max(r, c, d) < side:
                    cells[i, j, k] = filled[int(r), int(c), int(d)]


@kernel
def _to_source(motion: Floats, source: Floats, point: tuple[float, float, float, float], out: Floats) -> None:
    """Write row, column, depth in parts of the source's sides; the first two times the last number, a scale.

    So all four are linear in the point: (x, y, z, 1) in the target's camera frame, (x, y, z, 0) for a way.
    """
    px, py, pz, one = point
    x = motion[0, 0] * px + motion[0, 1] * py + motion[0, 2] * pz + motion[0, 3] * one
    y = motion[1, 0] * px + motion[1, 1] * py + motion[1, 2] * pz + motion[1, 3] * one
    z = motion[2, 0] * px + motion[2, 1] * py + motion[2, 2] * pz + motion[2, 3] * one
    out[3] = z if source[3] > 0.0 else one
    out[0] = source[0] * y + 0.5 * out[3]
    out[1] = source[0] * x + 0.5 * out[3]
    out[2] = (z - source[1] * one) / (source[2] - source[1])


@kernel
def _inside(start: Floats, step: Floats, resolution: int) -> tuple[int, int]:
    """Return the first and last cell of a line that are between the source's six planes, or next to them."""
    first, last = 0.0, resolution - 1.0
    for plane in range(6):
        axis = plane >> 1
        distance, growth = start[axis], step[axis]
        if plane & 1:
            distance = (1.0 if axis == 2 else start[3]) - distance
            growth = (0.0 if axis == 2 else step[3]) - growth
        if growth > 0.0:
            first = max(first, -distance / growth - 1.0)
        elif growth < 0.0:
            last = min(last, -distance / growth + 1.0)
        elif distance < 0.0:
            last = -1.0
    if first > last:
        return 0, -1
    return math.ceil(first), math.floor(last)
