"""What furniture stands on: legs, runners, pedestals, trestles, panels.

Everything is made for a `Stand`: the space below a seat, a top or a carcass, about the z axis, from the floor
up to `height`, where parts end a little inside of what they carry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import ROUND, beam, spread
from ige.shapes.procedural.parts import Colour, Part, box, cylinder, lathe, tube


@dataclass(frozen=True, slots=True)
class Stand:
    """A space to fill with something that carries.

    Attributes:
        width: along x, between the outer sides of the legs.
        depth: along y, likewise.
        height: of the underside of what is carried.
        thick: least thickness of a part.
        colour: of the parts.
    """

    width: float
    depth: float
    height: float
    thick: float
    colour: Colour

    @property
    def top(self) -> float:
        """Where parts end: inside of what they carry."""
        return self.height + 0.4 * self.thick

    def corners(self, inset: float) -> list[tuple[float, float]]:
        """Return the (x, y) of the corners, moved towards the middle."""
        x, y = self.width / 2 - inset, self.depth / 2 - inset
        return [(-x, -y), (x, -y), (x, y), (-x, y)]


def straight_legs(rng: np.random.Generator, stand: Stand) -> list[Part]:
    """Make four upright legs, square or round, that may taper; some have stretchers."""
    foot = stand.thick * between(rng, 1.0, 1.25)
    top = foot * one_of(rng, (1.0, 1.0, 1.35))
    round_legs = chance(rng, 0.4)
    parts = []
    for x, y in stand.corners(top / 2):
        if round_legs:
            parts.append(
                cylinder((x, y, 0.0), (x, y, stand.top), ROUND * foot, stand.colour, end_radius=ROUND * top)
            )
        else:
            parts.append(
                beam((x, y, 0.0), (x, y, stand.top), (foot, foot), stand.colour, end_size=(top, top))
            )
    return parts + stretchers(rng, stand, top / 2)


def splayed_legs(rng: np.random.Generator, stand: Stand) -> list[Part]:
    """Make four legs that spread towards the floor."""
    out = between(rng, 0.08, 0.2) * min(stand.height, 0.6 * min(stand.width, stand.depth))
    thick = stand.thick * between(rng, 1.05, 1.2)
    round_legs = chance(rng, 0.6)
    parts = []
    for x, y in stand.corners(thick / 2 + 0.6 * out):
        foot = (x + math.copysign(out, x), y + math.copysign(out, y), 0.0)
        if round_legs:
            parts.append(
                cylinder(foot, (x, y, stand.top), ROUND * thick, stand.colour, end_radius=ROUND * 1.3 * thick)
            )
        else:
            size = (1.06 * thick, 1.06 * thick)
            parts.append(beam(foot, (x, y, stand.top), size, stand.colour))
    return parts


def turned_legs(rng: np.random.Generator, stand: Stand) -> list[Part]:
    """Make four legs from the lathe, thick and thin by turns; where they are short, splayed ones."""
    if stand.height < 7.0 * stand.thick:  # the thick parts would be thin discs
        return splayed_legs(rng, stand)
    slim = ROUND * stand.thick
    bulge = slim * between(rng, 1.4, 1.7)
    knee = between(rng, 0.45, 0.75)
    rows = [
        (slim * 1.3, 0.0),
        (slim, 0.12),
        (slim, knee - 0.2),
        (bulge, knee),
        (slim, knee + 0.14),
        (bulge, 1.0),
    ]
    profile = [(radius, share * stand.top) for radius, share in rows]
    parts = [
        lathe(profile, stand.colour, sections=12, base=(x, y, 0.0)) for x, y in stand.corners(1.1 * bulge)
    ]
    return parts + stretchers(rng, stand, 1.1 * bulge)


def stretchers(rng: np.random.Generator, stand: Stand, inset: float) -> list[Part]:
    """Make bars between the legs: none, on the sides, an H, or all around."""
    kind = one_of(rng, ("none", "none", "sides", "h", "around"))
    if kind == "none" or stand.height < 4.0 * stand.thick:
        return []
    size = stand.thick
    x, y = stand.width / 2 - inset, stand.depth / 2 - inset
    level = stand.height * between(rng, 0.25, 0.45)
    parts = [box((size, 2 * y, size), (side * x, 0.0, level), stand.colour) for side in (-1, 1)]
    if kind == "h":
        parts.append(box((2 * x, size, size), (0.0, 0.0, level), stand.colour))
    if kind == "around":
        parts += [box((2 * x, size, size), (0.0, side * y, level), stand.colour) for side in (-1, 1)]
    return parts


def runners(rng: np.random.Generator, stand: Stand) -> list[Part]:
    """Make a frame on each side that runs along the floor."""
    size = stand.thick * between(rng, 1.0, 1.1)
    radius = ROUND * size
    lean = between(rng, 0.0, 0.1) * stand.depth
    front, back = -stand.depth / 2 + size / 2, stand.depth / 2 - size / 2
    parts = []
    for x in (-stand.width / 2 + size / 2, stand.width / 2 - size / 2):
        path = [
            (x, front + lean, stand.top),
            (x, front, radius),
            (x, back, radius),
            (x, back - lean, stand.top),
        ]
        parts.append(tube(path, radius, stand.colour))
    if chance(rng, 0.5):
        parts.append(
            box((stand.width - size, size, size), (0.0, one_of(rng, (front, back)), size / 2), stand.colour)
        )
    return parts


def pedestal(rng: np.random.Generator, stand: Stand) -> list[Part]:
    """Make one column on a disc, a trumpet, a cross or a star."""
    kind = one_of(rng, ("disc", "trumpet", "star", "star", "cross"))
    reach = 0.46 * min(stand.width, stand.depth)
    radius = max(ROUND * stand.thick * between(rng, 1.1, 1.5), 0.1 * min(stand.width, stand.depth))
    if kind == "trumpet":
        rows = [
            (reach, 0.0),
            (reach, stand.thick),
            (1.7 * radius, 1.8 * stand.thick),
            (radius, 0.45 * stand.top),
        ]
        rows += [(radius, 0.75 * stand.top), (1.6 * radius, stand.top)]
        return [lathe(rows, stand.colour, sections=20)]
    column = cylinder((0.0, 0.0, 0.3 * stand.thick), (0.0, 0.0, stand.top), radius, stand.colour)
    if kind == "disc":
        foot = cylinder((0.0, 0.0, 0.0), (0.0, 0.0, stand.thick), reach, stand.colour, sections=24)
        return [column, foot]
    arms = 4 if kind == "cross" else count(rng, 3, 5)
    return [column, *star(stand, arms, reach * 1.05, one_of(rng, (1.0, 1.0, 1.6)), wheels=kind == "star")]


def star(stand: Stand, arms: int, reach: float, rise: float, *, wheels: bool) -> list[Part]:
    """Make a foot of arms from the axis, `rise` thicknesses higher in the middle, on balls or not."""
    size = stand.thick
    ground = 0.5 * size if wheels else 0.0
    parts = []
    for angle in (np.arange(arms) + 0.5) * (2 * math.pi / arms) - math.pi / 2:
        tip = np.array([reach * math.cos(angle), reach * math.sin(angle), ground + 0.5 * size])
        middle = np.array([0.0, 0.0, ground + (0.5 + 0.5 * rise) * size])
        parts.append(tube([middle, tip], ROUND * size, stand.colour, sections=8))
        if wheels:
            end = 0.93 * tip
            parts.append(
                cylinder(
                    (end[0], end[1], 0.0),
                    (end[0], end[1], size),
                    ROUND * 1.1 * size,
                    (48, 48, 50),
                    sections=10,
                )
            )
    return parts


def panels(rng: np.random.Generator, stand: Stand) -> list[Part]:
    """Make a board at either end, and often a beam or a board between them."""
    size = stand.thick * between(rng, 1.0, 1.4)
    x = stand.width / 2 - size / 2
    depth = stand.depth * between(rng, 0.75, 1.0)
    parts = [box((size, depth, stand.top), (side * x, 0.0, stand.top / 2), stand.colour) for side in (-1, 1)]
    if chance(rng, 0.6):
        high = max(stand.thick, stand.height * one_of(rng, (0.2, 0.5)))
        centre = (0.0, one_of(rng, (0.0, depth / 2 - size)), stand.height * 0.72)
        parts.append(box((2 * x, stand.thick, high), centre, stand.colour))
    return parts


def trestle(rng: np.random.Generator, stand: Stand) -> list[Part]:
    """Make an end frame on either side, like an A, an X, a T or an H, and a beam between."""
    # Bars that cross under a low top would lie rather than stand.
    kind = one_of(rng, "AXTH" if stand.height > 0.85 * stand.depth else "ATH")
    size = stand.thick * between(rng, 1.0, 1.1)
    parts: list[Part] = []
    x = stand.width / 2 - size * one_of(rng, (0.6, 1.6))
    low, high = stand.depth / 2 - size * 0.6, stand.depth / 2 - size * 0.6
    for side in (-x, x):
        if kind in "AX":
            crossing = -1.0 if kind == "X" else 0.45
            for y in (-low, low):
                end = (side, crossing * math.copysign(high, y), stand.top)
                lean = math.hypot(1.0, (end[1] - y) / stand.top)
                parts.append(beam((side, y, 0.0), end, (size, 1.05 * size * lean), stand.colour))
        elif kind == "T":
            parts.append(box((size, 2 * low, size), (side, 0.0, size / 2), stand.colour))
            parts.append(box((size, 1.6 * size, stand.top), (side, 0.0, stand.top / 2), stand.colour))
        else:
            for y in (-low, low):
                parts.append(box((size, size, stand.top), (side, y, stand.top / 2), stand.colour))
            parts.append(box((size, 2 * low, size), (side, 0.0, 0.3 * stand.height), stand.colour))
    level = {"A": 0.5, "X": 0.5, "T": 0.35, "H": 0.3}[kind] * stand.height
    parts.append(box((2 * x, stand.thick, stand.thick), (0.0, 0.0, level), stand.colour))
    if kind == "A":
        parts += [
            box((stand.thick, 1.45 * low, stand.thick), (at, 0.0, level), stand.colour) for at in (-x, x)
        ]
    return parts


def posts(xs: int, stand: Stand, inset: float) -> list[Part]:
    """Make short feet in two rows of `xs`, for what is too wide for four."""
    size = stand.thick * 1.1
    high = max(size, stand.top)
    x, y = stand.width / 2 - inset, stand.depth / 2 - inset
    return [
        box((size, size, high), (at, side * y, high / 2), stand.colour)
        for at in spread(xs, -x, x)
        for side in (-1, 1)
    ]
