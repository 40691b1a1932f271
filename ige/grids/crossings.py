"""Which steps between the centres of neighbouring cells cross a surface.

A step is blocked if the segment between the two centres crosses a triangle. Three rasters, one for each
direction of the grid, find all blocked steps; they are kept as bits, 64 depths to a word.

The rasters are half-open in all directions: of the centres on one line, those from the first at or beyond one
end to the last before the other. An edge is computed from its own ends alone, the lower first, so both
triangles at it agree on each centre: a closed surface is crossed an even number of times on every line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ige.grids.buffers import Buffers
from ige.grids.cells import first_centre
from ige.grids.kernel import kernel
from ige.grids.projected import Floats, Indices, ProjectedSurface, Window

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """Blocked steps in a window of `rows x columns x depths` cells; W words hold the depths of a column.

    Bit `k & 63` of word `k >> 6` belongs to depth k of the window; bits beyond the last depth are 0.

    Attributes:
        window: the cells.
        depth_blocks: (rows, columns, W) bit k: the step between depths k-1 and k; k = 0: towards infinity.
        depth_end: (rows, columns) uint8, 1 if something lies beyond the centre of the last cell.
        column_blocks: (rows, columns + 1, W) [r, c]: the steps between columns c-1 and c; c = 0 and
            c = columns: towards infinity.
        row_blocks: (rows + 1, columns, W) [r, c]: the steps between rows r-1 and r; likewise.
        thin: (rows, columns, W) the cells in which a crossing lies, or None if they were not asked for.
    """

    window: Window
    depth_blocks: Words
    depth_end: NDArray[np.uint8]
    column_blocks: Words
    row_blocks: Words
    thin: Words | None


def trace(
    projected: ProjectedSurface,
    window: Window,
    buffers: Buffers,
    thin: NDArray[np.bool_] | None = None,
) -> Planes:
    """Find the blocked steps in a window of `projected.window()`; the planes live in the buffers.

    Args:
        projected: the triangles.
        window: the cells.
        buffers: where the planes are kept.
        thin: (F,) for each face of the surface whether the cells that it crosses are wanted.
    """
    rows, columns, words = window.rows, window.columns, window.words
    shapes = [(rows, columns), (rows, columns + 1), (rows + 1, columns), (rows, columns)]
    sizes = [height * width * words for height, width in shapes]
    starts = np.cumsum([0, *sizes])
    # One array, so that one raster serves all directions: they differ in numbers alone.
    blocks = buffers.zeros("planes", (int(starts[3 if thin is None else 4]),))
    parts = [
        blocks[start : start + size].reshape(*shape, words)
        for start, size, shape in zip(starts, sizes, shapes, strict=False)
        if start + size <= len(blocks)
    ]
    planes = Planes(
        window=window,
        depth_blocks=parts[0],
        depth_end=buffers.zeros("depth_end", (rows, columns), np.uint8),
        column_blocks=parts[1],
        row_blocks=parts[2],
        thin=None if thin is None else parts[3],
    )
    if window.empty:
        return planes
    _trace(
        projected.points,
        projected.first,
        projected.faces,
        np.zeros(0, dtype=np.bool_) if thin is None else thin[projected.parents],
        _axes(window, starts),
        window.depth,
        np.array([projected.near, projected.scale, float(projected.perspective)]),
        projected.centres,
        blocks,
        planes.depth_end.reshape(-1),
    )
    if projected.behind and window.depth == 0:
        # Towards the eye there is no infinity any more: the eye may be inside.
        planes.depth_blocks[:, :, 0] |= np.uint64(1)
    return planes


def _axes(window: Window, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each raster, and for the thin cells, what `_scan` goes by.

    (4, 7): three axes: that along which lines of cells follow each other, that of a line, that of the values;
    the strides of these in words, 0 for depth; where cell (0, 0) of the grid would lie.
    """
    row, column, words = window.columns * window.words, (window.columns + 1) * window.words, window.words
    table = [
        [0, 1, 2, row, words, 0, starts[0] - window.row * row],
        [2, 0, 1, 0, column, words, starts[1] - window.row * column],
        [2, 1, 0, 0, words, row, starts[2] - window.row * row],
        [0, 1, 2, row, words, 0, starts[3] - window.row * row],
    ]
    axes = np.array(table, dtype=np.int64)
    axes[:, 6] -= window.column * words
    return axes


@kernel
def _trace(
    points: Floats,
    first: Indices,
    faces: Indices,
    thin_faces: NDArray[np.bool_],
    axes: NDArray[np.int64],
    depth: int,
    depths: Floats,
    centres: Floats,
    blocks: Words,
    ends: NDArray[np.uint8],
) -> None:
    """Run all rasters over all faces; most are small and cross nothing on some axis."""
    for face in range(len(faces)):
        a, b, c = faces[face, 0], faces[face, 1], faces[face, 2]
        over_rows = first[a, 0] != first[b, 0] or first[a, 0] != first[c, 0]
        over_columns = first[a, 1] != first[b, 1] or first[a, 1] != first[c, 1]
        over_depths = first[a, 2] != first[b, 2] or first[a, 2] != first[c, 2]
        mark = len(thin_faces) > 0 and thin_faces[face]
        if over_rows and over_columns:
            _scan(points, first, a, b, c, axes, 0, depth, depths, centres, blocks, ends, mark)
        if over_depths and over_rows:
            _scan(points, first, a, b, c, axes, 1, depth, depths, centres, blocks, ends, mark)
        if over_depths and over_columns:
            _scan(points, first, a, b, c, axes, 2, depth, depths, centres, blocks, ends, mark)


@kernel
def _scan(
    points: Floats,
    first: Indices,
    a: int,
    b: int,
    c: int,
    axes: NDArray[np.int64],
    raster: int,
    depth: int,
    depths: Floats,
    centres: Floats,
    blocks: Words,
    ends: NDArray[np.uint8],
    mark: bool,
) -> None:
    """Block the steps that a triangle crosses in one direction.

    All in one: calls that hand on so many arrays would cost more than a small triangle.
    """
    along, across, value = axes[raster, 0], axes[raster, 1], axes[raster, 2]
    if _before(points, along, b, a):
        a, b = b, a
    if _before(points, along, c, a):
        a, b, c = c, a, b
    elif _before(points, along, c, b):
        b, c = c, b
    s0, p0, v0 = points[a, along], points[a, across], points[a, value]
    s1, p1, v1 = points[b, along], points[b, across], points[b, value]
    s2, p2, v2 = points[c, along], points[c, across], points[c, value]
    left = min(first[a, across], first[b, across], first[c, across])
    right = max(first[a, across], first[b, across], first[c, across])
    least, greatest = min(v0, v1, v2), max(v0, v1, v2)
    begin = min(first[a, value], first[b, value], first[c, value])
    end = max(first[a, value], first[b, value], first[c, value])
    to_line, to_cell, to_value, origin = axes[raster, 3], axes[raster, 4], axes[raster, 5], axes[raster, 6]
    ready = False
    by_line, by_cell = 0.0, 0.0
    s_base, p_base, v_base = s0, p0, v0
    for s in range(first[a, along], first[c, along]):
        place = s + 0.5 if raster == 0 else centres[s]
        x = _edge_at(s0, p0, s2, p2, place)
        y = _edge_at(s0, p0, s1, p1, place) if s < first[b, along] else _edge_at(s1, p1, s2, p2, place)
        start = max(left, first_centre(min(x, y), len(centres)))
        stop = min(right, first_centre(max(x, y), len(centres)))
        if start < stop and not ready:
            ready = True
            area = (p1 - p0) * (s2 - s0) - (p2 - p0) * (s1 - s0)
            by_line = ((p1 - p0) * (v2 - v0) - (p2 - p0) * (v1 - v0)) / area
            by_cell = ((v1 - v0) * (s2 - s0) - (v2 - v0) * (s1 - s0)) / area
            # From the corner next to the grid: others may be far out, where numbers are coarse.
            if abs(s1) + abs(p1) < abs(s_base) + abs(p_base):
                s_base, p_base, v_base = s1, p1, v1
            if abs(s2) + abs(p2) < abs(s_base) + abs(p_base):
                s_base, p_base, v_base = s2, p2, v2
        for p in range(start, stop):
            v = v_base + (place - s_base) * by_line + (p + 0.5 - p_base) * by_cell
            # Rounding, or a triangle seen from its edge, must not lead beyond its corners.
            v = min(v, greatest) if v > least else least
            if raster == 0:
                v = ((-1.0 / v if depths[2] > 0.0 else v) - depths[0]) * depths[1]
            i = max(begin, min(end, first_centre(v, len(centres))))
            if raster == 0:
                word, k = s * to_line + p * to_cell + origin, i - depth
            else:
                word, k = p * to_cell + i * to_value + origin, s - depth
            if raster == 0 and i == len(centres):
                ends[word // to_cell] = 1
            else:
                blocks[word + (k >> 6)] |= np.uint64(1) << np.uint64(k & 63)
            if mark and 0.0 <= v < len(centres):
                _mark(axes, raster, s, p, int(v), depth, blocks)


@kernel
def _mark(axes: NDArray[np.int64], raster: int, s: int, p: int, i: int, depth: int, blocks: Words) -> None:
    """Mark cell i of a line as one that the surface crosses."""
    r, c, k = (s, p, i) if raster == 0 else (p, i, s) if raster == 1 else (i, p, s)
    word = r * axes[3, 3] + c * axes[3, 4] + axes[3, 6]
    blocks[word + ((k - depth) >> 6)] |= np.uint64(1) << np.uint64((k - depth) & 63)


@kernel
def _before(points: Floats, axis: int, a: int, b: int) -> bool:
    """Tell whether point a comes before b on an axis; where they are level, the other axes decide."""
    if points[a, axis] != points[b, axis]:
        return bool(points[a, axis] < points[b, axis])
    for other in range(3):
        if points[a, other] != points[b, other]:
            return bool(points[a, other] < points[b, other])
    return False


@kernel
def _edge_at(s0: float, p0: float, s1: float, p1: float, place: float) -> float:
    """Return where the edge from (s0, p0) up to (s1, p1) is at a place between s0 and s1; within its ends."""
    x = p0 + (place - s0) * ((p1 - p0) / (s1 - s0))
    return float(max(min(p0, p1), min(max(p0, p1), x)))
