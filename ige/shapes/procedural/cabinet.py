"""Cabinets: wardrobes, drawers, shelves, sideboards, dressers, lockers, corner and bow-fronted ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ige.shapes.procedural import cases
from ige.shapes.procedural.cases import Case
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import least, spread
from ige.shapes.procedural.parts import Part, box, extrude, mirrored, moved
from ige.shapes.procedural.profiles import band


def build(rng: np.random.Generator) -> list[Part]:
    """Draw a cabinet; its parts in metres."""
    maker = one_of(
        rng,
        (_closed,) * 5
        + (_shelves,) * 3
        + (_mixed, _mixed, _hutch, _corner, _bowed, _steps, _low_board, _low_board),
    )
    return maker(rng)


def _closed(rng: np.random.Generator) -> list[Part]:
    """Make a wardrobe, a chest of drawers, a cupboard, a locker or a bedside cabinet."""
    low = one_of(rng, (0.0, 0.07, 0.07, 0.16, 0.22))
    handle = one_of(rng, ("knob", "bar", "bar", "none"))
    kind = one_of(rng, ("wardrobe", "wardrobe", "drawers", "drawers", "locker", "bedside"))
    if kind == "wardrobe":
        case = cases.draw_case(rng, (0.8, 1.4), (0.45, 0.6), (1.5, 2.0), low)
        parts = [cases.body(case)]
        split = case.low + between(rng, 0.22, 0.35) * (case.high - case.low) if chance(rng, 0.5) else case.low
        doors = 1 + int(case.width > 0.9) + int(case.width > 1.25)
        parts += cases.doors(case.part(0, case.width, split, case.high), doors, handle)
        if split > case.low:
            parts += cases.drawers(case.part(0, case.width, case.low, split), 1, doors, handle)
    elif kind == "locker":
        case = cases.draw_case(rng, (0.7, 1.1), (0.4, 0.5), (1.4, 1.8), low)
        parts = [cases.body(case), *cases.drawers(case, count(rng, 2, 3), count(rng, 1, 2), handle)]
    elif kind == "bedside":
        case = cases.draw_case(rng, (0.4, 0.55), (0.36, 0.45), (0.5, 0.65), low)
        rows = count(rng, 1, 2)
        parts = [cases.body(case), *cases.drawers(case, rows, 1, handle)]
    else:
        case = cases.draw_case(rng, (0.65, 1.2), (0.42, 0.52), (0.75, 1.25), low)
        rows = 3 if case.high - case.low < 0.85 else count(rng, 3, 4)
        parts = [
            cases.body(case),
            *cases.drawers(case, rows, 1 if case.width < 0.9 else count(rng, 1, 2), handle),
        ]
    return cases.base(rng, case) + parts + cases.lid(rng, case)


def _shelves(rng: np.random.Generator) -> list[Part]:
    """Make open shelves: tall, low, a cube."""
    low = one_of(rng, (0.0, 0.0, 0.07, 0.16))
    kind = one_of(rng, ("tall", "tall", "low", "cube"))
    if kind == "tall":
        case = cases.draw_case(rng, (0.6, 1.0), (0.3, 0.42), (1.4, 1.85), low)
        rows, columns = count(rng, 3, 5), 1 if case.width < 0.8 else count(rng, 1, 2)
    elif kind == "low":
        case = cases.draw_case(rng, (1.1, 1.5), (0.34, 0.45), (0.6, 0.9), low)
        rows, columns = count(rng, 1, 2), count(rng, 2, 4)
    else:
        case = cases.draw_case(rng, (0.9, 1.2), (0.34, 0.45), (0.9, 1.25), low)
        rows, columns = count(rng, 2, 3), count(rng, 2, 3)
    return cases.base(rng, case) + cases.niches(rng, case, rows, columns, back=chance(rng, 0.7))


def _mixed(rng: np.random.Generator) -> list[Part]:
    """Make a case with niches above and doors or drawers below, or one beside the other."""
    case = cases.draw_case(rng, (0.8, 1.3), (0.38, 0.5), (1.2, 1.8), one_of(rng, (0.0, 0.07, 0.16)))
    handle = one_of(rng, ("knob", "bar", "none"))
    if chance(rng, 0.6):
        split = case.low + between(rng, 0.3, 0.45) * (case.high - case.low)
        below, above = case.part(0, case.width, case.low, split), case.part(0, case.width, split, case.high)
        parts = cases.niches(rng, above, count(rng, 2, 3), count(rng, 1, 2), back=True)
    else:
        part = between(rng, 0.42, 0.58) * case.width
        side = one_of(rng, (-1, 1))
        below = case.part(side * (case.width - part) / 2, part, case.low, case.high)
        above = case.part(-side * part / 2, case.width - part + 0.02, case.low, case.high)
        parts = cases.niches(rng, above, count(rng, 3, 4), 1, back=True)
    # Into the board above it: no two parts have a face in common.
    parts.append(cases.body(replace(below, high=min(case.high, below.high + 0.3 * case.thick))))
    parts += (
        cases.doors(below, 2 if below.width > 0.7 else 1, handle)
        if chance(rng, 0.6)
        else cases.drawers(below, 2, 1, handle)
    )
    return cases.base(rng, case) + parts + cases.lid(rng, case)


def _hutch(rng: np.random.Generator) -> list[Part]:
    """Make a dresser: a deep case below, a shallower one above it."""
    case = cases.draw_case(rng, (0.9, 1.3), (0.45, 0.55), (1.5, 1.9), one_of(rng, (0.0, 0.07, 0.16)))
    split = case.low + between(rng, 0.4, 0.48) * (case.high - case.low)
    lower = case.part(0, case.width, case.low, split)
    parts = [cases.body(lower), *cases.doors(lower, count(rng, 2, 3), one_of(rng, ("knob", "bar")))]
    top = (case.width + 0.06, case.depth + 0.06, case.thick)
    parts.append(box(top, (0, 0, split + 0.3 * case.thick), shaded(case.wood, 0.85)))
    depth = between(rng, 0.55, 0.7) * case.depth
    upper = Case(0, 0.94 * case.width, depth, split, case.high, case.thick, case.wood, case.front)
    if chance(rng, 0.65):
        made = cases.niches(rng, upper, count(rng, 2, 3), count(rng, 1, 2), back=True)
    else:
        made = [cases.body(upper), *cases.doors(upper, 2, "knob"), *cases.lid(rng, upper)]
    parts += [moved(part, (0, (case.depth - depth) / 2, 0)) for part in made]
    return cases.base(rng, case) + parts


def _corner(rng: np.random.Generator) -> list[Part]:
    """Make a cabinet for a corner: its plan is a pentagon, or an L."""
    size, height = between(rng, 0.6, 0.9), between(rng, 0.8, 1.8)
    thick = least(size, size, height)
    wood, front = pick(rng, "wood", "pale", "paint"), pick(rng, "wood", "pale", "glass")
    half, side = size / 2, between(rng, 0.3, 0.45) * size
    if chance(rng, 0.5):
        plan = np.array(
            [(-half, half), (-half, half - side), (-half + size - side, -half), (half, -half), (half, half)]
        )
    else:
        plan = np.array(
            [
                (-half, half),
                (-half, half - side),
                (half - side, half - side),
                (half - side, -half),
                (half, -half),
                (half, half),
            ]
        )
    levels = spread(count(rng, 3, 4) if height > 1.2 else 3, 0, height - thick)
    parts = [extrude(plan, level, level + thick, "z", wood) for level in levels]
    split = levels[1] if chance(rng, 0.6) else levels[-1]
    parts.append(extrude(0.93 * plan + [0.03 * size, 0.03 * size], 0.02, split + 0.5 * thick, "z", front))
    walls = ((size, thick, (0, half - thick / 2)), (thick, size, (half - thick / 2, 0)))
    for x, y, (at_x, at_y) in walls:
        parts.append(box((x, y, height - 0.02), (at_x, at_y, height / 2), shaded(wood, 0.9)))
    return [mirrored(part) for part in parts] if chance(rng, 0.5) else parts


def _bowed(rng: np.random.Generator) -> list[Part]:
    """Make a chest or a half-round cabinet with a front that bows out."""
    case = cases.draw_case(rng, (0.7, 1.1), (0.4, 0.5), (0.75, 1.1), between(rng, 0.14, 0.24))
    x = np.linspace(-case.width / 2, case.width / 2, 13)
    bow = between(rng, 0.25, 0.55) * case.depth
    face = -case.depth / 2 + bow * (2 * x / case.width) ** 2
    plan = np.vstack(
        [np.column_stack([x, face]), [[case.width / 2, case.depth / 2], [-case.width / 2, case.depth / 2]]]
    )
    parts = [extrude(plan, case.low, case.high, "z", case.wood)]
    parts.append(
        extrude(
            plan * [1.06, 1.08],
            case.high - 0.2 * case.thick,
            case.high + 0.8 * case.thick,
            "z",
            shaded(case.wood, 0.85),
        )
    )
    rows = count(rng, 2, 3)
    step = (case.high - case.low) / rows
    plate = band(np.column_stack([0.9 * x, face + 0.25 * case.thick]), case.thick)
    for level in spread(rows, case.low + step / 2, case.high - step / 2):
        high = max(0.8 * step, case.thick)
        parts.append(extrude(plate, level - high / 2, level + high / 2, "z", case.front))
        parts += [cases.handle_at("knob", case, 0.0, level, "x")]
    # At its sides the case begins further back.
    below = cases.base(rng, replace(case, depth=case.depth - bow))
    return [moved(part, (0, bow / 2, 0)) for part in below] + parts


def _steps(rng: np.random.Generator) -> list[Part]:
    """Make columns of niches whose heights go down like stairs."""
    case = cases.draw_case(rng, (1.1, 1.4), (0.36, 0.45), (1.0, 1.3), 0.0)
    columns = 3
    size = (case.width - case.thick) / columns
    parts: list[Part] = []
    for index in range(columns):
        x = (index - 1) * size
        high = case.high * (index + 1) / columns
        # Each a little deeper than the last: no two have a face in common.
        column = replace(case.part(x, size + case.thick, 0.0, high), depth=case.depth + 0.01 * index)
        parts += cases.niches(rng, column, index + 1, 1, back=True)
    return [mirrored(part) for part in parts] if chance(rng, 0.5) else parts


def _low_board(rng: np.random.Generator) -> list[Part]:
    """Make a sideboard or a board for a television: wide and low, of doors, drawers and niches."""
    case = cases.draw_case(rng, (1.2, 1.6), (0.38, 0.48), (0.55, 0.85), one_of(rng, (0.07, 0.14, 0.2)))
    handle = one_of(rng, ("knob", "bar", "none"))
    columns = count(rng, 2, 3)
    size = case.width / columns
    parts: list[Part] = []
    for index in range(columns):
        block = case.part((index - (columns - 1) / 2) * size, size + 0.004, case.low, case.high)
        kind = one_of(rng, ("doors", "drawers", "niches"))
        if kind == "niches":
            parts += cases.niches(rng, block, count(rng, 1, 2), 1, back=True)
            continue
        parts.append(cases.body(block))
        parts += (
            cases.doors(block, 1 if size < 0.55 else 2, handle)
            if kind == "doors"
            else cases.drawers(block, 2, 1, handle)
        )
    return cases.base(rng, case) + parts + cases.lid(rng, case)
