"""Generated watercraft: rowing and sailing boats, yachts, ships, catamarans, tugs, submarines."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.boat_parts import make_house, make_hull
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.parts import (
    THIN,
    Part,
    box,
    cylinder,
    ellipsoid,
    extrude,
    mirrored,
    moved,
    turned,
)
from ige.shapes.procedural.ships import make_cargo, make_liner, make_submarine, make_tug, make_warship


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a boat or ship, bow towards -y."""
    kinds = (
        _rowing,
        _sailing,
        _yacht,
        make_liner,
        make_cargo,
        _catamaran,
        make_tug,
        make_warship,
        make_submarine,
    )
    return one_of(rng, kinds)(rng)


def _rowing(rng: np.random.Generator) -> list[Part]:
    beam, depth = between(rng, 0.24, 0.34), between(rng, 0.13, 0.17)
    wood = pick(rng, "wood", "paint")
    length, oars = between(rng, 0.84, 0.9), chance(rng, 0.6)
    if oars:
        length = between(rng, 0.66, 0.74)
    parts = [
        make_hull(
            length,
            beam,
            depth,
            wood,
            stern=between(rng, 0.15, 0.85),
            sheer=between(rng, 0.0, 0.06),
            hollow=depth - 1.1 * THIN,
        )
    ]
    bench = pick(rng, "wood")
    for y in (-0.06, 0.08, 0.22)[: count(rng, 1, 3)]:
        parts.append(box((0.72 * beam, 0.07, THIN), (0.0, y, -THIN / 2 - 0.002), bench))
    if oars:
        reach, lean = between(rng, 0.18, 0.26), between(rng, -0.1, 0.1)
        start, end = (0.3 * beam, 0.0, 0.03), (0.3 * beam + reach, lean, -0.08)
        blade = ellipsoid(end, (0.07, 0.04, 0.04), bench, sections=10, rings=6)
        for part in (cylinder(start, end, 0.033, bench, sections=8), blade):
            parts += [part, mirrored(part)]
    elif chance(rng, 0.5):
        y = 0.5 * length
        parts.append(box((0.08, 0.09, 0.11), (0.0, y, 0.0), pick(rng, "dark")))
        parts.append(box((THIN, THIN, depth + 0.06), (0.0, y + 0.02, -0.5 * depth), pick(rng, "metal")))
    return parts


def _sailing(rng: np.random.Generator) -> list[Part]:
    length, mast = between(rng, 0.56, 0.68), between(rng, 0.55, 0.68)
    beam, depth = between(rng, 0.15, 0.21), between(rng, 0.085, 0.11)
    paint, cloth = pick(rng, "paint", "pale", "wood"), pick(rng, "pale", "light", "warning")
    parts = [make_hull(length, beam, depth, paint, stern=between(rng, 0.4, 0.8), sheer=0.02, flare=0.6)]
    if chance(rng, 0.6):
        keel = [(-0.06, -0.7 * depth), (0.08, -0.7 * depth), (0.08, -depth - 0.09), (0.0, -depth - 0.09)]
        parts.append(extrude(keel, -THIN / 2, THIN / 2, "x", pick(rng, "dark")))
    masts = [(-0.05, mast)]
    if chance(rng, 0.3):
        masts = [(-0.13, mast), (0.13, mast * between(rng, 0.75, 0.95))]
    boom = min(0.26, 0.5 * length - 0.02) if len(masts) == 1 else 0.2
    for y, height in masts:
        parts.append(
            cylinder((0.0, y, -0.03), (0.0, y, height), 0.033, pick(rng, "wood", "metal"), sections=10)
        )
        foot = between(rng, 0.06, 0.09)
        if chance(rng, 0.75):
            sail = [(y, foot), (y + boom, foot + 0.02), (y + 0.4 * boom, 0.55 * height), (y, height - 0.02)]
        else:  # a square sail on a yard
            sail = [
                (-0.3 * length, 0.35 * height),
                (0.3 * length, 0.35 * height),
                (0.24 * length, 0.85 * height),
                (-0.24 * length, 0.85 * height),
            ]
            parts.append(extrude(sail, y - THIN, y, "y", cloth))
            continue
        cloth_part = extrude(sail, -THIN / 2, THIN / 2, "x", cloth)
        parts.append(turned(cloth_part, "z", between(rng, -0.25, 0.25), about=(0.0, y, 0.0)))
        parts.append(cylinder((0.0, y, foot), (0.0, y + boom, foot), 0.033, pick(rng, "wood"), sections=8))
    if len(masts) == 1 and chance(rng, 0.75):
        y = masts[0][0]
        jib = [(y - 0.03, 0.7 * mast), (y - 0.03, 0.07), (-0.5 * length + 0.03, 0.04)]
        parts.append(extrude(jib, -THIN / 2, THIN / 2, "x", shaded(cloth, 0.93)))
    parts += make_house(
        (0.55 * beam, 0.2 * length, 0.07), (0.0, 0.04, -0.012), rng, pick(rng, "pale", "wood")
    )
    return parts


def _yacht(rng: np.random.Generator) -> list[Part]:
    length, beam, depth = between(rng, 0.86, 0.92), between(rng, 0.22, 0.3), between(rng, 0.1, 0.14)
    paint = pick(rng, "pale", "paint")
    parts = [make_hull(length, beam, depth, paint, stern=between(rng, 0.85, 1.0), sheer=0.04, flare=0.6)]
    upper, start, z, wide = pick(rng, "pale"), between(rng, -0.2, -0.05), -0.01, 0.78 * beam
    for _ in range(count(rng, 1, 3)):
        rise, end = between(rng, 0.075, 0.09), max(between(rng, 0.22, 0.36), start + 0.28)
        side = [(start, z), (end, z), (end - 0.01, z + rise), (start + 0.09, z + rise)]
        parts.append(extrude(side, -wide / 2, wide / 2, "x", upper))
        pane = [
            (start + 0.045, z + 0.35 * rise),
            (end - 0.05, z + 0.35 * rise),
            (end - 0.05, z + 0.35 * rise + THIN),
            (start + 0.095, z + 0.35 * rise + THIN),
        ]
        parts.append(extrude(pane, -wide / 2 - 0.005, wide / 2 + 0.005, "x", pick(rng, "glass")))
        start, z, wide = start + between(rng, 0.07, 0.12), z + rise - 0.002, 0.82 * wide
    if chance(rng, 0.6):
        parts.append(
            cylinder((0.0, 0.15, z - 0.02), (0.0, 0.15, z + 0.1), 0.033, pick(rng, "metal"), sections=10)
        )
    stripe = pick(rng, "paint")
    parts.append(box((0.9 * beam, 0.12, THIN), (0.0, 0.5 * length - 0.03, -0.6 * depth), stripe))
    return parts


def _catamaran(rng: np.random.Generator) -> list[Part]:
    length, gap, depth = between(rng, 0.6, 0.74), between(rng, 0.26, 0.38), between(rng, 0.09, 0.12)
    paint = pick(rng, "pale", "paint")
    hull = moved(
        make_hull(length, between(rng, 0.11, 0.13), depth, paint, stern=0.8, sheer=0.02, flare=0.7),
        (gap / 2, 0.0, 0.0),
    )
    deck = box((gap + 0.05, 0.5 * length, THIN), (0.0, 0.08, -0.01), pick(rng, "pale", "wood"))
    parts = [hull, mirrored(hull), deck]
    if chance(rng, 0.6):
        mast = between(rng, 0.45, 0.6)
        parts.append(cylinder((0.0, -0.1, -0.03), (0.0, -0.1, mast), 0.033, pick(rng, "metal"), sections=10))
        sail = [(-0.1, 0.09), (0.2, 0.1), (0.06, 0.6 * mast), (-0.1, mast - 0.01)]
        parts.append(extrude(sail, -THIN / 2, THIN / 2, "x", pick(rng, "light", "warning", "paint")))
        parts.append(box((0.6 * gap, 0.2, THIN), (0.0, 0.1, 0.035), pick(rng, "pale")))
        return parts
    z, size = 0.015, (0.9 * gap, 0.5 * length)
    for _ in range(count(rng, 1, 3)):
        parts += make_house((size[0], size[1], 0.09), (0.0, 0.06, z), rng, pick(rng, "pale"))
        z, size = z + 0.088, (0.85 * size[0], 0.7 * size[1])
    return parts
