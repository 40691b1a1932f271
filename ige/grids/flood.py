"""What can be reached from infinity without crossing the surface: a flood over the centres of cells.

64 depths at a time. A cell at the window's border is a seed if nothing lies between it and infinity on its
grid line; being at the border is not enough, for a solid may reach out of the frustum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ige.grids.buffers import Buffers
from ige.grids.crossings import Planes, Words
from ige.grids.kernel import kernel
from ige.grids.words import last_word

_NONE: Words = np.empty((0, 0, 0), dtype=np.uint64)


def flood(planes: Planes, buffers: Buffers) -> Words:
    """Return the cells (rows, columns, W) that are outside; bits beyond the last depth are 0."""
    window = planes.window
    outside: Words = buffers.take("outside", (window.rows, window.columns, window.words))
    if window.empty:
        return outside
    _seed(
        planes.depth_blocks,
        planes.depth_end,
        planes.column_blocks,
        planes.row_blocks,
        outside,
        last_word(window.depths),
    )
    spread(planes, outside, _NONE)
    return outside


def spread(planes: Planes, cells: Words, barred: Words) -> None:
    """Grow cells in place, over steps that are not blocked and into cells that are not barred.

    Args:
        planes: the blocked steps.
        cells: (rows, columns, W) where it begins, none of them barred; bits beyond the last depth are 0.
        barred: (rows, columns, W) cells to keep out of; of size 0 if there are none.
    """
    _spread(
        planes.depth_blocks,
        planes.column_blocks,
        planes.row_blocks,
        cells,
        barred,
        last_word(planes.window.depths),
        np.ones(planes.window.rows, dtype=np.uint8),
    )


@kernel
def _spread(
    depth_blocks: Words,
    column_blocks: Words,
    row_blocks: Words,
    outside: Words,
    barred: Words,
    last: np.uint64,
    active: NDArray[np.uint8],
) -> None:
    rows, columns, _ = outside.shape
    for r in range(rows):
        for c in range(columns):
            _flood_depths(depth_blocks, outside, barred, last, r, c)
    waiting = rows
    downwards = True
    while waiting > 0:
        for i in range(rows):
            r = i if downwards else rows - 1 - i
            if active[r] == 0:
                continue
            active[r] = 0
            waiting -= 1
            if _flood_row(depth_blocks, column_blocks, row_blocks, outside, barred, last, r):
                for other in (r - 1, r + 1):
                    if 0 <= other < rows and active[other] == 0:
                        active[other] = 1
                        waiting += 1
        downwards = not downwards


@kernel
def _seed(
    depth_blocks: Words,
    depth_end: NDArray[np.uint8],
    column_blocks: Words,
    row_blocks: Words,
    outside: Words,
    last: np.uint64,
) -> None:
    rows, columns, words = outside.shape
    highest = last ^ (last >> np.uint64(1))
    for r in range(rows):
        for c in range(columns):
            for w in range(words):
                seeds = np.uint64(0)
                if r == 0:
                    seeds |= ~row_blocks[0, c, w]
                if r == rows - 1:
                    seeds |= ~row_blocks[rows, c, w]
                if c == 0:
                    seeds |= ~column_blocks[r, 0, w]
                if c == columns - 1:
                    seeds |= ~column_blocks[r, columns, w]
                outside[r, c, w] = seeds
            outside[r, c, 0] |= ~depth_blocks[r, c, 0] & np.uint64(1)
            if depth_end[r, c] == 0:
                outside[r, c, words - 1] |= highest
            outside[r, c, words - 1] &= last


@kernel
def _flood_row(
    depth_blocks: Words,
    column_blocks: Words,
    row_blocks: Words,
    outside: Words,
    barred: Words,
    last: np.uint64,
    r: int,
) -> bool:
    """Flood one row from its neighbours and within itself until nothing changes; tell whether it grew."""
    columns = outside.shape[1]
    grew = False
    for c in range(columns):
        if _enter_from_rows(row_blocks, outside, barred, r, c):
            grew = True
            _flood_depths(depth_blocks, outside, barred, last, r, c)
    changed = True
    while changed:
        changed = False
        for c in range(1, columns):
            if _enter_from_column(column_blocks, outside, barred, r, c, c - 1):
                changed = True
                _flood_depths(depth_blocks, outside, barred, last, r, c)
        for c in range(columns - 2, -1, -1):
            if _enter_from_column(column_blocks, outside, barred, r, c, c + 1):
                changed = True
                _flood_depths(depth_blocks, outside, barred, last, r, c)
        grew |= changed
    return grew


@kernel
def _enter_from_rows(row_blocks: Words, outside: Words, barred: Words, r: int, c: int) -> bool:
    """Step from the rows before and after into a column of depths; tell whether it grew."""
    rows, _, words = outside.shape
    grew = False
    # What ends this loop stands below, too: shared as a kernel of its own it made fills 1.6 times as slow.
    for w in range(words):
        old = outside[r, c, w]
        new = old
        if r > 0:
            new |= outside[r - 1, c, w] & ~row_blocks[r, c, w]
        if r < rows - 1:
            new |= outside[r + 1, c, w] & ~row_blocks[r + 1, c, w]
        if barred.size > 0:
            new &= ~barred[r, c, w]
        if new != old:
            outside[r, c, w] = new
            grew = True
    return grew


@kernel
def _enter_from_column(
    column_blocks: Words, outside: Words, barred: Words, r: int, c: int, other: int
) -> bool:
    """Step from the column beside into a column of depths; tell whether it grew."""
    grew = False
    for w in range(outside.shape[2]):
        old = outside[r, c, w]
        new = old | (outside[r, other, w] & ~column_blocks[r, max(c, other), w])
        if barred.size > 0:
            new &= ~barred[r, c, w]
        if new != old:
            outside[r, c, w] = new
            grew = True
    return grew


@kernel
def _flood_depths(
    depth_blocks: Words, outside: Words, barred: Words, last: np.uint64, r: int, c: int
) -> None:
    """Flood along the depths of one column, both ways."""
    one, top = np.uint64(1), np.uint64(63)
    words = outside.shape[2]
    carry = np.uint64(0)
    for w in range(words):
        reached, free = outside[r, c, w], ~depth_blocks[r, c, w]
        if barred.size > 0:
            free &= ~barred[r, c, w]
        seeds = ((reached << one) | carry) & free
        if seeds & ~reached:
            # Adding a seed to the run of free steps above it turns the run to zeros, by carries.
            reached |= seeds | (free & ~(free + seeds))
            if w == words - 1:
                reached &= last
            outside[r, c, w] = reached
        carry = reached >> top
    carry = np.uint64(0)
    for i in range(words):
        w = words - 1 - i
        above = depth_blocks[r, c, w + 1] << top if i > 0 else one << top
        reached, free = outside[r, c, w], ~((depth_blocks[r, c, w] >> one) | above)
        if barred.size > 0:
            free &= ~barred[r, c, w]
        seeds = ((reached >> one) | (carry << top)) & free
        if seeds & ~reached:
            reached |= seeds
            for shift in (1, 2, 4, 8, 16, 32):
                reached |= free & (reached >> np.uint64(shift))
                free &= free >> np.uint64(shift)
            outside[r, c, w] = reached
        carry = reached & one
