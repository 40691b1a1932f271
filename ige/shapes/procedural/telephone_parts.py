"""Parts that generated telephones share: bodies, keys, aerials."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick
from ige.shapes.procedural.draws import between
from ige.shapes.procedural.parts import (
    THIN,
    Colour,
    Part,
    box,
    capsule,
    extrude,
)
from ige.shapes.procedural.profiles import rounded

_PROUD = 0.008  # how far keys and screens stand out


def make_slab(
    width: float, depth: float, low: float, high: float, colour: Colour, corner: float, *, y: float = 0.0
) -> Part:
    """Make an upright body with round corners, seen from the front."""
    outline = rounded(width, high - low, corner, steps=9, centre=(0.0, (low + high) / 2))
    return extrude(outline, y - depth / 2, y + depth / 2, "y", colour)


def make_on_front(
    size: tuple[float, float], at: tuple[float, float], front: float, colour: Colour, proud: float = _PROUD
) -> Part:
    """Make something of size (x, z) at (x, z) that stands out of a front at y and is sunk into it."""
    return box((size[0], THIN, size[1]), (at[0], front - proud + THIN / 2, at[1]), colour)


def make_keys(
    width: float, low: float, high: float, front: float, rng: np.random.Generator, *, rows: int = 4
) -> list[Part]:
    """Make three columns of keys between two heights; fewer rows than asked for if they would touch."""
    rows = min(rows, int((high - low) / (1.25 * THIN)))
    colour = pick(rng, "pale", "dark", "metal")
    step = (width / 3, (high - low) / rows)
    size = max(0.72 * step[0], THIN), max(0.62 * step[1], THIN)
    proud = between(rng, 0.006, 0.016)
    return [
        make_on_front(size, ((column - 1) * step[0], low + (row + 0.5) * step[1]), front, colour, proud)
        for column in range(3)
        for row in range(rows)
    ]


def make_aerial(x: float, y: float, low: float, high: float, colour: Colour) -> Part:
    """Make an upright aerial at (x, y)."""
    return capsule((x, y, low), (x, y, high), 0.033, colour, sections=12)
