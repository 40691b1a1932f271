"""From where shapes are seen.

A random view is a function of the seed, the category, the id and the number of the view, and of nothing else:
it is the same in whatever order and number models and views are made, and on every machine.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

from ige.geometry.frustum import Frustum, shape_view
from ige.params.shapes import ExplicitViews, RandomViews, TurntableViews


def view_frusta(
    settings: RandomViews | TurntableViews | ExplicitViews, category: str, id: str
) -> list[Frustum]:
    """Return the frusta of all views of a model, in the order of their numbers."""
    if isinstance(settings, RandomViews):
        return [random_frustum(settings, category, id, number) for number in range(settings.count)]
    if isinstance(settings, TurntableViews):
        step = 360.0 / settings.count
        directions = [(step * number, settings.elevation_degrees) for number in range(settings.count)]
    else:
        directions = [(each.azimuth_degrees, each.elevation_degrees) for each in settings.directions]
    return [_frustum(settings, *direction) for direction in directions]


def random_frustum(settings: RandomViews, category: str, id: str, number: int) -> Frustum:
    """Return the frustum of one view of a model; `settings.count` does not matter.

    Args:
        settings: the seed, the range of elevations, and the lens.
        category: of the model.
        id: of the model.
        number: of the view, from 0.
    """
    name = int.from_bytes(hashlib.sha256(f"{category}/{id}".encode()).digest(), "little")
    rng = np.random.default_rng(np.random.SeedSequence(name, spawn_key=(settings.seed, number)))
    azimuth = rng.uniform(0.0, 360.0)
    return _frustum(settings, azimuth, rng.uniform(*settings.elevation_degrees))


def _frustum(
    lens: RandomViews | TurntableViews | ExplicitViews, azimuth_degrees: float, elevation_degrees: float
) -> Frustum:
    azimuth, elevation = math.radians(azimuth_degrees), math.radians(elevation_degrees)
    return shape_view(azimuth, elevation, distance=lens.distance, focal=lens.focal)
