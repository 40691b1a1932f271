"""Lamps of desks: with two arms, with a bent neck."""

from __future__ import annotations

import math

import numpy as np

from ige.shapes.procedural import lamp_parts
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, one_of
from ige.shapes.procedural.furniture_parts import ROUND, least
from ige.shapes.procedural.parts import (
    Part,
    box,
    cylinder,
    ellipsoid,
    tube,
)


def two_arms(rng: np.random.Generator) -> list[Part]:
    """Make a foot, two arms with joints and a head that looks down to the front."""
    height, reach = between(rng, 0.45, 0.6), between(rng, 0.2, 0.34)
    thick = 1.04 * least(0.22, reach + 0.2, height)
    colour = pick(rng, "paint", "metal", "dark", "pale")
    other = colour if chance(rng, 0.5) else pick(rng, "metal", "dark", "gold")
    bar, base = ROUND * thick, between(rng, 0.08, 0.12)
    parts = [lamp_parts.foot(rng, base, 1.1 * thick, other)]
    elbow = np.array([0.0, between(rng, 0.06, 0.16), between(rng, 0.5, 0.62) * height])
    head = np.array([0.0, elbow[1] - reach, height - between(rng, 0.05, 0.1)])
    if chance(rng, 0.25):
        elbow = np.array([0.0, 0.0, height - 0.05])
    parts += [cylinder((0, 0, thick / 2), elbow, bar, other), cylinder(elbow, head, bar, other)]
    parts += [ellipsoid(elbow, (1.15 * thick * ROUND * 1.3,) * 3, shaded(colour, 0.8), sections=10, rings=6)]
    direction = np.array([0.0, -math.sin(between(rng, 0.2, 0.9)), 0.0])
    direction[2] = -math.sqrt(1.0 - direction[1] ** 2)
    size = between(rng, 0.06, 0.09)
    kind = one_of(rng, ("cone", "cone", "cylinder", "bar", "ball"))
    if kind == "bar":
        parts.append(box((between(rng, 0.2, 0.36), 1.5 * thick, 1.05 * thick), head, colour))
    elif kind == "ball":
        parts.append(ellipsoid(head, (size, size, size), colour))
    else:
        start, end = head - 0.04 * direction, head + between(rng, 0.09, 0.13) * direction
        first = max(bar, 0.5 * size) if kind == "cone" else size
        parts.append(cylinder(start, end, first, colour, end_radius=size))
        parts.append(ellipsoid(end, (max(0.75 * size, bar),) * 3, pick(rng, "light"), sections=12, rings=8))
    return parts


def gooseneck(rng: np.random.Generator) -> list[Part]:
    """Make a desk lamp with a bent neck."""
    height, reach = between(rng, 0.4, 0.55), between(rng, 0.18, 0.26)
    thick = least(0.2, reach + 0.16, height)
    colour = pick(rng, "paint", "metal", "dark", "gold")
    parts = [lamp_parts.foot(rng, between(rng, 0.08, 0.11), 1.1 * thick, colour)]
    angles = np.linspace(0.0, between(rng, 2.3, 3.0), 9)
    bow, middle = reach / 2, height - reach / 2 - ROUND * thick
    path = [
        (0.0, 0.0, 0.5 * thick),
        *[(0.0, bow * (math.cos(a) - 1.0), middle + bow * math.sin(a)) for a in angles],
    ]
    parts.append(tube(path, ROUND * thick, colour, sections=12))
    _, y, z = path[-1]
    high, size = between(rng, 0.08, 0.13), between(rng, 0.06, 0.1)
    kind = one_of(rng, ("cone", "dome", "globe", "drum", "empire"))
    size = high / 2 if kind == "globe" else size
    return parts + lamp_parts.shade(
        rng, kind, max(size, 0.7 * thick), high, (0, y, z - 0.7 * high), thick, lamp_parts.glow(rng)
    )
