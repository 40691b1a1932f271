"""Parts that generated cars share: lower bodies, wheels, windows, lights."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import MATERIALS, pick, shaded
from ige.shapes.procedural.draws import between, chance
from ige.shapes.procedural.parts import THIN, Colour, Floats, Part, box, cylinder, extrude, loft, mirrored


def chassis(
    rng: np.random.Generator,
    outline: list[tuple[float, float]],
    axles: tuple[float, ...],
    width: float,
    radius: float,
    paint: Colour,
) -> list[Part]:
    """Make the lower body with wheel arches under the upper outline (y, z), and the wheels."""
    bottom = radius * between(rng, 0.55, 0.8)
    arch = radius * 1.14
    front, back = outline[0][0], outline[-1][0]
    # Enough is left of the body before the first arch and behind the last.
    axles = tuple(min(max(axle, front + arch + THIN), back - arch - THIN) for axle in axles)
    lower = []
    for axle in axles:
        half = float(np.sqrt(arch**2 - (radius - bottom) ** 2))
        start = np.arctan2(bottom - radius, -half)
        # From the front foot of the arch over its top to the rear foot.
        angles = np.linspace(start + 2 * np.pi, np.arctan2(bottom - radius, half), 9)
        lower += [(axle + arch * float(np.cos(a)), radius + arch * float(np.sin(a))) for a in angles]
    profile = [(front, bottom + 0.02), (front + 0.02, bottom), *lower, (back, bottom), *outline[::-1]]
    wheel = max(THIN, width * between(rng, 0.15, 0.2))
    parts = [extrude(profile, -width / 2, width / 2, "x", paint)]
    core = width - 2 * wheel
    top = min(z for _, z in outline) - 0.01
    parts.append(
        box(
            (core, back - front - 0.04, top - bottom),
            (0.0, (front + back) / 2, (top + bottom) / 2),
            shaded(paint, 0.5),
        )
    )
    return parts + wheels(rng, axles, width, radius, wheel)


def wheels(
    rng: np.random.Generator, axles: tuple[float, ...], width: float, radius: float, wheel: float
) -> list[Part]:
    """Make a pair of wheels on the ground at each of the axles (y)."""
    rubber, metal = pick(rng, "rubber"), pick(rng, "metal", "dark")
    hub = max(0.55 * radius, between(rng, 0.5, 0.72) * radius)
    out = width / 2 + between(rng, 0.002, 0.014)
    parts = []
    for axle in axles:
        tyre = cylinder((out - wheel, axle, radius), (out, axle, radius), radius, rubber, sections=20)
        cap = cylinder((out - wheel, axle, radius), (out + 0.006, axle, radius), hub, metal, sections=12)
        parts += [tyre, cap, mirrored(tyre), mirrored(cap)]
    return parts


def cabin(
    rng: np.random.Generator,
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    width: float,
    paint: Colour,
) -> list[Part]:
    """Make windows between two rectangles, each (front, back, height), and a roof with pillars."""
    glass = pick(rng, "glass")
    inner, upper = width * 0.96, width * between(rng, 0.76, 0.9)

    def ring(share: float, grow: float) -> Floats:
        front, back, z = (a + share * (b - a) for a, b in zip(low, high, strict=True))
        half = (inner + share * (upper - inner)) / 2 + grow
        front, back = front - grow, back + grow
        return np.array([(-half, front, z), (half, front, z), (half, back, z), (-half, back, z)])

    rise = high[2] - low[2]
    foot = ring(0.0, 0.0)
    foot[:, 2] -= THIN  # inside the lower body
    windows = loft([foot, ring(1.0 - 0.016 / rise, 0.0)], glass)
    # Most of the roof's thickness is inside the windows.
    top = ring(1.0, 0.0)
    roof = loft([top - np.array([0.0, 0.0, THIN]), top], paint)
    parts = [windows, roof]
    # Below the roof alone: elsewhere they would stick out of the slanting windows.
    pillars = [(high[0] + high[1]) / 2] if chance(rng, 0.7) else []
    if chance(rng, 0.4):
        pillars.append(high[1] - THIN / 2)
    for y in pillars:
        post = foot + np.array([0.0, 0.0, 0.01]), ring(1.0 - 0.3 * THIN / rise, 0.0)
        for square in post:
            square[:, 0] += 0.005 * np.sign(square[:, 0])
            square[:2, 1], square[2:, 1] = y - THIN / 2, y + THIN / 2
        parts.append(loft(post, shaded(paint, 0.9)))
    return parts


def lights(rng: np.random.Generator, length: float, width: float, nose: float, tail: float) -> list[Part]:
    """Make a pair of headlights and a pair of tail lights, below the edges of nose and tail."""
    size = between(rng, THIN, 0.085)
    parts = []
    for y, z, material in ((-length / 2, nose * 0.8, "light"), (length / 2, tail * 0.8, "warning")):
        colour = MATERIALS[material][0]
        inward = np.sign(-y) * (THIN / 2 - 0.008)
        lamp = box((size, THIN, THIN), (width / 2 - size / 2 - 0.012, y + inward, z), colour)
        parts += [lamp, mirrored(lamp)]
    return parts
