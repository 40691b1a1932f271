"""What lamps are made of: shades, feet, the colours of light."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, one_of
from ige.shapes.procedural.furniture_parts import ROUND, oval, shell
from ige.shapes.procedural.parts import (
    Colour,
    Floats,
    Part,
    box,
    cylinder,
    ellipsoid,
    extrude,
    lathe,
    tapered,
)

SHADES = ("cone", "cone", "drum", "shell", "bell", "pyramid", "globe", "empire", "dome")


def shade(
    rng: np.random.Generator,
    kind: str,
    radius: float,
    high: float,
    base: Sequence[float],
    thick: float,
    colour: Colour,
) -> list[Part]:
    """Make a shade whose lower rim is about `base`, `radius` wide and `high`."""
    x, y, z = base
    low = np.array([x, y, z])
    narrow = max(between(rng, 0.45, 0.75) * radius, 0.6 * thick)
    if kind == "globe":
        radii = (radius, radius, radius * between(rng, 0.85, 1.0))
        return [ellipsoid((x, y, z + radius), radii, colour, sections=18, rings=10)]
    if kind == "pyramid":
        return [tapered((1.8 * radius, 1.8 * radius), (2 * narrow, 2 * narrow), high, low, colour)]
    if kind == "dome":
        angles = np.linspace(0.0, math.pi / 2, 6)
        rows = [(radius * math.cos(a) + 0.5 * thick * math.sin(a), high * math.sin(a)) for a in angles]
        return [lathe(rows, colour, sections=20, base=low)]
    if kind == "empire" and high > 1.1 * radius:
        rows = [
            (radius, 0.0),
            (0.72 * radius, 0.35 * high),
            (0.55 * radius, 0.7 * high),
            (0.5 * radius, high),
        ]
        return [lathe(rows, colour, sections=20, base=low)]
    top = {"drum": 0.97 * radius, "bell": 1.3 * thick}.get(kind, narrow)
    if kind in ("shell", "bell") and radius > 2.2 * thick:
        return _hollow(kind, (radius, top), high, low, thick, colour)
    return [cylinder(low, low + np.array([0.0, 0.0, high]), radius, colour, end_radius=top, sections=20)]


def _hollow(
    kind: str, radii: tuple[float, float], high: float, low: Floats, thick: float, colour: Colour
) -> list[Part]:
    """Make a shade that is open below, and above too unless it is a bell, and what holds it."""
    radius, top = radii
    wall = 1.03 * thick * math.hypot(1.0, (radius - top) / high)
    up, dark = np.array([0.0, 0.0, high]), shaded(colour, 0.6)
    if kind == "bell" or top - wall < 0.5 * thick:
        rows = [(0.0, high - 1.1 * thick), (radius - wall, 0.0), (radius, 0.0), (top, high)]
        stem = cylinder(low + 0.4 * up, low + (1.0 - 0.5 * thick / high) * up, ROUND * thick, dark)
        return [lathe(rows, colour, sections=20, base=low), stem]
    profile = [(radius, 0.0), (top, high), (top - wall, high), (radius - wall, 0.0)]
    bar = box((radius + top - wall, thick, thick), low + 0.5 * up, dark)
    return [shell(profile, colour, base=low), bar]


def glow(rng: np.random.Generator) -> Colour:
    """Draw the colour of a shade."""
    return pick(rng, "light", "light", "pale", "fabric", "paint")


def foot(rng: np.random.Generator, radius: float, high: float, colour: Colour) -> Part:
    """Make a foot on the floor, about the z axis."""
    kind = one_of(rng, ("disc", "disc", "square", "dome", "oval"))
    if kind == "square":
        return box((1.8 * radius, 1.8 * radius, high), (0, 0, high / 2), colour)
    if kind == "dome":
        rows = [(radius, 0.0), (radius, 0.8 * high), (0.8 * radius, 1.2 * high), (0.35 * radius, 1.5 * high)]
        return lathe(rows, colour, sections=20)
    if kind == "oval":
        return extrude(oval(2.4 * radius, 1.7 * radius), 0, high, "z", colour)
    return cylinder((0, 0, 0), (0, 0, high), radius, colour, sections=20)
