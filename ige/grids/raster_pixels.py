"""Compiled part of `raster`: from samples to pixels.

Only +, -, *, / and comparisons, in a fixed order: the same bytes on every machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.grids.kernel import kernel

Array = NDArray[Any]


@kernel
def resolve(
    nearness: Array,
    winners: Array,
    looks: Array,
    perspective: bool,
    supersample: int,
    background: Array,
    encoded: Array,
    top: int,
    left: int,
    rgba: Array,
    depth: Array,
    normals: Array,
) -> None:
    """Write those pixels of a `Rendering` in which something is seen.

    Args:
        nearness: (rows, columns) and `winners` as `rasterise` gives them: a window of whole pixels.
        winners: see `nearness`.
        looks: (F, 6) as `light_faces` gives it: normal and light of each face.
        perspective: else orthographic.
        supersample: samples per side of a pixel.
        background: (3,) light behind everything, or (0,) for none.
        encoded: (n,) uint8: the sRGB value of light k / (n - 1).
        top: the window's first row of pixels.
        left: the window's first column of pixels.
        rgba: (P, P, 4), written to, as are `depth` and `normals`.
        depth: (P, P).
        normals: (P, P, 3).
    """
    samples, opaque, highest = supersample * supersample, len(background) > 0, len(encoded) - 1
    for i in range(winners.shape[0] // supersample):
        for j in range(winners.shape[1] // supersample):
            covered, best, nearest, light = _gather(nearness, winners, looks, i, j, supersample)
            if covered == 0:
                continue
            row, column = top + i, left + j
            depth[row, column] = 1.0 / best if perspective else -best
            for axis in range(3):
                normals[row, column, axis] = looks[nearest, axis]
                value = light[axis]
                if opaque:
                    value = (value * covered + background[axis] * (samples - covered)) / samples
                rgba[row, column, axis] = encoded[int(value * highest + 0.5)]
            rgba[row, column, 3] = 255 if opaque else (2 * 255 * covered + samples) // (2 * samples)


@kernel
def _gather(
    nearness: Array, winners: Array, looks: Array, row: int, column: int, supersample: int
) -> tuple[int, float, int, tuple[float, float, float]]:
    """Return of a pixel: number of covered samples, nearness and face of the nearest, mean light of those."""
    covered, best, nearest = 0, -np.inf, -1
    red, green, blue = 0.0, 0.0, 0.0
    for i in range(row * supersample, (row + 1) * supersample):
        for j in range(column * supersample, (column + 1) * supersample):
            f = winners[i, j]
            if f >= 0:
                covered += 1
                red, green, blue = red + looks[f, 3], green + looks[f, 4], blue + looks[f, 5]
                if nearness[i, j] > best:
                    best, nearest = nearness[i, j], f
    if covered > 1:
        share = 1.0 / covered
        red, green, blue = share * red, share * green, share * blue
    return covered, best, nearest, (red, green, blue)
