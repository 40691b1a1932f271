"""Generated ships: liners, freighters, tugs, warships, submarines."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.boat_parts import make_house, make_hull
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.parts import (
    THIN,
    Part,
    box,
    capsule,
    cylinder,
    ellipsoid,
    tapered,
)


def make_liner(rng: np.random.Generator) -> list[Part]:
    """Make a ship with rows of cabins and funnels."""
    beam, depth = between(rng, 0.12, 0.17), between(rng, 0.08, 0.12)
    length = between(rng, 0.88, 0.93)
    parts = [make_hull(length, beam, depth, pick(rng, "paint", "dark"), stern=0.75, sheer=0.03, flare=0.8)]
    upper, z = pick(rng, "pale"), -0.01
    front, back = between(rng, -0.28, -0.2), between(rng, 0.3, 0.38)
    wide = 0.92 * beam
    for _ in range(count(rng, 1, 3)):
        rise = between(rng, 0.068, 0.08)
        parts += make_house((wide, back - front, rise), (0.0, (front + back) / 2, z), rng, upper)
        z, front, back = z + rise - 0.003, front + between(rng, 0.02, 0.06), back - between(rng, 0.02, 0.1)
        wide = max(0.92 * wide, 0.1)
    funnel, band = pick(rng, "warning", "paint"), pick(rng, "dark")
    stacks = count(rng, 1, 4)
    for index in range(stacks):
        y = front + 0.08 + index * (back - front - 0.12) / max(stacks, 2)
        top = z + between(rng, 0.1, 0.13)
        parts.append(cylinder((0.0, y, z - 0.02), (0.0, y + 0.02, top), 0.034, funnel, sections=12))
        parts.append(
            cylinder((0.0, y + 0.011, top - THIN), (0.0, y + 0.021, top + 0.004), 0.0355, band, sections=12)
        )
    return parts


def make_cargo(rng: np.random.Generator) -> list[Part]:
    """Make a freighter with containers, round tanks or hatches and cranes."""
    length, beam, depth = between(rng, 0.88, 0.93), between(rng, 0.14, 0.2), between(rng, 0.09, 0.13)
    hull = make_hull(length, beam, depth, pick(rng, "paint", "dark"), stern=0.85, sheer=0.03, flare=0.9)
    bridge = 0.5 * length - 0.09 if chance(rng, 0.75) else -0.5 * length + 0.2
    tall = between(rng, 0.13, 0.2)
    parts = [hull, *make_house((0.9 * beam, 0.09, tall), (0.0, bridge, -0.01), rng, pick(rng, "pale"))]
    parts.append(box((1.05 * beam, THIN, THIN), (0.0, bridge - 0.01, tall - 0.02), pick(rng, "pale")))
    parts.append(
        cylinder(
            (0.0, bridge + 0.06, 0.0), (0.0, bridge + 0.06, tall + 0.03), 0.033, pick(rng, "warning", "paint")
        )
    )
    slots = [-0.29 + 0.115 * index for index in range(6)]
    load = one_of(rng, (_containers, _tank, _hatch))
    for index, y in enumerate(slots):
        if abs(y - bridge) >= 0.105:
            parts += load(rng, y, beam, index)
    return parts


def _containers(rng: np.random.Generator, y: float, beam: float, index: int) -> list[Part]:
    row = max(0.9 * beam / 2, THIN)
    parts = []
    for layer in range(count(rng, 0, 3)):
        for side in (-0.5, 0.5):
            # Each layer a little narrower: parts must not share faces.
            size = (row - 0.002 - 0.003 * layer, 0.108, 0.06)
            at = (side * row, y, (layer + 0.5) * 0.06 - 0.004)
            parts.append(box(size, at, pick(rng, "paint", "warning")))
    return parts


def _tank(rng: np.random.Generator, y: float, beam: float, index: int) -> list[Part]:
    if index % 2:
        return []
    radii = (0.45 * beam, 0.075, between(rng, 0.06, 0.09))
    return [ellipsoid((0.0, y, 0.01), radii, pick(rng, "pale"))]


def _hatch(rng: np.random.Generator, y: float, beam: float, index: int) -> list[Part]:
    hatch = box((0.7 * beam, 0.08, 0.07), (0.0, y, 0.01), pick(rng, "wood", "metal"))
    if index % 2 == 0:
        return [hatch]
    paint, top = pick(rng, "warning"), (0.0, y, between(rng, 0.14, 0.18))
    post = cylinder((0.0, y, 0.0), top, 0.033, paint, sections=8)
    return [hatch, post, cylinder((0.0, y, 0.05), (0.0, y - 0.09, 0.16), 0.033, paint, sections=8)]


def make_tug(rng: np.random.Generator) -> list[Part]:
    """Make a short, high boat with a wheelhouse and a funnel."""
    length, beam, depth = between(rng, 0.7, 0.8), between(rng, 0.26, 0.32), between(rng, 0.14, 0.18)
    hull = make_hull(
        length, beam, depth, pick(rng, "paint", "dark"), stern=0.7, sheer=between(rng, 0.05, 0.1), flare=0.7
    )
    upper = pick(rng, "pale", "warning", "wood")
    first, second = between(rng, 0.1, 0.13), between(rng, 0.1, 0.13)
    y = between(rng, -0.12, -0.04)
    parts = [hull, *make_house((0.62 * beam, 0.3, first), (0.0, y + 0.04, -0.01), rng, upper)]
    parts += make_house((0.5 * beam, 0.15, second), (0.0, y, first - 0.012), rng, upper)
    funnel = between(rng, 0.04, 0.055)
    top = first + between(rng, 0.1, 0.18)
    parts.append(
        cylinder((0.0, y + 0.17, first - 0.03), (0.0, y + 0.17, top), funnel, pick(rng, "paint", "warning"))
    )
    parts.append(
        cylinder(
            (0.0, y, first + second - 0.03),
            (0.0, y, first + second + 0.12),
            0.033,
            pick(rng, "dark"),
            sections=8,
        )
    )
    if chance(rng, 0.7):
        parts.append(box((0.3 * beam, 0.07, 0.07), (0.0, 0.32 * length, 0.02), pick(rng, "dark")))
    return parts


def make_warship(rng: np.random.Generator) -> list[Part]:
    """Make a ship with a stepped superstructure and guns."""
    length, beam, depth = between(rng, 0.9, 0.94), between(rng, 0.12, 0.16), between(rng, 0.07, 0.1)
    paint = pick(rng, "metal")
    parts = [make_hull(length, beam, depth, paint, stern=0.7, sheer=0.04, flare=0.7)]
    z = -0.01
    size = (0.8 * beam, between(rng, 0.24, 0.36))
    for _ in range(count(rng, 2, 3)):
        parts += make_house(
            (max(size[0], 0.07), size[1], 0.066), (0.0, -0.02, z), rng, shaded(paint, between(rng, 0.9, 1.2))
        )
        z, size = z + 0.063, (0.85 * size[0], 0.62 * size[1])
    parts.append(
        cylinder((0.0, 0.0, z - 0.02), (0.0, 0.0, z + between(rng, 0.08, 0.15)), 0.033, paint, sections=8)
    )
    grey = shaded(paint, 0.75)
    for y, way in ((-0.29, -1), (-0.21, -1), (0.3, 1))[:: one_of(rng, (1, -1))][: count(rng, 1, 3)]:
        base = 0.012 if y > -0.25 else 0.02
        parts.append(tapered((0.085, 0.08), (0.065, 0.06), 0.065, (0.0, y, base - 0.02), grey))
        parts.append(
            cylinder((0.0, y, base + 0.02), (0.0, y + way * 0.11, base + 0.035), 0.033, grey, sections=8)
        )
    if chance(rng, 0.5):
        parts.append(box((0.9 * beam, 0.14, THIN), (0.0, 0.5 * length - 0.09, -0.008), pick(rng, "dark")))
    return parts


def make_submarine(rng: np.random.Generator) -> list[Part]:
    """Make a boat with a tower, periscopes and rudders."""
    length, radius, paint = (
        between(rng, 0.9, 0.95),
        between(rng, 0.06, 0.09),
        pick(rng, "dark", "metal", "warning"),
    )
    parts = [capsule((0.0, -length / 2, 0.0), (0.0, length / 2 - 0.1, 0.0), radius, paint, sections=20)]
    parts.append(
        cylinder(
            (0.0, 0.5 * length - 0.22, 0.0), (0.0, 0.5 * length, 0.0), 0.95 * radius, paint, end_radius=0.04
        )
    )
    y, high = between(rng, -0.2, 0.0), between(rng, 0.08, 0.12)
    parts.append(tapered((0.065, 0.2), (0.058, 0.15), radius + high, (0.0, y, 0.0), shaded(paint, 1.1)))
    for place in (-0.04, 0.03)[: count(rng, 1, 2)]:
        top = (0.0, y + place, radius + high + between(rng, 0.04, 0.09))
        parts.append(cylinder((0.0, y + place, radius), top, 0.033, pick(rng, "metal"), sections=8))
    end = 0.5 * length - 0.05
    reach = between(rng, 0.1, 0.13)
    parts.append(box((2 * reach, 0.075, THIN), (0.0, end, 0.0), shaded(paint, 0.85)))
    parts.append(box((THIN, 0.075, 2 * reach * 0.9), (0.0, end, 0.0), shaded(paint, 0.85)))
    if chance(rng, 0.6):
        parts.append(box((2 * reach + 0.04, 0.07, THIN), (0.0, y, radius + 0.5 * high), shaded(paint, 0.85)))
    return parts
