"""Generated telephones for desks and walls."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance
from ige.shapes.procedural.parts import (
    THIN,
    Colour,
    Part,
    box,
    cylinder,
    extrude,
    moved,
    torus,
    tube,
    turned,
)
from ige.shapes.procedural.profiles import rounded
from ige.shapes.procedural.telephone_parts import make_aerial, make_keys, make_on_front, make_slab


def _handset(length: float, colour: Colour, *, drop: float, size: float) -> list[Part]:
    """Make a handset along x, its grip at z = 0, its cups `drop` below."""
    ends = length / 2 - size
    grip = [
        (-ends - 0.02, 0.0, -0.02),
        (-0.5 * ends, 0.0, 0.0),
        (0.5 * ends, 0.0, 0.0),
        (ends + 0.02, 0.0, -0.02),
    ]
    parts = [tube(grip, 0.036, colour, sections=12)]
    for x in (-ends, ends):
        parts.append(
            cylinder((x, 0.0, 0.018), (x, 0.0, -drop), size, colour, end_radius=1.1 * size, sections=18)
        )
    return parts


def _wedge(width: float, depth: float, front: float, back: float, colour: Colour) -> Part:
    """Make a body whose top rises from the front to the back."""
    side = [
        (-depth / 2, 0.0),
        (depth / 2, 0.0),
        (depth / 2, back),
        (depth / 2 - 0.1, back),
        (-depth / 2, front),
    ]
    return extrude(side, -width / 2, width / 2, "x", colour)


def make_desk(rng: np.random.Generator) -> list[Part]:
    """Make a desk telephone with keys, its handset across the back or at the left side."""
    width, depth = between(rng, 0.56, 0.66), between(rng, 0.52, 0.64)
    front, back = between(rng, 0.065, 0.1), between(rng, 0.17, 0.26)
    shell = pick(rng, "dark", "pale", "paint", "wood")
    parts = [_wedge(width, depth, front, back, shell)]
    slope = (back - front) / (depth - 0.1)
    tone = pick(rng, "pale", "dark", "metal")
    beside = chance(rng, 0.5)
    shift = 0.12 * width if beside else 0.0
    for column in range(3):
        for row in range(4):
            y = -depth / 2 + 0.07 + 0.085 * row
            at = (shift + (column - 1) * 0.105, y, front + slope * (y + depth / 2) - THIN / 2 + 0.016)
            parts.append(box((0.075, 0.06, THIN), at, tone))
    handset = _handset(between(rng, 0.56, 0.62), shaded(shell, 0.9), drop=0.075, size=0.07)
    if beside:
        turn = [turned(part, "z", np.pi / 2) for part in handset]
        lean = [turned(part, "x", float(np.arctan(slope))) for part in turn]
        parts += [moved(part, (-width / 2 + 0.09, 0.0, (front + back) / 2 + 0.075)) for part in lean]
        parts.append(box((0.3, 0.11, THIN), (shift, depth / 2 - 0.13, back - 0.02), pick(rng, "screen")))
    else:
        parts += [moved(part, (0.0, depth / 2 - 0.09, back + 0.07)) for part in handset]
    return parts


def make_dial(rng: np.random.Generator) -> list[Part]:
    """Make a telephone with a dial and a handset on a cradle."""
    width, depth, height = between(rng, 0.46, 0.56), between(rng, 0.44, 0.54), between(rng, 0.24, 0.32)
    shell = pick(rng, "dark", "paint", "pale")
    top = 0.3 * depth
    side = [
        (-depth / 2, 0.0),
        (depth / 2, 0.0),
        (depth / 2 - 0.03, 0.6 * height),
        (top / 2 + 0.06, height),
        (-top / 2 + 0.06, height),
        (-depth / 2, 0.07),
    ]
    parts = [extrude(side, -width / 2, width / 2, "x", shell)]
    # The dial lies on the slope from the front edge to the top.
    run, rise = depth / 2 - top / 2 + 0.06, height - 0.07
    tilt = float(np.arctan2(rise, run))
    size = between(rng, 0.13, 0.16)
    disc = [
        cylinder((0.0, 0.0, -THIN), (0.0, 0.0, 0.012), size, pick(rng, "metal", "pale", "gold"), sections=24)
    ]
    disc.append(torus((0.0, 0.0, 0.012), (0.0, 0.0, 1.0), 0.8 * size, 0.033, shaded(shell, 0.8), rings=8))
    disc.append(cylinder((0.0, 0.0, -THIN), (0.0, 0.0, 0.03), 0.4 * size, pick(rng, "pale"), sections=16))
    centre = (0.0, -depth / 2 + 0.5 * run, 0.07 + 0.5 * rise)
    parts += [moved(turned(part, "x", tilt), centre) for part in disc]
    for x in (-0.11, 0.11):
        parts.append(box((THIN, 0.1, 0.12), (x, 0.06, height + 0.02), shaded(shell, 0.8)))
    handset = _handset(between(rng, 0.58, 0.66), shell, drop=0.08, size=between(rng, 0.06, 0.075))
    return [*parts, *(moved(part, (0.0, 0.06, height + 0.1)) for part in handset)]


def make_cordless(rng: np.random.Generator) -> list[Part]:
    """Make a handset that stands in a charger."""
    width, depth, height = between(rng, 0.2, 0.28), between(rng, 0.1, 0.15), between(rng, 0.66, 0.76)
    shell = pick(rng, "dark", "pale", "metal")
    phone = [make_slab(width, depth, 0.0, height, shell, between(rng, 0.034, 0.1))]
    phone.append(
        make_on_front((0.72 * width, 0.2 * height), (0.0, 0.76 * height), -depth / 2, pick(rng, "screen"))
    )
    phone += make_keys(0.9 * width, 0.2 * height, 0.6 * height, -depth / 2, rng)
    if chance(rng, 0.5):
        phone.append(
            make_aerial(
                0.3 * width, 0.0, height - 0.05, height + between(rng, 0.08, 0.14), shaded(shell, 0.7)
            )
        )
    lean = between(rng, -0.3, -0.05)
    parts = [moved(turned(part, "x", lean), (0.0, 0.0, 0.04)) for part in phone]
    base, long = between(rng, 0.3, 0.44), between(rng, 0.3, 0.42)
    outline = rounded(base, long, between(rng, 0.034, 0.14), steps=6)
    parts.append(extrude(outline, 0.0, between(rng, 0.07, 0.1), "z", shaded(shell, 0.85)))
    parts.append(extrude(rounded(width + 0.07, depth + 0.08, 0.03), 0.0, between(rng, 0.14, 0.2), "z", shell))
    return parts


def make_wall(rng: np.random.Generator) -> list[Part]:
    """Make a wall or coin telephone: an upright case with the handset at its side and a cord."""
    width, depth, height = between(rng, 0.34, 0.46), between(rng, 0.14, 0.22), between(rng, 0.72, 0.8)
    shell = pick(rng, "metal", "dark", "paint", "wood", "pale")
    parts = [make_slab(width, depth, 0.0, height, shell, between(rng, 0.0, 0.06))]
    parts += [
        moved(key, (0.07, 0.0, 0.0)) for key in make_keys(0.26, 0.36 * height, 0.7 * height, -depth / 2, rng)
    ]
    parts.append(make_on_front((0.22, 0.1), (0.07, 0.84 * height), -depth / 2, pick(rng, "screen")))
    tone = pick(rng, "dark", "paint")
    handset = [
        turned(part, "y", np.pi / 2)
        for part in _handset(between(rng, 0.46, 0.54), tone, drop=0.07, size=0.058)
    ]
    # Turned by a quarter the cups point to -x: here they point into the case.
    handset = [turned(part, "z", np.pi / 2) for part in handset]
    parts += [moved(part, (-0.3 * width, -depth / 2 - 0.05, 0.6 * height)) for part in handset]
    foot = (-0.3 * width, -depth / 2 - 0.03, 0.6 * height - 0.2)
    sag = between(rng, 0.1, 0.16)
    cord = [
        foot,
        (foot[0], foot[1], foot[2] - sag),
        (0.0, foot[1], foot[2] - sag - 0.07),
        (0.3 * width, foot[1] + 0.02, foot[2] - sag),
        (0.3 * width, foot[1] + 0.06, foot[2] - 0.02),
    ]
    parts.append(tube(cord, 0.033, pick(rng, "rubber"), sections=10))
    if chance(rng, 0.5):
        parts.append(make_on_front((0.16, 0.07), (0.08, 0.08), -depth / 2, pick(rng, "metal"), 0.02))
    return parts
