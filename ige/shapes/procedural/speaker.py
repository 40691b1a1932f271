"""Generated loudspeakers: boxes, towers, balls, cylinders, bars, stage monitors, horns, sets."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of, proportions
from ige.shapes.procedural.parts import (
    THIN,
    Part,
    box,
    cylinder,
    ellipsoid,
    extrude,
    lathe,
    mirrored,
    moved,
    torus,
    tube,
    turned,
)
from ige.shapes.procedural.profiles import rounded
from ige.shapes.procedural.speaker_parts import make_cabinet, make_driver, make_drivers


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a loudspeaker, its membranes towards -y."""
    kinds = (_shelf, _tower, _on_stand, _ball, _column, _bar, _stage, _horn, _set, _bass, _panel)
    return one_of(rng, kinds)(rng)


def _shelf(rng: np.random.Generator) -> list[Part]:
    width, depth, height = proportions(rng, (0.34, 0.62), (0.3, 0.62), (0.5, 0.9))
    colour = pick(rng, "wood", "dark", "pale")
    parts = [make_cabinet(width, depth, 0.0, height, rng, colour)]
    parts += make_drivers(width, 0.02, height - 0.02, -depth / 2, rng, count(rng, 1, 3))
    if chance(rng, 0.3):
        foot = cylinder(
            (0.36 * width, -0.36 * depth, -0.05), (0.36 * width, -0.36 * depth, 0.03), 0.033, (40, 40, 40)
        )
        parts += [foot, mirrored(foot)]
        parts += [moved(part, (0.0, 0.66 * depth, 0.0)) for part in (foot, mirrored(foot))]
    return parts


def _tower(rng: np.random.Generator) -> list[Part]:
    width, depth, height = proportions(rng, (0.18, 0.28), (0.2, 0.36), (0.9, 0.96))
    colour = pick(rng, "wood", "dark", "pale", "paint")
    parts = [make_cabinet(width, depth, 0.03, height, rng, colour)]
    parts += make_drivers(
        width, between(rng, 0.04, 0.3) * height, height - 0.02, -depth / 2, rng, count(rng, 2, 4)
    )
    reach = between(rng, 1.0, 1.5)
    parts.append(box((reach * width, reach * depth, THIN), (0.0, 0.0, THIN / 2), shaded(colour, 0.6)))
    return parts


def _on_stand(rng: np.random.Generator) -> list[Part]:
    width, depth, height = between(rng, 0.2, 0.28), between(rng, 0.2, 0.28), between(rng, 0.28, 0.4)
    rise, colour, metal = (
        between(rng, 0.38, 0.48),
        pick(rng, "wood", "dark", "pale"),
        pick(rng, "metal", "dark"),
    )
    case = [
        make_cabinet(width, depth, 0.0, height, rng, colour),
        *make_drivers(width, 0.01, height - 0.01, -depth / 2, rng, 2),
    ]
    parts = [moved(part, (0.0, 0.0, rise)) for part in case]
    top = (0.0, 0.0, rise + 0.02)
    if chance(rng, 0.5):
        parts.append(cylinder((0.0, 0.0, 0.02), top, between(rng, 0.034, 0.05), metal))
        size = between(rng, 0.12, 0.16)
        parts.append(lathe([(size, 0.0), (size, 0.06), (0.05, 0.09)], metal, sections=24))
    elif chance(rng, 0.5):  # a tripod
        parts.append(cylinder((0.0, 0.0, 0.12), top, 0.032, metal))
        for angle in (-np.pi / 2, np.pi / 6, 5 * np.pi / 6):
            end = (0.2 * np.cos(angle), 0.2 * np.sin(angle), 0.03)
            parts.append(cylinder((0.0, 0.0, 0.22), end, 0.033, metal, sections=10))
    else:
        parts.append(box((0.8 * width, THIN, rise), (0.0, 0.0, rise / 2), metal))
        parts.append(box((1.1 * width, 1.1 * depth, THIN), (0.0, 0.0, THIN / 2), metal))
    return parts


def _ball(rng: np.random.Generator) -> list[Part]:
    colour, size = pick(rng, "paint", "pale", "dark"), between(rng, 0.22, 0.28)
    flat = between(rng, 0.8, 1.1)
    rise = between(rng, 0.0, 0.2)
    centre = (0.0, 0.0, size * flat + rise)
    parts = [ellipsoid(centre, (size, size, size * flat), colour, sections=24, rings=14)]
    parts += make_driver(
        0.0, centre[2], -0.93 * size, between(rng, 0.35, 0.55) * size, rng, pick(rng, "dark")
    )
    metal = pick(rng, "metal", "dark")
    if rise > 0.07:
        parts.append(cylinder((0.0, 0.0, 0.02), (0.0, 0.0, rise + 0.1), 0.04, metal))
        parts.append(cylinder((0.0, 0.0, 0.0), (0.0, 0.0, THIN), between(rng, 0.14, 0.2), metal, sections=24))
    else:
        parts.append(torus((0.0, 0.0, rise + 0.05), (0.0, 0.0, 1.0), 0.5 * size, 0.035, metal))
    if chance(rng, 0.4):
        z = centre[2] + flat * size
        parts.append(cylinder((0.0, 0.0, z - 0.05), (0.0, 0.0, z + 0.03), 0.05, metal))
    return parts


def _column(rng: np.random.Generator) -> list[Part]:
    """Make a round, upright loudspeaker."""
    height = between(rng, 0.62, 0.84)
    size = float(np.sqrt((1.0 - height**2) / 2.0)) / 2.0
    cloth, ends = pick(rng, "fabric", "dark", "pale"), pick(rng, "dark", "metal", "pale")
    waist = between(rng, 0.78, 1.0)
    top = between(rng, 0.7, 1.0)
    profile = [
        (0.9 * size, 0.0),
        (size, 0.05),
        (waist * size, 0.5 * height),
        (top * size, height - 0.05),
        (0.85 * top * size, height),
    ]
    parts = [lathe(profile, cloth, sections=28)]
    parts.append(lathe([(1.01 * size, 0.0), (1.02 * size, THIN)], ends, sections=28))
    parts.append(
        cylinder((0.0, 0.0, height - THIN), (0.0, 0.0, height + 0.012), 0.6 * top * size, ends, sections=20)
    )
    z = height * between(rng, 0.4, 0.6)
    if chance(rng, 0.5):
        parts.append(torus((0.0, 0.0, z), (0.0, 0.0, 1.0), waist * size, 0.034, ends))
    if chance(rng, 0.6):
        parts += make_driver(0.0, 0.3 * height, -0.92 * size, 0.55 * size, rng, ends)
    return parts


def _bar(rng: np.random.Generator) -> list[Part]:
    width, depth, height = proportions(rng, (0.9, 0.95), (0.1, 0.17), (0.09, 0.2))
    shell, cloth = pick(rng, "dark", "metal", "wood"), pick(rng, "dark", "fabric")
    outline = rounded(depth, height, between(rng, 0.0, 0.5) * depth, steps=5, centre=(0.0, height / 2 + 0.02))
    parts = [extrude(outline, -width / 2, width / 2, "x", shell)]
    z = height / 2 + 0.02
    number = count(rng, 2, 6)
    size = max(min(0.4 * height, 0.4 * width / number), 0.042)
    for index in range(number):
        x = width * (-0.42 + 0.84 * index / (number - 1))
        parts += make_driver(x, z, -depth / 2, size, rng, cloth)
    for x in (-0.36 * width, 0.36 * width):
        parts.append(box((0.1, 0.9 * depth, THIN), (x, 0.0, THIN / 2 - 0.02), shaded(shell, 0.7)))
    if chance(rng, 0.4):
        parts.append(box((0.3, THIN, THIN), (0.0, 0.0, height + 0.01), pick(rng, "metal")))
    return parts


def _stage(rng: np.random.Generator) -> list[Part]:
    """Make a stage monitor, which leans back, or a case with a slanting side for a pole."""
    width, depth, height = proportions(rng, (0.4, 0.8), (0.34, 0.6), (0.3, 0.6))
    colour = pick(rng, "dark", "fabric")
    lean = between(rng, 0.3, 0.55) * depth
    side = [
        (-depth / 2, 0.0),
        (depth / 2, 0.0),
        (depth / 2, 0.7 * height),
        (depth / 2 - 0.06, height),
        (-depth / 2 + lean, height),
        (-depth / 2, 0.08),
    ]
    parts = [extrude(side, -width / 2, width / 2, "x", colour)]
    tilt = -float(np.arctan2(lean, height - 0.08))
    centre = (0.0, -depth / 2 + lean / 2, 0.08 + (height - 0.08) / 2)
    room = float(np.hypot(lean, height - 0.08))
    size = min(0.4 * room, 0.22 * width)
    face = [*make_driver(-0.2 * width, 0.0, 0.0, size, rng, pick(rng, "dark", "metal"))]
    face.append(
        box((0.28 * width, THIN, 0.3 * room), (0.25 * width, THIN / 2 - 0.01, 0.0), pick(rng, "dark"))
    )
    face += make_driver(0.25 * width, 0.0, -0.006, max(0.1 * room, 0.045), rng, pick(rng, "metal"))
    parts += [moved(turned(part, "x", tilt), centre) for part in face]
    grip = box((THIN, 0.16, THIN), (width / 2 + 0.012, 0.1 * depth, 0.6 * height), pick(rng, "metal"))
    return [*parts, grip, mirrored(grip)]


def _horn(rng: np.random.Generator) -> list[Part]:
    """Make a horn on a pole or a gramophone's horn on a box."""
    metal = pick(rng, "gold", "metal", "pale")
    size, long = between(rng, 0.2, 0.27), between(rng, 0.34, 0.44)
    bell = [
        (0.04, 0.0),
        (0.07, 0.3 * long),
        (0.45 * size + 0.04, 0.6 * long),
        (size, long),
        (size - 0.09, long),
        (0.03, 0.8 * long),
    ]
    # Turned forward, a little upwards.
    horn = turned(lathe(bell, metal, sections=24), "x", np.pi / 2 - between(rng, 0.05, 0.4))
    if chance(rng, 0.5):
        rise = between(rng, 0.36, 0.46)
        parts = [moved(horn, (0.0, 0.1, rise))]
        parts.append(
            cylinder((0.0, 0.1, rise + 0.01), (0.0, 0.22, rise - 0.03), 0.08, shaded(metal, 0.8), sections=18)
        )
        parts.append(cylinder((0.0, 0.16, 0.02), (0.0, 0.16, rise), 0.034, pick(rng, "dark")))
        parts.append(
            cylinder(
                (0.0, 0.16, 0.0), (0.0, 0.16, THIN), between(rng, 0.12, 0.17), pick(rng, "dark"), sections=24
            )
        )
        return parts
    wood, side, high = pick(rng, "wood"), between(rng, 0.36, 0.44), between(rng, 0.14, 0.2)
    parts = [
        box((side, side, high), (0.0, 0.0, high / 2), wood),
        box((side + 0.06, side + 0.06, THIN), (0.0, 0.0, THIN / 2), wood),
    ]
    parts.append(
        cylinder((0.0, -0.03, high - 0.03), (0.0, -0.03, high + 0.03), 0.15, pick(rng, "dark"), sections=24)
    )
    top = high + between(rng, 0.18, 0.28)
    parts.append(
        tube([(0.0, 0.17, high - 0.02), (0.0, 0.17, top), (0.0, 0.03, top + 0.05)], 0.034, metal, sections=12)
    )
    return [*parts, moved(horn, (0.0, 0.06, top + 0.04))]


def _set(rng: np.random.Generator) -> list[Part]:
    """Make a bass box between two small loudspeakers."""
    width, height, depth = between(rng, 0.28, 0.36), between(rng, 0.34, 0.46), between(rng, 0.3, 0.4)
    shell, tone = pick(rng, "dark", "wood", "pale"), pick(rng, "dark", "metal")
    parts = [make_cabinet(width, depth, 0.0, height, rng, shell)]
    parts += make_driver(0.0, 0.5 * height, -depth / 2, 0.38 * min(width, height), rng, tone)
    small, tall = between(rng, 0.13, 0.17), between(rng, 0.2, 0.4)
    one = [
        make_cabinet(small, small, 0.02, tall, rng, shell),
        *make_drivers(small, 0.03, tall, -small / 2, rng, count(rng, 1, 2)),
    ]
    one.append(cylinder((0.0, 0.0, 0.0), (0.0, 0.0, THIN), 0.6 * small, shaded(shell, 0.7), sections=20))
    angle, x = between(rng, 0.0, 0.5), width / 2 + between(rng, 0.12, 0.18)
    right = [moved(turned(part, "z", -angle), (x, -0.1, 0.0)) for part in one]
    return [*parts, *right, *(mirrored(part) for part in right)]


def _bass(rng: np.random.Generator) -> list[Part]:
    width, depth, height = proportions(rng, (0.55, 0.65), (0.5, 0.62), (0.5, 0.62))
    colour = pick(rng, "dark", "wood", "pale")
    rise = between(rng, 0.04, 0.08)
    parts = [moved(make_cabinet(width, depth, 0.0, height - rise, rng, colour), (0.0, 0.0, rise))]
    size = between(rng, 0.32, 0.42) * min(width, height - rise)
    parts += make_driver(
        0.0, rise + 0.5 * (height - rise), -depth / 2, size, rng, pick(rng, "dark", "metal", "warning")
    )
    foot = cylinder(
        (0.36 * width, -0.3 * depth, 0.0),
        (0.36 * width, -0.3 * depth, rise + 0.03),
        0.036,
        pick(rng, "metal"),
    )
    for y in (0.0, 0.6 * depth):
        parts += [moved(foot, (0.0, y, 0.0)), moved(mirrored(foot), (0.0, y, 0.0))]
    port = 0.4 * width * one_of(rng, (-1, 1))
    if chance(rng, 0.5):
        parts += make_driver(port * 0.9, rise + 0.08, -depth / 2, 0.045, rng, pick(rng, "dark"))
    return parts


def _panel(rng: np.random.Generator) -> list[Part]:
    """Make a flat, upright loudspeaker on feet."""
    width, depth, height = proportions(rng, (0.36, 0.6), (0.06, 0.08), (0.76, 0.9))
    depth = max(depth, THIN)
    frame, cloth = pick(rng, "dark", "wood", "metal"), pick(rng, "fabric", "pale")
    outline = rounded(width, height, between(rng, 0.0, 0.2) * width, steps=8, centre=(0.0, height / 2 + 0.03))
    parts = [extrude(outline, -depth / 2, depth / 2, "y", frame)]
    inner = rounded(width - 0.08, height - 0.1, 0.1 * width, steps=5, centre=(0.0, height / 2 + 0.03))
    parts.append(extrude(inner, -depth / 2 - 0.006, THIN - depth / 2, "y", cloth))
    reach = between(rng, 0.1, 0.16)
    foot = box((0.07, 2 * reach, THIN), (0.3 * width, 0.0, THIN / 2), frame)
    bar = box((0.6 * width, THIN, THIN), (0.0, depth / 2 + 0.01, 0.5 * height), frame)
    return [*parts, foot, mirrored(foot), bar]
