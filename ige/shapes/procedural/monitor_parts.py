"""Parts that generated monitors share: flat panels and what they stand on."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, one_of
from ige.shapes.procedural.parts import (
    THIN,
    Colour,
    Part,
    box,
    cylinder,
    extrude,
    lathe,
    mirrored,
    moved,
    tapered,
    tube,
    turned,
)
from ige.shapes.procedural.profiles import band, rounded

_PROUD = 0.005  # how far screens stand out of their frames


def make_panel(
    width: float, height: float, depth: float, rng: np.random.Generator, *, chin: float = 0.0
) -> list[Part]:
    """Make a flat screen about x = 0 that stands on z = 0, its middle plane at y = 0."""
    shell = pick(rng, "dark", "pale", "metal")
    frame = between(rng, 0.012, 0.05)
    corner = between(rng, 0.005, 0.05)
    outline = rounded(width, height, corner, steps=10, centre=(0.0, height / 2))
    parts = [extrude(outline, -depth / 2, depth / 2, "y", shell)]
    size = (width - 2 * frame, THIN, height - 2 * frame - chin)
    at = (0.0, -depth / 2 - _PROUD + THIN / 2, frame + chin + size[2] / 2)
    parts.append(box(size, at, pick(rng, "screen")))
    if chance(rng, 0.5):  # electronics behind
        bump = (between(rng, 0.4, 0.7) * width, between(rng, 0.4, 0.6) * height)
        back = tapered(bump, (0.8 * bump[0], 0.8 * bump[1]), 1.4 * THIN, (0.0, 0.0, 0.0), shaded(shell, 0.9))
        parts.append(moved(turned(back, "x", -np.pi / 2), (0.0, depth / 2 - 0.04, height / 2)))
    return parts


def _neck(width: float, rise: float, low: float, colour: Colour) -> Part:
    """Make a flat upright behind a panel, from the ground to `low` above its lower edge."""
    return box((width, THIN, rise + low), (0.0, THIN, (rise + low) / 2), colour)


def make_stand(rng: np.random.Generator, width: float, rise: float, low: float) -> list[Part]:
    """Make a stand for a panel whose lower edge lies at `rise`; it reaches `low` above that."""
    colour = pick(rng, "dark", "metal", "pale")
    kind = one_of(rng, ("plate", "disc", "vee", "arch", "arm", "loop"))
    reach = between(rng, 0.09, 0.14)
    if kind == "plate":
        outline = rounded(between(rng, 0.3, 0.5) * width, 2 * reach, between(rng, 0.0, 0.08), steps=4)
        foot = extrude(outline, 0.0, THIN, "z", colour)
        return [foot, _neck(between(rng, THIN, 0.16), rise, low, colour)]
    if kind == "disc":
        neck = cylinder((0.0, THIN, 0.02), (0.0, THIN, rise + low), between(rng, 0.034, 0.045), colour)
        size = between(rng, 0.13, 0.18)
        foot = lathe(
            [(size, 0.0), (size, 0.055), (0.6 * size, 0.08)], colour, sections=28, base=(0.0, 0.02, 0.0)
        )
        return [foot, neck]
    if kind == "vee":
        spread = between(rng, 0.14, 0.24)
        strip = band([(-spread, -reach), (0.0, 0.5 * reach), (spread, -reach)], 1.1 * THIN)
        return [extrude(strip, 0.0, THIN, "z", colour), _neck(0.08, rise, low, colour)]
    if kind == "arch":
        spread = between(rng, 0.12, 0.2)
        leg = cylinder((spread, -reach, 0.03), (0.03, THIN, rise + 0.5 * low), 0.033, colour, sections=12)
        prop = cylinder((0.0, 1.6 * reach, 0.03), (0.0, THIN, rise + low), 0.033, colour, sections=12)
        return [leg, mirrored(leg), prop]
    if kind == "arm":
        high = rise + low
        foot = box((0.16, 0.14, THIN), (0.0, 0.16, THIN / 2), colour)
        arm = tube([(0.0, 0.16, 0.02), (0.0, 0.16, high), (0.0, 0.0, high)], 0.033, colour, sections=12)
        return [foot, arm]
    spread = between(rng, 0.14, 0.22)
    loop = [(-spread, -reach, 0.03), (spread, -reach, 0.03), (spread, reach, 0.03), (-spread, reach, 0.03)]
    ring = tube(loop, 0.033, colour, sections=10, closed=True)
    bar = box((2 * spread, THIN, THIN), (0.0, THIN, 0.03), colour)
    return [ring, bar, _neck(0.07, rise, low, colour)]
