"""The published method of making frustum grids, for comparison and for the settings of the paper.

A mesh becomes one grid in the world: the cells that it touches, in the unit cube about the origin. That is
filled from outside along the three axes: a cell is filled if on each of the lines through it there is a
touched cell at or before it and one at or after it. A view looks up the nearest cell of that grid at each
centre of its own; beyond the outermost centres of the grid there is nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum, object_box
from ige.grids.buffers import Buffers
from ige.grids.clipping import project
from ige.grids.conservative import touched_cells
from ige.grids.kernel import kernel
from ige.grids.projected import Floats, Window
from ige.grids.surface import Surface
from ige.grids.words import Words

_ONE = np.uint64(1)
_TOP = np.uint64(63)
_ONES = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True, eq=False)
class WorldGrid:
    """Filled cells of the unit cube about the origin, see `ige.geometry.frustum.object_box`.

    Attributes:
        cells: (n, n, W) words along depth; they live in the buffers that made them.
        resolution: n.
        low: the least row, column and depth that may be filled.
        high: the greatest.
    """

    cells: Words
    resolution: int
    low: tuple[int, int, int]
    high: tuple[int, int, int]


def fill_world(surface: Surface, resolution: int, buffers: Buffers) -> WorldGrid:
    """Return the grid that all views of a surface look up; what lies out of the cube is lost."""
    projected = project(surface, object_box(), resolution, buffers)
    window = Window(0, 0, 0, resolution, resolution, resolution)
    touched = touched_cells(projected, window, buffers)
    cells = buffers.take("world", touched.shape)
    _fill_between(touched.reshape(-1), cells.reshape(-1), resolution, window.words)
    low = [max(0, first - 1) for first in projected.low]
    high = [min(resolution - 1, last) for last in projected.high]
    return WorldGrid(cells, resolution, (low[0], low[1], low[2]), (high[0], high[1], high[2]))


def look_up(world: WorldGrid, frustum: Frustum, resolution: int, buffers: Buffers) -> Words:
    """Return the cells (R, R, W) of a frustum's grid whose centres have a filled nearest neighbour.

    The nearest is that of the lower index where two are equally near, and none beyond the outermost centres.
    """
    box = object_box()
    turn = box.extrinsics[:, :3] @ frustum.extrinsics[:, :3].T
    offset = box.extrinsics[:, 3] - turn @ frustum.extrinsics[:, 3]
    cells: Words = buffers.zeros("filled", (resolution, resolution, (resolution + 63) // 64))
    # The camera's x, y, z to rows (y), columns (x) and depths (z) of the cube, in cells.
    order = [1, 0, 2]
    _look_up(
        world.cells.reshape(-1),
        world.resolution,
        np.array([world.low, world.high]),
        world.resolution * turn[order],
        world.resolution * (offset[order] + 0.5),
        np.array([frustum.focal, frustum.near, frustum.far, float(frustum.projection == "perspective")]),
        cells,
    )
    return cells


@kernel
def _fill_between(touched: Words, cells: Words, rows: int, words: int) -> None:
    """Write the cells between the first and the last touched one on all three of their lines."""
    stride = rows * words
    below = np.zeros(stride, dtype=np.uint64)
    for r in range(rows - 1, -1, -1):
        for i in range(stride):
            below[i] |= touched[r * stride + i]
            cells[r * stride + i] = below[i]
    above, right = np.zeros(stride, dtype=np.uint64), np.zeros(stride + words, dtype=np.uint64)
    left = np.zeros(words, dtype=np.uint64)
    for r in range(rows):
        for i in range(stride - 1, -1, -1):
            right[i] = touched[r * stride + i] | right[i + words]
        left[:] = np.uint64(0)
        for c in range(rows):
            at = r * stride + c * words
            before = np.uint64(0)
            for w in range(words):
                i = c * words + w
                here = touched[at + w]
                above[i] |= here
                left[w] |= here
                # From the lowest set bit on.
                cells[at + w] &= above[i] & left[w] & right[i] & (before | here | (~here + _ONE))
                before = _ONES if before | here else before
            after = np.uint64(0)
            for w in range(words - 1, -1, -1):
                bits = touched[at + w] | after
                after = _ONES if bits else after
                for reach in (1, 2, 4, 8, 16, 32):
                    bits |= bits >> np.uint64(reach)
                cells[at + w] &= bits


@kernel
def _look_up(
    world: Words,
    side: int,
    box: NDArray[np.int64],
    turn: Floats,
    offset: Floats,
    lens: Floats,
    cells: Words,
) -> None:
    resolution, words = cells.shape[0], (side + 63) >> 6
    focal, near, far = lens[0], lens[1], lens[2]
    start, step = np.empty(3), np.empty(3)
    for i in range(resolution):
        for j in range(resolution):
            x, y = ((j + 0.5) / resolution - 0.5) / focal, ((i + 0.5) / resolution - 0.5) / focal
            first, last = 0.0, resolution - 1.0
            for axis in range(3):
                m = turn[axis]
                begin, slope = offset[axis] + m[0] * x + m[1] * y, m[2]
                if lens[3] > 0.0:
                    begin, slope = offset[axis], m[0] * x + m[1] * y + m[2]
                step[axis] = slope * (far - near) / resolution
                start[axis] = begin + slope * near + 0.5 * step[axis]
                # The depths at which the line is in the box, or close to it.
                low, high = box[0, axis] - 0.5, box[1, axis] + 1.5
                if step[axis] > 0.0:
                    first = max(first, (low - start[axis]) / step[axis])
                    last = min(last, (high - start[axis]) / step[axis])
                elif step[axis] < 0.0:
                    first = max(first, (high - start[axis]) / step[axis])
                    last = min(last, (low - start[axis]) / step[axis])
                elif start[axis] < low or start[axis] > high:
                    last = -1.0
            if first > last:
                continue
            for k in range(math.ceil(first), math.floor(last) + 1):
                r, c, d = start[0] + k * step[0], start[1] + k * step[1], start[2] + k * step[2]
                if min(r, c, d) < 0.5 or max(r, c, d) > side - 0.5:
                    continue
                row, column, depth = math.ceil(r) - 1, math.ceil(c) - 1, math.ceil(d) - 1
                word = world[(row * side + column) * words + (depth >> 6)]
                bit = (word >> np.uint64(depth & 63)) & _ONE
                cells[i, j, k >> 6] |= bit << np.uint64(k & 63)
