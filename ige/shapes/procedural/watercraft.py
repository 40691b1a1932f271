"""Generated watercraft: rowing and sailing boats, yachts, ships, catamarans, tugs, submarines."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.parts import (
    THIN,
    Colour,
    Part,
    box,
    capsule,
    cylinder,
    ellipsoid,
    extrude,
    loft,
    mirrored,
    moved,
    tapered,
    turned,
)

_STATIONS = (0.0, 0.05, 0.14, 0.28, 0.5, 0.78, 1.0)  # from bow to stern, shares of the length


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a boat or ship, bow towards -y."""
    kinds = (_rowing, _sailing, _yacht, _liner, _cargo, _catamaran, _tug, _warship, _submarine)
    return one_of(rng, kinds)(rng)


def _hull(
    length: float,
    beam: float,
    depth: float,
    colour: Colour,
    *,
    stern: float,
    sheer: float = 0.0,
    flare: float = 0.75,
    hollow: float = 0.0,
) -> Part:
    """Make a hull whose deck amidships lies at z = 0.

    Args:
        length: along y.
        beam: along x.
        depth: of the keel below the deck.
        colour: of all faces.
        stern: width of the stern, share of the beam.
        sheer: rise of the deck towards the bow.
        flare: width of the bottom, share of the deck's.
        hollow: depth of an open inside; the ends stay solid.
    """
    rings = []
    for share in _STATIONS:
        fullness = min(1.0, np.sqrt(max(share, 0.004) / 0.42)) if share < 0.42 else 1.0
        half = 0.5 * beam * (fullness if share < 0.6 else 1.0 - (1.0 - stern) * ((share - 0.6) / 0.4) ** 2)
        half = max(half, 0.5 * THIN)
        rise = sheer * max(0.0, 1.0 - share / 0.6) ** 2
        keel = -depth * (0.72 + 0.28 * min(1.0, share / 0.14))
        low = max(flare * half, 0.5 * THIN)
        outer = [(half, rise), (0.5 * (half + low), 0.6 * keel), (low * 0.8, keel), (-low * 0.8, keel),
                 (-0.5 * (half + low), 0.6 * keel), (-half, rise)]  # fmt: skip
        inner = []
        if hollow:
            floor = rise - (hollow if 0.1 < share < 0.9 else 0.0)
            wide = max(half - THIN, 0.25 * half)
            inner = [(-wide, rise), (-0.85 * wide, floor), (0.85 * wide, floor), (wide, rise)]
        y = length * (share - 0.5) + (0.06 * depth if share == 0.0 else 0.0)
        # The stem leans forward: the bow's lower corners lie further back.
        rake = 0.35 * depth * max(0.0, 1.0 - share / 0.14)
        rings.append([(x, y + rake * (rise - z) / (rise - keel), z) for x, z in outer + inner])
    return loft(rings, colour)


def _house(
    size: tuple[float, float, float], at: tuple[float, float, float], rng: np.random.Generator, colour: Colour
) -> list[Part]:
    """Make a deckhouse on its base, with a dark band of windows around it."""
    x, y, z = size
    parts = [tapered((x, y), (x * 0.94, y * 0.94), z, at, colour)]
    if z >= THIN + 0.01:
        middle = (at[0], at[1], at[2] + max(0.62 * z, z - 0.6 * THIN - 0.012))
        parts.append(box((x * 0.985, y * 0.985, min(THIN, 0.7 * z)), middle, pick(rng, "glass")))
    return parts


def _rowing(rng: np.random.Generator) -> list[Part]:
    beam, depth = between(rng, 0.26, 0.38), between(rng, 0.13, 0.18)
    wood = pick(rng, "wood", "paint")
    length = between(rng, 0.84, 0.9)
    parts = [_hull(length, beam, depth, wood, stern=between(rng, 0.15, 0.85), sheer=between(rng, 0.0, 0.06),
                   hollow=depth - THIN)]  # fmt: skip
    bench = pick(rng, "wood")
    for y in (-0.12, 0.08, 0.26)[: count(rng, 1, 3)]:
        parts.append(box((0.8 * beam, 0.07, THIN), (0.0, y, -THIN / 2 - 0.01), bench))
    if chance(rng, 0.6):
        reach, lean = between(rng, 0.2, 0.32), between(rng, -0.1, 0.1)
        start, end = (0.3 * beam, 0.0, 0.03), (0.3 * beam + reach, lean, -0.08)
        blade = ellipsoid(end, (0.06, 0.03, 0.03), bench, sections=10, rings=6)
        for part in (cylinder(start, end, 0.029, bench, sections=8), blade):
            parts += [part, mirrored(part)]
    elif chance(rng, 0.5):
        y = 0.5 * length
        parts.append(box((0.08, 0.09, 0.11), (0.0, y, 0.0), pick(rng, "dark")))
        parts.append(box((THIN, THIN, depth + 0.06), (0.0, y + 0.02, -0.5 * depth), pick(rng, "metal")))
    return parts


def _sailing(rng: np.random.Generator) -> list[Part]:
    length, mast = between(rng, 0.56, 0.68), between(rng, 0.55, 0.68)
    beam, depth = between(rng, 0.15, 0.21), between(rng, 0.07, 0.1)
    paint, cloth = pick(rng, "paint", "pale", "wood"), pick(rng, "pale", "light", "warning")
    parts = [_hull(length, beam, depth, paint, stern=between(rng, 0.4, 0.8), sheer=0.02, flare=0.5)]
    if chance(rng, 0.6):
        keel = [(-0.06, -0.7 * depth), (0.08, -0.7 * depth), (0.08, -depth - 0.09), (0.0, -depth - 0.09)]
        parts.append(extrude(keel, -THIN / 2, THIN / 2, "x", pick(rng, "dark")))
    masts = [(-0.05, mast)]
    if chance(rng, 0.3):
        masts = [(-0.13, mast), (0.13, mast * between(rng, 0.75, 0.95))]
    boom = min(0.26, 0.5 * length - 0.02) if len(masts) == 1 else 0.2
    for y, height in masts:
        parts.append(
            cylinder((0.0, y, -0.03), (0.0, y, height), 0.029, pick(rng, "wood", "metal"), sections=10)
        )
        foot = between(rng, 0.06, 0.09)
        if chance(rng, 0.75):
            sail = [(y, foot), (y + boom, foot + 0.02), (y + 0.4 * boom, 0.55 * height), (y, height - 0.02)]
        else:  # a square sail on a yard
            sail = [(-0.5 * length * 0.6, 0.35 * height), (0.3 * length, 0.35 * height), (0.24 * length, 0.85 * height),
                    (-0.24 * length, 0.85 * height)]  # fmt: skip
            parts.append(turned(extrude(sail, y - THIN, y, "y", cloth), "z", 0.0))
            continue
        cloth_part = extrude(sail, -THIN / 2, THIN / 2, "x", cloth)
        parts.append(turned(cloth_part, "z", between(rng, -0.25, 0.25), about=(0.0, y, 0.0)))
        parts.append(cylinder((0.0, y, foot), (0.0, y + boom, foot), 0.028, pick(rng, "wood"), sections=8))
    if chance(rng, 0.6):
        y = masts[0][0]
        jib = [(y - 0.03, 0.7 * mast), (y - 0.03, 0.07), (-0.5 * length + 0.03, 0.04)]
        parts.append(extrude(jib, -THIN / 2, THIN / 2, "x", shaded(cloth, 0.93)))
    parts += _house((0.55 * beam, 0.2 * length, 0.07), (0.0, 0.04, -0.012), rng, pick(rng, "pale", "wood"))
    return parts


def _yacht(rng: np.random.Generator) -> list[Part]:
    length, beam, depth = between(rng, 0.86, 0.92), between(rng, 0.22, 0.3), between(rng, 0.1, 0.14)
    paint = pick(rng, "pale", "paint")
    parts = [_hull(length, beam, depth, paint, stern=between(rng, 0.85, 1.0), sheer=0.04, flare=0.6)]
    upper, start, z, wide = pick(rng, "pale"), between(rng, -0.2, -0.05), -0.01, 0.78 * beam
    for _ in range(count(rng, 1, 3)):
        rise, end = between(rng, 0.075, 0.09), between(rng, 0.22, 0.36)
        side = [(start, z), (end, z), (end - 0.01, z + rise), (start + 0.09, z + rise)]
        parts.append(extrude(side, -wide / 2, wide / 2, "x", upper))
        pane = [(start + 0.045, z + 0.35 * rise), (end - 0.05, z + 0.35 * rise), (end - 0.05, z + 0.35 * rise + THIN * 0.95),
                (start + 0.095, z + 0.35 * rise + THIN * 0.95)]  # fmt: skip
        parts.append(extrude(pane, -wide / 2 - 0.005, wide / 2 + 0.005, "x", pick(rng, "glass")))
        start, z, wide = start + between(rng, 0.07, 0.12), z + rise - 0.002, 0.82 * wide
    if chance(rng, 0.6):
        parts.append(
            cylinder((0.0, 0.15, z - 0.02), (0.0, 0.15, z + 0.1), 0.03, pick(rng, "metal"), sections=10)
        )
    stripe = pick(rng, "paint")
    parts.append(box((0.9 * beam, 0.12, THIN), (0.0, 0.5 * length - 0.03, -0.6 * depth), stripe))
    return parts


def _liner(rng: np.random.Generator) -> list[Part]:
    beam, depth = between(rng, 0.12, 0.17), between(rng, 0.08, 0.12)
    length = between(rng, 0.88, 0.93)
    parts = [_hull(length, beam, depth, pick(rng, "paint", "dark"), stern=0.75, sheer=0.03, flare=0.8)]
    upper, z = pick(rng, "pale"), -0.01
    front, back = between(rng, -0.28, -0.2), between(rng, 0.3, 0.38)
    wide = 0.92 * beam
    for _ in range(count(rng, 1, 3)):
        rise = between(rng, 0.06, 0.075)
        parts += _house((wide, back - front, rise), (0.0, (front + back) / 2, z), rng, upper)
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


def _cargo(rng: np.random.Generator) -> list[Part]:
    length, beam, depth = between(rng, 0.88, 0.93), between(rng, 0.14, 0.2), between(rng, 0.09, 0.13)
    hull = _hull(length, beam, depth, pick(rng, "paint", "dark"), stern=0.85, sheer=0.03, flare=0.9)
    bridge = 0.5 * length - 0.09 if chance(rng, 0.75) else -0.5 * length + 0.2
    tall = between(rng, 0.13, 0.2)
    parts = [hull, *_house((0.9 * beam, 0.09, tall), (0.0, bridge, -0.01), rng, pick(rng, "pale"))]
    parts.append(box((1.05 * beam, THIN, THIN), (0.0, bridge - 0.01, tall - 0.02), pick(rng, "pale")))
    parts.append(
        cylinder(
            (0.0, bridge + 0.06, 0.0), (0.0, bridge + 0.06, tall + 0.03), 0.03, pick(rng, "warning", "paint")
        )
    )
    slots = [-0.29 + 0.115 * index for index in range(6)]
    kind = one_of(rng, ("containers", "tanks", "cranes"))
    for y in slots:
        if abs(y - bridge) < 0.105:
            continue
        if kind == "containers":
            layers, row = count(rng, 0, 3), max(0.9 * beam / 2, THIN)
            for layer in range(layers):
                for side in (-0.5, 0.5):
                    at = (side * row, y, (layer + 0.5) * 0.06 - 0.004)
                    parts.append(box((row - 0.002, 0.108, 0.06), at, pick(rng, "paint", "warning")))
        elif kind == "tanks":
            if y in slots[::2]:
                parts.append(
                    ellipsoid(
                        (0.0, y, 0.01), (0.45 * beam, 0.075, between(rng, 0.06, 0.09)), pick(rng, "pale")
                    )
                )
        else:
            parts.append(box((0.7 * beam, 0.08, 0.07), (0.0, y, 0.01), pick(rng, "wood", "metal")))
            if y in slots[1::2]:
                top = (0.0, y, between(rng, 0.14, 0.18))
                parts.append(cylinder((0.0, y, 0.0), top, 0.03, pick(rng, "warning"), sections=8))
                parts.append(
                    cylinder((0.0, y, 0.05), (0.0, y - 0.09, 0.16), 0.028, pick(rng, "warning"), sections=8)
                )
    return parts


def _catamaran(rng: np.random.Generator) -> list[Part]:
    length, gap, depth = between(rng, 0.6, 0.74), between(rng, 0.26, 0.38), between(rng, 0.09, 0.12)
    paint = pick(rng, "pale", "paint")
    hull = moved(_hull(length, 0.1, depth, paint, stern=0.8, sheer=0.02, flare=0.7), (gap / 2, 0.0, 0.0))
    deck = box((gap + 0.05, 0.5 * length, THIN), (0.0, 0.08, -0.01), pick(rng, "pale", "wood"))
    parts = [hull, mirrored(hull), deck]
    if chance(rng, 0.6):
        mast = between(rng, 0.45, 0.6)
        parts.append(cylinder((0.0, -0.1, -0.03), (0.0, -0.1, mast), 0.029, pick(rng, "metal"), sections=10))
        sail = [(-0.1, 0.09), (0.2, 0.1), (0.06, 0.6 * mast), (-0.1, mast - 0.01)]
        parts.append(extrude(sail, -THIN / 2, THIN / 2, "x", pick(rng, "light", "warning", "paint")))
        parts.append(box((0.6 * gap, 0.2, THIN), (0.0, 0.1, 0.035), pick(rng, "pale")))
        return parts
    z, size = 0.015, (0.9 * gap, 0.5 * length)
    for _ in range(count(rng, 1, 3)):
        parts += _house((size[0], size[1], 0.09), (0.0, 0.06, z), rng, pick(rng, "pale"))
        z, size = z + 0.088, (0.85 * size[0], 0.7 * size[1])
    return parts


def _tug(rng: np.random.Generator) -> list[Part]:
    length, beam, depth = between(rng, 0.7, 0.8), between(rng, 0.26, 0.32), between(rng, 0.14, 0.18)
    hull = _hull(
        length, beam, depth, pick(rng, "paint", "dark"), stern=0.7, sheer=between(rng, 0.05, 0.1), flare=0.7
    )
    upper = pick(rng, "pale", "warning", "wood")
    first, second = between(rng, 0.1, 0.13), between(rng, 0.1, 0.13)
    y = between(rng, -0.12, -0.04)
    parts = [hull, *_house((0.62 * beam, 0.3, first), (0.0, y + 0.04, -0.01), rng, upper)]
    parts += _house((0.5 * beam, 0.15, second), (0.0, y, first - 0.012), rng, upper)
    funnel = between(rng, 0.04, 0.055)
    top = first + between(rng, 0.1, 0.18)
    parts.append(
        cylinder((0.0, y + 0.17, first - 0.03), (0.0, y + 0.17, top), funnel, pick(rng, "paint", "warning"))
    )
    parts.append(
        cylinder(
            (0.0, y, first + second - 0.03),
            (0.0, y, first + second + 0.12),
            0.029,
            pick(rng, "dark"),
            sections=8,
        )
    )
    if chance(rng, 0.7):
        parts.append(box((0.3 * beam, 0.07, 0.07), (0.0, 0.32 * length, 0.02), pick(rng, "dark")))
    return parts


def _warship(rng: np.random.Generator) -> list[Part]:
    length, beam, depth = between(rng, 0.9, 0.94), between(rng, 0.12, 0.16), between(rng, 0.07, 0.1)
    paint = pick(rng, "metal")
    parts = [_hull(length, beam, depth, paint, stern=0.7, sheer=0.04, flare=0.7)]
    z = -0.01
    size = (0.8 * beam, between(rng, 0.24, 0.36))
    for _ in range(count(rng, 2, 3)):
        parts += _house(
            (max(size[0], 0.07), size[1], 0.066), (0.0, -0.02, z), rng, shaded(paint, between(rng, 0.9, 1.2))
        )
        z, size = z + 0.063, (0.85 * size[0], 0.62 * size[1])
    parts.append(
        cylinder((0.0, 0.0, z - 0.02), (0.0, 0.0, z + between(rng, 0.08, 0.15)), 0.029, paint, sections=8)
    )
    grey = shaded(paint, 0.75)
    for y, way in ((-0.29, -1), (-0.21, -1), (0.3, 1))[:: one_of(rng, (1, -1))][: count(rng, 1, 3)]:
        base = 0.012 if y > -0.25 else 0.02
        parts.append(tapered((0.085, 0.08), (0.065, 0.06), 0.065, (0.0, y, base - 0.02), grey))
        parts.append(
            cylinder((0.0, y, base + 0.02), (0.0, y + way * 0.11, base + 0.035), 0.028, grey, sections=8)
        )
    if chance(rng, 0.5):
        parts.append(box((0.9 * beam, 0.14, THIN), (0.0, 0.5 * length - 0.09, -0.008), pick(rng, "dark")))
    return parts


def _submarine(rng: np.random.Generator) -> list[Part]:
    length, radius, paint = (
        between(rng, 0.9, 0.95),
        between(rng, 0.06, 0.09),
        pick(rng, "dark", "metal", "warning"),
    )
    parts = [capsule((0.0, -length / 2, 0.0), (0.0, length / 2 - 0.1, 0.0), radius, paint, sections=20)]
    parts.append(
        cylinder(
            (0.0, 0.5 * length - 0.22, 0.0), (0.0, 0.5 * length, 0.0), 0.95 * radius, paint, end_radius=0.03
        )
    )
    y, high = between(rng, -0.2, 0.0), between(rng, 0.08, 0.12)
    parts.append(tapered((0.065, 0.2), (0.058, 0.15), radius + high, (0.0, y, 0.0), shaded(paint, 1.1)))
    for place in (-0.04, 0.03)[: count(rng, 1, 2)]:
        top = (0.0, y + place, radius + high + between(rng, 0.04, 0.09))
        parts.append(cylinder((0.0, y + place, radius), top, 0.028, pick(rng, "metal"), sections=8))
    end = 0.5 * length - 0.05
    reach = between(rng, 0.1, 0.13)
    parts.append(box((2 * reach, 0.075, THIN), (0.0, end, 0.0), shaded(paint, 0.85)))
    parts.append(box((THIN, 0.075, 2 * reach * 0.9), (0.0, end, 0.0), shaded(paint, 0.85)))
    if chance(rng, 0.6):
        parts.append(box((2 * reach + 0.04, 0.07, THIN), (0.0, y, radius + 0.5 * high), shaded(paint, 0.85)))
    return parts
