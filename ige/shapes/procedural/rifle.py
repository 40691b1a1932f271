"""Generated rifles: for hunting, assault and sniper rifles, shotguns, bullpups, submachine guns."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.parts import THIN, Part, box, cylinder, mirrored
from ige.shapes.procedural.profiles import band
from ige.shapes.procedural.rifle_parts import (
    make_barrel,
    make_grip,
    make_guard,
    make_magazine,
    make_scope,
    make_side,
    make_sights,
    make_stock,
    make_wooden_stock,
)


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a long gun, muzzle towards -y, upright."""
    kinds = (_hunting, _assault, _shotgun, _bullpup, _submachine, _sniper, _lever)
    return one_of(rng, kinds)(rng)


def _hunting(rng: np.random.Generator) -> list[Part]:
    wood, metal = pick(rng, "wood"), pick(rng, "metal", "dark")
    y = between(rng, 0.08, 0.16)
    parts = [
        make_wooden_stock(y, between(rng, -0.3, -0.1), rng, wood),
        *make_barrel(0.0, between(rng, -0.56, -0.44), rng),
    ]
    parts.append(cylinder((0.0, y + 0.02, 0.006), (0.0, -0.14, 0.006), 0.036, metal))
    parts.append(cylinder((0.0, y - 0.02, 0.01), (0.095, y - 0.02, -0.02), 0.033, metal, sections=12))
    parts.append(make_guard(y - 0.12, -0.07, metal))
    parts += make_sights(y - 0.1, 0.03, rng, 0.6)
    if chance(rng, 0.4):
        parts.append(make_magazine(y - 0.2, -0.06, rng))
    return parts


def _sniper(rng: np.random.Generator) -> list[Part]:
    colour, metal = pick(rng, "fabric", "dark"), pick(rng, "dark")
    y = between(rng, 0.06, 0.14)
    parts = [make_side([(-0.18, 0.035), (y, 0.035), (y, -0.06), (-0.18, -0.05)], metal)]
    parts += [
        *make_barrel(0.0, between(rng, -0.58, -0.5), rng),
        *make_stock(y, rng, colour, between(rng, 0.26, 0.34)),
    ]
    parts += [
        *make_scope(y - 0.1, 0.035, rng),
        make_grip(y - 0.07, -0.033, colour, rng),
        make_magazine(y - 0.21, -0.05, rng),
    ]
    front = between(rng, -0.34, -0.26)
    leg = cylinder(
        (0.0, front, -0.01), (between(rng, 0.07, 0.12), front - 0.02, -0.2), 0.033, metal, sections=12
    )
    return [*parts, leg, mirrored(leg)]


def _assault(rng: np.random.Generator) -> list[Part]:
    metal, furniture = pick(rng, "dark", "metal"), pick(rng, "wood", "dark", "fabric")
    y = between(rng, 0.1, 0.18)
    start = between(rng, -0.16, -0.08)
    parts = [make_side([(start, 0.04), (y, 0.045), (y, -0.04), (y - 0.08, -0.06), (start, -0.05)], metal)]
    guard = between(rng, 0.16, 0.24)
    parts.append(
        make_side(
            [(start - guard, 0.03), (start + 0.01, 0.036), (start + 0.01, -0.05), (start - guard, -0.036)],
            furniture,
            between(rng, 0.066, 0.08),
        )
    )
    parts += [
        *make_barrel(start, start - guard - between(rng, 0.08, 0.18), rng),
        make_grip(y - 0.07, -0.033, furniture, rng),
    ]
    parts += [make_magazine(y - 0.24, -0.045, rng), *make_stock(y, rng, furniture, between(rng, 0.2, 0.3))]
    parts += make_sights(between(rng, 0.0, 0.06), 0.045, rng, 0.4)
    if chance(rng, 0.3):
        parts.append(make_grip(start - 0.14, -0.033, furniture, rng))
    return parts


def _shotgun(rng: np.random.Generator) -> list[Part]:
    wood, metal = pick(rng, "wood", "dark"), pick(rng, "metal", "dark")
    y, front = between(rng, 0.1, 0.16), between(rng, -0.54, -0.44)
    parts = [
        make_side(
            [(y - 0.22, 0.036), (y, 0.03), (y + 0.02, -0.05), (y - 0.04, -0.085), (y - 0.22, -0.085)], metal
        )
    ]
    if chance(rng, 0.4):  # two barrels side by side
        tube = cylinder((0.03, y - 0.15, 0.0), (0.03, front, 0.0), 0.033, metal, sections=20)
        parts += [tube, mirrored(tube)]
    else:
        parts.append(cylinder((0.0, y - 0.15, 0.004), (0.0, front, 0.004), 0.033, metal, sections=20))
        parts.append(
            cylinder(
                (0.0, y - 0.15, -0.05),
                (0.0, front + between(rng, 0.04, 0.14), -0.05),
                0.033,
                metal,
                sections=20,
            )
        )
    slide = between(rng, -0.3, -0.2)
    parts.append(box((0.08, between(rng, 0.14, 0.2), 0.075), (0.0, slide, -0.055), wood))
    end, drop = y + between(rng, 0.26, 0.32), between(rng, 0.04, 0.08)
    parts.append(
        make_side(
            [
                (y - 0.01, 0.01),
                (end, -0.02 - drop),
                (end + 0.005, -0.15 - drop),
                (y + 0.12, -0.11),
                (y - 0.01, -0.075),
            ],
            wood,
        )
    )
    return [*parts, make_guard(y - 0.12, -0.08, metal)]


def _bullpup(rng: np.random.Generator) -> list[Part]:
    shell, metal = pick(rng, "dark", "fabric"), pick(rng, "dark", "metal")
    end, high = between(rng, 0.34, 0.4), between(rng, 0.04, 0.06)
    body = [
        (-0.24, 0.03),
        (-0.1, high),
        (end, high),
        (end, -0.13),
        (end - 0.14, -0.1),
        (0.0, -0.07),
        (-0.24, -0.05),
    ]
    parts = [
        make_side(body, shell, between(rng, 0.07, 0.085)),
        *make_barrel(-0.1, between(rng, -0.5, -0.36), rng),
    ]
    parts += [
        make_grip(-0.06, -0.05, shell, rng),
        make_guard(-0.2, -0.04, shell, 0.13),
        make_magazine(end - 0.24, -0.08, rng),
    ]
    if chance(rng, 0.5):
        return [*parts, *make_scope(0.04, high, rng)]
    strip = band([(-0.14, high - 0.02), (-0.08, high + 0.07), (0.14, high + 0.07), (0.2, high - 0.02)], THIN)
    return [*parts, make_side([tuple(point) for point in strip.tolist()], metal, THIN)]


def _submachine(rng: np.random.Generator) -> list[Part]:
    metal = pick(rng, "dark", "metal")
    y, start = between(rng, 0.14, 0.2), between(rng, -0.22, -0.14)
    if chance(rng, 0.5):
        parts = [
            make_side([(start, 0.05), (y, 0.05), (y, -0.05), (start, -0.05)], metal, between(rng, 0.07, 0.09))
        ]
    else:
        parts = [cylinder((0.0, start, 0.0), (0.0, y, 0.0), between(rng, 0.045, 0.055), metal, sections=18)]
    parts += [
        *make_barrel(start + 0.02, start - between(rng, 0.08, 0.2), rng),
        make_grip(y - 0.14, -0.033, pick(rng, "dark"), rng),
    ]
    parts += [make_magazine(y - 0.32, -0.03, rng), make_guard(y - 0.24, -0.033, metal, 0.11)]
    parts += make_stock(y, rng, metal, between(rng, 0.18, 0.26))
    return [*parts, *make_sights(y - 0.12, 0.045, rng, 0.15)]


def _lever(rng: np.random.Generator) -> list[Part]:
    wood, metal = pick(rng, "wood"), pick(rng, "gold", "metal")
    y = between(rng, 0.06, 0.12)
    parts = [
        make_side(
            [(y - 0.2, 0.034), (y, 0.034), (y + 0.04, -0.05), (y, -0.075), (y - 0.2, -0.075)], metal, 0.07
        )
    ]
    parts += make_barrel(y - 0.15, between(rng, -0.56, -0.48), rng)
    parts.append(
        cylinder(
            (0.0, y - 0.15, -0.052), (0.0, between(rng, -0.42, -0.34), -0.052), 0.033, metal, sections=20
        )
    )
    parts.append(box((0.075, between(rng, 0.16, 0.22), 0.09), (0.0, y - 0.28, -0.028), wood))
    end = y + between(rng, 0.3, 0.36)
    parts.append(
        make_side(
            [(y, 0.02), (y + 0.08, -0.01), (end, -0.05), (end + 0.01, -0.2), (y + 0.14, -0.12), (y, -0.07)],
            wood,
        )
    )
    loop = [(y - 0.06, -0.06), (y - 0.05, -0.15), (y + 0.08, -0.17), (y + 0.15, -0.13), (y + 0.11, -0.08)]
    for _ in range(count(rng, 0, 1)):
        parts += make_scope(y - 0.1, 0.034, rng)
    return [*parts, make_side([tuple(point) for point in band(loop, THIN).tolist()], metal, THIN)]
