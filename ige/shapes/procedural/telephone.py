"""Generated telephones: smartphones, bars with aerials, folding and sliding ones, desk and wall telephones."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of, proportions
from ige.shapes.procedural.parts import (
    THIN,
    Colour,
    Part,
    box,
    capsule,
    cylinder,
    extrude,
    moved,
    torus,
    tube,
    turned,
)
from ige.shapes.procedural.profiles import rounded

_PROUD = 0.008  # how far keys and screens stand out


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a telephone, upright or lying, its front towards -y."""
    kinds = (_smart, _bar, _brick, _folding, _sliding, _desk, _dial, _cordless, _wall)
    return one_of(rng, kinds)(rng)


def _slab(
    width: float, depth: float, low: float, high: float, colour: Colour, corner: float, *, y: float = 0.0
) -> Part:
    """Make an upright body with round corners, seen from the front."""
    outline = rounded(width, high - low, corner, steps=5, centre=(0.0, (low + high) / 2))
    return extrude(outline, y - depth / 2, y + depth / 2, "y", colour)


def _on_front(
    size: tuple[float, float], at: tuple[float, float], front: float, colour: Colour, proud: float = _PROUD
) -> Part:
    """Make something of size (x, z) at (x, z) that stands out of a front at y and is sunk into it."""
    return box((size[0], THIN, size[1]), (at[0], front - proud + THIN / 2, at[1]), colour)


def _keys(
    width: float, low: float, high: float, front: float, rng: np.random.Generator, *, rows: int = 4
) -> list[Part]:
    """Make three columns of keys between two heights."""
    colour = pick(rng, "pale", "dark", "metal")
    step = (width / 3, (high - low) / rows)
    size = max(0.72 * step[0], THIN), max(0.62 * step[1], THIN)
    proud = between(rng, 0.006, 0.016)
    return [
        _on_front(size, ((column - 1) * step[0], low + (row + 0.5) * step[1]), front, colour, proud)
        for column in range(3)
        for row in range(rows)
    ]


def _aerial(x: float, y: float, low: float, high: float, colour: Colour) -> Part:
    return capsule((x, y, low), (x, y, high), 0.03, colour, sections=12)


def _smart(rng: np.random.Generator) -> list[Part]:
    width, depth, height = proportions(rng, (0.42, 0.6), (0.062, 0.1), (0.86, 0.95))
    depth = max(depth, THIN + 0.004)
    shell = pick(rng, "dark", "pale", "metal", "gold", "paint")
    parts = [_slab(width, depth, 0.0, height, shell, between(rng, 0.02, 0.08))]
    rim = between(rng, 0.012, 0.07)
    top = between(rng, 0.0, 1.0) * 0.06
    screen = (width - 0.03, height - 2 * rim - top)
    parts.append(_on_front(screen, (0.0, height / 2 - top / 2), -depth / 2, pick(rng, "screen"), 0.004))
    if chance(rng, 0.4):
        parts.append(
            cylinder(
                (0.0, -depth / 2 - 0.008, rim / 2 + 0.03),
                (0.0, 0.0, rim / 2 + 0.03),
                0.032,
                shaded(shell, 0.8),
            )
        )
    lens = pick(rng, "dark")
    for index in range(count(rng, 1, 3)):
        at = (width / 2 - 0.08, height - 0.08 - 0.075 * index)
        parts.append(
            cylinder((at[0], 0.0, at[1]), (at[0], depth / 2 + 0.014, at[1]), 0.033, lens, sections=14)
        )
    return parts


def _bar(rng: np.random.Generator) -> list[Part]:
    width, depth, height = proportions(rng, (0.3, 0.44), (0.12, 0.22), (0.8, 0.88))
    shell = pick(rng, "paint", "dark", "metal")
    body = _slab(width, depth, 0.0, height, shell, between(rng, 0.03, 0.5 * width))
    middle = height * between(rng, 0.5, 0.58)
    screen = (0.74 * width, 0.86 * height - middle)
    parts = [body, _on_front(screen, (0.0, (middle + 0.9 * height) / 2), -depth / 2, pick(rng, "screen"))]
    parts += _keys(0.84 * width, 0.06 * height, middle - 0.03, -depth / 2, rng, rows=count(rng, 3, 4))
    if chance(rng, 0.5):
        side = one_of(rng, (-1, 1))
        parts.append(
            _aerial(
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
    width, depth, height = between(rng, 0.2, 0.26), between(rng, 0.16, 0.24), between(rng, 0.52, 0.6)
    shell = pick(rng, "dark", "pale", "fabric")
    lean = between(rng, 0.02, 0.06)
    front, back = -depth / 2, depth / 2
    outline = [(front - lean, 0.0), (back, 0.0), (back, height - 0.04), (back - 0.04, height), (front - lean, height),
               (front - lean, height - 0.12), (front, height - 0.17), (front, 0.15), (front - lean, 0.1)]  # fmt: skip
    parts = [extrude(outline, -width / 2, width / 2, "x", shell)]
    parts += _keys(0.9 * width, 0.16, height - 0.19, front, rng, rows=count(rng, 3, 4))
    for z in (0.05, height - 0.06):
        parts.append(_on_front((0.5 * width, THIN), (0.0, z), front - lean, shaded(shell, 0.6), 0.004))
    x = one_of(rng, (-1, 1)) * (width / 2 - 0.04)
    parts.append(
        _aerial(x, back - 0.05, height - 0.1, height + between(rng, 0.18, 0.32), pick(rng, "rubber"))
    )
    return parts


def _folding(rng: np.random.Generator) -> list[Part]:
    """Make a telephone with a lid that stands open at an angle."""
    width, half, depth = between(rng, 0.3, 0.4), between(rng, 0.42, 0.5), between(rng, 0.07, 0.1)
    shell = pick(rng, "paint", "metal", "dark", "pale")
    upper = pick(rng, "metal", "paint")
    lid = [_slab(width, depth, 0.0, half, upper, 0.05)]
    lid.append(_on_front((0.76 * width, 0.62 * half), (0.0, 0.54 * half), -depth / 2, pick(rng, "screen")))
    base = [_slab(width, depth, -half, 0.0, shell, 0.05)]
    base += _keys(0.84 * width, -0.92 * half, -0.14 * half, -depth / 2, rng, rows=count(rng, 3, 4))
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
                _aerial(0.42 * width, 0.3 * depth, 0.0, 0.16, shaded(shell, 0.6)),
                "x",
                np.pi / 2 if lies else 0.0,
            )
        )
    return parts


def _sliding(rng: np.random.Generator) -> list[Part]:
    width, height, depth = between(rng, 0.36, 0.44), between(rng, 0.56, 0.64), between(rng, 0.068, 0.085)
    shift = between(rng, 0.2, 0.28)
    shell = pick(rng, "dark", "metal", "paint")
    corner = between(rng, 0.02, 0.08)
    parts = [_slab(width, depth, 0.0, height, shell, corner, y=depth / 2 - 0.002)]
    parts.append(_slab(width, depth, shift, shift + height, shaded(shell, 1.12), corner, y=-depth / 2))
    screen = (0.84 * width, 0.66 * height)
    parts.append(_on_front(screen, (0.0, shift + 0.57 * height), -depth, pick(rng, "screen")))
    parts.append(
        _on_front((0.3 * width, 0.1), (0.0, shift + 0.1 * height), -depth, pick(rng, "metal", "gold"))
    )
    return parts + _keys(0.9 * width, 0.015, shift - 0.01, 0.0, rng, rows=3)


def _handset(length: float, colour: Colour, *, drop: float, size: float) -> list[Part]:
    """Make a handset along x, its grip at z = 0, its cups `drop` below."""
    ends = length / 2 - size
    grip = [
        (-ends - 0.02, 0.0, -0.02),
        (-0.5 * ends, 0.0, 0.0),
        (0.5 * ends, 0.0, 0.0),
        (ends + 0.02, 0.0, -0.02),
    ]
    parts = [tube(grip, 0.036, colour, sections=12)]
    for x in (-ends, ends):
        parts.append(
            cylinder((x, 0.0, 0.018), (x, 0.0, -drop), size, colour, end_radius=1.1 * size, sections=18)
        )
    return parts


def _wedge(width: float, depth: float, front: float, back: float, colour: Colour) -> Part:
    """Make a body whose top rises from the front to the back."""
    side = [
        (-depth / 2, 0.0),
        (depth / 2, 0.0),
        (depth / 2, back),
        (depth / 2 - 0.1, back),
        (-depth / 2, front),
    ]
    return extrude(side, -width / 2, width / 2, "x", colour)


def _desk(rng: np.random.Generator) -> list[Part]:
    """Make a desk telephone with keys, its handset across the back or at the left side."""
    width, depth = between(rng, 0.56, 0.66), between(rng, 0.52, 0.64)
    front, back = between(rng, 0.065, 0.1), between(rng, 0.17, 0.26)
    shell = pick(rng, "dark", "pale", "paint", "wood")
    parts = [_wedge(width, depth, front, back, shell)]
    slope = (back - front) / (depth - 0.1)
    tone = pick(rng, "pale", "dark", "metal")
    beside = chance(rng, 0.5)
    shift = 0.12 * width if beside else 0.0
    for column in range(3):
        for row in range(4):
            y = -depth / 2 + 0.07 + 0.085 * row
            at = (shift + (column - 1) * 0.105, y, front + slope * (y + depth / 2) - THIN / 2 + 0.016)
            parts.append(box((0.075, 0.06, THIN), at, tone))
    handset = _handset(between(rng, 0.56, 0.62), shaded(shell, 0.9), drop=0.075, size=0.07)
    if beside:
        turn = [turned(part, "z", np.pi / 2) for part in handset]
        lean = [turned(part, "x", float(np.arctan(slope))) for part in turn]
        parts += [moved(part, (-width / 2 + 0.09, 0.0, (front + back) / 2 + 0.075)) for part in lean]
        parts.append(box((0.3, 0.11, THIN), (shift, depth / 2 - 0.13, back - 0.02), pick(rng, "screen")))
    else:
        parts += [moved(part, (0.0, depth / 2 - 0.09, back + 0.07)) for part in handset]
    return parts


def _dial(rng: np.random.Generator) -> list[Part]:
    """Make a telephone with a dial and a handset on a cradle."""
    width, depth, height = between(rng, 0.46, 0.56), between(rng, 0.44, 0.54), between(rng, 0.24, 0.32)
    shell = pick(rng, "dark", "paint", "pale")
    top = 0.3 * depth
    side = [(-depth / 2, 0.0), (depth / 2, 0.0), (depth / 2 - 0.03, 0.6 * height), (top / 2 + 0.06, height),
            (-top / 2 + 0.06, height), (-depth / 2, 0.07)]  # fmt: skip
    parts = [extrude(side, -width / 2, width / 2, "x", shell)]
    # The dial lies on the slope from the front edge to the top.
    run, rise = depth / 2 - top / 2 + 0.06, height - 0.07
    tilt = float(np.arctan2(rise, run))
    size = between(rng, 0.13, 0.16)
    disc = [
        cylinder((0.0, 0.0, -THIN), (0.0, 0.0, 0.012), size, pick(rng, "metal", "pale", "gold"), sections=24)
    ]
    disc.append(torus((0.0, 0.0, 0.012), (0.0, 0.0, 1.0), 0.8 * size, 0.03, shaded(shell, 0.8), rings=8))
    disc.append(cylinder((0.0, 0.0, -THIN), (0.0, 0.0, 0.03), 0.4 * size, pick(rng, "pale"), sections=16))
    centre = (0.0, -depth / 2 + 0.5 * run, 0.07 + 0.5 * rise)
    parts += [moved(turned(part, "x", tilt), centre) for part in disc]
    for x in (-0.11, 0.11):
        parts.append(box((THIN, 0.1, 0.12), (x, 0.06, height + 0.02), shaded(shell, 0.8)))
    handset = _handset(between(rng, 0.58, 0.66), shell, drop=0.08, size=between(rng, 0.06, 0.075))
    return [*parts, *(moved(part, (0.0, 0.06, height + 0.1)) for part in handset)]


def _cordless(rng: np.random.Generator) -> list[Part]:
    """Make a handset that stands in a charger."""
    width, depth, height = between(rng, 0.2, 0.28), between(rng, 0.1, 0.15), between(rng, 0.66, 0.76)
    shell = pick(rng, "dark", "pale", "metal")
    phone = [_slab(width, depth, 0.0, height, shell, between(rng, 0.03, 0.1))]
    phone.append(
        _on_front((0.72 * width, 0.2 * height), (0.0, 0.76 * height), -depth / 2, pick(rng, "screen"))
    )
    phone += _keys(0.9 * width, 0.2 * height, 0.6 * height, -depth / 2, rng)
    if chance(rng, 0.5):
        phone.append(
            _aerial(0.3 * width, 0.0, height - 0.05, height + between(rng, 0.08, 0.14), shaded(shell, 0.7))
        )
    lean = between(rng, -0.3, -0.05)
    parts = [moved(turned(part, "x", lean), (0.0, 0.0, 0.04)) for part in phone]
    base, long = between(rng, 0.3, 0.44), between(rng, 0.3, 0.42)
    outline = rounded(base, long, between(rng, 0.03, 0.14), steps=6)
    parts.append(extrude(outline, 0.0, between(rng, 0.07, 0.1), "z", shaded(shell, 0.85)))
    parts.append(extrude(rounded(width + 0.07, depth + 0.08, 0.03), 0.0, between(rng, 0.14, 0.2), "z", shell))
    return parts


def _wall(rng: np.random.Generator) -> list[Part]:
    """Make a wall or coin telephone: an upright case with the handset at its side and a cord."""
    width, depth, height = between(rng, 0.34, 0.46), between(rng, 0.14, 0.22), between(rng, 0.72, 0.8)
    shell = pick(rng, "metal", "dark", "paint", "wood", "pale")
    parts = [_slab(width, depth, 0.0, height, shell, between(rng, 0.0, 0.06))]
    parts += [
        moved(key, (0.07, 0.0, 0.0)) for key in _keys(0.26, 0.36 * height, 0.7 * height, -depth / 2, rng)
    ]
    parts.append(_on_front((0.22, 0.1), (0.07, 0.84 * height), -depth / 2, pick(rng, "screen")))
    tone = pick(rng, "dark", "paint")
    handset = [
        turned(part, "y", np.pi / 2)
        for part in _handset(between(rng, 0.46, 0.54), tone, drop=0.07, size=0.058)
    ]
    # Turned by a quarter the cups point to -x: here they point into the case.
    handset = [turned(part, "z", np.pi / 2) for part in handset]
    parts += [moved(part, (-0.3 * width, -depth / 2 - 0.05, 0.6 * height)) for part in handset]
    foot = (-0.3 * width, -depth / 2 - 0.03, 0.6 * height - 0.2)
    sag = between(rng, 0.1, 0.16)
    cord = [foot, (foot[0], foot[1], foot[2] - sag), (0.0, foot[1], foot[2] - sag - 0.07), (0.3 * width, foot[1] + 0.02, foot[2] - sag),
            (0.3 * width, foot[1] + 0.06, foot[2] - 0.02)]  # fmt: skip
    parts.append(tube(cord, 0.029, pick(rng, "rubber"), sections=10))
    if chance(rng, 0.5):
        parts.append(_on_front((0.16, 0.07), (0.08, 0.08), -depth / 2, pick(rng, "metal"), 0.02))
    return parts
