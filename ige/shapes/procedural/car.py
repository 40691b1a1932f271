"""Generated cars: small and large bodies, pick-ups, lorries and buses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ige.shapes.procedural.colours import pick
from ige.shapes.procedural.draws import between, chance, count, one_of, proportions
from ige.shapes.procedural.parts import THIN, Part, box, cylinder, extrude, mirrored
from ige.shapes.procedural.vehicle_parts import cabin, chassis, lights, wheels

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Body:
    """Ranges: sides of the box, then heights as shares of it, then places as shares of the length."""

    length: Range
    width: Range
    height: Range
    nose: Range  # height of the bonnet's front
    belt: Range  # height of the windows' lower edge
    screen: Range  # foot of the windscreen, from the front
    roof: Range  # where the roof begins, behind the windscreen's foot
    roof_end: Range
    rear: Range  # foot of the rear window, behind the roof's end
    tail: Range  # height of the tail, share of the belt


_BODIES = {
    "hatchback": _Body(
        (3.6, 4.2), (1.65, 1.8), (1.4, 1.55), (0.48, 0.54), (0.6, 0.66), (0.22, 0.28), (0.12, 0.18),
        (0.82, 0.88), (0.06, 0.1), (0.92, 1.0),
    ),
    "saloon": _Body(
        (4.4, 5.2), (1.7, 1.9), (1.35, 1.5), (0.5, 0.56), (0.63, 0.68), (0.26, 0.32), (0.12, 0.16),
        (0.66, 0.72), (0.12, 0.16), (0.92, 1.0),
    ),
    "estate": _Body(
        (4.4, 5.0), (1.7, 1.9), (1.4, 1.6), (0.48, 0.54), (0.6, 0.66), (0.25, 0.3), (0.12, 0.16),
        (0.88, 0.93), (0.03, 0.05), (0.95, 1.0),
    ),
    "van": _Body(
        (4.2, 5.4), (1.8, 2.1), (1.9, 2.5), (0.36, 0.42), (0.48, 0.54), (0.08, 0.16), (0.1, 0.14),
        (0.94, 0.97), (0.01, 0.02), (0.98, 1.0),
    ),
    "sports": _Body(
        (4.1, 4.7), (1.8, 2.0), (1.3, 1.4), (0.46, 0.54), (0.62, 0.66), (0.32, 0.4), (0.14, 0.18),
        (0.6, 0.7), (0.18, 0.24), (0.96, 1.06),
    ),
    "offroad": _Body(
        (3.8, 4.6), (1.75, 1.95), (1.75, 2.0), (0.58, 0.64), (0.62, 0.68), (0.26, 0.34), (0.03, 0.06),
        (0.92, 0.96), (0.01, 0.02), (0.98, 1.0),
    ),
}  # fmt: skip
_KINDS = (*_BODIES, "roadster", "pickup", "lorry", "bus")


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a car that stands on its wheels, bonnet towards -y."""
    kind = one_of(rng, _KINDS)
    if kind == "bus":
        return _bus(rng)
    if kind == "lorry":
        return _lorry(rng)
    if kind == "pickup":
        return _pickup(rng)
    return _passenger(rng, _BODIES["sports" if kind == "roadster" else kind], roof=kind != "roadster")


def _passenger(rng: np.random.Generator, body: _Body, *, roof: bool) -> list[Part]:
    length, width, height = proportions(rng, body.length, body.width, body.height)
    radius = between(rng, 0.22, 0.26) * height
    paint = pick(rng, "paint")
    belt = max(height * between(rng, *body.belt), 2.16 * radius + THIN)
    height = max(height, belt + 0.095)
    nose = max(min(height * between(rng, *body.nose), belt), 0.82 * belt)
    screen, tail = between(rng, *body.screen), belt * between(rng, *body.tail)
    outline = [
        (-length / 2, nose * 0.9),
        (-length / 2 + 0.03, nose),
        (length * (screen - 0.5), belt),
        (length * 0.44, belt),
        (length / 2 - 0.01, tail),
    ]
    axles = (length * between(rng, -0.34, -0.3), length * between(rng, 0.28, 0.33))
    parts = chassis(rng, outline, axles, width, radius, paint)
    parts += lights(rng, length, width, nose, tail)
    roof_start = screen + between(rng, *body.roof)
    roof_end = max(between(rng, *body.roof_end), roof_start + 0.12)
    rear = min(roof_end + between(rng, *body.rear), 0.985)
    if roof:
        low = (length * (screen - 0.5), length * (rear - 0.5), belt)
        high = (length * (roof_start - 0.5), length * (roof_end - 0.5), height)
        parts += cabin(rng, low, high, width, paint)
    else:
        parts += _open_cabin(rng, length * (screen - 0.5), length * (rear - 0.5), belt, width, height)
    if roof and roof_end - roof_start > 0.25 and chance(rng, 0.3):
        for side in (-0.3, 0.3):
            at = (side * width, length * ((roof_start + roof_end) / 2 - 0.5), height + THIN / 4)
            parts.append(box((THIN, length * (roof_end - roof_start) * 0.7, THIN), at, (60, 60, 64)))
    return parts


def _open_cabin(
    rng: np.random.Generator, front: float, back: float, belt: float, width: float, height: float
) -> list[Part]:
    """Make a windscreen, seats and a folded hood."""
    top = belt + max(0.8 * (height - belt), THIN)
    lean = between(rng, 0.02, 0.05)
    slab = [
        (front, belt - 0.03),
        (front + 0.075, belt - 0.03),
        (front + 0.075 + lean, top),
        (front + lean, top),
    ]
    parts = [extrude(slab, -0.45 * width, 0.45 * width, "x", pick(rng, "glass"))]
    leather = pick(rng, "leather")
    seat = (front + back) / 2 + 0.04
    for x in (-0.23 * width, 0.23 * width):
        parts.append(box((0.3 * width, THIN, top - belt + 0.04), (x, seat, (top + belt) / 2), leather))
    hood = (0.8 * width, 0.12, THIN)
    parts.append(box(hood, (0.0, seat + 0.12, belt + 0.01), pick(rng, "dark", "fabric")))
    return parts


def _pickup(rng: np.random.Generator) -> list[Part]:
    length, width, height = proportions(rng, (4.8, 5.6), (1.8, 2.0), (1.6, 1.9))
    radius, paint = between(rng, 0.075, 0.085), pick(rng, "paint")
    belt = max(height * between(rng, 0.58, 0.64), 2.16 * radius + THIN)
    nose = belt * between(rng, 0.88, 0.98)
    screen, back = length * between(rng, -0.26, -0.2), length * between(rng, 0.06, 0.16)
    outline = [(-length / 2, nose * 0.9), (-length / 2 + 0.02, nose), (screen, belt), (back, belt)]
    # The floor of the bed lies above the wheel arches, its walls as high as the doors or higher.
    floor = 2.14 * radius + THIN
    wall = max(belt, floor + THIN)
    outline += [(back + 0.001, floor), (length / 2, floor)]
    axles = (length * -0.32, length * between(rng, 0.28, 0.32))
    parts = chassis(rng, outline, axles, width, radius, paint)
    parts += lights(rng, length, width, nose, floor)
    lean = between(rng, 0.03, 0.06)
    parts += cabin(rng, (screen, back, belt), (screen + lean, back - 0.02, height), width, paint)
    bed = length / 2 - back
    side = box(
        (THIN, bed, wall - floor + 0.02), (width / 2 - THIN / 2, back + bed / 2, (wall + floor) / 2), paint
    )
    gate = box((width, THIN, wall - floor + 0.02), (0.0, length / 2 - THIN / 2, (wall + floor) / 2), paint)
    return [*parts, side, mirrored(side), gate]


def _lorry(rng: np.random.Generator) -> list[Part]:
    length, width, height = proportions(rng, (6.0, 9.0), (2.2, 2.5), (2.6, 3.4))
    radius, paint = between(rng, 0.06, 0.075), pick(rng, "paint")
    deck = 2.0 * radius + 0.02
    cab = between(rng, 0.16, 0.22)
    cab_top = height * between(rng, 0.75, 0.95)
    front = -length / 2
    axles = [front + 0.6 * cab, length / 2 - 1.5 * radius]
    if chance(rng, 0.7):
        axles.append(length / 2 - 3.8 * radius)
    wheel = max(THIN, 0.2 * width)
    # A little into the wheels on both sides.
    frame = box(
        (width - 2 * wheel + 0.02, length - 0.02, 2 * THIN), (0.0, 0.0, deck - THIN + 0.01), (50, 50, 54)
    )
    parts = [frame, *wheels(rng, tuple(axles), width, radius, wheel)]
    low = deck - 0.3 * radius
    slope = between(rng, 0.0, 0.04)
    nose = [
        (front, low),
        (front + cab, low),
        (front + cab, cab_top),
        (front + slope, cab_top),
        (front, low + 0.5 * (cab_top - low)),
    ]
    parts.append(extrude(nose, -width / 2, width / 2, "x", paint))
    pane = 0.3 * (cab_top - low)
    at = (0.0, front + slope / 2 + THIN / 2 - 0.012, cab_top - pane)
    parts.append(box((0.86 * width, THIN, max(pane, THIN)), at, pick(rng, "glass")))
    parts += lights(rng, length, width, low + 0.08, low + 0.08)[:2]
    start = front + cab + between(rng, 0.01, 0.04)
    return [*parts, *_load(rng, start, length / 2, width, deck, height)]


def _load(
    rng: np.random.Generator, start: float, end: float, width: float, deck: float, height: float
) -> list[Part]:
    """Make what a lorry carries from y to y on its deck: a box, a tank or crates on planks."""
    middle, load = (start + end) / 2, end - start
    kind = one_of(rng, ("box", "tank", "flat"))
    if kind == "box":
        colour = pick(rng, "pale", "paint")
        return [box((width, load, height - deck), (0.0, middle, (height + deck) / 2), colour)]
    if kind == "tank":
        half = min((height - deck) / 2, width / 2)
        ends = (0.0, start, deck + half), (0.0, end, deck + half)
        return [cylinder(*ends, half, pick(rng, "metal", "pale"), sections=24)]
    parts = [box((width, load, THIN), (0.0, middle, deck + THIN / 2), pick(rng, "wood"))]
    crates = count(rng, 1, 3)
    for index in range(crates):
        size = (
            width * between(rng, 0.6, 0.9),
            0.8 * load / crates,
            (height - deck) * between(rng, 0.35, 0.9),
        )
        at = (0.0, start + (index + 0.5) * load / crates, deck + THIN + size[2] / 2 - 0.01)
        parts.append(box(size, at, pick(rng, "wood", "paint")))
    return parts


def _bus(rng: np.random.Generator) -> list[Part]:
    length, width, height = proportions(rng, (7.0, 11.0), (2.3, 2.6), (2.8, 4.2))
    radius, paint = between(rng, 0.055, 0.068), pick(rng, "paint")
    slope = between(rng, 0.0, 0.05)
    outline = [(-length / 2, height * 0.5), (-length / 2 + slope, height), (length / 2, height)]
    axles = (length * between(rng, -0.34, -0.28), length * between(rng, 0.26, 0.33))
    parts = chassis(rng, outline, axles, width, radius, paint)
    glass = pick(rng, "glass")
    rows = 2 if height > 0.34 else 1
    for row in range(rows):
        band = max(THIN, height * 0.28 / rows)
        z = height * (0.84 if row == 0 else 0.5)
        windows = count(rng, 4, 7)
        step = 0.88 * length / windows
        for index in range(windows):
            y = -0.42 * length + (index + 0.5) * step
            parts.append(box((width + 0.012, max(0.8 * step, THIN), band), (0.0, y, z - band / 2), glass))
    pane = box(
        (0.9 * width, THIN, 0.3 * height),
        (0.0, -length / 2 + slope * 0.6 + THIN / 2 - 0.008, 0.72 * height),
        glass,
    )
    return [*parts, pane, *lights(rng, length, width, height * 0.36, height * 0.36)]
