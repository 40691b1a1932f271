"""What sofas are made of: feet, base and back, arms, cushions and pillows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ige.shapes.procedural import legs
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import cushion, least, spread
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import Colour, Part, box, cylinder, extrude, turned

ARMS = ("box", "box", "soft", "round", "low", "sloped", "none")


@dataclass(frozen=True, slots=True)
class Body:
    """What all parts of a sofa go by: sizes in metres, colours."""

    width: float
    depth: float
    height: float
    low: float  # of the underside of the body
    seat: float  # of the top of the cushions
    arm: float  # width of an arm
    back: float  # depth of the back
    thick: float
    fabric: Colour
    accent: Colour

    @property
    def inner(self) -> float:
        """The width between the arms."""
        return self.width - 2 * self.arm


def draw_body(rng: np.random.Generator, width: tuple[float, float]) -> Body:
    """Draw sizes and colours; the width from a range."""
    size = (between(rng, *width), between(rng, 0.78, 0.95), between(rng, 0.68, 0.9))
    fabric = pick(rng, "fabric", "fabric", "leather", "pale")
    accent = pick(rng, "fabric") if chance(rng, 0.25) else shaded(fabric, between(rng, 1.05, 1.25))
    thick = least(*size)
    low = between(rng, 0.03, 0.16)
    seat, arm, back = (
        between(rng, 0.38, 0.46),
        max(between(rng, 0.12, 0.24), 1.1 * thick),
        between(rng, 0.17, 0.25),
    )
    return Body(*size, low, seat, arm, max(back, 1.1 * thick), thick, fabric, accent)


def feet(rng: np.random.Generator, body: Body) -> list[Part]:
    """Make feet, or a plinth where the body is close to the floor."""
    stand = Stand(
        0.96 * body.width, 0.94 * body.depth, body.low, body.thick, pick(rng, "wood", "metal", "dark")
    )
    if body.low < 0.07:
        return [box((0.95 * body.width, 0.9 * body.depth, body.thick), (0, 0, body.thick / 2), stand.colour)]
    return legs.posts(count(rng, 2, 3), stand, body.thick * one_of(rng, (0.6, 1.5)))


def arm(kind: str, body: Body, x: float, colour: Colour) -> list[Part]:
    """Make one arm, centred at x."""
    top = {"low": body.seat + 0.08, "none": 0.0}.get(kind, body.seat + 0.19)
    low, depth = body.low, body.depth
    if kind == "none":
        return []
    if kind == "box" or kind == "low":
        return [box((body.arm, depth, top - low), (x, 0, (top + low) / 2), colour)]
    if kind == "sloped":
        outline = [
            (-depth / 2, low),
            (depth / 2, low),
            (depth / 2, body.height - 0.04),
            (-depth / 2, top - 0.04),
        ]
        return [extrude(outline, x - body.arm / 2, x + body.arm / 2, "x", colour)]
    if kind == "soft":
        return [cushion((body.arm, depth, top - low), (x, 0, (top + low) / 2), colour, softness=0.9)]
    radius = 0.66 * body.arm
    post = box((body.arm, 0.97 * depth, top - radius - low), (x, 0, (top - radius + low) / 2), colour)
    roll = cylinder(
        (x, -depth / 2, top - radius), (x, depth / 2, top - radius), radius, shaded(colour, 1.05), sections=18
    )
    return [post, roll]


def frame(rng: np.random.Generator, body: Body, kind: str) -> list[Part]:
    """Make the body of a straight sofa: base, back, arms, without cushions."""
    base_top = body.seat - 0.1
    inner = body.inner if kind != "none" else body.width
    parts = [
        box(
            (inner + 0.4 * body.arm, 0.98 * body.depth, base_top - body.low),
            (0, 0, (base_top + body.low) / 2),
            body.fabric,
        )
    ]
    y = (body.depth - body.back) / 2
    width = body.width if kind in ("box", "low", "none") and chance(rng, 0.5) else inner + 0.4 * body.arm
    size = (width, body.back, body.height - body.low)
    centre = (0, y, (body.height + body.low) / 2)
    parts.append(
        box(size, centre, body.fabric)
        if chance(rng, 0.5)
        else cushion(size, centre, body.fabric, softness=0.6)
    )
    for side in (-1, 1):
        parts += arm(kind, body, side * (body.width - body.arm) / 2, shaded(body.fabric, 0.92))
    return parts


def cushions(
    rng: np.random.Generator, body: Body, seats: int, inner: float, middle: float = 0.0
) -> list[Part]:
    """Make seat cushions, and often back cushions and pillows."""
    size = inner / seats
    depth = body.depth - body.back
    soft = between(rng, 0.4, 0.9)
    parts = []
    backs = chance(rng, 0.75)
    high = body.height - body.seat + between(rng, -0.06, 0.06)
    fat = max(0.15, 1.1 * body.thick)
    for x in spread(seats, middle + (size - inner) / 2, middle + (inner - size) / 2):
        centre = (x, -body.depth / 2 + depth / 2, body.seat - 0.08)
        parts.append(cushion((0.985 * size, depth, 0.17), centre, body.accent, softness=soft))
        if backs:
            leaning = cushion(
                (0.97 * size, fat, high),
                (x, body.depth / 2 - body.back - 0.3 * fat, body.seat + high / 2 - 0.03),
                body.accent,
                softness=soft,
            )
            parts.append(turned(leaning, "x", -0.14, about=(0, body.depth / 2 - body.back, body.seat)))
    if chance(rng, 0.4):
        parts += _pillows(rng, body, inner, middle, fat if backs else 0.0)
    return parts


def _pillows(rng: np.random.Generator, body: Body, inner: float, middle: float, behind: float) -> list[Part]:
    colour = pick(rng, "fabric", "paint")
    parts = []
    for side in one_of(rng, ((-1,), (1,), (-1, 1))):
        at = (middle + side * (inner / 2 - 0.2), body.depth / 2 - body.back - behind - 0.06, body.seat + 0.17)
        pillow = turned(
            cushion((0.36, 1.2 * body.thick, 0.36), at, colour, softness=1.0),
            "y",
            between(rng, -0.3, 0.3),
            about=at,
        )
        parts.append(turned(pillow, "x", -0.3, about=at))
    return parts
