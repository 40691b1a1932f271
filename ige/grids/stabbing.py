"""Cells that the surface hides in most directions: a rough fill that no opening empties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ige.grids.buffers import Buffers
from ige.grids.crossings import Planes, Words
from ige.grids.kernel import kernel
from ige.grids.words import last_word

_ONE = np.uint64(1)
_TOP = np.uint64(63)
_ONES = np.uint64(2**64 - 1)


def stabbed_cells(planes: Planes, buffers: Buffers) -> Words:
    """Return the cells from whose centres at least 5 of the 6 directions of the grid meet the surface.

    Where a fill is much smaller than these, it has leaked: a rough estimate that large openings do not harm.

    Returns:
        (rows, columns, W), kept in the buffers as "stabbed"; bits beyond the last depth are 0.
    """
    window = planes.window
    shape = (window.rows, window.columns, window.words)
    stabbed: Words = buffers.take("stabbed", shape)
    if not window.empty:
        _stab(
            stabbed.reshape(-1),
            planes.depth_blocks.reshape(-1),
            planes.depth_end.reshape(-1),
            planes.column_blocks.reshape(-1),
            planes.row_blocks.reshape(-1),
            np.array([window.rows, window.columns, window.words]),
            last_word(window.depths),
        )
    return stabbed


def count_by_depth(cells: Words, depths: int) -> NDArray[np.int64]:
    """Count the set cells (depths,) of each depth in words (rows, columns, W)."""
    counts = np.zeros(64 * cells.shape[2], dtype=np.int64)
    if cells.size:
        _count(cells.reshape(-1), cells.shape[2], counts)
    return counts[:depths]


@kernel
def _stab(
    stabbed: Words,
    depth_blocks: Words,
    depth_end: NDArray[np.uint8],
    column_blocks: Words,
    row_blocks: Words,
    shape: NDArray[np.int64],
    last: np.uint64,
) -> None:
    rows, columns, words = shape[0], shape[1], shape[2]
    stride = columns * words
    # The result's rows hold what lies below until they are reached from above.
    below = np.zeros(stride, dtype=np.uint64)
    for r in range(rows - 1, -1, -1):
        for i in range(stride):
            below[i] |= row_blocks[(r + 1) * stride + i]
            stabbed[r * stride + i] = below[i]
    above, right = np.zeros(stride, dtype=np.uint64), np.zeros(stride + words, dtype=np.uint64)
    left, beyond = np.zeros(words, dtype=np.uint64), np.zeros(words, dtype=np.uint64)
    for r in range(rows):
        side = r * (stride + words)
        for i in range(stride - 1, -1, -1):
            right[i] = column_blocks[side + words + i] | right[i + words]
        left[:] = np.uint64(0)
        for c in range(columns):
            at = r * stride + c * words
            _fill_beyond(depth_blocks, at, words, depth_end[r * columns + c] > 0, beyond)
            before = np.uint64(0)
            for w in range(words):
                i = c * words + w
                above[i] |= row_blocks[at + w]
                left[w] |= column_blocks[side + i]
                blocks = depth_blocks[at + w]
                # From the lowest set bit on.
                here = before | blocks | (~blocks + _ONE)
                before = _ONES if before | blocks else before
                one, two = ~above[i], np.uint64(0)
                for misses in (~stabbed[at + w], ~left[w], ~right[i], ~here, ~beyond[w]):
                    two |= one & misses
                    one |= misses
                stabbed[at + w] = ~two & (last if w == words - 1 else _ONES)


@kernel
def _fill_beyond(depth_blocks: Words, at: int, words: int, behind: bool, beyond: Words) -> None:
    """Write for which cells of a column any step at a greater depth is blocked."""
    carry = _ONES if behind else np.uint64(0)
    following = np.uint64(0)
    for w in range(words - 1, -1, -1):
        blocks = depth_blocks[at + w]
        bits = (blocks >> _ONE) | (following << _TOP) | carry
        for reach in (1, 2, 4, 8, 16, 32):
            bits |= bits >> np.uint64(reach)
        beyond[w] = bits
        following = blocks
        carry = _ONES if carry | blocks else carry


@kernel
def _count(cells: Words, words: int, counts: NDArray[np.int64]) -> None:
    """Add up bits by their places, 64 at a time: bit n of each sum is in `sums[n]`."""
    sums = np.zeros(64, dtype=np.uint64)
    for w in range(words):
        sums[:] = np.uint64(0)
        used = 0
        for i in range(w, len(cells), words):
            carry = cells[i]
            n = 0
            while carry:
                overflow = sums[n] & carry
                sums[n] ^= carry
                carry = overflow
                n += 1
            used = max(used, n)
        for n in range(used):
            for bit in range(64):
                counts[64 * w + bit] += np.int64((sums[n] >> np.uint64(bit)) & _ONE) << n
