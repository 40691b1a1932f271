"""Deliberate faults of generated shapes: a missing side, a part without thickness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ige.shapes.procedural.draws import chance, one_of
from ige.shapes.procedural.parts import Part

_SHEET_SHARE = 0.35  # of openings that make a sheet, where a part is flat enough
_FLAT = 0.4  # thinnest over second extent of a part that may become a sheet
_FACING = 0.9  # cosine: faces that belong to a side
_LARGEST = 0.6  # share of a part's area that may go missing


def open_up(parts: Sequence[Part], rng: np.random.Generator) -> list[Part]:
    """Return the parts with one of them open: a side is missing, or it is a sheet without thickness.

    Large parts are taken more often than small ones, as their faults are those that matter.
    """
    sizes = np.array([_area(part).sum() for part in parts])
    flat = np.array([_is_flat(part) for part in parts])
    if chance(rng, _SHEET_SHARE) and flat.any():
        index = _weighted(rng, sizes * flat)
        opened = _flattened(parts[index])
    else:
        index = _weighted(rng, sizes)
        opened = _without_side(parts[index], rng)
    return [*parts[:index], opened, *parts[index + 1 :]]


def _weighted(rng: np.random.Generator, weights: NDArray[np.float64]) -> int:
    bounds = np.cumsum(weights / weights.sum())
    # The last bound may fall short of 1 by rounding.
    return min(int(np.searchsorted(bounds, float(rng.random()), side="right")), len(weights) - 1)


def _without_side(part: Part, rng: np.random.Generator) -> Part:
    """Remove the faces towards the axis nearest to one of their normals: a bottom, an end, a side."""
    normals, area = _normals(part), _area(part)
    sides = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            facing = sign * normals[:, axis] > _FACING
            if 0.0 < area[facing].sum() <= _LARGEST * area.sum():
                sides.append(facing)
    if not sides:  # a part that lies aslant: what looks as its largest face does
        sides.append(normals @ normals[int(np.argmax(area))] > _FACING)
    return replace(part, faces=part.faces[~one_of(rng, sides)])


def _flattened(part: Part) -> Part:
    """Project one half of a part to the plane in its middle, across its thinnest extent."""
    axis = int(np.argmin(np.ptp(part.vertices, axis=0)))
    upper = _normals(part)[:, axis] > 0.0
    vertices = part.vertices.copy()
    vertices[:, axis] = (vertices[:, axis].min() + vertices[:, axis].max()) / 2
    return replace(part, vertices=vertices, faces=part.faces[upper])


def _is_flat(part: Part) -> bool:
    thin, middle, _ = np.sort(np.ptp(part.vertices, axis=0))
    return bool(thin < _FLAT * middle)


def _crosses(part: Part) -> NDArray[np.float64]:
    a, b, c = np.moveaxis(part.vertices[part.faces], 1, 0)
    return np.asarray(np.cross(b - a, c - a))


def _area(part: Part) -> NDArray[np.float64]:
    return np.asarray(0.5 * np.linalg.norm(_crosses(part), axis=1))


def _normals(part: Part) -> NDArray[np.float64]:
    crosses = _crosses(part)
    return np.asarray(crosses / np.maximum(np.linalg.norm(crosses, axis=1, keepdims=True), 1e-300))
