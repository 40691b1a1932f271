"""Which cells a surface touches: the exact conservative surface.

A cell is touched if a triangle and the closed cell have a point in common. Within a column of cells the part
of a triangle is convex, so it touches all cells between its least and its greatest depth; q grows with depth
and is affine on the triangle, so both lie on the edges of the part. A triangle is cut into strips, one for
each row of cells; a strip, seen along the rows, is a convex outline over the columns whose least and greatest
q within each column are the triangle's.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ige.grids.buffers import Buffers
from ige.grids.kernel import kernel
from ige.grids.projected import Floats, Indices, ProjectedSurface, Window

Words = NDArray[np.uint64]

_ONES = np.uint64(2**64 - 1)


def touched_cells(projected: ProjectedSurface, window: Window, buffers: Buffers) -> Words:
    """Return the cells of a window that any triangle touches, as bits.

    Args:
        projected: the triangles.
        window: the cells; what lies beyond is not looked at.
        buffers: where the result is kept, as "touched".

    Returns:
        (rows, columns, W) words of 64 depths each; bits beyond the last depth are 0.
    """
    touched: Words = buffers.zeros("touched", (window.rows, window.columns, window.words))
    if not window.empty:
        _touch(
            projected.points,
            projected.faces,
            np.array([window.row, window.column, window.depth, window.rows, window.columns, window.depths]),
            np.array([projected.near, projected.scale, float(projected.perspective)]),
            touched.reshape(-1),
            np.empty(10),
            np.empty(2 * window.columns),
        )
    return touched


@kernel
def _touch(
    points: Floats,
    faces: Indices,
    window: NDArray[np.int64],
    depths: Floats,
    touched: Words,
    ring: Floats,
    spans: Floats,
) -> None:
    row, column, depth = window[0], window[1], window[2]
    rows, columns, depth_count = window[3], window[4], window[5]
    words = (depth_count + 63) >> 6
    for face in range(len(faces)):
        a, b, c = faces[face, 0], faces[face, 1], faces[face, 2]
        a0, b0, c0 = points[a, 0] - row, points[b, 0] - row, points[c, 0] - row
        a1, b1, c1 = points[a, 1] - column, points[b, 1] - column, points[c, 1] - column
        least, greatest = min(a0, b0, c0), max(a0, b0, c0)
        top, bottom = _cells(least, greatest, rows)
        left, right = _cells(min(a1, b1, c1), max(a1, b1, c1), columns)
        if top > bottom or left > right:
            continue
        if top == bottom and left == right:
            if least >= top and greatest <= top + 1:
                if min(a1, b1, c1) >= left and max(a1, b1, c1) <= left + 1:
                    a3, b3, c3 = points[a, 3] - depth, points[b, 3] - depth, points[c, 3] - depth
                    low, high = _cells(min(a3, b3, c3), max(a3, b3, c3), depth_count)
                    _mark(touched, (top * columns + left) * words, low, high)
                    continue
        _touch_strips(
            a0, a1, points[a, 2], b0, b1, points[b, 2], c0, c1, points[c, 2], top, bottom,
            columns, depth_count, depth, depths, touched, ring, spans,
        )  # fmt: skip


@kernel
def _cells(least: float, greatest: float, count: int) -> tuple[int, int]:
    """Return the first and the last of `count` cells that an interval touches."""
    # Clipped before they become integers, which may not hold them.
    low = max(math.ceil(max(least, 0.0)) - 1, 0)
    high = min(math.floor(max(min(greatest, float(count)), -1.0)), count - 1)
    return (low if least <= count else count), high


@kernel
def _mark(touched: Words, at: int, low: int, high: int) -> None:
    """Mark the cells `low` to `high` of the column whose first word is `at`."""
    if low > high:
        return
    first, last = at + (low >> 6), at + (high >> 6)
    begin = _ONES << np.uint64(low & 63)
    end = _ONES >> np.uint64(63 - (high & 63))
    if first == last:
        touched[first] |= begin & end
        return
    touched[first] |= begin
    for word in range(first + 1, last):
        touched[word] = _ONES
    touched[last] |= end


@kernel
def _touch_strips(
    a0: float,
    a1: float,
    a2: float,
    b0: float,
    b1: float,
    b2: float,
    c0: float,
    c1: float,
    c2: float,
    top: int,
    bottom: int,
    columns: int,
    depth_count: int,
    depth: int,
    depths: Floats,
    touched: Words,
    ring: Floats,
    spans: Floats,
) -> None:
    """Mark what a triangle with corners (row, column, q) touches, strip by strip."""
    words = (depth_count + 63) >> 6
    if b0 < a0:
        a0, a1, a2, b0, b1, b2 = b0, b1, b2, a0, a1, a2
    if c0 < b0:
        b0, b1, b2, c0, c1, c2 = c0, c1, c2, b0, b1, b2
        if b0 < a0:
            a0, a1, a2, b0, b1, b2 = b0, b1, b2, a0, a1, a2
    ring[0], ring[1], ring[2], ring[3], ring[4], ring[5] = a1, a2, c1, c2, b1, b2
    if a0 == c0 or (a0 >= top and c0 <= top + 1):
        # Nothing to cut.
        for strip in range(top, bottom + 1):
            _touch_strip(
                ring, 3, strip * columns * words, columns, depth_count, depth, depths, touched, spans
            )
        return
    long_1, long_2 = (c1 - a1) / (c0 - a0), (c2 - a2) / (c0 - a0)
    upper_1, upper_2, lower_1, lower_2 = 0.0, 0.0, 0.0, 0.0
    if a0 < b0:
        upper_1, upper_2 = (b1 - a1) / (b0 - a0), (b2 - a2) / (b0 - a0)
    if b0 < c0:
        lower_1, lower_2 = (c1 - b1) / (c0 - b0), (c2 - b2) / (c0 - b0)
    # Where the strip begins and ends on the longest edge (x, y) and on the other two (u, v).
    place = max(a0, float(top))
    x, y = a1 + (place - a0) * long_1, a2 + (place - a0) * long_2
    if place < b0:
        u, v = a1 + (place - a0) * upper_1, a2 + (place - a0) * upper_2
    else:
        u, v = b1 + (place - b0) * lower_1, b2 + (place - b0) * lower_2
    for strip in range(top, bottom + 1):
        ring[0], ring[1] = x, y
        place = strip + 1.0
        if place >= c0:
            x, y, u_end, v_end = c1, c2, c1, c2
        else:
            x, y = a1 + (place - a0) * long_1, a2 + (place - a0) * long_2
            if place < b0:
                u_end, v_end = a1 + (place - a0) * upper_1, a2 + (place - a0) * upper_2
            else:
                u_end, v_end = b1 + (place - b0) * lower_1, b2 + (place - b0) * lower_2
        ring[2], ring[3], ring[4], ring[5] = x, y, u_end, v_end
        count = 3
        if strip <= b0 <= strip + 1:
            ring[2 * count], ring[2 * count + 1] = b1, b2
            count += 1
        ring[2 * count], ring[2 * count + 1] = u, v
        count += 1
        u, v = u_end, v_end
        _touch_strip(
            ring, count, strip * columns * words, columns, depth_count, depth, depths, touched, spans
        )


@kernel
def _touch_strip(
    ring: Floats,
    count: int,
    at: int,
    columns: int,
    depth_count: int,
    depth: int,
    depths: Floats,
    touched: Words,
    spans: Floats,
) -> None:
    """Mark the cells of the row of cells `at` that a convex outline of so many points touches."""
    near, scale, perspective = depths[0], depths[1], depths[2] > 0.0
    words = (depth_count + 63) >> 6
    least, greatest = ring[0], ring[0]
    for i in range(1, count):
        least, greatest = min(least, ring[2 * i]), max(greatest, ring[2 * i])
    left, right = _cells(least, greatest, columns)
    for i in range(left, right + 1):
        spans[2 * i], spans[2 * i + 1] = np.inf, -np.inf
    x, q = ring[2 * count - 2], ring[2 * count - 1]
    for i in range(count):
        x_end, q_end = ring[2 * i], ring[2 * i + 1]
        if x_end < x:
            _span(x_end, q_end, x, q, left, right, spans)
        else:
            _span(x, q, x_end, q_end, left, right, spans)
        x, q = x_end, q_end
    for i in range(left, right + 1):
        low, high = spans[2 * i], spans[2 * i + 1]
        if low <= high:
            if perspective:
                low, high = -1.0 / low, -1.0 / high
            first, last = _cells((low - near) * scale - depth, (high - near) * scale - depth, depth_count)
            _mark(touched, at + i * words, first, last)


@kernel
def _span(x: float, q: float, x_end: float, q_end: float, left: int, right: int, spans: Floats) -> None:
    """Widen the spans of q of the columns `left` to `right` by a segment with x <= x_end."""
    if x > right + 1 or x_end < left:
        return
    first = max(left, math.ceil(max(x, float(left))) - 1)
    last = min(right, math.floor(min(x_end, right + 1.0)))
    low, high = min(q, q_end), max(q, q_end)
    if first == last and x >= first and x_end <= first + 1:
        spans[2 * first] = min(spans[2 * first], low)
        spans[2 * first + 1] = max(spans[2 * first + 1], high)
        return
    slope = (q_end - q) / (x_end - x) if x_end > x else 0.0
    here = q if x >= first else min(high, max(low, q + (first - x) * slope))
    for i in range(first, last + 1):
        there = q_end if x_end <= i + 1 else min(high, max(low, q + (i + 1 - x) * slope))
        spans[2 * i] = min(spans[2 * i], here, there)
        spans[2 * i + 1] = max(spans[2 * i + 1], here, there)
        here = there
