"""Parts that generated loudspeakers share: cases and membranes."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import chance, one_of
from ige.shapes.procedural.parts import (
    THIN,
    Colour,
    Part,
    box,
    cylinder,
    ellipsoid,
    extrude,
    torus,
)
from ige.shapes.procedural.profiles import rounded


def make_driver(
    x: float, z: float, front: float, size: float, rng: np.random.Generator, tone: Colour
) -> list[Part]:
    """Make a membrane that faces -y in a front at y: a ring that stands out, a shallow cone, a cap."""
    small = size < 0.08
    rim = max(0.033, min(0.2 * size, 0.04))
    plate = size if small else size - rim
    parts = [cylinder((x, front + THIN, z), (x, front - 0.006, z), plate, tone, sections=24)]
    if small:
        parts.append(
            ellipsoid(
                (x, front + 0.01, z), (0.9 * size, 0.04, 0.9 * size), shaded(tone, 1.4), sections=12, rings=6
            )
        )
        return parts
    parts.append(
        torus(
            (x, front - 0.004, z), (0.0, 1.0, 0.0), size - rim, rim, pick(rng, "rubber"), sections=24, rings=8
        )
    )
    cap = max(0.35 * size, 0.042)
    parts.append(ellipsoid((x, front, z), (cap, 0.04, cap), shaded(tone, 1.5), sections=14, rings=6))
    return parts


def make_cabinet(
    width: float, depth: float, low: float, high: float, rng: np.random.Generator, colour: Colour
) -> Part:
    """Make a case: square, round at its corners, or curved to a narrow back."""
    kind = one_of(rng, ("square", "round", "boat"))
    if kind == "square":
        return box((width, depth, high - low), (0.0, 0.0, (low + high) / 2), colour)
    if kind == "round":
        return extrude(rounded(width, depth, 0.25 * width, steps=5), low, high, "z", colour)
    shares = np.linspace(0.0, 1.0, 6)
    half = 0.5 * width * (1.0 - 0.45 * shares**2)
    right = np.column_stack([half, depth * (shares - 0.5)])
    return extrude(np.vstack([right, right[::-1] * (-1.0, 1.0)]), low, high, "z", colour)


def make_drivers(
    width: float, low: float, high: float, front: float, rng: np.random.Generator, number: int
) -> list[Part]:
    """Make a column of membranes, the largest ones below."""
    tone = pick(rng, "dark", "gold", "pale", "warning")
    room = high - low
    shares = np.array([1.0, 0.8, 0.5, 0.5][-number:] if number < 4 else [1.0, 1.0, 0.8, 0.45])
    shares = shares if chance(rng, 0.7) else np.ones(number)
    sizes = np.minimum(0.43 * width * shares, 0.44 * room * shares / shares.sum())
    sizes = np.maximum(sizes, 0.042)
    space = (room - 2.0 * sizes.sum()) / (number + 1)
    parts, z = [], low
    for size in sizes:
        z += space + size
        parts += make_driver(0.0, z, front, float(size), rng, tone)
        z += size
    return parts
