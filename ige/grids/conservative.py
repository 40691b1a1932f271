"""Which cells a surface touches: the exact conservative surface.

A cell is touched if a triangle and the closed cell have a point in common. In rows, columns and q, cells are
boxes and triangles are flat, and a box and a triangle are apart only if they are so along one of 13 axes: the
box's three, the triangle's normal, and the products of their edges. Those with the box's own axes separate
the pictures of both on a side of the box. So the depths that a triangle touches in a column of cells follow
from

* the columns and the q that the triangle takes up within the row of cells,
* the q that it takes up within the column of cells, the same for all rows,
* the q that its plane takes up over the square where both meet.
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
_SLACK = 1e-9  # cells: what is so close counts as touched, so that rounding tears no hole
_ROUNDING = 1e-15  # of products and their differences


def touched_cells(
    projected: ProjectedSurface, window: Window, buffers: Buffers, chosen: NDArray[np.bool_] | None = None
) -> Words:
    """Return the cells of a window that any triangle touches, as bits.

    Args:
        projected: the triangles.
        window: the cells; what lies beyond is not looked at.
        buffers: where the result is kept, as "touched".
        chosen: (F,) for each face of the surface whether it counts; None: all do.

    Returns:
        (rows, columns, W) words of 64 depths each; bits beyond the last depth are 0.
    """
    touched: Words = buffers.zeros("touched", (window.rows, window.columns, window.words))
    if not window.empty:
        sides = max(window.rows, window.columns)
        faces = projected.faces
        if chosen is not None and not chosen.all():
            faces = faces[chosen[projected.parents]]
        _touch(
            projected.points,
            faces,
            np.array([window.row, window.column, window.depth, window.rows, window.columns, window.depths]),
            np.array([projected.near, projected.scale, float(projected.perspective)]),
            touched.reshape(-1),
            np.empty((2, sides, 4), dtype=np.int64),
        )
    return touched


@kernel
def _touch(
    points: Floats,
    faces: Indices,
    window: NDArray[np.int64],
    lens: Floats,
    touched: Words,
    slabs: NDArray[np.int64],
) -> None:
    """Go through the triangles; `slabs` has room for what _cut_in_slabs writes."""
    row, column, depth = window[0], window[1], window[2]
    rows, columns, count = window[3], window[4], window[5]
    words = (count + 63) >> 6
    for face in range(len(faces)):
        a, b, c = faces[face, 0], faces[face, 1], faces[face, 2]
        low = min(points[a, 0], points[b, 0], points[c, 0]) - row
        high = max(points[a, 0], points[b, 0], points[c, 0]) - row
        top, bottom = _cells(low, high, rows)
        one_row = top == bottom and low >= top and high <= top + 1
        low = min(points[a, 1], points[b, 1], points[c, 1]) - column
        high = max(points[a, 1], points[b, 1], points[c, 1]) - column
        left, right = _cells(low, high, columns)
        one_column = left == right and low >= left and high <= left + 1
        low = min(points[a, 3], points[b, 3], points[c, 3]) - depth
        high = max(points[a, 3], points[b, 3], points[c, 3]) - depth
        near, far = _cells(low, high, count)
        one_depth = near == far and low >= near and high <= near + 1
        if top > bottom or left > right or near > far:
            continue
        if one_row + one_column + one_depth >= 2:
            # On the one axis that is left it touches all from its first to its last cell.
            for i in range(top, bottom + 1):
                for j in range(left, right + 1):
                    _mark(touched, (i * columns + j) * words, near, far)
            continue
        for axis in range(2):
            # The part in a row or column is cut no more by the other axis if there is only one.
            if not (one_row if axis == 0 else one_column or (one_depth and not one_row)):
                first, last = (top, bottom) if axis == 0 else (left, right)
                _cut_in_slabs(points, a, b, c, axis, window, lens, first, last, slabs)
        if one_row:
            for j in range(left, right + 1):
                _mark(touched, (top * columns + j) * words, slabs[1, j, 0], slabs[1, j, 1])
        elif one_column:
            for i in range(top, bottom + 1):
                _mark(touched, (i * columns + left) * words, slabs[0, i, 0], slabs[0, i, 1])
        elif one_depth:
            for i in range(top, bottom + 1):
                for j in range(slabs[0, i, 2], slabs[0, i, 3] + 1):
                    _mark(touched, (i * columns + j) * words, near, far)
        else:
            _touch_squares(points, a, b, c, window, lens, top, bottom, touched, slabs)


@kernel
def _cells(least: float, greatest: float, count: int) -> tuple[int, int]:
    """Return the first and the last of `count` cells that an interval touches; last < first if none."""
    # Clipped before they become integers, which may not hold them.
    low = math.ceil(min(max(least - _SLACK, 0.0), count + 1.0)) - 1
    high = math.floor(max(min(greatest + _SLACK, float(count)), -1.0))
    return max(low, 0), min(high, count - 1)


@kernel
def _mark(touched: Words, at: int, near: int, far: int) -> None:
    """Mark the cells `near` to `far` of the column whose first word is `at`."""
    if near > far:
        return
    first, last = at + (near >> 6), at + (far >> 6)
    begin = _ONES << np.uint64(near & 63)
    end = _ONES >> np.uint64(63 - (far & 63))
    if first == last:
        touched[first] |= begin & end
        return
    touched[first] |= begin
    for word in range(first + 1, last):
        touched[word] = _ONES
    touched[last] |= end


@kernel
def _depth(q: float, lens: Floats) -> float:
    """Return the depth, in cells, at a q; of all beyond infinity something very large."""
    near, scale, perspective = lens[0], lens[1], lens[2] > 0.0
    z: float = -1.0 / min(q, -1e-100) if perspective else q
    return float((z - near) * scale)


@kernel
def _cut_in_slabs(
    points: Floats,
    a: int,
    b: int,
    c: int,
    axis: int,
    window: NDArray[np.int64],
    lens: Floats,
    first: int,
    last: int,
    slabs: NDArray[np.int64],
) -> None:
    """Cut a triangle into rows (axis 0) or columns (1) of cells.

    For each from `first` to `last`, write the first and last depth, and the first and last cell on the other
    axis, that the part in it touches.
    """
    if points[b, axis] < points[a, axis]:
        a, b = b, a
    if points[c, axis] < points[b, axis]:
        b, c = c, b
        if points[b, axis] < points[a, axis]:
            a, b = b, a
    other = 1 - axis
    shift, side = window[other], window[3 + other]
    s_a, s_b, s_c = (
        points[a, axis] - window[axis],
        points[b, axis] - window[axis],
        points[c, axis] - window[axis],
    )
    x_a, x_b, x_c = points[a, other] - shift, points[b, other] - shift, points[c, other] - shift
    q_a, q_b, q_c = points[a, 2], points[b, 2], points[c, 2]
    depth, count = window[2], window[5]
    # Where the part begins: on the longest edge, and on one of the others.
    x, q, y, p = x_a, q_a, x_a, q_a
    place = float(first)
    if s_a < place:
        x, q = _edge_at(place, s_a, x_a, q_a, s_c, x_c, q_c)
        y, p = _edge_at(place, s_b, x_b, q_b, s_a, x_a, q_a)
        if place >= s_b:
            y, p = _edge_at(place, s_b, x_b, q_b, s_c, x_c, q_c)
    for i in range(first, last + 1):
        left, right, near, far = min(x, y), max(x, y), min(q, p), max(q, p)
        place = i + 1.0
        x, q, y, p = x_c, q_c, x_c, q_c
        if place < s_c:
            x, q = _edge_at(place, s_a, x_a, q_a, s_c, x_c, q_c)
            below = place < s_b
            y, p = _edge_at(
                place, s_b, x_b, q_b, s_a if below else s_c, x_a if below else x_c, q_a if below else q_c
            )
        left, right = min(left, x, y), max(right, x, y)
        near, far = min(near, q, p), max(far, q, p)
        if i <= s_b + _SLACK and s_b <= i + 1 + _SLACK:
            left, right, near, far = min(left, x_b), max(right, x_b), min(near, q_b), max(far, q_b)
        slabs[axis, i, 0], slabs[axis, i, 1] = _cells(
            _depth(near, lens) - depth, _depth(far, lens) - depth, count
        )
        slabs[axis, i, 2], slabs[axis, i, 3] = _cells(left, right, side)


@kernel
def _edge_at(
    place: float, s: float, x: float, q: float, s_end: float, x_end: float, q_end: float
) -> tuple[float, float]:
    """Return x and q where an edge that is not level passes a place on the axis s."""
    share = (place - s) / (s_end - s)
    return x + share * (x_end - x), q + share * (q_end - q)


@kernel
def _touch_squares(
    points: Floats,
    a: int,
    b: int,
    c: int,
    window: NDArray[np.int64],
    lens: Floats,
    top: int,
    bottom: int,
    touched: Words,
    slabs: NDArray[np.int64],
) -> None:
    """Mark what a triangle touches, given what it touches in rows and columns of cells."""
    depth, columns, count = window[2], window[4], window[5]
    words = (count + 63) >> 6
    r, c_ = points[a, 0] - window[0], points[a, 1] - window[1]
    b0, b1, b2 = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    c0, c1, c2 = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
    # The normal, and how wrong it may be.
    n0, n1, n2 = b1 * c2 - b2 * c1, b2 * c0 - b0 * c2, b0 * c1 - b1 * c0
    e0, e1, e2 = abs(b1 * c2) + abs(b2 * c1), abs(b2 * c0) + abs(b0 * c2), abs(b0 * c1) + abs(b1 * c0)
    reach = max(abs(b0), abs(c0)) + 1.0, max(abs(b1), abs(c1)) + 1.0, max(abs(b2), abs(c2))
    error = _ROUNDING * (e0 * reach[0] + e1 * reach[1] + e2 * reach[2])
    inverse = 1.0 / n2 if abs(n2) > 2.0 * _ROUNDING * e2 else np.inf
    by_row, by_column = -n0 * inverse, -n1 * inverse
    half = (0.5 * (abs(n0) + abs(n1)) + error) * abs(inverse)
    for i in range(top, bottom + 1):
        base = points[a, 2] + by_row * (i + 0.5 - r) + by_column * (0.5 - c_)
        for j in range(slabs[0, i, 2], slabs[0, i, 3] + 1):
            near, far = max(slabs[0, i, 0], slabs[1, j, 0]), min(slabs[0, i, 1], slabs[1, j, 1])
            if near <= far:
                q = base + by_column * j
                low, high = _cells(_depth(q - half, lens) - depth, _depth(q + half, lens) - depth, count)
                near, far = max(near, low), min(far, high)
            _mark(touched, (i * columns + j) * words, near, far)
