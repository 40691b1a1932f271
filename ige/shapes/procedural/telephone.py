"""Generated telephones: smartphones, bars with aerials, folding and sliding ones, those of desks."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.desk_telephones import make_cordless, make_desk, make_dial, make_wall
from ige.shapes.procedural.draws import between, chance, count, one_of, proportions
from ige.shapes.procedural.parts import (
    THIN,
    Part,
    box,
    cylinder,
    extrude,
    moved,
    turned,
)
from ige.shapes.procedural.telephone_parts import make_aerial, make_keys, make_on_front, make_slab


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a telephone, upright or lying, its front towards -y."""
    kinds = (_smart, _bar, _brick, _folding, _sliding, make_desk, make_dial, make_cordless, make_wall)
    return one_of(rng, kinds)(rng)


def _smart(rng: np.random.Generator) -> list[Part]:
    width, depth, height = proportions(rng, (0.42, 0.6), (0.062, 0.1), (0.86, 0.95))
    # Leaning on a stand, or with an open cover, it is part of something larger.
    width, height, depth = 0.9 * width, 0.9 * height, max(0.9 * depth, THIN + 0.006)
    shell = pick(rng, "dark", "pale", "metal", "gold", "paint")
    parts = [make_slab(width, depth, 0.0, height, shell, between(rng, 0.02, 0.08))]
    rim = between(rng, 0.012, 0.07)
    top = between(rng, 0.0, 1.0) * 0.06
    screen = (width - 0.03, height - 2 * rim - top)
    parts.append(make_on_front(screen, (0.0, height / 2 - top / 2), -depth / 2, pick(rng, "screen"), 0.004))
    if chance(rng, 0.4):
        parts.append(
            cylinder(
                (0.0, -depth / 2 - 0.008, rim / 2 + 0.03),
                (0.0, 0.03, rim / 2 + 0.03),
                0.032,
                shaded(shell, 0.8),
            )
        )
    lens, back = pick(rng, "dark"), depth / 2 + 0.014
    for index in range(count(rng, 1, 3)):
        x, z = width / 2 - 0.08, height - 0.08 - 0.075 * index
        parts.append(cylinder((x, back - THIN, z), (x, back, z), 0.033, lens, sections=14))
    return [*parts, *_hold(rng, width, depth)] if chance(rng, 0.3) else _propped(rng, parts, width)


def _hold(rng: np.random.Generator, width: float, depth: float) -> list[Part]:
    """Make a knob to hold a telephone by, or a wallet's cover that stands open at its side."""
    colour = pick(rng, "leather", "paint")
    if chance(rng, 0.5):
        z, size = between(rng, 0.25, 0.5), between(rng, 0.06, 0.1)
        stem = cylinder((0.0, 0.0, z), (0.0, depth / 2 + 0.08, z), 0.036, colour)
        return [
            stem,
            cylinder((0.0, depth / 2 + 0.04, z), (0.0, depth / 2 + 0.1, z), size, colour, sections=20),
        ]
    cover = box((0.6 * width, 1.1 * THIN, between(rng, 0.78, 0.84)), (0.3 * width, 0.0, 0.41), colour)
    angle = between(rng, -0.2, 1.2)
    return [moved(turned(cover, "z", -angle), (width / 2 - 0.01, 0.0, 0.0))]


def _propped(rng: np.random.Generator, phone: list[Part], width: float) -> list[Part]:
    """Return a telephone as it is, or leaning on a stand."""
    if chance(rng, 0.3):
        return phone
    lean, colour = between(rng, -0.7, -0.1), pick(rng, "metal", "dark", "wood", "pale")
    parts = [moved(turned(part, "x", lean), (0.0, 0.0, 0.05)) for part in phone]
    wide, reach = between(rng, 0.5, 1.1) * width, between(rng, 0.2, 0.4)
    parts.append(box((wide, 0.12 + reach, 0.07), (0.0, reach / 2 - 0.02, 0.035), colour))
    prop = (0.0, reach, 0.04), (0.0, -0.36 * np.sin(lean), 0.36 * np.cos(lean) + 0.05)
    return [*parts, cylinder(*prop, 0.036, colour, sections=12)]


def _bar(rng: np.random.Generator) -> list[Part]:
    width, depth, height = proportions(rng, (0.3, 0.44), (0.12, 0.22), (0.8, 0.88))
    shell = pick(rng, "paint", "dark", "metal")
    body = make_slab(width, depth, 0.0, height, shell, between(rng, 0.034, 0.5 * width))
    middle = height * between(rng, 0.5, 0.58)
    screen = (0.74 * width, 0.86 * height - middle)
    parts = [body, make_on_front(screen, (0.0, (middle + 0.9 * height) / 2), -depth / 2, pick(rng, "screen"))]
    parts += make_keys(0.84 * width, 0.06 * height, middle - 0.03, -depth / 2, rng, rows=count(rng, 3, 4))
    if chance(rng, 0.5):
        side = one_of(rng, (-1, 1))
        parts.append(
            make_aerial(
                side * (width / 2 - 0.04),
                0.2 * depth,
                0.6 * height,
                height + between(rng, 0.06, 0.14),
                shaded(shell, 0.7),
            )
        )
    return parts


def _brick(rng: np.random.Generator) -> list[Part]:
    """Make an early portable telephone: thick, with a long aerial and an ear piece that leans forward."""
    width, depth, height = between(rng, 0.18, 0.3), between(rng, 0.15, 0.26), between(rng, 0.5, 0.62)
    shell = pick(rng, "dark", "pale", "fabric")
    lean = between(rng, 0.02, 0.06)
    front, back = -depth / 2, depth / 2
    outline = [
        (front - lean, 0.0),
        (back, 0.0),
        (back, height - 0.04),
        (back - 0.04, height),
        (front - lean, height),
        (front - lean, height - 0.12),
        (front, height - 0.17),
        (front, 0.15),
        (front - lean, 0.1),
    ]
    parts = [extrude(outline, -width / 2, width / 2, "x", shell)]
    parts += make_keys(0.9 * width, 0.16, height - 0.19, front, rng, rows=count(rng, 3, 4))
    for z in (0.05, height - 0.06):
        parts.append(make_on_front((0.5 * width, THIN), (0.0, z), front - lean, shaded(shell, 0.6), 0.004))
    x = one_of(rng, (-1, 1)) * (width / 2 - 0.04)
    parts.append(
        make_aerial(x, back - 0.05, height - 0.1, height + between(rng, 0.18, 0.32), pick(rng, "rubber"))
    )
    return parts


def _folding(rng: np.random.Generator) -> list[Part]:
    """Make a telephone with a lid that stands open at an angle."""
    width, half, depth = between(rng, 0.3, 0.4), between(rng, 0.42, 0.5), between(rng, 0.07, 0.1)
    shell = pick(rng, "paint", "metal", "dark", "pale")
    upper = pick(rng, "metal", "paint")
    lid = [make_slab(width, depth, 0.0, half, upper, 0.05)]
    lid.append(
        make_on_front((0.76 * width, 0.62 * half), (0.0, 0.54 * half), -depth / 2, pick(rng, "screen"))
    )
    base = [make_slab(width, depth, -half, 0.0, shell, 0.05)]
    base += make_keys(0.84 * width, -0.92 * half, -0.14 * half, -depth / 2, rng, rows=count(rng, 3, 4))
    # Lying: the base flat on its back; standing: both in line, the lid bent forward a little.
    lies = chance(rng, 0.5)
    bend = between(rng, 0.25, 1.0) if lies else between(rng, 0.1, 0.6)
    parts = [turned(part, "x", -np.pi / 2 + bend if lies else -bend / 2) for part in base]
    parts += [turned(part, "x", bend * -0.3 if lies else bend / 2) for part in lid]
    parts.append(
        cylinder((-0.49 * width, 0.0, 0.0), (0.49 * width, 0.0, 0.0), 0.6 * depth, shaded(shell, 0.7))
    )
    if chance(rng, 0.4):
        parts.append(
            turned(
                make_aerial(0.42 * width, 0.3 * depth, 0.0, 0.16, shaded(shell, 0.6)),
                "x",
                np.pi / 2 if lies else 0.0,
            )
        )
    return parts


def _sliding(rng: np.random.Generator) -> list[Part]:
    width, height, depth = between(rng, 0.28, 0.44), between(rng, 0.52, 0.64), between(rng, 0.066, 0.11)
    shift = between(rng, 0.12, 0.3)
    shell = pick(rng, "dark", "metal", "paint")
    corner = between(rng, 0.02, 0.08)
    parts = [make_slab(width, depth, 0.0, height, shell, corner, y=depth / 2 - 0.002)]
    parts.append(make_slab(width, depth, shift, shift + height, shaded(shell, 1.12), corner, y=-depth / 2))
    screen = (0.84 * width, 0.66 * height)
    parts.append(make_on_front(screen, (0.0, shift + 0.57 * height), -depth, pick(rng, "screen")))
    parts.append(
        make_on_front((0.3 * width, 0.1), (0.0, shift + 0.1 * height), -depth, pick(rng, "metal", "gold"))
    )
    return parts + make_keys(0.9 * width, 0.015, shift - 0.01, 0.0, rng, rows=3)
