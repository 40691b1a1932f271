"""Parts that generated aeroplanes share: bodies, wings, fins, engines, panes."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between
from ige.shapes.procedural.parts import (
    THIN,
    Colour,
    Part,
    box,
    cylinder,
    ellipsoid,
    loft,
)
from ige.shapes.procedural.profiles import ngon, rounded


def make_fuselage(
    length: float, radius: float, colour: Colour, *, blunt: float, tail: float, tall: float = 1.0
) -> Part:
    """Make a body along y about the origin; `blunt` is the size of the nose, `tail` that of the rear end."""
    stations = [
        (0.0, 0.45 * blunt, -0.15),
        (0.03, 0.72 * blunt, -0.1),
        (0.09, 0.6 + 0.35 * blunt, 0.0),
        (0.2, 1.0, 0.0),
        (0.62, 1.0, 0.0),
        (0.85, 0.5 + 0.5 * tail, 0.2),
        (1.0, tail, 0.45),
    ]
    # The tip makes the nose round.
    rings = [np.array([[0.0, -0.5 * length - 0.35 * radius * blunt, -0.15 * radius]])]
    for share, size, rise in stations:
        section = ngon(max(radius * size, 0.5 * THIN), 16) * (1.0, tall)
        y = np.full(len(section), length * (share - 0.5))
        rings.append(np.column_stack([section[:, 0], y, section[:, 1] + rise * radius * (1.0 - size)]))
    return loft(rings, colour)


def make_surface(
    root: tuple[float, float, float],
    chords: tuple[float, float],
    span: float,
    colour: Colour,
    *,
    sweep: float = 0.0,
    rise: float = 0.0,
    thickness: float = THIN,
) -> Part:
    """Make a pair of wings in one part: chords at the root and the tips, which lie `sweep` further back."""
    _, y, z = root
    rings = []
    for x, chord, back, up in (
        (-span, chords[1], sweep, rise),
        (0.0, chords[0], 0.0, 0.0),
        (span, chords[1], sweep, rise),
    ):
        section = rounded(chord, thickness, 0.3 * thickness, steps=2)
        rings.append(
            np.column_stack([np.full(len(section), x), y + back + section[:, 0], z + up + section[:, 1]])
        )
    return loft(rings, colour)


def make_fin(
    base: tuple[float, float, float],
    chords: tuple[float, float],
    height: float,
    colour: Colour,
    *,
    sweep: float = 0.0,
    lean: float = 0.0,
) -> Part:
    """Make a fin upwards from its base; its upper end lies `sweep` further back and `lean` to the side."""
    x, y, z = base
    rings = []
    for share, chord in enumerate(chords):
        section = rounded(THIN, chord, 0.3 * THIN, steps=2)
        rings.append(
            np.column_stack(
                [
                    x + share * lean + section[:, 0],
                    y + share * sweep + section[:, 1],
                    np.full(len(section), z + share * height),
                ]
            )
        )
    return loft(rings, colour)


def make_jet(at: tuple[float, float, float], radius: float, length: float, colour: Colour) -> list[Part]:
    """Make an engine about a point, open to -y."""
    x, y, z = at
    front, back = y - length / 2, y + length / 2
    cowl = cylinder(
        (x, front, z), (x, back, z), radius, colour, end_radius=max(0.75 * radius, 0.033), sections=14
    )
    core = cylinder((x, front - 0.004, z), (x, back + 0.03, z), 0.033, (60, 60, 64), sections=12)
    return [cowl, core]


def make_propeller(at: tuple[float, float, float], reach: float, blades: int, colour: Colour) -> list[Part]:
    """Make a spinner, whose tip points to -y, and blades about it."""
    x, y, z = at
    parts = [cylinder((x, y + 0.05, z), (x, y - 0.05, z), 0.046, colour, end_radius=0.028, sections=12)]
    for index in range(blades if blades % 2 else blades // 2):
        angle = np.pi * (0.5 + 2.0 * index / blades)
        way = reach * np.array([np.cos(angle), 0.0, np.sin(angle)])
        # Blades in one line are one bar: two would share the face between them.
        root = way * (-1.0 if blades % 2 == 0 else -0.1)
        parts.append(cylinder(np.array(at) + root, np.array(at) + way, 0.55 * THIN, (50, 48, 46), sections=8))
    return parts


def make_glazing(length: float, radius: float, rng: np.random.Generator, *, cabin: bool) -> list[Part]:
    """Make a cockpit's panes and, on airliners, a band of windows through the body."""
    glass = pick(rng, "glass")
    parts = [
        ellipsoid(
            (0.0, -0.41 * length, 0.45 * radius),
            (max(0.62 * radius, 0.04), 0.06, max(0.6 * radius, 0.042)),
            glass,
            sections=12,
            rings=6,
        )
    ]
    if cabin:
        half = np.sqrt(max(1.0 - 0.3**2, 0.0)) * radius
        parts.append(
            box((2 * half, 0.52 * length, THIN), (0.0, -0.03 * length, 0.05 * radius), shaded(glass, 0.8))
        )
    return parts


def make_tail(
    rng: np.random.Generator, length: float, radius: float, colour: Colour, *, high: bool
) -> list[Part]:
    """Make fin and tailplane; `high` puts the latter on top of the fin."""
    height = between(rng, 0.13, 0.18)
    sweep = between(rng, 0.03, 0.08)
    end = 0.5 * length
    fin = make_fin((0.0, end - 0.07, 0.2 * radius), (0.13, 0.085), height, colour, sweep=sweep)
    span, back = between(rng, 0.13, 0.18), between(rng, 0.02, 0.06)
    z = 0.2 * radius + height - 0.01 if high else 0.25 * radius
    y = end - 0.07 + (sweep if high else 0.0)
    return [fin, make_surface((0.0, y, z), (0.1, 0.07), span, colour, sweep=back)]
