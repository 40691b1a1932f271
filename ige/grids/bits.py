"""Occupancy as bits: 8 cells to a byte along depth, the nearest cell in the lowest bit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def pack(occupancy: NDArray[Any]) -> NDArray[np.uint8]:
    """Pack (R, R, R) truth values into (R, R, ceil(R / 8)) bytes; bits beyond the last depth are 0.

    Raises:
        ValueError: if the grid is no cube.
    """
    if occupancy.ndim != 3 or len(set(occupancy.shape)) != 1 or not occupancy.size:
        raise ValueError(f"a grid must be a cube of cells, found shape {occupancy.shape}")
    return np.packbits(occupancy.astype(bool, copy=False), axis=-1, bitorder="little")


def unpack(bits: NDArray[np.uint8], resolution: int) -> NDArray[np.bool_]:
    """Unpack (R, R, ceil(R / 8)) bytes into (R, R, R) truth values.

    Raises:
        ValueError: if the bytes do not hold a grid of this resolution.
    """
    expected = (resolution, resolution, (resolution + 7) // 8)
    if bits.shape != expected or bits.dtype != np.uint8:
        raise ValueError(f"bits must be {expected} uint8, found {bits.shape} {bits.dtype}")
    return np.unpackbits(bits, axis=-1, bitorder="little", count=resolution).view(np.bool_)
