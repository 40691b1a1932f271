"""What cabinets are made of: cases with doors, drawers, niches; what they stand on, lids, handles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ige.shapes.procedural import legs
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import ROUND, least, spread
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import Colour, Part, box, cylinder


@dataclass(frozen=True, slots=True)
class Case:
    """A box with a front: a space, and what all parts of it go by (metres, colours)."""

    x: float  # of the middle
    width: float
    depth: float
    low: float
    high: float
    thick: float
    wood: Colour
    front: Colour

    @property
    def face(self) -> float:
        """Where the front is, along y."""
        return -self.depth / 2

    def part(self, x: float, width: float, low: float, high: float) -> Case:
        """Return a part of this space."""
        return Case(x, width, self.depth, low, high, self.thick, self.wood, self.front)


def draw_case(
    rng: np.random.Generator,
    width: tuple[float, float],
    depth: tuple[float, float],
    height: tuple[float, float],
    low: float,
) -> Case:
    """Draw a case with sizes from ranges, its underside at `low`."""
    size = (between(rng, *width), between(rng, *depth), between(rng, *height))
    wood = pick(rng, "wood", "wood", "pale", "paint", "metal", "dark")
    front = shaded(wood, between(rng, 1.1, 1.25)) if chance(rng, 0.5) else pick(rng, "wood", "pale", "paint")
    return Case(0.0, size[0], size[1], low, size[2], 1.03 * least(*size), wood, front)


def base(rng: np.random.Generator, case: Case) -> list[Part]:
    """Make what the case stands on: legs, a plinth, runners, or nothing where it is on the floor."""
    if case.low == 0.0:
        return []
    stand = Stand(
        0.98 * case.width, 0.96 * case.depth, case.low, case.thick, pick(rng, "wood", "dark", "metal")
    )
    if case.low < 0.1:
        plinth = (0.92 * case.width, 0.88 * case.depth, max(case.thick, case.low + 0.4 * case.thick))
        return [box(plinth, (0, 0.02, plinth[2] / 2), stand.colour)]
    maker = one_of(rng, (legs.straight_legs, legs.splayed_legs, legs.runners, legs.panels, None))
    return legs.posts(count(rng, 2, 3), stand, case.thick) if maker is None else maker(rng, stand)


def body(case: Case) -> Part:
    """Make the case itself, closed."""
    return box(
        (case.width, case.depth, case.high - case.low), (case.x, 0, (case.high + case.low) / 2), case.wood
    )


def lid(rng: np.random.Generator, case: Case) -> list[Part]:
    """Make a top board that stands over, or a crown, or none."""
    kind = one_of(rng, ("none", "board", "crown"))
    if kind == "none":
        return []
    over = 0.05 if kind == "board" else 0.09
    size = (case.width + over, case.depth + over, case.thick)
    return [box(size, (case.x, 0, case.high + 0.3 * case.thick), shaded(case.wood, 0.85))]


def handle_at(kind: str, case: Case, x: float, level: float, along: str) -> Part:
    """Make a knob or a bar before a front."""
    colour = shaded(case.front, 0.4)
    y, radius = case.face - 0.3 * case.thick, ROUND * case.thick
    if kind == "knob":
        return cylinder(
            (x, y + 0.4 * case.thick, level), (x, y - 0.7 * case.thick, level), radius, colour, sections=10
        )
    long = 2.4 * case.thick
    size = (long, case.thick, case.thick) if along == "x" else (case.thick, case.thick, long)
    return box(size, (x, y - 0.2 * case.thick, level), colour)


def _plate(case: Case, gap: float) -> Part:
    """Make a front over the whole space but a gap, proud of it."""
    width = max(case.width - gap, case.thick)
    high = max(case.high - case.low - gap, case.thick)
    return box(
        (width, case.thick, high),
        (case.x, case.face + 0.2 * case.thick, (case.high + case.low) / 2),
        case.front,
    )


def doors(case: Case, number: int, handle: str) -> list[Part]:
    """Make doors side by side; their handles are where they open."""
    parts = []
    size = case.width / number
    places = spread(number, case.x + (size - case.width) / 2, case.x + (case.width - size) / 2)
    for index, x in enumerate(places):
        parts.append(_plate(case.part(x, size, case.low, case.high), 0.4 * case.thick))
        side = 1 if index % 2 == 0 else -1
        level = (case.low + case.high) / 2
        if handle != "none":
            parts.append(handle_at(handle, case, x + side * (size / 2 - 1.2 * case.thick), level, "z"))
    return parts


def drawers(case: Case, rows: int, columns: int, handle: str) -> list[Part]:
    """Make drawers in rows and columns, with a handle each ("knob", "bar" or "none")."""
    parts = []
    size, step = case.width / columns, (case.high - case.low) / rows
    for level in spread(rows, case.low + step / 2, case.high - step / 2):
        for x in spread(columns, case.x + (size - case.width) / 2, case.x + (case.width - size) / 2):
            parts.append(_plate(case.part(x, size, level - step / 2, level + step / 2), 0.4 * case.thick))
            if handle != "none":
                parts.append(handle_at(handle, case, x, level, "x"))
    return parts


def niches(rng: np.random.Generator, case: Case, rows: int, columns: int, *, back: bool) -> list[Part]:
    """Make open compartments: boards around them, maybe a back, a few books in them."""
    thick, middle = case.thick, (case.high + case.low) / 2
    # So that an opening is wider than the boards about it.
    rows = max(1, min(rows, int((case.high - case.low - thick) / (2.2 * thick))))
    columns = max(1, min(columns, int((case.width - thick) / (2.2 * thick))))
    x, low, high = case.width / 2 - thick / 2, case.low + thick / 2, case.high - thick / 2
    parts = [
        box((case.width, case.depth, thick), (case.x, 0, level), case.wood)
        for level in spread(rows + 1, low, high)
    ]
    for at in spread(columns + 1, case.x - x, case.x + x):
        parts.append(
            box((thick, 0.98 * case.depth, case.high - case.low - 0.2 * thick), (at, 0, middle), case.wood)
        )
    if back:
        size = (case.width - 0.2 * thick, thick, case.high - case.low - 0.2 * thick)
        parts.append(box(size, (case.x, case.depth / 2 - thick / 2 - 0.005, middle), case.front))
    step, size_x = (high - low) / rows, 2 * x / columns
    for row in range(rows):
        for column in range(columns):
            wide = 0.8 * (size_x - thick)
            tall = between(rng, 0.4, 0.75) * (step - thick)
            if min(wide, tall) > thick and chance(rng, 0.25):
                wide = max(thick, between(rng, 0.4, 1.0) * wide)
                at = case.x - x + (column + 0.5) * size_x
                floor = low + row * step + thick / 2
                things = box(
                    (wide, 0.6 * case.depth, tall + 0.01),
                    (at, 0.1 * case.depth, floor + tall / 2),
                    pick(rng, "paint", "fabric"),
                )
                parts.append(things)
    return parts
