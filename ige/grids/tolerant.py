"""Fills of surfaces with cracks and small holes: what cannot be entered through gaps below a cell.

First a flood from infinity that stays out of every cell that a triangle of an open part touches. It cannot
pass a gap in such a part that is narrower than a cell, but stops about half a cell short of it. Then a few
steps grow it into touched cells, from centre to centre where no triangle lies between; they take it up to the
surface, and only so far into a crack as there are steps. Parts that are closed need no such care: steps
across them are blocked, and the outside may come as near as their surface. So the fill of a closed surface is
the exact one.

A larger `radius` closes wider gaps: the flood stays out of whole blocks of `radius` cells a side if one of
them is touched. From there it first grows by a few steps through cells that are not touched themselves, as
far as blocks can hide, and then into touched ones as above: so no more of a crack is entered than with
radius 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ige.grids.buffers import Buffers
from ige.grids.crossings import Planes, Words
from ige.grids.flood import spread
from ige.grids.kernel import kernel
from ige.grids.projected import Window
from ige.grids.words import last_word

_STEPS = 2  # fewer leave a shell, more creep through cracks
_HIDDEN = 3  # steps from one corner of a block of two cells a side to the other
_ONE = np.uint64(1)
_TOP = np.uint64(63)
_ONES = np.uint64(2**64 - 1)


def fill_tolerant(planes: Planes, touched: Words, buffers: Buffers, *, radius: int = 1) -> Words:
    """Return the cells that cannot be reached from infinity through gaps of `radius` cells.

    Args:
        planes: the blocked steps.
        touched: (rows, columns, W) the cells of the same window that open parts touch; kept as it is.
        buffers: where the result is kept, as "filled".
        radius: side of the blocks in which cells count as touched; blocks begin at multiples of it.

    Returns:
        (rows, columns, W) filled cells; bits beyond the last depth are 0.
    """
    window = planes.window
    shape = (window.rows, window.columns, window.words)
    cells: Words = buffers.zeros("filled", shape)
    if window.empty:
        return cells
    barred = touched
    if radius > 1:
        barred = buffers.take("touched_blocks", shape)
        starts = _block_starts(window, radius)
        last = last_word(window.depths)
        _spread_in_blocks(touched, barred, starts, last, window.row, window.column, radius)
    is_open = bool(touched.any())
    _seed(cells, planes, radius if is_open else 0)
    # Seeds in barred cells are steps from infinity into them.
    entering = np.bitwise_and(cells, barred, out=buffers.take("entering", shape))
    cells ^= entering
    spread(planes, cells, barred)
    if radius > 1:
        hidden = np.bitwise_and(barred, ~touched, out=barred)
        _grow(cells, hidden, entering, planes, buffers, _HIDDEN * (radius - 1))
    if is_open:
        _grow(cells, touched, entering, planes, buffers, _STEPS)
    np.invert(cells, out=cells)
    cells[:, :, -1:] &= last_word(window.depths)
    return cells


def _grow(cells: Words, wanted: Words, entering: Words, planes: Planes, buffers: Buffers, steps: int) -> None:
    """Grow cells in place by so many steps into wanted ones; `entering` are steps from infinity."""
    size = cells.size  # a word is listed twice at most: entered from infinity, and from a neighbour
    _take_steps(
        cells.reshape(-1),
        wanted.reshape(-1),
        entering.reshape(-1),
        planes.depth_blocks.reshape(-1),
        planes.column_blocks.reshape(-1),
        planes.row_blocks.reshape(-1),
        np.array(cells.shape),
        steps,
        buffers.take("places", (2 * size,), np.int32),
        buffers.take("additions", (2 * size,)),
    )


def _block_starts(window: Window, radius: int) -> Words:
    """Return the depths (W,) of a window at which blocks begin."""
    starts = (np.arange(64 * window.words) + window.depth) % radius == 0
    return np.packbits(starts, bitorder="little").view(np.uint64)


def _seed(cells: Words, planes: Planes, radius: int) -> None:
    """Set the cells at the window's border between which and infinity nothing lies, not even nearby.

    Where a cracked surface reaches out of the frustum, some lines from its inside find a crack; their
    neighbours do not.
    """
    window = planes.window
    for side, place in ((0, 0), (-1, window.rows - 1)):
        cells[place] |= _open_words(planes.row_blocks[side], window.depths, radius)
    for side, place in ((0, 0), (-1, window.columns - 1)):
        cells[:, place] |= _open_words(planes.column_blocks[:, side], window.depths, radius)
    near = _grown((planes.depth_blocks[:, :, 0] & _ONE).astype(bool), radius)
    cells[:, :, 0] |= (~near).astype(np.uint64)
    far = _grown(planes.depth_end.astype(bool), radius)
    last = window.depths - 1
    cells[:, :, last >> 6] |= (~far).astype(np.uint64) << np.uint64(last & 63)


def _open_words(blocked: Words, depths: int, radius: int) -> Words:
    """Return the lines (n, W) to infinity that are not blocked and not near a blocked one."""
    bits = np.unpackbits(
        np.ascontiguousarray(blocked).view(np.uint8), axis=-1, bitorder="little", count=depths
    )
    lines = np.zeros((len(bits), 64 * blocked.shape[1]), dtype=bool)
    lines[:, :depths] = ~_grown(bits.view(bool), radius)
    return np.packbits(lines, axis=-1, bitorder="little").view(np.uint64)


def _grown(blocked: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """Grow a picture by squares of `radius`."""
    if not blocked.any():
        return blocked
    for _ in range(radius):
        for axis in (0, 1):
            wider = blocked.copy()
            here, there = np.moveaxis(wider, axis, 0), np.moveaxis(blocked, axis, 0)
            here[1:] |= there[:-1]
            here[:-1] |= there[1:]
            blocked = wider
    return blocked


@kernel
def _take_steps(
    cells: Words,
    wanted: Words,
    entering: Words,
    depth_blocks: Words,
    column_blocks: Words,
    row_blocks: Words,
    shape: NDArray[np.int64],
    steps: int,
    places: NDArray[np.int32],
    additions: Words,
) -> None:
    """Grow cells into wanted ones; `entering` belongs to the first step."""
    rows, columns, words = shape[0], shape[1], shape[2]
    listed = 0
    for i in range(rows * columns * words):
        bits = entering[i] & wanted[i]
        if bits:
            places[listed], additions[listed] = i, bits
            listed += 1
    for step in range(steps):
        count = _list_step(
            cells, wanted, depth_blocks, column_blocks, row_blocks, rows, columns, words,
            places, additions, listed if step == 0 else 0,
        )  # fmt: skip
        for i in range(count):
            cells[places[i]] |= additions[i]


@kernel
def _list_step(
    cells: Words,
    wanted: Words,
    depth_blocks: Words,
    column_blocks: Words,
    row_blocks: Words,
    rows: int,
    columns: int,
    words: int,
    places: NDArray[np.int32],
    additions: Words,
    count: int,
) -> int:
    """List what one step through unblocked sides adds to the cells, after the `count` entries listed."""
    stride = columns * words
    for r in range(rows):
        for c in range(columns):
            for w in range(words):
                at = r * stride + c * words + w
                missing = wanted[at] & ~cells[at]
                if missing == np.uint64(0):
                    continue
                side = at + r * words
                new = (cells[at] << _ONE) & ~depth_blocks[at]
                new |= (cells[at] & ~depth_blocks[at]) >> _ONE
                if w > 0:
                    new |= (cells[at - 1] >> _TOP) & ~depth_blocks[at]
                if w < words - 1:
                    new |= (cells[at + 1] & ~depth_blocks[at + 1]) << _TOP
                if r > 0:
                    new |= cells[at - stride] & ~row_blocks[at]
                if r < rows - 1:
                    new |= cells[at + stride] & ~row_blocks[at + stride]
                if c > 0:
                    new |= cells[at - words] & ~column_blocks[side]
                if c < columns - 1:
                    new |= cells[at + words] & ~column_blocks[side + words]
                new &= missing
                if new != np.uint64(0):
                    places[count], additions[count] = at, new
                    count += 1
    return count


@kernel
def _spread_in_blocks(
    touched: Words, blocks: Words, starts: Words, last: np.uint64, row: int, column: int, radius: int
) -> None:
    """Write `touched` to `blocks`, where all cells of a block are set if any is."""
    rows, columns, words = touched.shape
    r = 0
    while r < rows:
        r_end = min(rows, (row + r) // radius * radius + radius - row)
        c = 0
        while c < columns:
            c_end = min(columns, (column + c) // radius * radius + radius - column)
            for w in range(words):
                bits = np.uint64(0)
                for i in range(r, r_end):
                    for j in range(c, c_end):
                        bits |= touched[i, j, w]
                blocks[r, c, w] = bits
            for _ in range(radius - 1):
                _spread_along_depth(blocks, starts, r, c)
            for i in range(r, r_end):
                for j in range(c, c_end):
                    for w in range(words):
                        blocks[i, j, w] = blocks[r, c, w] & (last if w == words - 1 else _ONES)
            c = c_end
        r = r_end


@kernel
def _spread_along_depth(blocks: Words, starts: Words, r: int, c: int) -> None:
    """Spread a column by one cell each way, but not from block to block."""
    words = blocks.shape[2]
    carry = np.uint64(0)
    for w in range(words):
        bits = blocks[r, c, w]
        blocks[r, c, w] = bits | (((bits << _ONE) | carry) & ~starts[w])
        carry = bits >> _TOP
    carry = np.uint64(0)
    for w in range(words - 1, -1, -1):
        bits = blocks[r, c, w]
        inner = bits & ~starts[w]
        blocks[r, c, w] = bits | (inner >> _ONE) | carry
        carry = inner << _TOP
