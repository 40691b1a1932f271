"""Cells of a window as words of 64 depths: and as bytes of a grid."""

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


@kernel
def _to_bytes(words: Words, out: NDArray[np.uint8]) -> None:
    rows, columns, size = out.shape
    low = np.uint64(255)
    for r in range(rows):
        for c in range(columns):
            for i in range(size):
                out[r, c, i] = np.uint8((words[r, c, i >> 3] >> np.uint64(8 * (i & 7))) & low)
