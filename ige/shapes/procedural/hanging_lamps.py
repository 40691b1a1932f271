"""Lamps that hang: pendants, rows and clusters of them, chandeliers, lanterns."""

from __future__ import annotations

import math

import numpy as np

from ige.shapes.procedural import lamp_parts
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import ROUND, least
from ige.shapes.procedural.parts import (
    Part,
    box,
    cylinder,
    ellipsoid,
    torus,
    tube,
)


def pendant(rng: np.random.Generator) -> list[Part]:
    """Make a shade that hangs on a cord from a cap on the ceiling."""
    width, drop, high = between(rng, 0.3, 0.55), between(rng, 0.25, 0.55), between(rng, 0.16, 0.34)
    form = one_of(rng, lamp_parts.SHADES)
    high = width if form == "globe" else high
    total, metal = drop + high, pick(rng, "metal", "dark", "gold")
    thick = 1.05 * least(width, width, total)
    parts = [cylinder((0, 0, total - thick), (0, 0, total), 1.3 * thick, metal)]
    parts.append(cylinder((0, 0, 0.5 * high), (0, 0, total - thick / 2), ROUND * thick, shaded(metal, 0.6)))
    if form in ("shell", "drum", "bell") and chance(rng, 0.5):
        bulb = max(0.6 * thick, 0.14 * width)
        parts.append(ellipsoid((0, 0, 0.0), (bulb, bulb, 1.2 * bulb), pick(rng, "light"), sections=12))
        parts.append(cylinder((0, 0, 0), (0, 0, high), ROUND * thick, metal))
    return parts + lamp_parts.shade(rng, form, width / 2, high, (0, 0, 0), thick, lamp_parts.glow(rng))


def cluster(rng: np.random.Generator) -> list[Part]:
    """Make several lights that hang from a bar or a disc."""
    number, width, drop = count(rng, 2, 4), between(rng, 0.7, 1.1), between(rng, 0.35, 0.55)
    thick = least(width, 0.25, drop + 0.2)
    metal, light = pick(rng, "metal", "dark", "gold", "wood"), lamp_parts.glow(rng)
    kind, size = one_of(rng, ("globe", "cone", "dome", "drum")), max(0.075, 0.95 * thick)
    parts = [box((width, 1.2 * thick, thick), (0, 0, drop + 0.2 - thick / 2), metal)]
    if number == 3 and chance(rng, 0.6):
        parts = [cylinder((0, 0, drop + 0.2 - thick), (0, 0, drop + 0.2), 0.4 * width, metal, sections=24)]
    for index in range(number):
        share = (index + 0.5) / number - 0.5
        x, y = share * 0.95 * width, 0.0
        if len(parts) and number == 3 and parts[0].vertices[:, 1].max() > 0.2 * width:
            angle = 2 * math.pi * index / 3
            x, y = 0.27 * width * math.cos(angle), 0.27 * width * math.sin(angle)
        low = between(rng, 0.0, 0.3) * drop
        high = 2 * size if kind == "globe" else 1.8 * size
        parts.append(
            cylinder(
                (x, y, low + 0.6 * high), (x, y, drop + 0.2 - thick / 2), ROUND * thick, metal, sections=10
            )
        )
        parts += lamp_parts.shade(rng, kind, size, high, (x, y, low), thick, light)
    return parts


def chandelier(rng: np.random.Generator) -> list[Part]:
    """Make a ring or arms with lights, on a stem."""
    width, height, arms = between(rng, 0.6, 0.9), between(rng, 0.5, 0.75), count(rng, 3, 6)
    thick = least(width, width, height)
    metal, light, radius = pick(rng, "gold", "metal", "dark"), pick(rng, "light", "pale"), ROUND * thick
    level, ring = 0.25 * height, 0.42 * width
    parts = [cylinder((0, 0, height - thick), (0, 0, height), 1.4 * thick, metal)]
    parts.append(cylinder((0, 0, level - thick / 2), (0, 0, height - thick / 2), radius, metal))
    whole = chance(rng, 0.5)
    if whole:
        parts.append(torus((0, 0, level), (0, 0, 1), ring, radius, metal))
    kind = one_of(rng, ("candle", "globe", "cone"))
    for angle in np.arange(arms) * (2 * math.pi / arms) + 0.3:
        x, y = ring * math.cos(angle), ring * math.sin(angle)
        if whole and arms < 5:
            parts.append(cylinder((0, 0, level + 0.45 * height), (x, y, level), radius, metal, sections=10))
        else:
            path = [(0.0, 0.0, level + 0.1), (0.5 * x, 0.5 * y, level - 0.02), (x, y, level + 0.02)]
            parts.append(tube(path, radius, metal, sections=10))
        if kind == "globe":
            parts.append(ellipsoid((x, y, level + 1.2 * thick), (0.95 * thick,) * 3, light, sections=12))
        elif kind == "candle":
            parts.append(cylinder((x, y, level), (x, y, level + 0.3 * height), radius, light, sections=10))
        else:
            parts.append(
                cylinder(
                    (x, y, level), (x, y, level + 2.2 * thick), 1.2 * thick, light, end_radius=0.7 * thick
                )
            )
    return parts


def lantern(rng: np.random.Generator) -> list[Part]:
    """Make a light in a cage of posts, under a roof with a ring."""
    width, height = between(rng, 0.2, 0.3), between(rng, 0.3, 0.5)
    thick = least(1.25 * width, 1.25 * width, 1.6 * height)
    metal = pick(rng, "dark", "metal", "gold", "wood")
    corners = one_of(rng, (4, 4, 6))
    radius, sections = 0.62 * width if corners == 4 else 0.55 * width, corners
    parts = [cylinder((0, 0, 0), (0, 0, thick), radius, metal, sections=sections)]
    # Steep, so that its rim is no thin edge.
    roof = max(between(rng, 0.2, 0.35) * height, 1.1 * (radius - 0.6 * thick))
    parts.append(cylinder((0, 0, height - thick), (0, 0, height), radius, metal, sections=sections))
    parts.append(
        cylinder(
            (0, 0, height - 0.2 * thick),
            (0, 0, height + roof),
            radius,
            metal,
            end_radius=0.6 * thick,
            sections=sections,
        )
    )
    parts.append(
        torus((0, 0, height + roof + 0.8 * thick), (0, 1, 0), 1.2 * thick, ROUND * thick, metal, sections=16)
    )
    turn = math.pi / corners
    for angle in turn + np.arange(corners) * (2 * math.pi / corners):
        x, y = (radius - 0.7 * thick) * math.cos(angle), (radius - 0.7 * thick) * math.sin(angle)
        parts.append(box((thick, thick, height - thick), (x, y, height / 2), metal))
    size = max(0.32 * width, 0.8 * thick)
    parts.append(cylinder((0, 0, thick / 2), (0, 0, 0.65 * height), 0.6 * size, pick(rng, "light")))
    return parts
