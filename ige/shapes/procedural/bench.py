"""Benches: park and picnic benches, plain boards; those of `bench_styles`: settles, padded, curved ones."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural import bench_styles, legs
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import ROUND, beam, least, spread
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import Colour, Part, box, extrude, tube, turned


def build(rng: np.random.Generator) -> list[Part]:
    """Draw a bench; its parts in metres."""
    maker = one_of(
        rng,
        (_park,) * 4
        + (_plain,) * 3
        + (
            bench_styles.settle,
            bench_styles.settle,
            bench_styles.padded,
            bench_styles.padded,
            bench_styles.curved,
            _picnic,
            bench_styles.storage,
            bench_styles.stone,
        ),
    )
    return maker(rng)


def _park(rng: np.random.Generator) -> list[Part]:
    """Make a bench of slats on end frames, with a leaning back and often arms."""
    height = between(rng, 0.8, 0.95)
    stand = bench_styles.stand_below(rng, height, "metal", "dark", "wood", "paint")
    wood, thick = pick(rng, "wood", "wood", "paint", "pale"), stand.thick
    seat, rear = stand.height + thick, stand.depth / 2
    parts = bench_styles.slats(stand, wood, 0.0, count(rng, 2, 3))
    x = stand.width / 2 - thick * one_of(rng, (0.5, 1.5))
    lean = between(rng, 0.12, 0.3)
    middle = [0.0] if stand.width > 1.35 and chance(rng, 0.5) else []
    for at in [-x, *middle, x]:
        parts += _end_frame(rng, stand, at)
        post = box(
            (thick, thick, height - stand.height),
            (at, rear - thick / 2, (height + stand.height) / 2),
            stand.colour,
        )
        parts.append(turned(post, "x", -lean, about=(0, rear, stand.height)))
    parts += [
        turned(part, "x", -lean, about=(0, rear, stand.height))
        for part in _back(rng, stand, seat, height, wood)
    ]
    if chance(rng, 0.6):
        parts += _arms(rng, stand, x, seat + between(rng, 0.16, 0.22))
    return parts


def _end_frame(rng: np.random.Generator, stand: Stand, x: float) -> list[Part]:
    """Make two feet and a bar that the seat lies on."""
    size, y = stand.thick, stand.depth / 2 - stand.thick / 2
    splay = 0.04 if stand.depth > 0.46 else 0.0
    parts = [
        beam((x, side * (y + splay), 0), (x, side * y, stand.height), (size, 1.1 * size), stand.colour)
        for side in (-1, 1)
    ]
    return [*parts, box((size, 2 * y, size), (x, 0, stand.height - 0.4 * size), stand.colour)]


def _back(rng: np.random.Generator, stand: Stand, seat: float, height: float, colour: Colour) -> list[Part]:
    thick, y = stand.thick, stand.depth / 2 - 1.1 * stand.thick
    kind = one_of(rng, ("boards", "boards", "uprights", "solid"))
    if kind == "boards":
        size = max(thick, 0.3 * (height - seat))
        levels = spread(2, seat + 0.09 + size / 2, height - size / 2)
        return [box((stand.width, thick, size), (0, y, level), colour) for level in levels]
    if kind == "solid":
        low = seat + one_of(rng, (-0.5 * thick, 0.1))
        return [box((stand.width, thick, height - low), (0, y, (height + low) / 2), colour)]
    parts = [box((stand.width, 1.1 * thick, thick), (0, y, height - thick / 2), colour)]
    number = count(rng, 4, 6)
    x = stand.width / 2 - 1.5 * thick
    parts += [
        box((thick, thick, height - seat), (at, y, (height + seat) / 2 - thick / 2), colour)
        for at in spread(number, -x, x)
    ]
    return parts


def _arms(rng: np.random.Generator, stand: Stand, x: float, level: float) -> list[Part]:
    thick, front = stand.thick, -stand.depth / 2 + 0.6 * stand.thick
    parts: list[Part] = []
    bent = chance(rng, 0.4)
    for at in (-x, x):
        if bent:
            path = [
                (at, front, stand.height),
                (at, front, level - 0.05),
                (at, front + 0.05, level),
                (at, stand.depth / 2 + 0.02, level),
            ]
            parts.append(tube(path, ROUND * thick, stand.colour))
        else:
            parts.append(
                box(
                    (thick, thick, level - stand.height),
                    (at, front, (level + stand.height) / 2),
                    stand.colour,
                )
            )
            parts.append(box((1.2 * thick, stand.depth + 0.04, thick), (at, 0.02, level), stand.colour))
    return parts


def _plain(rng: np.random.Generator) -> list[Part]:
    """Make a seat without a back on legs, panels or trestles."""
    stand = bench_styles.stand_below(rng, 0.45, "wood", "wood", "metal", "dark", "paint")
    makers = (
        legs.straight_legs,
        legs.straight_legs,
        legs.splayed_legs,
        legs.turned_legs,
        legs.panels,
        legs.trestle,
        legs.runners,
    )
    maker = one_of(rng, makers)
    inwards = one_of(rng, (0.03, 0.2)) if maker is not legs.runners else 0.03
    below = Stand(stand.width - inwards, 0.92 * stand.depth, stand.height, stand.thick, stand.colour)
    parts = maker(rng, below)
    wood = stand.colour if chance(rng, 0.4) else pick(rng, "wood", "pale", "paint")
    kind = one_of(rng, ("board", "board", "slats", "live edge"))
    if kind == "slats":
        parts += bench_styles.slats(stand, wood, 0.0, count(rng, 2, 3))
        bars = (-0.5, 0.5) if maker in (legs.panels, legs.trestle) else (-0.85, 0.85)
        for side in bars:
            centre = (side * below.width / 2, 0, stand.height - 0.3 * stand.thick)
            parts.append(box((1.1 * stand.thick, 0.9 * below.depth, stand.thick), centre, stand.colour))
        return parts
    if kind == "board":
        parts.append(
            box((stand.width, stand.depth, 1.1 * stand.thick), (0, 0, stand.height + stand.thick / 2), wood)
        )
        return parts
    x = np.linspace(-stand.width / 2, stand.width / 2, 9)
    edges = [0.5 * stand.depth * np.array([between(rng, 0.96, 1.14) for _ in x]) for _ in range(2)]
    outline = np.vstack([np.column_stack([x, -edges[0]]), np.column_stack([x, edges[1]])[::-1]])
    return [*parts, extrude(outline, stand.height, stand.height + 1.2 * stand.thick, "z", wood)]


def _picnic(rng: np.random.Generator) -> list[Part]:
    """Make a table with a bench on either side, on the same two frames."""
    width, depth, height = between(rng, 1.2, 1.5), between(rng, 1.2, 1.4), 0.74
    thick, wood = least(width, depth, height), pick(rng, "wood", "wood", "paint")
    frame = wood if chance(rng, 0.5) else pick(rng, "dark", "metal")
    top = Stand(width, between(rng, 0.6, 0.72), height - thick, thick, frame)
    parts = bench_styles.slats(top, wood, 0.0, 3)
    seat, seat_y = 0.43, depth / 2 - 0.13
    parts += [box((width, 0.26, thick), (0, side * seat_y, seat), shaded(wood, 0.95)) for side in (-1, 1)]
    for x in (-0.36 * width, 0.36 * width):
        for side in (-1, 1):
            parts.append(
                beam(
                    (x, side * 0.36 * depth, 0),
                    (x, side * 0.16 * depth, height - 0.5 * thick),
                    (thick, 1.12 * thick),
                    frame,
                )
            )
        parts.append(box((thick, depth - 0.16, thick), (x, 0, seat - 0.8 * thick), frame))
        parts.append(box((thick, 0.9 * top.depth, thick), (x, 0, height - 1.2 * thick), frame))
    return parts
