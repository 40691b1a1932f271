"""What furniture is made of besides plain solids: beams, cushions, shells, outlines.

Frame as in `parts`: the front looks along -y, z is up; metres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ige.shapes.procedural.parts import Colour, Part, loft
from ige.shapes.procedural.profiles import rounded

Floats = NDArray[np.float64]

# The thinnest part over the diagonal of the whole: more than 1.5 cells of a grid of 32, with room for what
# reaches out of the nominal box (splayed feet, leaning backs) and lengthens the diagonal.
LEAST = 0.057
# Of a round bar that is to be as thick as a square one: a polygon's flats are closer than its corners.
ROUND = 0.53


def least(width: float, depth: float, height: float) -> float:
    """Return how thick the thinnest part of a thing of this size must be."""
    return LEAST * math.hypot(width, depth, height)


def spread(count: int, low: float, high: float) -> list[float]:
    """Return `count` positions from low to high at equal steps; one alone lies in the middle."""
    if count == 1:
        return [0.5 * (low + high)]
    return [float(value) for value in np.linspace(low, high, count)]


def beam(
    start: Sequence[float],
    end: Sequence[float],
    size: tuple[float, float],
    colour: Colour,
    *,
    end_size: tuple[float, float] | None = None,
) -> Part:
    """Make a beam between two points, cut horizontally at both: (x, y) `size` of its cuts.

    A beam that leans is thinner than its cuts by the cosine of its angle to the vertical.
    """
    corners = np.array([[-0.5, -0.5, 0.0], [0.5, -0.5, 0.0], [0.5, 0.5, 0.0], [-0.5, 0.5, 0.0]])
    last = size if end_size is None else end_size
    return loft([corners * [*size, 0.0] + start, corners * [*last, 0.0] + end], colour)


def oval(width: float, depth: float, *, corners: int = 28) -> Floats:
    """Return the outline (corners, 2) of an ellipse about the origin; few corners make a regular polygon."""
    angles = (np.arange(corners) + 0.5) * (2 * math.pi / corners)
    return np.column_stack([0.5 * width * np.cos(angles), 0.5 * depth * np.sin(angles)])


def arch(inner: float, outer: float, start: float, end: float, *, steps: int = 12) -> Floats:
    """Return the outline (2 steps, 2) of a piece of a ring about the origin, between two angles."""
    angles = np.linspace(start, end, steps)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    return np.vstack([outer * circle, inner * circle[::-1]])


def cushion(size: Sequence[float], centre: ArrayLike, colour: Colour, *, softness: float = 0.5) -> Part:
    """Make a cushion: a box with round edges, `size` along x, y and z; softness 0 to 1 says how round."""
    thin = int(np.argmin(size))
    across = [axis for axis in range(3) if axis != thin]
    first, second = (size[axis] for axis in across)
    edge = 0.5 * softness * size[thin]
    rings = []
    for angle in np.linspace(-math.pi / 2, math.pi / 2, 6):
        inset = edge * (1.0 - math.cos(angle))
        level = math.copysign(0.5 * size[thin] - edge, angle) + edge * math.sin(angle)
        outline = rounded(first - 2 * inset, second - 2 * inset, 1.6 * edge - 0.6 * inset)
        ring = np.empty((len(outline), 3))
        ring[:, across] = outline
        ring[:, thin] = level
        rings.append(ring + np.asarray(centre))
    return loft(rings, colour)


def shell(profile: ArrayLike, colour: Colour, *, sections: int = 20, base: ArrayLike = (0, 0, 0)) -> Part:
    """Turn a closed profile (N, 2) of radius (positive) and height about the vertical axis through `base`."""
    angles = (np.arange(sections) + 0.5) * (2 * math.pi / sections)
    circle = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(sections)])
    up = np.array([0.0, 0.0, 1.0])
    rows = np.asarray(profile, dtype=np.float64)
    rings = [radius * circle + height * up + np.asarray(base) for radius, height in rows]
    return loft(rings, colour, closed=True)
