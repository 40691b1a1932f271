"""Parts that generated watercraft share: hulls and deckhouses."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick
from ige.shapes.procedural.parts import (
    THIN,
    Colour,
    Part,
    box,
    loft,
    tapered,
)

_STATIONS = (0.0, 0.05, 0.14, 0.28, 0.42, 0.6, 0.7, 0.85, 1.0)  # from bow to stern, shares of the length


def make_hull(
    length: float,
    beam: float,
    depth: float,
    colour: Colour,
    *,
    stern: float,
    sheer: float = 0.0,
    flare: float = 0.75,
    hollow: float = 0.0,
) -> Part:
    """Make a hull whose deck amidships lies at z = 0.

    Args:
        length: along y.
        beam: along x.
        depth: of the keel below the deck.
        colour: of all faces.
        stern: width of the stern, share of the beam.
        sheer: rise of the deck towards the bow.
        flare: width of the bottom, share of the deck's.
        hollow: depth of an open inside; the ends stay solid.
    """
    rings = []
    for share in _STATIONS:
        fullness = min(1.0, np.sqrt(max(share, 0.004) / 0.42)) if share < 0.42 else 1.0
        half = 0.5 * beam * (fullness if share < 0.6 else 1.0 - (1.0 - stern) * ((share - 0.6) / 0.4) ** 2)
        half = max(half, 0.5 * THIN)
        rise = sheer * max(0.0, 1.0 - share / 0.6) ** 2
        keel = -depth * (0.72 + 0.28 * min(1.0, share / 0.14))
        # Of an open boat, too, the ends are solid.
        floor = rise - (hollow if 0.1 < share < 0.9 else 0.0)
        frame = _frame(half, flare, rise, keel, floor if hollow else None)
        y = length * (share - 0.5) + (0.06 * depth if share == 0.0 else 0.0)
        # The stem leans forward: the bow's lower corners lie further back.
        rake = 0.35 * depth * max(0.0, 1.0 - share / 0.14)
        rings.append([(x, y + rake * (rise - z) / (rise - keel), z) for x, z in frame])
    return loft(rings, colour)


def _frame(
    half: float, flare: float, rise: float, keel: float, floor: float | None
) -> list[tuple[float, float]]:
    """Make a section (x, z) of a hull: straight above, round at the bilge, open down to a `floor`."""
    low = max(flare * half, 0.5 * THIN)
    side = [
        (half, rise),
        (0.6 * half + 0.4 * low, 0.35 * keel),
        (0.3 * half + 0.7 * low, 0.7 * keel),
        (0.95 * low, 0.9 * keel),
        (0.8 * low, keel),
    ]
    frame = side + [(-x, z) for x, z in reversed(side)]
    if floor is None:
        return frame
    wide = max(half - 1.15 * THIN, 0.25 * half)
    return [*frame, (-wide, rise), (-0.85 * wide, floor), (0.85 * wide, floor), (wide, rise)]


def make_house(
    size: tuple[float, float, float], at: tuple[float, float, float], rng: np.random.Generator, colour: Colour
) -> list[Part]:
    """Make a deckhouse on its base, with a dark band of windows around it."""
    x, y, z = size
    parts = [tapered((x, y), (x * 0.94, y * 0.94), z, at, colour)]
    if z > THIN:
        middle = (at[0], at[1], at[2] + z - 0.5 * THIN - 0.014)
        parts.append(box((x * 0.985, y * 0.985, THIN), middle, pick(rng, "glass")))
    return parts
