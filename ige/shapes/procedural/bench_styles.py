"""Benches of houses, halls and gardens other than the park bench."""

from __future__ import annotations

import math

import numpy as np

from ige.shapes.procedural import legs
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import arch, beam, cushion, least, spread
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import Colour, Part, box, cylinder, extrude, turned


def stand_below(rng: np.random.Generator, height: float, *materials: str) -> Stand:
    """Draw the space below a seat, of a bench that is `height` high in all."""
    width, depth = between(rng, 1.05, 1.55), between(rng, 0.4, 0.52)
    thick = least(width, depth + 0.12, height + 0.02)
    return Stand(width, depth, between(rng, 0.4, 0.46) - thick, thick, pick(rng, *materials))


def slats(stand: Stand, colour: Colour, y: float, number: int) -> list[Part]:
    """Make a seat of boards along x with gaps."""
    share = 0.4 if number == 2 else 0.24
    size = max(share * stand.depth, stand.thick)
    places = spread(number, y - (stand.depth - size) / 2, y + (stand.depth - size) / 2)
    level = stand.height + stand.thick / 2 - 0.01
    return [box((stand.width, size, stand.thick), (0, at, level), colour) for at in places]


def settle(rng: np.random.Generator) -> list[Part]:
    """Make a bench with side walls or a high back of boards, as in halls and churches."""
    height = between(rng, 0.8, 1.05)
    stand = stand_below(rng, height, "wood", "wood", "paint", "dark")
    thick, wood = stand.thick, stand.colour
    seat = stand.height + thick
    arm = seat + between(rng, 0.14, 0.24)
    rear, front = stand.depth / 2, -stand.depth / 2
    side = [
        (front, 0),
        (rear, 0),
        (rear + 0.05, height),
        (rear - 1.1 * thick, height),
        (rear - 0.16, arm),
        (front, arm - one_of(rng, (0, 0.06))),
    ]
    x = stand.width / 2
    parts = [extrude(side, at - thick / 2, at + thick / 2, "x", wood) for at in (-x, x)]
    inner = pick(rng, "wood", "fabric", "paint") if chance(rng, 0.5) else shaded(wood, 1.15)
    parts.append(box((2 * x, 0.96 * stand.depth, thick), (0, 0, stand.height + thick / 2), inner))
    back = box(
        (2 * x, thick, height - stand.height - 0.05),
        (0, rear - thick / 2 - 0.03, (height + stand.height - 0.05) / 2),
        inner,
    )
    parts.append(turned(back, "x", -0.05, about=(0, rear, stand.height)))
    if chance(rng, 0.5):
        parts.append(
            box(
                (2 * x, thick, stand.height - 0.05),
                (0, one_of(rng, (rear - thick, front + 1.2 * thick)), stand.height / 2),
                wood,
            )
        )
    return parts


def padded(rng: np.random.Generator) -> list[Part]:
    """Make a padded seat without a back: of a piano, of a bedroom, with rolled ends."""
    stand = stand_below(rng, 0.5, "wood", "dark", "metal", "gold")
    fabric, thick = pick(rng, "fabric", "leather"), stand.thick
    below = Stand(stand.width - 0.06, stand.depth - 0.04, 0.8 * stand.height, thick, stand.colour)
    maker = one_of(rng, (legs.straight_legs, legs.splayed_legs, legs.turned_legs, legs.panels, legs.runners))
    parts = maker(rng, below)
    parts.append(
        box(
            (stand.width - 0.02, stand.depth - 0.02, thick),
            (0, 0, below.height + thick / 2),
            shaded(stand.colour, 0.85),
        )
    )
    number = count(rng, 1, 3)
    width = stand.width / number
    for x in spread(number, (width - stand.width) / 2, (stand.width - width) / 2):
        parts.append(
            cushion(
                (width * 0.99, stand.depth, 1.5 * thick),
                (x, 0, below.height + 1.4 * thick),
                fabric,
                softness=0.7,
            )
        )
    if chance(rng, 0.5):
        level, y, colour = below.height + 2.8 * thick, stand.depth / 2, shaded(fabric, 0.85)
        for x in (-stand.width / 2 - 0.3 * thick, stand.width / 2 + 0.3 * thick):
            parts.append(cylinder((x, -y, level), (x, y, level), 0.9 * thick, colour))
            parts.append(box((thick, 1.88 * y, 2.6 * thick), (x, 0, level - 1.3 * thick), colour))
    return parts


def curved(rng: np.random.Generator) -> list[Part]:
    """Make a seat along an arc, with or without a back along it."""
    radius, depth, half = between(rng, 0.9, 1.3), between(rng, 0.36, 0.46), between(rng, 0.5, 0.85)
    height = between(rng, 0.75, 0.9) if chance(rng, 0.5) else 0.45
    width = 2 * radius * math.sin(half)
    thick = least(width, 1.4 * depth, height)
    seat, wood, base = (
        between(rng, 0.4, 0.46),
        pick(rng, "wood", "pale", "paint"),
        pick(rng, "dark", "metal", "wood"),
    )
    ends = (math.pi / 2 - half, math.pi / 2 + half)
    parts = [extrude(arch(radius - depth, radius, *ends), seat - thick, seat, "z", wood)]
    number = count(rng, 2, 4)
    for angle in spread(number, ends[0] + 0.1, ends[1] - 0.1):
        block = box(
            (1.2 * thick, 0.85 * depth, seat - 0.5 * thick),
            (0, radius - depth / 2, (seat - 0.5 * thick) / 2),
            base,
        )
        parts.append(turned(block, "z", angle - math.pi / 2))
        if height > 0.5:
            post = box(
                (1.1 * thick, 1.1 * thick, height - seat),
                (0, radius - 0.7 * thick, (height + seat) / 2 - thick),
                base,
            )
            parts.append(turned(post, "z", angle - math.pi / 2))
    if height > 0.5:
        low = seat + one_of(rng, (0.0, 0.1))
        parts.append(
            extrude(arch(radius - 1.05 * thick, radius + 0.02, *ends), low, height, "z", shaded(wood, 0.92))
        )
    return parts


def storage(rng: np.random.Generator) -> list[Part]:
    """Make a chest to sit on, with a lid, maybe a back and cushions."""
    stand = stand_below(rng, 0.65, "wood", "pale", "paint")
    thick, depth, width = stand.thick, stand.depth, stand.width
    parts = [box((0.96 * width, 0.94 * depth, stand.height), (0, 0, stand.height / 2), stand.colour)]
    parts.append(box((width, depth, thick), (0, 0, stand.height + thick / 2), shaded(stand.colour, 0.85)))
    number, front = count(rng, 1, 3), -0.47 * depth
    size = 0.96 * width / number
    for x in spread(number, (size - 0.96 * width) / 2, (0.96 * width - size) / 2):
        parts.append(
            box(
                (0.82 * size, thick, 0.7 * stand.height),
                (x, front + 0.25 * thick, stand.height / 2),
                shaded(stand.colour, 1.15),
            )
        )
    if chance(rng, 0.6):
        parts.append(
            cushion(
                (0.98 * width, 0.96 * depth, 1.2 * thick),
                (0, 0, stand.height + 1.3 * thick),
                pick(rng, "fabric"),
            )
        )
    if chance(rng, 0.4):
        parts.append(box((width, thick, 0.45), (0, depth / 2 - thick / 2, stand.height + 0.2), stand.colour))
    return parts


def stone(rng: np.random.Generator) -> list[Part]:
    """Make a slab on blocks."""
    stand = stand_below(rng, 0.45, "pale", "metal")
    thick, slab = stand.thick, between(rng, 1.1, 1.6)
    parts = [
        box(
            (stand.width, stand.depth, slab * thick),
            (0, 0, stand.height + slab * thick / 2 - 0.02),
            stand.colour,
        )
    ]
    foot, top = between(rng, 0.12, 0.3), between(rng, 0.12, 0.3)
    for side in (-1, 1):
        at = side * (stand.width / 2 - between(rng, 0.2, 0.3))
        parts.append(
            beam(
                (at, 0, 0),
                (at, 0, stand.height),
                (foot, 0.85 * stand.depth),
                shaded(stand.colour, 0.8),
                end_size=(top, 0.75 * stand.depth),
            )
        )
    if chance(rng, 0.3):
        parts.append(
            box((stand.width, 0.5 * stand.depth, thick), (0, 0, thick / 2), shaded(stand.colour, 0.9))
        )
    return parts
