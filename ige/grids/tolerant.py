"""Fills of surfaces with cracks and small holes: what cannot be entered through gaps below a cell.

First a flood from infinity that stays out of every cell that a triangle touches. It cannot pass a gap that is
narrower than a cell, but stops about half a cell short of the surface. Then a few steps grow it into touched
cells, from centre to centre where no triangle lies between; they take it up to the surface, and only so far
into a crack as there are steps. A larger `radius` closes wider gaps: cells count as touched in blocks of
`radius` cells a side, and there are as many more steps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ige.grids.buffers import Buffers
from ige.grids.crossings import Planes, Words
from ige.grids.kernel import kernel
from ige.grids.projected import Window
from ige.grids.words import last_word

_STEPS = 2  # per cell of the radius: fewer leave a shell, more creep through cracks
_ONE = np.uint64(1)
_TOP = np.uint64(63)
_ONES = np.uint64(2**64 - 1)


def fill_tolerant(planes: Planes, touched: Words, buffers: Buffers, *, radius: int = 1) -> Words:
    """Return the cells that cannot be reached from infinity through gaps of `radius` cells.

    Args:
        planes: the blocked steps.
        touched: (rows, columns, W) the cells of the same window that triangles touch; kept as it is.
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
    if radius > 1:
        blocks = buffers.take("touched_blocks", shape)
        starts = _block_starts(window, radius)
        last = last_word(window.depths)
        _spread_in_blocks(touched, blocks, starts, last, window.row, window.column, radius)
        touched = blocks
    _seed(cells, planes, radius)
    size = cells.size  # a word is listed twice at most: entered from infinity, and from a neighbour
    _fill(
        cells.reshape(-1),
        touched.reshape(-1),
        planes.depth_blocks.reshape(-1),
        planes.column_blocks.reshape(-1),
        planes.row_blocks.reshape(-1),
        np.array([window.rows, window.columns, window.words]),
        last_word(window.depths),
        _STEPS * radius,
        buffers.take("places", (2 * size,), np.int32),
        buffers.take("additions", (2 * size,)),
        buffers.take("queue", (window.rows * window.columns,), np.int32),
        buffers.zeros("queued", (window.rows * window.columns,), np.uint8),
    )
    return cells


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
def _fill(
    cells: Words,
    touched: Words,
    depth_blocks: Words,
    column_blocks: Words,
    row_blocks: Words,
    shape: NDArray[np.int64],
    last: np.uint64,
    steps: int,
    places: NDArray[np.int32],
    additions: Words,
    queue: NDArray[np.int32],
    queued: NDArray[np.uint8],
) -> None:
    """Turn seeds into the filled cells."""
    rows, columns, words = shape[0], shape[1], shape[2]
    # Seeds in touched cells are steps from infinity into them.
    entering = 0
    for i in range(rows * columns * words):
        bits = cells[i] & touched[i]
        if bits:
            cells[i] ^= bits
            places[entering], additions[entering] = i, bits
            entering += 1
    _flood(cells, touched, rows, columns, words, last, queue, queued)
    for step in range(steps):
        count = _peel(
            cells, touched, depth_blocks, column_blocks, row_blocks, rows, columns, words,
            places, additions, entering if step == 0 else 0,
        )  # fmt: skip
        for i in range(count):
            cells[places[i]] |= additions[i]
    for i in range(rows * columns):
        for w in range(words):
            cells[i * words + w] = ~cells[i * words + w] & (last if w == words - 1 else _ONES)


@kernel
def _flood(
    cells: Words,
    touched: Words,
    rows: int,
    columns: int,
    words: int,
    last: np.uint64,
    queue: NDArray[np.int32],
    queued: NDArray[np.uint8],
) -> None:
    """Grow seeds through untouched cells: there, back, then column by column until nothing waits."""
    for i in range(rows * columns):
        at = i * words
        for w in range(words):
            bits = cells[at + w]
            if i >= columns:
                bits |= cells[at + w - columns * words]
            if i % columns > 0:
                bits |= cells[at + w - words]
            cells[at + w] = bits & ~touched[at + w]
        _flood_depths(cells, touched, at, words, last)
    head, waiting = 0, 0
    for i in range(rows * columns - 1, -1, -1):
        if _flood_column(cells, touched, i, rows, columns, words, last, 2):
            # From the other two it has grown already, and they are still to come.
            waiting = _call_neighbours(
                cells, touched, i, rows, columns, words, queue, queued, head, waiting, 2
            )
    while waiting > 0:
        i = queue[head]
        head = head + 1 if head + 1 < len(queue) else 0
        waiting -= 1
        queued[i] = 0
        if _flood_column(cells, touched, i, rows, columns, words, last, 4):
            waiting = _call_neighbours(
                cells, touched, i, rows, columns, words, queue, queued, head, waiting, 4
            )


@kernel
def _flood_column(
    cells: Words, touched: Words, i: int, rows: int, columns: int, words: int, last: np.uint64, sides: int
) -> bool:
    """Flood a column from its two later neighbours, or all four; tell whether it grew."""
    c = i % columns
    grew = False
    for at in range(i * words, (i + 1) * words):
        old = cells[at]
        new = old
        if i < (rows - 1) * columns:
            new |= cells[at + columns * words]
        if c < columns - 1:
            new |= cells[at + words]
        if sides == 4 and i >= columns:
            new |= cells[at - columns * words]
        if sides == 4 and c > 0:
            new |= cells[at - words]
        new &= ~touched[at]
        if new != old:
            cells[at] = new
            grew = True
    if grew:
        _flood_depths(cells, touched, i * words, words, last)
    return grew


@kernel
def _flood_depths(cells: Words, touched: Words, at: int, words: int, last: np.uint64) -> None:
    """Flood the runs of untouched cells of a column that hold a set cell."""
    carry = np.uint64(0)
    for w in range(words):
        free = ~touched[at + w] & (last if w == words - 1 else _ONES)
        bits = (cells[at + w] & free) | (carry & free)
        # The sum carries through each run from its lowest set cell on.
        bits |= free & ~(free + bits)
        cells[at + w] = bits
        carry = bits >> _TOP
    carry = np.uint64(0)
    for w in range(words - 1, -1, -1):
        free = ~touched[at + w]
        bits = cells[at + w] | ((carry << _TOP) & free)
        if bits != np.uint64(0) and bits != free:
            for reach in (1, 2, 4, 8, 16, 32):
                bits |= free & (bits >> np.uint64(reach))
                free &= free >> np.uint64(reach)
        cells[at + w] = bits
        carry = bits & _ONE


@kernel
def _call_neighbours(
    cells: Words,
    touched: Words,
    i: int,
    rows: int,
    columns: int,
    words: int,
    queue: NDArray[np.int32],
    queued: NDArray[np.uint8],
    head: int,
    waiting: int,
    sides: int,
) -> int:
    """Queue the neighbours into which a column would grow; return how many columns wait."""
    c = i % columns
    for side in range(sides):
        if side == 0:
            other = i + columns if i < (rows - 1) * columns else -1
        elif side == 1:
            other = i + 1 if c < columns - 1 else -1
        elif side == 2:
            other = i - columns if i >= columns else -1
        else:
            other = i - 1 if c > 0 else -1
        if other < 0 or queued[other]:
            continue
        for w in range(words):
            if cells[i * words + w] & ~touched[other * words + w] & ~cells[other * words + w]:
                queued[other] = 1
                place = head + waiting
                queue[place if place < len(queue) else place - len(queue)] = other
                waiting += 1
                break
    return waiting


@kernel
def _peel(
    cells: Words,
    touched: Words,
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
                wanted = touched[at] & ~cells[at]
                if wanted == np.uint64(0):
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
                new &= wanted
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
