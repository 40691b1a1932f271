"""Parts that generated rifles share: barrels, stocks, grips, magazines, sights."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, one_of
from ige.shapes.procedural.parts import THIN, Colour, Part, box, cylinder, extrude
from ige.shapes.procedural.profiles import band

# The muzzle points to -y. The barrel's axis lies at z = 0; y runs from about -0.55 to 0.45.
_WIDTH = 0.066


def make_side(outline: list[tuple[float, float]], colour: Colour, width: float = _WIDTH) -> Part:
    """Make a slab about x = 0 from its outline (y, z)."""
    return extrude(outline, -width / 2, width / 2, "x", colour)


def make_barrel(start: float, end: float, rng: np.random.Generator, z: float = 0.0) -> list[Part]:
    """Make a barrel from y to y at height z, with a brake, a silencer or a sight at its end."""
    metal, radius = pick(rng, "dark", "metal"), between(rng, 0.034, 0.039)
    parts = [cylinder((0.0, start, z), (0.0, end, z), radius, metal, sections=26)]
    if chance(rng, 0.4):  # a muzzle brake or a silencer
        size = between(rng, 1.15, 1.5) * radius
        parts.append(
            cylinder((0.0, end + between(rng, 0.03, 0.12), z), (0.0, end - 0.04, z), size, shaded(metal, 0.8))
        )
    elif chance(rng, 0.6):
        parts.append(box((THIN, 0.06, 0.09), (0.0, end + 0.05, z + 0.03), metal))
    return parts


def make_guard(y: float, z: float, colour: Colour, size: float = 0.12) -> Part:
    """Make a trigger guard below (y, z): a U-shaped strip, which ends inside the parts above it."""
    strip = [(y, z + 0.02), (y + 0.02, z - 0.075), (y + size, z - 0.075), (y + size + 0.03, z + 0.02)]
    return make_side([tuple(point) for point in band(strip, THIN).tolist()], colour, THIN)


def make_grip(y: float, z: float, colour: Colour, rng: np.random.Generator) -> Part:
    """Make a grip below (y, z)."""
    drop, lean = between(rng, 0.13, 0.17), between(rng, 0.02, 0.06)
    return make_side(
        [(y, z), (y + 0.075, z), (y + 0.08 + lean, z - drop), (y + 0.01 + lean, z - drop)], colour
    )


def make_scope(y: float, z: float, rng: np.random.Generator) -> list[Part]:
    """Make a telescope above (y, z) on two mounts."""
    dark, length, size = pick(rng, "dark"), between(rng, 0.18, 0.28), between(rng, 0.034, 0.039)
    high = z + 0.065
    front, back = y - length / 2, y + length / 2
    bell = size * between(rng, 1.15, 1.45)
    parts = [cylinder((0.0, front, high), (0.0, back, high), size, dark)]
    parts.append(cylinder((0.0, front + 0.06, high), (0.0, front - 0.02, high), size, dark, end_radius=bell))
    parts.append(cylinder((0.0, back - 0.06, high), (0.0, back + 0.02, high), size, dark, end_radius=bell))
    parts.append(
        cylinder((0.0, front - 0.024, high), (0.0, front + 0.05, high), 0.85 * bell, pick(rng, "glass"))
    )
    for place in (front + 0.07, back - 0.07):
        parts.append(box((THIN, THIN, high - z + 0.02), (0.0, place, (high + z) / 2), shaded(dark, 0.8)))
    return parts


def make_sights(y: float, z: float, rng: np.random.Generator, share: float) -> list[Part]:
    """Make a telescope for this share of the draws, else a carrying handle or a plain sight."""
    if chance(rng, share):
        return make_scope(y, z, rng)
    if chance(rng, 0.5):  # a carrying handle
        strip = [(y - 0.1, z - 0.01), (y - 0.07, z + 0.075), (y + 0.07, z + 0.075), (y + 0.1, z - 0.01)]
        return [make_side([tuple(point) for point in band(strip, THIN).tolist()], pick(rng, "dark"), THIN)]
    return [box((THIN, 0.06, 0.08), (0.0, y, z + 0.02), pick(rng, "dark"))]


def make_magazine(y: float, z: float, rng: np.random.Generator) -> Part:
    """Make a magazine below (y, z): straight, curved or a drum."""
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
    return make_side([tuple(point) for point in strip.tolist()], metal, THIN)


def make_stock(y: float, rng: np.random.Generator, colour: Colour, length: float) -> list[Part]:
    """Make a shoulder stock behind a receiver that ends at y: solid, cut out, skeletal or telescopic."""
    end = y + length
    drop = between(rng, 0.02, 0.05)
    kind = one_of(rng, ("solid", "cut", "wire", "tube"))
    if kind == "solid":
        return [
            make_side(
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
        return [make_side(outer, colour)]
    if kind == "wire":
        strip = [(y - 0.02, 0.0), (end - 0.028, -0.0), (end - 0.028, -0.13), (y - 0.02, -0.05 - drop)]
        return [make_side([tuple(point) for point in band(strip, THIN).tolist()], colour, THIN)]
    rod = cylinder((0.0, y - 0.03, -0.01), (0.0, end - 0.02, -0.01), 0.033, colour, sections=10)
    plate = [(end - 0.1, 0.03), (end, 0.03), (end, -0.13), (end - 1.2 * THIN, -0.13)]
    return [rod, make_side(plate, shaded(colour, 0.85))]


def make_wooden_stock(y: float, front: float, rng: np.random.Generator, colour: Colour) -> Part:
    """Make a one-piece stock: shoulder end, wrist and fore-end up to `front`."""
    end, wrist, drop = y + between(rng, 0.28, 0.34), y + 0.06, between(rng, 0.05, 0.08)
    return make_side(
        [
            (front, -0.005),
            (y, -0.005),
            (wrist + 0.02, -0.035),
            (end - 0.01, -0.035 - 0.3 * drop),
            (end, -0.13 - drop),
            (wrist + 0.1, -0.115 - 0.4 * drop),
            (wrist + 0.02, -0.105),
            (y - 0.05, -0.075),
            (front, -0.065),
        ],
        colour,
    )
