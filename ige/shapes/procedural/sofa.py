"""Sofas: for two or three, loveseats, corners, chaises, recliners; and those of `sofa_styles`."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural import sofa_parts, sofa_styles
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import cushion
from ige.shapes.procedural.parts import Part, box, mirrored, turned


def build(rng: np.random.Generator) -> list[Part]:
    """Draw a sofa; its parts in metres."""
    maker = one_of(
        rng,
        (_straight,) * 5
        + (_corner,) * 3
        + (
            sofa_styles.chesterfield,
            sofa_styles.futon,
            sofa_styles.curved,
            sofa_styles.camelback,
            _recliner,
            sofa_styles.daybed,
        ),
    )
    return maker(rng)


def _straight(rng: np.random.Generator) -> list[Part]:
    seats = count(rng, 1, 3)
    body = sofa_parts.draw_body(rng, {1: (1.25, 1.45), 2: (1.35, 1.7), 3: (1.75, 2.1)}[seats])
    kind = one_of(rng, sofa_parts.ARMS)
    parts = sofa_parts.feet(rng, body) + sofa_parts.frame(rng, body, kind)
    return parts + sofa_parts.cushions(rng, body, seats, body.width if kind == "none" else body.inner)


def _corner(rng: np.random.Generator) -> list[Part]:
    """Make a sofa with a chaise at one end, or a second wing with its own back."""
    body = sofa_parts.draw_body(rng, (1.7, 2.1))
    kind = one_of(rng, ("box", "box", "soft", "low"))
    parts = sofa_parts.frame(rng, body, kind)
    wing, reach = between(rng, 0.62, 0.75), between(rng, 0.45, 0.75)
    right, front = body.width / 2 - body.arm, -body.depth / 2
    base = body.seat - 0.1
    size = (wing, reach + 0.1, base - body.low)
    parts.append(box(size, (right - wing / 2, front - reach / 2 + 0.05, (base + body.low) / 2), body.fabric))
    seats = count(rng, 1, 2)
    parts += sofa_parts.cushions(rng, body, seats, body.inner - wing, -wing / 2)
    deep = reach + body.depth - body.back
    middle = (right - wing / 2, front - reach + deep / 2, body.seat - 0.08)
    parts.append(cushion((0.99 * wing, deep, 0.17), middle, body.accent, softness=0.6))
    if chance(rng, 0.5):
        high = body.height if chance(rng, 0.5) else body.seat + 0.19
        size = (body.arm, reach + 0.1, high - body.low)
        middle = (right + body.arm / 2, front - reach / 2 + 0.05, (high + body.low) / 2)
        parts.append(box(size, middle, shaded(body.fabric, 0.92)))
    stand = pick(rng, "wood", "metal", "dark")
    thick = 1.12 * body.thick
    high = max(thick, body.low + 0.05)
    x, y = body.width / 2 - thick, body.depth / 2 - thick
    corners = (
        (-x, y),
        (x, y),
        (-x, -y),
        (right - thick, front - reach + thick),
        (right - wing + thick, front - reach + thick),
    )
    parts += [box((thick, thick, high), (a, b, high / 2), stand) for a, b in corners]
    return [mirrored(part) for part in parts] if chance(rng, 0.5) else parts


def _recliner(rng: np.random.Generator) -> list[Part]:
    """Make a sofa with thick arms, split backs and footrests that are out."""
    body = sofa_parts.draw_body(rng, (1.5, 1.9))
    parts = sofa_parts.feet(rng, body) + sofa_parts.frame(rng, body, "soft")
    parts += sofa_parts.cushions(rng, body, 2, body.inner)
    size = body.inner / 2
    for side in one_of(rng, ((-1,), (1,), (-1, 1))):
        x, y = side * size / 2, -body.depth / 2 - 0.16
        rest = cushion((0.94 * size, 0.42, 1.1 * body.thick), (x, y, body.seat - 0.1), body.accent)
        parts.append(turned(rest, "x", between(rng, 0.0, 0.3), about=(x, -body.depth / 2, body.seat - 0.1)))
    return parts
