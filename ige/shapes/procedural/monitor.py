"""Generated monitors: flat and curved ones on many stands, tubes, televisions, laptops, all-in-ones."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.monitor_parts import make_panel, make_stand
from ige.shapes.procedural.parts import (
    THIN,
    Floats,
    Part,
    box,
    cylinder,
    extrude,
    lathe,
    loft,
    mirrored,
    moved,
    tapered,
    turned,
)
from ige.shapes.procedural.profiles import band, rounded


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of a monitor that stands, its screen towards -y."""
    kinds = (
        _flat,
        _flat,
        _curved,
        _tube,
        _television,
        _old_television,
        _laptop,
        _all_in_one,
        _pair,
        _upright,
    )
    return one_of(rng, kinds)(rng)


def _flat(rng: np.random.Generator) -> list[Part]:
    width, shape = between(rng, 0.7, 0.84), between(rng, 0.5, 0.78)
    height, rise = width * shape * between(rng, 0.85, 1.0), between(rng, 0.08, 0.18)
    if height > 0.5:
        width, height = width * 0.5 / height, 0.5
    depth, tilt = between(rng, THIN + 0.004, 0.085), between(rng, -0.12, 0.02)
    panel = [
        turned(part, "x", tilt, about=(0.0, 0.0, height / 2))
        for part in make_panel(width, height, depth, rng)
    ]
    low = between(rng, 0.3, 0.55) * height
    return [*(moved(part, (0.0, 0.0, rise)) for part in panel), *make_stand(rng, width, rise, low)]


def _upright(rng: np.random.Generator) -> list[Part]:
    """Make a panel turned to portrait."""
    width, height, rise = between(rng, 0.4, 0.5), between(rng, 0.66, 0.74), between(rng, 0.08, 0.14)
    panel = make_panel(width, height, between(rng, THIN + 0.004, 0.08), rng)
    return [
        *(moved(part, (0.0, 0.0, rise)) for part in panel),
        *make_stand(rng, 2 * width, rise, 0.5 * height),
    ]


def _curved(rng: np.random.Generator) -> list[Part]:
    width, height, rise = between(rng, 0.8, 0.88), between(rng, 0.3, 0.4), between(rng, 0.08, 0.14)
    bend = between(rng, 0.04, 0.11)
    shell = pick(rng, "dark", "pale", "metal")
    xs = np.linspace(-width / 2, width / 2, 13)
    arc = np.column_stack([xs, -bend * (2.0 * xs / width) ** 2])
    back = extrude(band(arc, THIN + 0.01), rise, rise + height, "z", shell)
    inner = np.column_stack([0.95 * xs, -bend * (1.9 * xs / width) ** 2 - 0.012])
    screen = extrude(band(inner, THIN), rise + 0.03, rise + height - 0.02, "z", pick(rng, "screen"))
    hub = cylinder(
        (0.0, 0.0, rise + 0.5 * height), (0.0, 0.09, rise + 0.5 * height), between(rng, 0.06, 0.1), shell
    )
    return [back, screen, hub, *make_stand(rng, 0.8 * width, rise, 0.55 * height)]


def _pair(rng: np.random.Generator) -> list[Part]:
    """Make two panels side by side on one stand."""
    width, height, rise = between(rng, 0.4, 0.44), between(rng, 0.26, 0.34), between(rng, 0.1, 0.18)
    angle = between(rng, 0.1, 0.4)
    panel = [moved(part, (width / 2 + 0.01, 0.0, rise)) for part in make_panel(width, height, 0.062, rng)]
    panel = [turned(part, "z", -angle) for part in panel]
    colour = pick(rng, "dark", "metal")
    foot = extrude(rounded(0.34, 0.24, 0.06, steps=5), 0.0, THIN, "z", colour)
    post = box((0.09, 0.07, rise + 0.6 * height), (0.0, 0.07, (rise + 0.6 * height) / 2), colour)
    arm = cylinder(
        (0.0, 0.07, rise + 0.5 * height),
        (0.5 * width, 0.04 - 0.5 * width * np.sin(angle), rise + 0.5 * height),
        0.032,
        colour,
        sections=12,
    )
    return [*panel, *(mirrored(part) for part in panel), foot, post, arm, mirrored(arm)]


def _tube(rng: np.random.Generator) -> list[Part]:
    """Make a monitor with a picture tube."""
    width, height, depth = between(rng, 0.52, 0.6), between(rng, 0.44, 0.52), between(rng, 0.4, 0.52)
    shell, rise = pick(rng, "pale", "dark"), between(rng, 0.06, 0.1)
    front = between(rng, 0.09, 0.2)
    z = rise + height / 2

    def ring(share: float, y: float, drop: float = 0.0) -> Floats:
        outline = rounded(share * width, share * height, 0.05 * share, steps=6)
        return np.column_stack([outline[:, 0], np.full(len(outline), y), outline[:, 1] + z - drop])

    tail = between(rng, 0.45, 0.65)
    case = [ring(1.0, 0.0), ring(1.0, front), ring(0.9, front + 0.05)]
    body = loft([*case, ring(tail, 0.95 * depth, 0.03), ring(0.9 * tail, depth, 0.03)], shell)
    bulge = [ring(0.8, 0.05), ring(0.8, -0.003), ring(0.55, -0.018), ring(0.25, -0.024)]
    parts = [body, loft(bulge, pick(rng, "screen", "glass"))]
    for index in range(count(rng, 1, 4)):
        at = (0.4 * width - 0.08 * index, THIN / 2 - 0.01, rise + 0.032)
        parts.append(box((THIN, THIN, THIN), at, pick(rng, "metal", "warning")))
    middle = (0.0, 0.45 * depth, 0.0)
    if chance(rng, 0.6):
        foot = between(rng, 0.3, 0.45) * width
        profile = [(foot, 0.0), (foot, 0.055), (0.6 * foot, rise + 0.04)]
        return [*parts, lathe(profile, shaded(shell, 0.9), sections=24, base=middle)]
    sides = (0.8 * width, 0.6 * depth), (0.6 * width, 0.5 * depth)
    return [*parts, tapered(*sides, rise + 0.033, middle, shell)]


def _television(rng: np.random.Generator) -> list[Part]:
    width, shape = between(rng, 0.8, 0.86), between(rng, 0.5, 0.58)
    height, rise = width * shape, between(rng, 0.065, 0.1)
    panel = [
        moved(part, (0.0, 0.0, rise)) for part in make_panel(width, height, between(rng, 0.06, 0.1), rng)
    ]
    colour = pick(rng, "dark", "metal")
    x, reach = between(rng, 0.22, 0.4) * width, between(rng, 0.09, 0.13)
    kind = one_of(rng, ("fork", "bar", "box"))
    if kind == "fork":
        front = cylinder((x, 0.0, rise + 0.05), (x + 0.02, -reach, 0.03), 0.033, colour, sections=10)
        back = cylinder((x, 0.0, rise + 0.05), (x + 0.02, reach, 0.03), 0.033, colour, sections=10)
        legs = [front, back]
    elif kind == "bar":
        legs = [
            box((THIN, 2 * reach, THIN), (x, 0.0, THIN / 2), colour),
            box((THIN, THIN, rise + 0.04), (x, 0.0, (rise + 0.04) / 2), colour),
        ]
    else:  # loudspeakers at both sides
        size = (0.07, 0.09, height)
        legs = [
            box(size, (width / 2 + 0.03, 0.0, rise + height / 2), colour),
            box((0.1, 2 * reach, rise + 0.02), (x, 0.0, rise / 2), colour),
        ]
    return [*panel, *legs, *(mirrored(leg) for leg in legs)]


def _old_television(rng: np.random.Generator) -> list[Part]:
    """Make a television with a wooden case, knobs, legs and a pair of aerials."""
    width, height, depth = between(rng, 0.54, 0.64), between(rng, 0.38, 0.46), between(rng, 0.3, 0.42)
    wood, rise = pick(rng, "wood", "fabric"), between(rng, 0.1, 0.2)
    outline = rounded(width, height, between(rng, 0.01, 0.07), steps=4, centre=(0.0, rise + height / 2))
    parts = [extrude(outline, 0.0, depth, "y", wood)]
    glass = rounded(0.64 * width, 0.78 * height, 0.06, steps=5, centre=(-0.12 * width, rise + height / 2))
    parts.append(extrude(glass, -0.01, THIN, "y", pick(rng, "screen", "glass")))
    knob = pick(rng, "metal", "gold", "dark")
    for index in range(count(rng, 2, 3)):
        at = (0.36 * width, rise + height * (0.78 - 0.24 * index))
        parts.append(cylinder((at[0], -0.03, at[1]), (at[0], 0.04, at[1]), 0.036, knob, sections=14))
    for y in (0.06, depth - 0.06):
        leg = cylinder(
            (0.38 * width, y, rise + 0.03),
            (0.44 * width, y, 0.0),
            0.034,
            shaded(wood, 0.7),
            end_radius=0.033,
            sections=10,
        )
        parts += [leg, mirrored(leg)]
    if chance(rng, 0.7):
        lean = between(rng, 0.1, 0.2)
        top = rise + height
        aerial = cylinder(
            (0.02, depth / 2, top - 0.02),
            (lean, depth / 2, top + between(rng, 0.14, 0.24)),
            0.033,
            knob,
            sections=8,
        )
        parts += [aerial, mirrored(aerial)]
    return parts


def _laptop(rng: np.random.Generator) -> list[Part]:
    width, depth, lid = between(rng, 0.68, 0.76), between(rng, 0.44, 0.52), between(rng, 0.42, 0.5)
    shell, thick = pick(rng, "metal", "dark", "pale"), between(rng, 0.06, 0.075)
    outline = rounded(width, depth, between(rng, 0.01, 0.05), steps=6)
    parts = [extrude(outline, 0.0, thick, "z", shell)]
    tone = pick(rng, "dark", "pale")
    for row in range(4):
        z = thick - THIN / 2 + 0.007
        y = 0.36 * depth - 0.07 * row
        wide = 0.86 * width if row < 3 else 0.4 * width
        parts.append(box((wide, THIN, THIN), (0.0, y, z), shaded(tone, 0.8 + 0.1 * row)))
    parts.append(
        box(
            (0.26 * width, 0.18 * depth, THIN),
            (0.0, -0.34 * depth, thick - THIN / 2 + 0.004),
            shaded(shell, 0.85),
        )
    )
    back = rounded(width, lid, between(rng, 0.01, 0.05), steps=4, centre=(0.0, lid / 2))
    screen = [extrude(back, -0.004, THIN, "y", shell)]
    screen.append(
        box((0.9 * width, THIN, 0.82 * lid), (0.0, THIN / 2 - 0.01, 0.53 * lid), pick(rng, "screen"))
    )
    lean = between(rng, -0.6, 0.0)
    parts += [moved(turned(part, "x", lean), (0.0, depth / 2 - 0.03, thick - 0.02)) for part in screen]
    parts.append(
        cylinder(
            (-0.3 * width, depth / 2 - 0.02, thick - 0.03),
            (0.3 * width, depth / 2 - 0.02, thick - 0.03),
            0.033,
            tone,
        )
    )
    return parts


def _all_in_one(rng: np.random.Generator) -> list[Part]:
    """Make a computer behind its screen, with a broad chin and keys before it."""
    width, height, rise = between(rng, 0.66, 0.74), between(rng, 0.46, 0.52), between(rng, 0.07, 0.11)
    panel = make_panel(width, height, between(rng, 0.062, 0.09), rng, chin=between(rng, 0.06, 0.1))
    parts = [moved(part, (0.0, 0.0, rise)) for part in panel]
    colour = pick(rng, "metal", "pale", "dark")
    path = [(-0.02, THIN / 2), (0.14, THIN / 2), (0.04, rise + 0.2)]
    half = between(rng, 0.09, 0.14)
    parts.append(extrude(band([(-0.12, THIN / 2), (0.16, THIN / 2)], THIN), -half, half, "x", colour))
    parts.append(extrude(band(path[1:], THIN), -half, half, "x", colour))
    if chance(rng, 0.6):
        keys = extrude(rounded(0.5, 0.14, 0.02), 0.0, THIN, "z", colour)
        parts.append(moved(keys, (-0.05, -0.28, 0.0)))
        parts.append(box((0.07, 0.11, THIN), (0.27, -0.27, THIN / 2), pick(rng, "pale", "dark")))
    return parts
