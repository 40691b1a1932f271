"""Colours of materials, for parts of generated shapes."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.draws import between, one_of
from ige.shapes.procedural.parts import Colour

MATERIALS: dict[str, tuple[Colour, ...]] = {
    "paint": (
        (178, 34, 34),
        (28, 70, 150),
        (235, 235, 232),
        (40, 42, 46),
        (160, 164, 170),
        (24, 110, 70),
        (230, 170, 30),
        (120, 30, 50),
        (90, 140, 190),
        (205, 90, 30),
    ),
    "wood": ((133, 94, 66), (166, 123, 80), (92, 64, 44), (196, 156, 108), (110, 70, 48)),
    "metal": ((150, 153, 158), (110, 114, 120), (190, 192, 196), (84, 88, 94)),
    "gold": ((190, 150, 70), (176, 132, 60), (205, 170, 100)),
    "dark": ((34, 34, 36), (48, 48, 52), (24, 24, 26), (58, 56, 54)),
    "pale": ((236, 234, 228), (220, 216, 206), (244, 244, 242), (206, 204, 198)),
    "fabric": (
        (120, 124, 132),
        (86, 96, 120),
        (150, 110, 90),
        (176, 160, 136),
        (110, 40, 44),
        (70, 100, 84),
        (54, 60, 84),
        (200, 184, 158),
    ),
    "leather": ((88, 54, 38), (40, 34, 32), (140, 90, 56), (210, 196, 176)),
    "glass": ((70, 92, 110), (52, 66, 82), (96, 124, 140)),
    "screen": ((26, 34, 48), (40, 70, 110), (60, 96, 90), (18, 20, 26)),
    "rubber": ((30, 30, 30), (42, 41, 40)),
    "light": ((255, 244, 214), (250, 232, 190), (246, 246, 240)),
    "warning": ((190, 40, 36), (210, 120, 20)),
}


def pick(rng: np.random.Generator, *materials: str) -> Colour:
    """Return a colour of one of the materials, a little lighter or darker than it stands there."""
    base = one_of(rng, MATERIALS[one_of(rng, materials)])
    return shaded(base, between(rng, 0.88, 1.12))


def shaded(colour: Colour, factor: float) -> Colour:
    """Return a lighter (factor above 1) or darker colour."""
    red, green, blue = (min(255, round(channel * factor)) for channel in colour)
    return red, green, blue
