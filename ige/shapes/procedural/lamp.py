"""Lamps: of tables and floors, tripods, arcs, torches; and those of `desk_lamps` and `hanging_lamps`."""

from __future__ import annotations

import math

import numpy as np

from ige.shapes.procedural import desk_lamps, hanging_lamps, lamp_parts, legs
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import ROUND, beam, least
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import (
    Colour,
    Part,
    cylinder,
    ellipsoid,
    lathe,
    tapered,
    torus,
    tube,
)


def build(rng: np.random.Generator) -> list[Part]:
    """Draw a lamp; its parts in metres."""
    maker = one_of(
        rng,
        (_table,) * 4
        + (desk_lamps.two_arms,) * 3
        + (_floor,) * 3
        + (
            hanging_lamps.pendant,
            hanging_lamps.pendant,
            _tripod,
            _arc,
            hanging_lamps.chandelier,
            hanging_lamps.cluster,
            desk_lamps.gooseneck,
            hanging_lamps.lantern,
            _torch,
        ),
    )
    return maker(rng)


def _table(rng: np.random.Generator) -> list[Part]:
    """Make a turned body with a shade on it."""
    height, width = between(rng, 0.42, 0.65), between(rng, 0.26, 0.42)
    thick = least(width, width, height)
    colour, radius = pick(rng, "paint", "metal", "gold", "wood", "pale", "glass"), ROUND * thick
    top, wide = height * between(rng, 0.5, 0.62), width * between(rng, 0.24, 0.4)
    base = width * between(rng, 0.25, 0.38)
    kind = one_of(rng, ("vase", "ball", "stick", "cone", "stack", "block", "hourglass"))
    parts = _body(rng, kind, wide, top, (base, thick), colour)
    parts.append(cylinder((0, 0, 0.2 * top), (0, 0, top + 0.5 * (height - top)), radius, shaded(colour, 0.7)))
    if kind != "stick" and chance(rng, 0.4):
        parts.append(cylinder((0, 0, 0), (0, 0, thick), base, shaded(colour, 0.6), sections=20))
    form = one_of(rng, lamp_parts.SHADES)
    size = (height - top) / 2 if form == "globe" else width / 2
    return parts + lamp_parts.shade(rng, form, size, height - top, (0, 0, top), thick, lamp_parts.glow(rng))


def _body(
    rng: np.random.Generator, kind: str, wide: float, top: float, foot: tuple[float, float], colour: Colour
) -> list[Part]:
    """Make the body of a table lamp, up to `top`; `foot` is the radius and height of that of a stick."""
    base, thick = foot
    radius = ROUND * thick
    if kind == "block":
        side = 1.5 * wide
        return [tapered((side, side), (side * between(rng, 0.6, 1.0),) * 2, top, (0, 0, 0), colour)]
    if kind == "ball":
        return [ellipsoid((0, 0, wide), (wide, wide, wide), colour)]
    if kind == "stack":
        return [
            ellipsoid((0, 0, top * share), (wide * size, wide * size, 0.2 * top), colour)
            for share, size in ((0.2, 1.0), (0.5, 0.85), (0.8, 0.7))
        ]
    rows = {
        "vase": [
            (0.7 * wide, 0),
            (wide, 0.3 * top),
            (1.05 * wide, 0.5 * top),
            (0.6 * wide, 0.8 * top),
            (radius, top),
        ],
        "stick": [(base, 0), (base, thick), (radius, 1.3 * thick), (radius, top)],
        "cone": [(min(1.2 * wide, 0.8 * top), 0), (wide, 0.06), (radius, top)],
        "hourglass": [
            (min(wide, 0.4 * top), 0),
            (radius, 0.45 * top),
            (0.8 * wide, 0.9 * top),
            (radius, top),
        ],
    }[kind]
    return [lathe([(max(r, radius), z) for r, z in rows], colour, sections=18)]


def _floor(rng: np.random.Generator) -> list[Part]:
    """Make a pole with a shade on top."""
    height, width = between(rng, 1.25, 1.6), between(rng, 0.38, 0.55)
    thick = least(width, width, height)
    colour = pick(rng, "metal", "dark", "gold", "wood", "pale")
    radius = ROUND * thick * between(rng, 1.0, 1.15)
    high = between(rng, 0.24, 0.4)
    parts = [lamp_parts.foot(rng, between(rng, 0.14, 0.2), thick, colour)]
    if chance(rng, 0.25):
        parts = legs.star(
            Stand(width, width, 0.2, thick, colour), count(rng, 3, 4), 0.45 * width, 1.8, wheels=False
        )
    parts.append(cylinder((0, 0, thick / 2), (0, 0, height - 0.5 * high), radius, colour))
    if chance(rng, 0.3):
        level = between(rng, 0.4, 0.6) * height
        parts.append(
            cylinder(
                (0, 0, level),
                (0, 0, level + thick),
                between(rng, 0.12, 0.2),
                pick(rng, "wood", "metal"),
                sections=20,
            )
        )
    if chance(rng, 0.2):
        side = between(rng, 0.2, 0.3)
        parts.append(cylinder((0, 0, 0.55 * height), (side, -0.1, 0.7 * height), radius, colour))
        parts += lamp_parts.shade(
            rng, "cone", 0.11, 0.14, (side, -0.1, 0.66 * height), thick, shaded(colour, 1.2)
        )
    form = one_of(rng, lamp_parts.SHADES)
    size, level = (0.42 * width, height - 0.84 * width) if form == "globe" else (width / 2, height - high)
    return parts + lamp_parts.shade(rng, form, size, high, (0, 0, level), thick, lamp_parts.glow(rng))


def _torch(rng: np.random.Generator) -> list[Part]:
    """Make a pole with a bowl that opens upwards, or a column of light."""
    height = between(rng, 1.1, 1.5)
    thick = least(0.36, 0.36, height)
    colour, radius = pick(rng, "metal", "dark", "gold", "pale"), ROUND * thick
    if chance(rng, 0.4):
        size = between(rng, 0.09, 0.15)
        sections = one_of(rng, (4, 6, 18))
        parts = [cylinder((0, 0, 0), (0, 0, 1.2 * thick), 1.3 * size, colour, sections=sections)]
        parts.append(cylinder((0, 0, thick), (0, 0, height), size, lamp_parts.glow(rng), sections=sections))
        if chance(rng, 0.6):
            parts.append(
                cylinder(
                    (0, 0, height - thick),
                    (0, 0, height + 0.3 * thick),
                    1.15 * size,
                    colour,
                    sections=sections,
                )
            )
        return parts
    size, high = between(rng, 0.15, 0.2), between(rng, 0.14, 0.26)
    parts = [lamp_parts.foot(rng, between(rng, 0.13, 0.18), thick, colour)]
    parts.append(cylinder((0, 0, thick / 2), (0, 0, height - 0.6 * high), radius, colour))
    rows = [
        (radius, height - high),
        (0.75 * size, height - 0.7 * high),
        (size, height),
        (0.85 * size, height + 0.01),
    ]
    return [*parts, lathe(rows, lamp_parts.glow(rng), sections=20)]


def _tripod(rng: np.random.Generator) -> list[Part]:
    """Make three long legs that meet under a shade."""
    height, width = between(rng, 0.9, 1.4), between(rng, 0.45, 0.6)
    thick = least(width, width, height)
    colour, high, out = pick(rng, "wood", "wood", "dark", "metal"), between(rng, 0.26, 0.4), 0.5 * width
    meet = height - high
    turn = between(rng, 0.0, 2.0)
    parts = []
    square = chance(rng, 0.4)
    for angle in turn + np.arange(3) * (2 * math.pi / 3):
        bottom = (out * math.cos(angle), out * math.sin(angle), 0.0)
        top = (0.25 * thick * math.cos(angle), 0.25 * thick * math.sin(angle), meet)
        if square:
            parts.append(beam(bottom, top, (1.15 * thick, 1.15 * thick), colour))
        else:
            parts.append(cylinder(bottom, top, ROUND * 1.05 * thick, colour, sections=12))
    metal = pick(rng, "metal", "gold", "dark")
    parts.append(cylinder((0, 0, meet - thick), (0, 0, meet + 0.5 * high), ROUND * 1.3 * thick, metal))
    if chance(rng, 0.3):
        parts.append(torus((0, 0, 0.4 * meet), (0, 0, 1), 0.62 * out, ROUND * thick, metal))
    kind = one_of(rng, ("cone", "drum", "shell", "drum", "globe", "dome"))
    return parts + lamp_parts.shade(
        rng,
        kind,
        0.5 * high if kind == "globe" else 0.45 * width,
        high,
        (0, 0, meet),
        thick,
        lamp_parts.glow(rng),
    )


def _arc(rng: np.random.Generator) -> list[Part]:
    """Make a bow that carries a shade out to the front."""
    height, reach = between(rng, 1.2, 1.5), between(rng, 0.6, 0.95)
    thick = 1.03 * least(0.4, reach + 0.3, height)
    colour, radius = pick(rng, "metal", "dark", "gold"), ROUND * thick
    back = reach / 2
    parts = [
        cylinder(
            (0, back, 0),
            (0, back, 1.3 * thick),
            between(rng, 0.14, 0.18),
            pick(rng, "pale", "dark", "wood"),
            sections=20,
        )
    ]
    angles = np.linspace(0.0, between(rng, 2.5, 2.9), 10)
    rise = height - radius - 0.45 * height
    path = [
        (0.0, back, thick),
        *[(0.0, reach / 2 * math.cos(a), 0.45 * height + rise * math.sin(a)) for a in angles],
    ]
    parts.append(tube(path, radius, colour, sections=12))
    _, y, z = path[-1]
    kind, size = one_of(rng, ("dome", "globe", "cone", "bell", "drum")), between(rng, 0.15, 0.2)
    high = 2 * size if kind == "globe" else between(rng, 0.16, 0.24)
    return parts + lamp_parts.shade(
        rng, kind, size, high, (0, y, z - 0.75 * high), thick, lamp_parts.glow(rng)
    )
