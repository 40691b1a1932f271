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
    planes = Planes(
        window=window,
        depth_blocks=buffers.zeros("depth_blocks", (rows, columns, words)),
        depth_end=buffers.zeros("depth_end", (rows, columns), np.uint8),
        column_blocks=buffers.zeros("column_blocks", (rows, columns + 1, words)),
        row_blocks=buffers.zeros("row_blocks", (rows + 1, columns, words)),
        thin=None if thin is None else buffers.zeros("thin", (rows, columns, words)),
    )
    if window.empty:
        return planes
    none = np.zeros(0, dtype=np.uint64)
    _trace(
        projected.points,
        projected.first,
        projected.faces,
        np.zeros(0, dtype=np.bool_) if thin is None else thin[projected.parents],
        np.array([window.row, window.column, window.depth, rows, columns, words]),
        projected.resolution,
        projected.centres,
        np.array([projected.near, projected.scale, float(projected.perspective)]),
        planes.depth_blocks.reshape(-1),
        planes.depth_end.reshape(-1),
        planes.column_blocks.reshape(-1),
        planes.row_blocks.reshape(-1),
        none if planes.thin is None else planes.thin.reshape(-1),
    )
    if projected.behind and window.depth == 0:
        # Towards the eye there is no infinity any more: the eye may be inside.
        planes.depth_blocks[:, :, 0] |= np.uint64(1)
    return planes


@kernel
def _trace(
    points: Floats,
    first: Indices,
    faces: Indices,
    thin_faces: NDArray[np.bool_],
    window: NDArray[np.int64],
    resolution: int,
    centres: Floats,
    depths: Floats,
    depth_blocks: Words,
    depth_end: NDArray[np.uint8],
    column_blocks: Words,
    row_blocks: Words,
    thin: Words,
) -> None:
    row, column, depth, columns, words = window[0], window[1], window[2], window[4], window[5]
    origin = (row * columns + column) * words
    # Strides of (row, column) in words, and where (0, 0) of the grid would lie.
    by_row = np.array([columns * words, words, -origin])
    by_column = np.array([(columns + 1) * words, words, -origin - row * words])
    for face in range(len(faces)):
        a, b, c = faces[face, 0], faces[face, 1], faces[face, 2]
        over_rows = first[a, 0] != first[b, 0] or first[a, 0] != first[c, 0]
        over_columns = first[a, 1] != first[b, 1] or first[a, 1] != first[c, 1]
        over_depths = first[a, 2] != first[b, 2] or first[a, 2] != first[c, 2]
        if over_rows + over_columns + over_depths < 2:
            continue
        mark = len(thin_faces) > 0 and thin_faces[face]
        if over_rows and over_columns:
            low, middle, high = _sorted(points, 0, a, b, c)
            _scan_rows(
                points,
                first,
                low,
                middle,
                high,
                depth,
                resolution,
                depths,
                by_row,
                depth_blocks,
                depth_end,
                mark,
                thin,
            )
        if over_depths and over_rows:
            low, middle, high = _sorted(points, 2, a, b, c)
            _scan_depths(
                points,
                first,
                low,
                middle,
                high,
                0,
                1,
                depth,
                resolution,
                centres,
                by_column,
                column_blocks,
                by_row,
                mark,
                thin,
            )
        if over_depths and over_columns:
            if not over_rows:
                low, middle, high = _sorted(points, 2, a, b, c)
            _scan_depths(
                points,
                first,
                low,
                middle,
                high,
                1,
                0,
                depth,
                resolution,
                centres,
                by_row,
                row_blocks,
                by_row,
                mark,
                thin,
            )


@kernel
def _sorted(points: Floats, axis: int, a: int, b: int, c: int) -> tuple[int, int, int]:
    if points[b, axis] < points[a, axis]:
        a, b = b, a
    if points[c, axis] < points[a, axis]:
        return c, a, b
    if points[c, axis] < points[b, axis]:
        return a, c, b
    return a, b, c


@kernel
def _edge_at(points: Floats, low: int, high: int, along: int, across: int, place: float) -> float:
    """Return where an edge is on the axis `across` when it is at `place` on `along`; within its ends."""
    start, stop = points[low, across], points[high, across]
    slope = (stop - start) / (points[high, along] - points[low, along])
    x = start + (place - points[low, along]) * slope
    return max(min(start, stop), min(max(start, stop), x))


@kernel
def _first_centre(x: float, resolution: int) -> int:
    """Return the first cell whose centre is at or beyond x; 0 for what is no number."""
    beyond = x - 0.5
    if not beyond > 0.0:
        return 0
    if beyond >= resolution:
        return resolution
    i = int(beyond)
    return i + 1 if i < beyond else i


@kernel
def _slopes(
    points: Floats, a: int, b: int, c: int, along: int, across: int, value: int
) -> tuple[float, float]:
    """Return how the value of a triangle's plane grows with `along` and with `across`."""
    s1, s2 = points[b, along] - points[a, along], points[c, along] - points[a, along]
    p1, p2 = points[b, across] - points[a, across], points[c, across] - points[a, across]
    v1, v2 = points[b, value] - points[a, value], points[c, value] - points[a, value]
    area = p1 * s2 - p2 * s1
    return (p1 * v2 - p2 * v1) / area, (v1 * s2 - v2 * s1) / area


@kernel
def _range(
    points: Floats, first: Indices, a: int, b: int, c: int, axis: int
) -> tuple[float, float, int, int]:
    """Return the least and greatest coordinate of three points, and of their first centres."""
    return (
        min(points[a, axis], points[b, axis], points[c, axis]),
        max(points[a, axis], points[b, axis], points[c, axis]),
        min(first[a, axis], first[b, axis], first[c, axis]),
        max(first[a, axis], first[b, axis], first[c, axis]),
    )


@kernel
def _scan_rows(
    points: Floats,
    first: Indices,
    low: int,
    middle: int,
    high: int,
    depth: int,
    resolution: int,
    depths: Floats,
    strides: NDArray[np.int64],
    blocks: Words,
    ends: NDArray[np.uint8],
    mark: bool,
    thin: Words,
) -> None:
    """Block steps along depth: row by row, columns within, the value is q."""
    near, scale, perspective = depths[0], depths[1], depths[2] > 0.0
    words = strides[1]
    least, greatest, begin, end = _range(points, first, low, middle, high, 2)
    _, _, left, right = _range(points, first, low, middle, high, 1)
    ready = False
    by_row, by_column = 0.0, 0.0
    for s in range(first[low, 0], first[high, 0]):
        place = s + 0.5
        x = _edge_at(points, low, high, 0, 1, place)
        if s < first[middle, 0]:
            y = _edge_at(points, low, middle, 0, 1, place)
        else:
            y = _edge_at(points, middle, high, 0, 1, place)
        start = max(left, _first_centre(min(x, y), resolution))
        stop = min(right, _first_centre(max(x, y), resolution))
        if start >= stop:
            continue
        if not ready:
            ready = True
            by_row, by_column = _slopes(points, low, middle, high, 0, 1, 2)
        base = points[low, 2] + (place - points[low, 0]) * by_row
        for p in range(start, stop):
            q = base + (p + 0.5 - points[low, 1]) * by_column
            if not q >= least:
                q = least
            elif q > greatest:
                q = greatest
            d = ((-1.0 / q if perspective else q) - near) * scale
            k = max(begin, min(end, _first_centre(d, resolution)))
            word = s * strides[0] + p * words + strides[2]
            if k == resolution:
                ends[word // words] = 1
            else:
                blocks[word + ((k - depth) >> 6)] |= np.uint64(1) << np.uint64((k - depth) & 63)
            if mark and d >= 0.0 and d < resolution:
                k = int(d) - depth
                thin[word + (k >> 6)] |= np.uint64(1) << np.uint64(k & 63)


@kernel
def _scan_depths(
    points: Floats,
    first: Indices,
    low: int,
    middle: int,
    high: int,
    across: int,
    value: int,
    depth: int,
    resolution: int,
    centres: Floats,
    strides: NDArray[np.int64],
    blocks: Words,
    thin_strides: NDArray[np.int64],
    mark: bool,
    thin: Words,
) -> None:
    """Block steps along rows or columns: depth by depth, cells on the axis `across` within."""
    least, greatest, begin, end = _range(points, first, low, middle, high, value)
    _, _, left, right = _range(points, first, low, middle, high, across)
    ready = False
    by_depth, by_cell = 0.0, 0.0
    for s in range(first[low, 2], first[high, 2]):
        place = centres[s]
        x = _edge_at(points, low, high, 2, across, place)
        if s < first[middle, 2]:
            y = _edge_at(points, low, middle, 2, across, place)
        else:
            y = _edge_at(points, middle, high, 2, across, place)
        start = max(left, _first_centre(min(x, y), resolution))
        stop = min(right, _first_centre(max(x, y), resolution))
        if start >= stop:
            continue
        if not ready:
            ready = True
            by_depth, by_cell = _slopes(points, low, middle, high, 2, across, value)
        base = points[low, value] + (place - points[low, 2]) * by_depth
        bit = np.uint64(1) << np.uint64((s - depth) & 63)
        offset = strides[2] + ((s - depth) >> 6)
        for p in range(start, stop):
            v = base + (p + 0.5 - points[low, across]) * by_cell
            if not v >= least:
                v = least
            elif v > greatest:
                v = greatest
            i = max(begin, min(end, _first_centre(v, resolution)))
            blocks[p * strides[across] + i * strides[value] + offset] |= bit
            if mark and v >= 0.0 and v < resolution:
                word = p * thin_strides[across] + int(v) * thin_strides[value] + thin_strides[2]
                thin[word + ((s - depth) >> 6)] |= bit
