"""Generated rifles: hunting and assault rifles, carbines, shotguns, bullpups, submachine guns, revolvers."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.parts import THIN, Colour, Part, box, cylinder, extrude, mirrored
from ige.shapes.procedural.profiles import band

# The muzzle points to -y. The barrel's axis lies at z = 0; y runs from about -0.55 to 0.45.
_WIDTH = 0.066
_REACH = 0.4  # of the stock's end behind the receiver's


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a long gun, muzzle towards -y, upright."""
    kinds = (_hunting, _assault, _shotgun, _bullpup, _submachine, _sniper, _lever)
    return one_of(rng, kinds)(rng)


def _side(outline: list[tuple[float, float]], colour: Colour, width: float = _WIDTH) -> Part:
    return extrude(outline, -width / 2, width / 2, "x", colour)


def _barrel(start: float, end: float, rng: np.random.Generator, z: float = 0.0) -> list[Part]:
    metal, radius = pick(rng, "dark", "metal"), between(rng, 0.029, 0.034)
    parts = [cylinder((0.0, start, z), (0.0, end, z), radius, metal, sections=12)]
    if chance(rng, 0.4):  # a muzzle brake or a silencer
        size = between(rng, 1.15, 1.5) * radius
        parts.append(
            cylinder((0.0, end + between(rng, 0.02, 0.12), z), (0.0, end - 0.03, z), size, shaded(metal, 0.8))
        )
    elif chance(rng, 0.6):
        parts.append(box((THIN, 0.06, 0.09), (0.0, end + 0.05, z + 0.03), metal))
    return parts


def _guard(y: float, z: float, colour: Colour, size: float = 0.12) -> Part:
    """Make a trigger guard below (y, z): a U-shaped strip, which ends inside the parts above it."""
    strip = [(y, z + 0.02), (y + 0.02, z - 0.075), (y + size, z - 0.075), (y + size + 0.03, z + 0.02)]
    return _side([tuple(point) for point in band(strip, THIN).tolist()], colour, THIN)


def _grip(y: float, z: float, colour: Colour, rng: np.random.Generator) -> Part:
    drop, lean = between(rng, 0.13, 0.17), between(rng, 0.02, 0.06)
    return _side([(y, z), (y + 0.075, z), (y + 0.08 + lean, z - drop), (y + 0.01 + lean, z - drop)], colour)


def _scope(y: float, z: float, rng: np.random.Generator) -> list[Part]:
    dark, length, size = pick(rng, "dark"), between(rng, 0.18, 0.28), between(rng, 0.03, 0.036)
    high = z + 0.065
    front, back = y - length / 2, y + length / 2
    bell = size * between(rng, 1.15, 1.45)
    parts = [cylinder((0.0, front, high), (0.0, back, high), size, dark)]
    parts.append(cylinder((0.0, front + 0.05, high), (0.0, front - 0.02, high), size, dark, end_radius=bell))
    parts.append(cylinder((0.0, back - 0.04, high), (0.0, back + 0.02, high), size, dark, end_radius=bell))
    parts.append(
        cylinder((0.0, front - 0.024, high), (0.0, front + 0.05, high), 0.85 * bell, pick(rng, "glass"))
    )
    for place in (front + 0.07, back - 0.07):
        parts.append(box((THIN, THIN, high - z + 0.02), (0.0, place, (high + z) / 2), shaded(dark, 0.8)))
    return parts


def _sights(y: float, z: float, rng: np.random.Generator, share: float) -> list[Part]:
    if chance(rng, share):
        return _scope(y, z, rng)
    if chance(rng, 0.5):  # a carrying handle
        strip = [(y - 0.1, z - 0.01), (y - 0.07, z + 0.075), (y + 0.07, z + 0.075), (y + 0.1, z - 0.01)]
        return [_side([tuple(point) for point in band(strip, THIN).tolist()], pick(rng, "dark"), THIN)]
    return [box((THIN, 0.06, 0.08), (0.0, y, z + 0.02), pick(rng, "dark"))]


def _magazine(y: float, z: float, rng: np.random.Generator) -> Part:
    metal = pick(rng, "dark", "metal")
    drop, kind = between(rng, 0.12, 0.2), one_of(rng, ("straight", "curved", "drum"))
    if kind == "drum":
        centre = z - 0.09
        return cylinder(
            (-0.036, y + 0.04, centre),
            (0.036, y + 0.04, centre),
            between(rng, 0.075, 0.095),
            metal,
            sections=20,
        )
    bend = between(rng, 0.25, 0.5) * drop if kind == "curved" else between(rng, -0.01, 0.03)
    path = [(y + 0.04 - bend * share**2, z + 0.03 - (drop + 0.03) * share) for share in (0.0, 0.35, 0.7, 1.0)]
    strip = band(path, between(rng, 0.065, 0.09))
    return _side([tuple(point) for point in strip.tolist()], metal, THIN)


def _stock(y: float, rng: np.random.Generator, colour: Colour, length: float) -> list[Part]:
    """Make a shoulder stock behind a receiver that ends at y: solid, cut out, skeletal or telescopic."""
    end = y + length
    drop = between(rng, 0.02, 0.05)
    kind = one_of(rng, ("solid", "cut", "wire", "tube"))
    if kind == "solid":
        return [
            _side(
                [(y - 0.02, 0.02), (end, 0.02 - drop / 2), (end + 0.01, -0.12 - drop), (y - 0.02, -0.055)],
                colour,
            )
        ]
    if kind == "cut":
        outer = [
            (y - 0.02, 0.02),
            (end, 0.01),
            (end, -0.14),
            (end - 0.07, -0.14),
            (end - 0.07, -0.065),
            (y - 0.02, -0.055),
        ]
        return [_side(outer, colour)]
    if kind == "wire":
        strip = [(y - 0.02, 0.0), (end - 0.028, -0.0), (end - 0.028, -0.13), (y - 0.02, -0.05 - drop)]
        return [_side([tuple(point) for point in band(strip, THIN).tolist()], colour, THIN)]
    rod = cylinder((0.0, y - 0.03, -0.01), (0.0, end - 0.02, -0.01), 0.03, colour, sections=10)
    plate = [(end - 0.1, 0.03), (end, 0.03), (end, -0.13), (end - THIN, -0.13)]
    return [rod, _side(plate, shaded(colour, 0.85))]


def _wooden_stock(y: float, front: float, rng: np.random.Generator, colour: Colour) -> Part:
    """Make a one-piece stock: shoulder end, wrist and fore-end up to `front`."""
    end, wrist, drop = y + between(rng, 0.28, 0.34), y + 0.06, between(rng, 0.05, 0.08)
    return _side(
        [
            (front, -0.005), (y, -0.005), (wrist + 0.02, -0.035), (end - 0.01, -0.035 - 0.3 * drop),
            (end, -0.13 - drop), (wrist + 0.1, -0.115 - 0.4 * drop), (wrist + 0.02, -0.105), (y - 0.05, -0.075),
            (front, -0.065),
        ],
        colour,
    )  # fmt: skip


def _hunting(rng: np.random.Generator) -> list[Part]:
    wood, metal = pick(rng, "wood"), pick(rng, "metal", "dark")
    y = between(rng, 0.08, 0.16)
    parts = [
        _wooden_stock(y, between(rng, -0.3, -0.1), rng, wood),
        *_barrel(0.0, between(rng, -0.56, -0.44), rng),
    ]
    parts.append(cylinder((0.0, y + 0.02, 0.006), (0.0, -0.14, 0.006), 0.036, metal))
    parts.append(cylinder((0.0, y - 0.02, 0.01), (0.095, y - 0.02, -0.02), 0.029, metal, sections=8))
    parts.append(_guard(y - 0.12, -0.07, metal))
    parts += _sights(y - 0.1, 0.03, rng, 0.6)
    if chance(rng, 0.4):
        parts.append(_magazine(y - 0.2, -0.06, rng))
    return parts


def _sniper(rng: np.random.Generator) -> list[Part]:
    colour, metal = pick(rng, "fabric", "dark"), pick(rng, "dark")
    y = between(rng, 0.06, 0.14)
    parts = [_side([(-0.18, 0.035), (y, 0.035), (y, -0.06), (-0.18, -0.05)], metal)]
    parts += [
        *_barrel(0.0, between(rng, -0.58, -0.5), rng),
        *_stock(y, rng, colour, between(rng, 0.26, 0.34)),
    ]
    parts += [
        *_scope(y - 0.1, 0.035, rng),
        _grip(y - 0.07, -0.03, colour, rng),
        _magazine(y - 0.21, -0.05, rng),
    ]
    front = between(rng, -0.34, -0.26)
    leg = cylinder(
        (0.0, front, -0.01), (between(rng, 0.07, 0.12), front - 0.02, -0.2), 0.029, metal, sections=8
    )
    return [*parts, leg, mirrored(leg)]


def _assault(rng: np.random.Generator) -> list[Part]:
    metal, furniture = pick(rng, "dark", "metal"), pick(rng, "wood", "dark", "fabric")
    y = between(rng, 0.1, 0.18)
    start = between(rng, -0.16, -0.08)
    parts = [_side([(start, 0.04), (y, 0.045), (y, -0.04), (y - 0.08, -0.06), (start, -0.05)], metal)]
    guard = between(rng, 0.16, 0.24)
    parts.append(_side([(start - guard, 0.03), (start + 0.01, 0.036), (start + 0.01, -0.05), (start - guard, -0.036)],
                       furniture, between(rng, 0.066, 0.08)))  # fmt: skip
    parts += [
        *_barrel(start, start - guard - between(rng, 0.08, 0.18), rng),
        _grip(y - 0.07, -0.03, furniture, rng),
    ]
    parts += [_magazine(y - 0.24, -0.045, rng), *_stock(y, rng, furniture, between(rng, 0.2, 0.3))]
    parts += _sights(between(rng, 0.0, 0.06), 0.045, rng, 0.4)
    if chance(rng, 0.3):
        parts.append(_grip(start - 0.14, -0.03, furniture, rng))
    return parts


def _shotgun(rng: np.random.Generator) -> list[Part]:
    wood, metal = pick(rng, "wood", "dark"), pick(rng, "metal", "dark")
    y, front = between(rng, 0.1, 0.16), between(rng, -0.54, -0.44)
    parts = [
        _side(
            [(y - 0.22, 0.036), (y, 0.03), (y + 0.02, -0.05), (y - 0.04, -0.085), (y - 0.22, -0.085)], metal
        )
    ]
    if chance(rng, 0.4):  # two barrels side by side
        tube = cylinder((0.026, y - 0.15, 0.0), (0.026, front, 0.0), 0.03, metal, sections=12)
        parts += [tube, mirrored(tube)]
    else:
        parts.append(cylinder((0.0, y - 0.15, 0.004), (0.0, front, 0.004), 0.031, metal, sections=12))
        parts.append(
            cylinder(
                (0.0, y - 0.15, -0.05),
                (0.0, front + between(rng, 0.04, 0.14), -0.05),
                0.029,
                metal,
                sections=12,
            )
        )
    slide = between(rng, -0.3, -0.2)
    parts.append(box((0.08, between(rng, 0.14, 0.2), 0.075), (0.0, slide, -0.055), wood))
    end, drop = y + between(rng, 0.26, 0.32), between(rng, 0.04, 0.08)
    parts.append(
        _side(
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
    return [*parts, _guard(y - 0.12, -0.08, metal)]


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
    parts = [_side(body, shell, between(rng, 0.07, 0.085)), *_barrel(-0.1, between(rng, -0.5, -0.36), rng)]
    parts += [
        _grip(-0.06, -0.05, shell, rng),
        _guard(-0.2, -0.04, shell, 0.13),
        _magazine(end - 0.24, -0.08, rng),
    ]
    if chance(rng, 0.5):
        return [*parts, *_scope(0.04, high, rng)]
    strip = band([(-0.14, high - 0.02), (-0.08, high + 0.07), (0.14, high + 0.07), (0.2, high - 0.02)], THIN)
    return [*parts, _side([tuple(point) for point in strip.tolist()], metal, THIN)]


def _submachine(rng: np.random.Generator) -> list[Part]:
    metal = pick(rng, "dark", "metal")
    y, start = between(rng, 0.14, 0.2), between(rng, -0.22, -0.14)
    if chance(rng, 0.5):
        parts = [
            _side([(start, 0.05), (y, 0.05), (y, -0.05), (start, -0.05)], metal, between(rng, 0.07, 0.09))
        ]
    else:
        parts = [cylinder((0.0, start, 0.0), (0.0, y, 0.0), between(rng, 0.045, 0.055), metal, sections=18)]
    parts += [
        *_barrel(start + 0.02, start - between(rng, 0.08, 0.2), rng),
        _grip(y - 0.14, -0.03, pick(rng, "dark"), rng),
    ]
    parts += [_magazine(y - 0.32, -0.03, rng), _guard(y - 0.24, -0.03, metal, 0.11)]
    parts += _stock(y, rng, metal, between(rng, 0.18, 0.26))
    return [*parts, *_sights(y - 0.12, 0.045, rng, 0.15)]


def _lever(rng: np.random.Generator) -> list[Part]:
    wood, metal = pick(rng, "wood"), pick(rng, "gold", "metal")
    y = between(rng, 0.06, 0.12)
    parts = [
        _side([(y - 0.2, 0.034), (y, 0.034), (y + 0.04, -0.05), (y, -0.075), (y - 0.2, -0.075)], metal, 0.07)
    ]
    parts += _barrel(y - 0.15, between(rng, -0.56, -0.48), rng)
    parts.append(
        cylinder(
            (0.0, y - 0.15, -0.052), (0.0, between(rng, -0.42, -0.34), -0.052), 0.029, metal, sections=12
        )
    )
    parts.append(box((0.075, between(rng, 0.16, 0.22), 0.09), (0.0, y - 0.28, -0.028), wood))
    end = y + between(rng, 0.3, 0.36)
    parts.append(
        _side(
            [(y, 0.02), (y + 0.08, -0.01), (end, -0.05), (end + 0.01, -0.2), (y + 0.14, -0.12), (y, -0.07)],
            wood,
        )
    )
    loop = [(y - 0.06, -0.06), (y - 0.05, -0.15), (y + 0.08, -0.17), (y + 0.15, -0.13), (y + 0.11, -0.08)]
    for _ in range(count(rng, 0, 1)):
        parts += _scope(y - 0.1, 0.034, rng)
    return [*parts, _side([tuple(point) for point in band(loop, THIN).tolist()], metal, THIN)]
