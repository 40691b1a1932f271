"""Cells of a window as words of 64 depths: to bytes of a grid, and how many there are at each depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ige.grids.kernel import kernel
from ige.grids.projected import Window

Words = NDArray[np.uint64]


def last_word(depths: int) -> np.uint64:
    """Return the bits of the last word that belong to cells."""
    return np.uint64((1 << ((depths - 1) % 64 + 1)) - 1)


def to_bits(words: Words, window: Window, resolution: int) -> NDArray[np.uint8]:
    """Return the bits (R, R, ceil(R / 8)) of a grid that is empty but for the window (rows, columns, W)."""
    bits = np.zeros((resolution, resolution, (resolution + 7) // 8), dtype=np.uint8)
    _to_bytes(
        words,
        bits[
            window.row : window.row + window.rows,
            window.column : window.column + window.columns,
            window.depth // 8 : (window.depth + window.depths + 7) // 8,
        ],
    )
    return bits


def count_depths(words: Words, window: Window, resolution: int) -> NDArray[np.int64]:
    """Return the number of cells (R,) of a window at each depth of the grid; bits beyond must be 0."""
    counts = np.zeros(resolution, dtype=np.int64)
    changes = np.zeros(64 * window.words + 1, dtype=np.int64)
    _count_changes(words, changes)
    counts[window.depth : window.depth + window.depths] = np.cumsum(changes)[: window.depths]
    return counts


@kernel
def _to_bytes(words: Words, out: NDArray[np.uint8]) -> None:
    rows, columns, size = out.shape
    low = np.uint64(255)
    for r in range(rows):
        for c in range(columns):
            for i in range(size):
                out[r, c, i] = np.uint8((words[r, c, i >> 3] >> np.uint64(8 * (i & 7))) & low)


@kernel
def _count_changes(words: Words, changes: NDArray[np.int64]) -> None:
    """Add 1 where a run of cells begins and subtract 1 where it has ended."""
    rows, columns, size = words.shape
    one, top, zero = np.uint64(1), np.uint64(63), np.uint64(0)
    for r in range(rows):
        for c in range(columns):
            before = zero
            for w in range(size):
                word = words[r, c, w]
                edges = word ^ ((word << one) | before)
                before = word >> top
                k = 64 * w
                while edges != zero:
                    while edges & np.uint64(255) == zero:
                        edges >>= np.uint64(8)
                        k += 8
                    while edges & one == zero:
                        edges >>= one
                        k += 1
                    changes[k] += 1 if (word >> np.uint64(k & 63)) & one else -1
                    edges &= ~one
            if before:
                changes[64 * size] -= 1
