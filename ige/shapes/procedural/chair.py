"""Chairs: side chairs, armchairs, office and rocking chairs, cantilevers, tub chairs, stools."""

from __future__ import annotations

import math

import numpy as np

from ige.shapes.procedural import legs, seats
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, one_of
from ige.shapes.procedural.furniture_parts import ROUND, arch, beam, cushion, least, oval
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import Part, box, cylinder, extrude, torus, tube, turned


def build(rng: np.random.Generator) -> list[Part]:
    """Draw a chair; its parts in metres."""
    maker = one_of(
        rng, (_side_chair,) * 6 + (_swivel,) * 2 + (_upholstered, _tub, _cantilever, _stool, _rocking)
    )
    return maker(rng)


def _frame(rng: np.random.Generator, rise: float, *, reach: float = 1.2) -> Stand:
    """Draw the space below a seat whose back is `rise` high and leans out of its depth, to `reach` depths."""
    width, depth = between(rng, 0.42, 0.54), between(rng, 0.42, 0.52)
    seat = between(rng, 0.38, 0.46)
    thick = least(1.12 * width, reach * depth, seat + rise + 0.08)
    return Stand(width, depth, seat, thick, pick(rng, "wood", "wood", "metal", "dark", "pale", "paint"))


def _side_chair(rng: np.random.Generator) -> list[Part]:
    rise = between(rng, 0.36, 0.58)
    stand = _frame(rng, rise)
    makers = (
        (legs.straight_legs,) * 3 + (legs.splayed_legs,) * 2 + (legs.turned_legs, legs.runners, legs.pedestal)
    )
    seat_colour = stand.colour if chance(rng, 0.4) else pick(rng, "fabric", "leather", "wood", "paint")
    parts = one_of(rng, makers)(rng, stand)
    parts += seats.seat(rng, stand, one_of(rng, seats.SEATS), seat_colour)
    parts += seats.back(rng, stand, one_of(rng, seats.BACKS), rise, seat_colour)
    if chance(rng, 0.35):
        parts += seats.arms(rng, stand, one_of(rng, ("posts", "loops")))
    return parts


def _rocking(rng: np.random.Generator) -> list[Part]:
    stand = _frame(rng, 0.6, reach=1.35)
    colour = stand.colour
    parts = _rockers(stand) + seats.seat(rng, stand, "square", colour)
    parts += seats.back(rng, stand, one_of(rng, ("slats", "ladder", "spindles", "padded")), 0.6, colour)
    return parts + seats.arms(rng, stand, "posts")


def _swivel(rng: np.random.Generator) -> list[Part]:
    """Make an office chair: a star on wheels, a column, a padded seat and back."""
    rise = between(rng, 0.4, 0.66)
    stand = _frame(rng, rise)
    fabric = pick(rng, "fabric", "leather", "dark")
    frame = Stand(stand.width, stand.depth, stand.height, stand.thick, pick(rng, "dark", "metal"))
    reach = between(rng, 0.56, 0.62) * stand.width
    parts = legs.star(frame, 5, reach, one_of(rng, (1.0, 1.8)), wheels=True)
    radius = ROUND * frame.thick * between(rng, 1.0, 1.4)
    parts.append(cylinder((0, 0, 0.8 * frame.thick), (0, 0, frame.top), radius, frame.colour))
    parts += seats.seat(rng, stand, "cushion", fabric)
    parts += seats.back(rng, stand, one_of(rng, ("padded", "padded", "frame", "wrapped")), rise, fabric)
    if chance(rng, 0.6):
        parts += seats.arms(rng, frame, one_of(rng, ("posts", "loops")))
    return parts


def _stool(rng: np.random.Generator) -> list[Part]:
    width, height = between(rng, 0.34, 0.44), between(rng, 0.42, 0.72)
    rise = 0.24 if chance(rng, 0.3) else 0.0
    thick = least(1.15 * width, 1.2 * width, height + 1.3 * rise + 0.06)
    stand = Stand(width, width, height, thick, pick(rng, "wood", "metal", "dark"))
    makers = (legs.straight_legs, legs.splayed_legs, legs.splayed_legs, legs.pedestal)
    maker = one_of(rng, makers)
    parts = maker(rng, stand)
    parts += seats.seat(
        rng, stand, one_of(rng, ("disc", "disc", "square", "cushion")), pick(rng, "fabric", "leather", "wood")
    )
    if maker is legs.straight_legs and chance(rng, 0.5):
        radius = math.sqrt(2.0) * (width / 2 - 0.65 * stand.thick)
        parts.append(torus((0, 0, 0.35 * height), (0, 0, 1), radius, ROUND * stand.thick, pick(rng, "metal")))
    if rise:
        parts += seats.back(rng, stand, one_of(rng, ("padded", "wrapped")), rise, stand.colour)
    return parts


def _upholstered(rng: np.random.Generator) -> list[Part]:
    """Make an armchair: everything is thick and soft."""
    width, depth, height = between(rng, 0.72, 0.9), between(rng, 0.7, 0.85), between(rng, 0.8, 1.05)
    thick = least(width, 1.12 * depth, 1.03 * height)
    fabric = pick(rng, "fabric", "leather")
    arm, back, seat = between(rng, 0.13, 0.19), between(rng, 0.16, 0.24), between(rng, 0.36, 0.44)
    stand = Stand(
        0.92 * width, 0.92 * depth, between(rng, 1.0, 1.7) * thick, thick, pick(rng, "wood", "dark")
    )
    low = stand.height
    soft = between(rng, 0.3, 0.9)
    parts = one_of(rng, (legs.straight_legs, legs.splayed_legs))(rng, stand)
    parts.append(box((width - arm, depth, seat - 0.08 - low), (0, 0, (seat - 0.08 + low) / 2), fabric))
    inner = width - 2 * arm
    colour = fabric if chance(rng, 0.5) else pick(rng, "fabric")
    parts.append(cushion((inner, depth - back, 0.17), (0, -back / 2, seat - 0.02), shaded(colour, 1.08)))
    rear = [
        cushion(
            (inner + arm, back, height - low),
            (0, (depth - back) / 2, (height + low) / 2),
            fabric,
            softness=soft,
        )
    ]
    arm_top = seat + between(rng, 0.14, 0.24)
    for side in (-1, 1):
        x = side * (width - arm) / 2
        parts.append(
            cushion(
                (arm, depth, arm_top - low), (x, 0, (arm_top + low) / 2), shaded(fabric, 0.9), softness=soft
            )
        )
    if chance(rng, 0.3):
        for side in (-1, 1):
            centre = (side * (inner + 0.6 * arm) / 2, depth / 2 - back, (0.97 * height + arm_top) / 2 - 0.05)
            rear.append(cushion((1.1 * thick, 0.3, 0.97 * height - arm_top + 0.1), centre, fabric))
    lean = between(rng, 0.0, 0.16)
    return parts + [turned(part, "x", -lean, about=(0, depth / 2, low)) for part in rear]


def _tub(rng: np.random.Generator) -> list[Part]:
    """Make a round seat with a wall that runs around it."""
    size, height = between(rng, 0.58, 0.76), between(rng, 0.66, 0.85)
    thick = least(size, size, height)
    fabric = pick(rng, "fabric", "leather", "paint")
    stand = Stand(
        0.78 * size, 0.78 * size, between(rng, 0.12, 0.3), thick, pick(rng, "wood", "metal", "dark")
    )
    parts = one_of(rng, (legs.splayed_legs, legs.straight_legs, legs.pedestal))(rng, stand)
    seat = stand.height + between(rng, 0.14, 0.2)
    parts.append(extrude(oval(size, size), stand.height, seat, "z", shaded(fabric, 0.85)))
    parts.append(
        cylinder((0, 0, seat - 0.03), (0, 0, seat + 0.05), 0.38 * size, pick(rng, "fabric"), sections=20)
    )
    opening = between(rng, 0.5, 1.0)
    outline = arch(
        size / 2 - 1.25 * thick,
        size / 2 + 0.1 * thick,
        opening - math.pi / 2,
        1.5 * math.pi - opening,
        steps=18,
    )
    parts.append(extrude(outline, stand.height + 0.2 * thick, height, "z", fabric))
    return parts


def _cantilever(rng: np.random.Generator) -> list[Part]:
    """Two bent bars carry the seat from the front and go on as the back."""
    stand = _frame(rng, 0.46, reach=1.35)
    steel = pick(rng, "metal", "dark", "wood")
    fabric = pick(rng, "leather", "fabric", "wood")
    radius = ROUND * stand.thick * 1.02
    seat, back = stand.height, between(rng, 0.78, 0.92)
    front, rear = -stand.depth / 2, stand.depth / 2
    parts = []
    for x in (-stand.width / 2, stand.width / 2):
        path = [
            (x, rear, radius),
            (x, front + 0.06, radius),
            (x, front, 0.06 + radius),
            (x, front, seat - 0.06),
        ]
        path += [
            (x, front + 0.06, seat),
            (x, rear - 0.05, seat),
            (x, rear + 0.02, seat + 0.07),
            (x, rear + 0.08, back),
        ]
        parts.append(tube(path, radius, steel))
    parts.append(cylinder((-stand.width / 2, rear, radius), (stand.width / 2, rear, radius), radius, steel))
    parts.append(
        cushion((stand.width, stand.depth * 0.9, 1.15 * stand.thick), (0, 0, seat), fabric, softness=0.4)
    )
    high = between(rng, 0.2, 0.34)
    pad = cushion(
        (stand.width, 1.1 * stand.thick, high), (0, rear + 0.03, back - high / 2), fabric, softness=0.4
    )
    parts.append(turned(pad, "x", -0.18, about=(0, rear + 0.03, seat)))
    return parts


def _rockers(stand: Stand) -> list[Part]:
    """Make four legs on two curved runners."""
    size = stand.thick
    radius = 1.5 * stand.depth
    half = 0.62 * stand.depth
    span = math.asin(half / radius)
    angles = np.linspace(-math.pi / 2 - span, -math.pi / 2 + span, 9)
    outer = np.column_stack([radius * np.cos(angles), radius * (1.0 + np.sin(angles))])
    outline = np.vstack([outer, outer[::-1] * [1.0 - size / radius, 1.0] + [0.0, 1.05 * size]])
    parts = []
    for x in (-stand.width / 2 + size / 2, stand.width / 2 - size / 2):
        parts.append(extrude(outline, x - size / 2, x + size / 2, "x", stand.colour))
        for y in (-stand.depth / 2 + size / 2, stand.depth / 2 - size / 2):
            parts.append(beam((x, y, 0.6 * size), (x, y, stand.top), (size, size), stand.colour))
    return parts
