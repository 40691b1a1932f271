"""Tables: dining, coffee and side tables, desks with drawers or a corner, consoles, workbenches, nests."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural import legs
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import ROUND, least, oval, spread
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import Colour, Floats, Part, box, cylinder, extrude, mirrored, moved
from ige.shapes.procedural.profiles import ngon, rounded


def build(rng: np.random.Generator) -> list[Part]:
    """Draw a table; its parts in metres."""
    maker = one_of(
        rng, (_dining,) * 3 + (_round, _round, _coffee, _coffee, _desk, _desk, _corner_desk, _drum, _nest)
    )
    return maker(rng)


def _stand(
    rng: np.random.Generator, width: float, depth: float, height: float, overhang: float, top: str = "plain"
) -> Stand:
    thick = least(width, depth, height)
    # So far inwards that the corners of a stand are under a top whose own corners are cut.
    inwards = {"oval": (0.27, 0.27), "boat": (0.0, 0.28), "round corners": (0.1, 0.17)}.get(top, (0.0, 0.0))
    width, depth = width * (1.0 - inwards[0]), depth * (1.0 - inwards[1])
    colour = pick(rng, "wood", "wood", "metal", "dark", "pale", "paint")
    return Stand(width - overhang, depth - overhang, height - thick, thick, colour)


def _dining(rng: np.random.Generator) -> list[Part]:
    width, depth = between(rng, 1.0, 1.5), between(rng, 0.7, 0.95)
    outline = one_of(rng, ("plain", "plain", "plain", "round corners", "oval", "boat", "planks"))
    stand = _stand(rng, width, depth, between(rng, 0.7, 0.85), one_of(rng, (0.01, 0.12, 0.24)), outline)
    maker = one_of(
        rng,
        (legs.straight_legs,) * 3
        + (legs.splayed_legs, legs.turned_legs, legs.trestle, legs.trestle, legs.panels, legs.runners),
    )
    parts = maker(rng, stand)
    parts += _top(rng, stand, width, depth, outline)
    if maker is legs.straight_legs:
        parts += _apron(rng, stand)
    return parts


def _round(rng: np.random.Generator) -> list[Part]:
    """Make a table with a round, hexagonal or octagonal top."""
    size = between(rng, 0.6, 1.15)
    stand = _stand(rng, size, size, between(rng, 0.68, 1.05 if size < 0.8 else 0.8), 0.3 * size)
    maker = one_of(rng, (legs.pedestal,) * 3 + (legs.splayed_legs, legs.straight_legs, _three_legs))
    top = one_of(rng, ("oval", "oval", "oval", "hexagon", "octagon"))
    return maker(rng, stand) + _top(rng, stand, size, size, top)


def _coffee(rng: np.random.Generator) -> list[Part]:
    """Make a low table, often with a shelf below."""
    width, depth, height = between(rng, 0.75, 1.2), between(rng, 0.5, 0.75), between(rng, 0.34, 0.46)
    top = one_of(rng, ("plain", "plain", "round corners", "oval", "planks", "boat"))
    stand = _stand(rng, width, depth, height, one_of(rng, (0.02, 0.1)), top)
    maker = one_of(rng, (legs.straight_legs, legs.splayed_legs, legs.panels, legs.trestle, legs.runners))
    parts = maker(rng, stand)
    parts += _top(rng, stand, width, depth, top)
    if maker in (legs.straight_legs, legs.panels) and chance(rng, 0.7):
        parts.append(_board(stand, 0.16, pick(rng, "wood", "pale")))
    return parts


def _desk(rng: np.random.Generator) -> list[Part]:
    """Make a table with drawers under one end or both."""
    width, depth, height = between(rng, 1.05, 1.45), between(rng, 0.55, 0.75), between(rng, 0.7, 0.8)
    top = one_of(rng, ("plain", "plain", "round corners"))
    stand = _stand(rng, width, depth, height, 0.03, top)
    kind = one_of(rng, ("one", "one", "two", "rail"))
    parts = _top(rng, stand, width, depth, top)
    sides = {"one": (one_of(rng, (-1, 1)),), "two": (-1, 1), "rail": ()}[kind]
    block = between(rng, 0.26, 0.32) * width
    front = pick(rng, "wood", "paint", "pale") if chance(rng, 0.6) else shaded(stand.colour, 1.2)
    for side in sides:
        low = one_of(rng, (0.0, 0.06, 0.3 * height))
        centre = (side * (stand.width - block) / 2, 0.0, (low + stand.top) / 2)
        parts.append(box((block, 0.94 * stand.depth, stand.top - low), centre, stand.colour))
        parts += _drawers(stand, centre[0], block, low, front, 3 if low < 0.1 else 2)
    if kind == "two":
        parts.append(
            box(
                (stand.width - block, stand.thick, 0.4 * height),
                (0, 0.3 * depth, 0.75 * height),
                stand.colour,
            )
        )
    else:
        parts += legs.straight_legs(rng, stand)
    if kind == "rail":
        parts += _apron(rng, stand)
        parts += _drawers(stand, 0.0, 0.7 * stand.width, stand.height - 2.1 * stand.thick, front, 1)
    if chance(rng, 0.35):
        rise = between(rng, 1.5, 3.5) * stand.thick
        parts.append(
            box(
                (width, stand.thick, rise),
                (0, (depth - stand.thick) / 2, height + rise / 2 - 0.01),
                stand.colour,
            )
        )
    return parts


def _corner_desk(rng: np.random.Generator) -> list[Part]:
    """Make a desk with a second wing at a right angle."""
    width, depth, height = between(rng, 1.2, 1.5), between(rng, 1.0, 1.3), between(rng, 0.68, 0.78)
    wing, other = between(rng, 0.45, 0.58), between(rng, 0.45, 0.58)
    stand = _stand(rng, width, depth, height, 0.0)
    size, x, y, edge = stand.thick * 1.05, width / 2, depth / 2, 0.5 * stand.thick + 0.01
    outline = [(-x, y - wing), (x - other, y - wing), (x - other, -y), (x, -y), (x, y), (-x, y)]
    parts = [extrude(outline, stand.height, height, "z", pick(rng, "wood", "pale", "dark"))]
    left, right, back, front = edge - x, x - edge, y - edge, edge - y
    feet = [(left, back), (left, y - wing + edge), (right, back), (x - other + edge, front), (right, front)]
    if chance(rng, 0.5):
        centre = (x - other / 2, -y + 0.25, stand.top / 2)
        parts.append(box((0.9 * other, 0.44, stand.top), centre, stand.colour))
        block = Stand(0.9 * other, 0.44, stand.height, stand.thick, stand.colour)
        fronts = _drawers(block, centre[0], block.width, 0.0, shaded(stand.colour, 1.2), 3)
        parts += [moved(part, (0, centre[1], 0)) for part in fronts]
        feet = feet[:3]
    parts += [box((size, size, stand.top), (a, b, stand.top / 2), stand.colour) for a, b in feet]
    if chance(rng, 0.5):
        parts.append(
            box((width - size, stand.thick, 0.3), (0, y - size / 2 - 0.02, stand.height - 0.14), stand.colour)
        )
    return [mirrored(part) for part in parts] if chance(rng, 0.5) else parts


def _drum(rng: np.random.Generator) -> list[Part]:
    """Make a side table: a solid or a cage between two boards."""
    size, height = between(rng, 0.4, 0.6), between(rng, 0.42, 0.62)
    thick = least(size, size, height)
    wood, other = pick(rng, "wood", "pale", "metal", "paint"), pick(rng, "wood", "dark", "metal")
    corners = one_of(rng, (4, 6, 8, 24))
    outline = ngon(size / 2, corners) * (1.35 if corners == 4 else 1.0)
    parts = [
        extrude(outline, height - 1.2 * thick, height, "z", wood),
        extrude(0.92 * outline, 0, 1.2 * thick, "z", wood),
    ]
    if chance(rng, 0.35):
        parts.append(extrude(0.75 * outline, thick, height - thick, "z", other))
        return parts
    ring = 0.36 * size * (1.3 if corners == 4 else 1.0)
    number = one_of(rng, (3, 4, 6)) if corners != 4 else 4
    for angle in (np.arange(number) + 0.5) * (2 * np.pi / number) - np.pi / 2:
        x, y = ring * np.cos(angle), ring * np.sin(angle)
        parts.append(
            cylinder((x, y, thick / 2), (x, y, height - thick / 2), ROUND * thick, other, sections=10)
        )
    if chance(rng, 0.4):
        parts.append(extrude(0.92 * outline, height / 2 - thick / 2, height / 2 + thick / 2, "z", wood))
    return parts


def _nest(rng: np.random.Generator) -> list[Part]:
    """Make two tables of the same kind, a low one that comes out from under a high one."""
    width, depth, height = between(rng, 0.6, 0.9), between(rng, 0.45, 0.6), between(rng, 0.5, 0.62)
    stand = _stand(rng, width, 1.5 * depth, height, 0.02)
    maker = one_of(rng, (legs.panels, legs.straight_legs))
    large = Stand(stand.width, depth - 0.02, stand.height, stand.thick, stand.colour)
    gap = 2.6 * stand.thick
    small = Stand(
        stand.width - gap,
        depth - 0.02,
        stand.height - 1.9 * stand.thick,
        stand.thick,
        pick(rng, "wood", "pale"),
    )
    parts = maker(rng, large) + _top(rng, large, width, depth, "plain")
    lower = maker(rng, small) + _top(rng, small, width - gap, depth, "plain")
    return parts + [moved(part, (0, -0.55 * depth, 0)) for part in lower]


def _three_legs(rng: np.random.Generator, stand: Stand) -> list[Part]:
    radius, out = 0.42 * min(stand.width, stand.depth), between(rng, 1.0, 1.35)
    parts = []
    for angle in np.arange(3) * (2 * np.pi / 3) + np.pi / 2:
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        parts.append(
            cylinder((out * x, out * y, 0), (x, y, stand.top), ROUND * 1.05 * stand.thick, stand.colour)
        )
    return parts


def _top(rng: np.random.Generator, stand: Stand, width: float, depth: float, kind: str) -> list[Part]:
    high = stand.height + stand.thick * between(rng, 1.0, 1.2)
    colour = stand.colour if chance(rng, 0.35) else pick(rng, "wood", "wood", "pale", "dark", "glass")
    if kind == "planks":
        number = count(rng, 3, 4)
        size = depth / (number + 0.25 * (number - 1))
        plank = (width, max(size, stand.thick), high - stand.height)
        bar, level = (stand.thick, 0.94 * depth, stand.thick), stand.height - 0.3 * stand.thick
        return [box(bar, (x, 0, level), stand.colour) for x in (-0.36 * width, 0.36 * width)] + [
            box(plank, (0, y, (high + stand.height) / 2), shaded(colour, between(rng, 0.9, 1.1)))
            for y in spread(number, (size - depth) / 2, (depth - size) / 2)
        ]
    outline: Floats
    if kind in ("hexagon", "octagon"):
        outline = 0.5 * width * ngon(1.05, 6 if kind == "hexagon" else 8)
    elif kind == "oval":
        outline = oval(width, depth)
    elif kind == "boat":
        x = np.linspace(-width / 2, width / 2, 9)
        y = depth / 2 * (1.0 - 0.3 * (2 * x / width) ** 2)
        outline = np.vstack([np.column_stack([x, -y]), np.column_stack([x, y])[::-1]])
    else:
        outline = rounded(width, depth, 0.25 * depth if kind == "round corners" else 0.004)
    return [extrude(outline, stand.height, high, "z", colour)]


def _apron(rng: np.random.Generator, stand: Stand) -> list[Part]:
    """Make boards between the legs under the top, or none."""
    if chance(rng, 0.35):
        return []
    high, x, y = 2.0 * stand.thick, stand.width / 2 - 0.6 * stand.thick, stand.depth / 2 - 0.6 * stand.thick
    level = stand.top - high / 2
    parts = [box((2 * x, stand.thick, high), (0, side * y, level), stand.colour) for side in (-1, 1)]
    return parts + [box((stand.thick, 2 * y, high), (side * x, 0, level), stand.colour) for side in (-1, 1)]


def _board(stand: Stand, share: float, colour: Colour) -> Part:
    level = max(share * stand.height, 0.6 * stand.thick)
    return box(
        (stand.width - stand.thick, stand.depth * 0.96, stand.thick), (0, 0, level + stand.thick / 2), colour
    )


def _drawers(stand: Stand, x: float, width: float, low: float, front: Colour, number: int) -> list[Part]:
    """Make fronts of drawers with knobs, between `low` and the top."""
    parts: list[Part] = []
    step = (stand.height - low) / number
    y = -0.47 * stand.depth
    for level in spread(number, low + step / 2, stand.height - step / 2):
        size = (0.86 * width, stand.thick, max(0.78 * step, stand.thick))
        parts.append(box(size, (x, y + 0.3 * stand.thick, level), front))
        inner, outer = (x, y + 0.5 * stand.thick, level), (x, y - 0.75 * stand.thick, level)
        parts.append(cylinder(inner, outer, ROUND * stand.thick, shaded(front, 0.5), sections=10))
    return parts
