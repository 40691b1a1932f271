"""What makes a stand a seat: the seat itself, backs, arms."""

from __future__ import annotations

import math

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import ROUND, arch, beam, cushion, oval, spread
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import Colour, Floats, Part, box, cylinder, extrude, tube, turned
from ige.shapes.procedural.profiles import rounded

SEATS = ("square", "square", "round corners", "trapezoid", "disc", "cushion")
BACKS = ("solid", "slats", "ladder", "spindles", "hoop", "padded", "frame", "cross", "wrapped")


def seat(rng: np.random.Generator, stand: Stand, kind: str, colour: Colour) -> list[Part]:
    """Make a seat of one of the `SEATS` on a stand."""
    width, depth = 1.04 * stand.width, 1.04 * stand.depth
    thick = stand.thick * between(rng, 1.0, 1.3)
    low, high = stand.height, stand.height + thick
    if kind == "cushion":
        board = box(
            (0.96 * width, 0.96 * depth, stand.thick),
            (0, 0, low + stand.thick / 2),
            shaded(stand.colour, 0.8),
        )
        return [board, cushion((width, depth, 1.3 * thick), (0, 0, high), colour, softness=0.8)]
    outline: Floats
    if kind == "disc":
        outline = oval(1.12 * width, 1.12 * depth)
    elif kind == "trapezoid":
        w, d, narrow = width / 2, depth / 2, between(rng, 0.78, 0.9)
        outline = np.array([[-w, -d], [w, -d], [narrow * w, d], [-narrow * w, d]])
    else:
        outline = rounded(width, depth, 0.25 * width if kind == "round corners" else 0.01)
    parts = [extrude(outline, low, high, "z", colour)]
    if chance(rng, 0.2):
        pad = cushion((0.8 * width, 0.8 * depth, stand.thick), (0, 0, high), pick(rng, "fabric"))
        parts.append(pad)
    return parts


def back(rng: np.random.Generator, stand: Stand, kind: str, rise: float, colour: Colour) -> list[Part]:
    """Make one of the `BACKS` on the rear edge of a seat, `rise` high, and lean it back."""
    thick = stand.thick
    width, low = stand.width * between(rng, 0.92, 1.04), stand.height + 0.3 * thick
    y, top = stand.depth / 2 - thick / 2, stand.height + thick + rise
    middle = (low + top) / 2
    x = width / 2 - thick / 2
    if kind == "wrapped":
        radius = width * between(rng, 0.52, 0.6)
        outline = arch(radius - 1.1 * thick, radius, 0.2, math.pi - 0.2)
        outline[:, 1] += stand.depth / 2 - 0.9 * radius
        bars = [
            beam((side * 0.7 * x, y, low), (side * 0.7 * x, y, top - 0.1), (thick, thick), stand.colour)
            for side in (-1, 1)
        ]
        parts = [extrude(outline, top - max(0.55 * rise, 1.2 * thick), top, "z", colour), *bars]
    elif kind == "solid":
        parts = [box((width, thick * between(rng, 1.0, 1.2), top - low), (0, y, middle), colour)]
    elif kind == "padded":
        high = max(0.7 * rise, 2.0 * thick)
        parts = [cushion((width, 1.3 * thick, high), (0, y, top - high / 2), colour, softness=0.8)]
        for side in (-1, 1):
            centre = (side * 0.35 * width, y, (low + top - high / 2) / 2)
            parts.append(box((1.1 * thick, thick, top - low - high / 2), centre, stand.colour))
    elif kind == "hoop":
        angles = np.linspace(0.0, math.pi, 11)
        bow = [(x * math.cos(a), y, top - x + (x - ROUND * thick) * math.sin(a)) for a in angles]
        path = [(x, y, low), *bow, (-x, y, low)] if top - x > low + 0.02 else bow
        parts = [tube(path, ROUND * thick, stand.colour)]
        parts += _uprights(count(rng, 0, 2), 0.45 * x, y, low, top - thick, thick, stand.colour)
    else:
        # Deeper than what they hold: no two faces in one plane.
        size = (thick, 1.15 * thick, top - low)
        parts = [box(size, (side * x, y, middle), stand.colour) for side in (-1, 1)]
        parts += _filling(rng, kind, (x, y, low, top), thick, colour, stand.colour)
    return _leaned(rng, parts, y, low)


def _leaned(rng: np.random.Generator, parts: list[Part], y: float, low: float) -> list[Part]:
    lean = between(rng, 0.02, 0.2)
    return [turned(part, "x", -lean, about=(0, y, low)) for part in parts]


def _uprights(
    number: int, x: float, y: float, low: float, top: float, thick: float, colour: Colour
) -> list[Part]:
    return [
        cylinder((at, y, low), (at, y, top), ROUND * thick, colour, sections=10)
        for at in spread(number, -x, x)
    ]


def _filling(
    rng: np.random.Generator,
    kind: str,
    space: tuple[float, float, float, float],
    thick: float,
    colour: Colour,
    frame: Colour,
) -> list[Part]:
    """Make what is between two posts."""
    x, y, low, top = space
    crest = one_of(rng, (1.0, 1.6))
    parts = [box((2 * x + thick, 1.25 * thick, crest * thick), (0, y, top - crest * thick / 2), frame)]
    if kind == "slats":
        number = count(rng, 1, 2)
        width = thick * (between(rng, 1.6, 2.4) if number == 1 else 1.0)
        for at in spread(number, -0.36 * x, 0.36 * x):
            parts.append(
                box((width, thick, top - thick / 2 - low), (at, y, (low + top - thick / 2) / 2), colour)
            )
    elif kind == "spindles":
        parts += _uprights(2, 0.36 * x, y, low, top, thick, colour)
    elif kind == "ladder":
        levels = spread(2, low + 0.28 * (top - low), low + 0.62 * (top - low))
        parts += [box((2 * x, thick, thick), (0, y, level), colour) for level in levels]
    elif kind == "frame":
        bottom, high = low + 1.6 * thick, top - 0.5 * thick
        parts.append(box((2 * x, thick, high - bottom), (0, y, (high + bottom) / 2), colour))
    else:
        for side in (-1, 1):
            high = top - 0.5 * thick - (low + 0.1)
            bar = box((thick, thick, math.hypot(2 * x, high)), (0, y, low + 0.1 + high / 2), colour)
            parts.append(turned(bar, "y", side * math.atan2(2 * x, high), about=bar.vertices.mean(axis=0)))
    return parts


def arms(rng: np.random.Generator, stand: Stand, kind: str) -> list[Part]:
    """Make two arms: "posts" carry a board each, "loops" are bent bars."""
    thick, level = stand.thick, stand.height + between(rng, 0.2, 0.26)
    front, back = -stand.depth / 2 + thick * between(rng, 0.6, 1.6), stand.depth / 2 - 0.3 * thick
    parts: list[Part] = []
    for side in (-1, 1):
        x = side * (stand.width / 2 + 0.3 * thick)
        if kind == "posts":
            parts.append(
                beam(
                    (x, front + thick, stand.height), (x, front + thick, level), (thick, thick), stand.colour
                )
            )
            parts.append(
                box((1.2 * thick, back - front + thick, thick), (x, (front + back) / 2, level), stand.colour)
            )
        else:
            path = [
                (x, front, stand.height),
                (x, front, level - 0.05),
                (x, front + 0.05, level),
                (x, back, level),
            ]
            parts.append(tube(path, ROUND * thick, stand.colour))
    return parts
