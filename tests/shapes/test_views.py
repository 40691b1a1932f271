import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ige.params.shapes import Direction, ExplicitViews, RandomViews, TurntableViews
from ige.shapes.views import random_frustum, view_frusta

LENS = {"distance": math.sqrt(1.36), "focal": 35 / 32}


def random_views(count=24, seed=0, low=25.0, high=30.0):
    return RandomViews(kind="random", seed=seed, count=count, elevation_degrees=(low, high), **LENS)


def direction(frustum):
    x, y, z = frustum.position_world
    return math.degrees(math.atan2(y, x)) % 360, math.degrees(math.asin(z / math.hypot(x, y, z)))


def same(first, second):
    return all((a.extrinsics == b.extrinsics).all() for a, b in zip(first, second, strict=False))


def test_a_view_does_not_change_with_their_number_or_order():
    many, few = view_frusta(random_views(24), "car", "a"), view_frusta(random_views(3), "car", "a")
    assert (len(many), len(few)) == (24, 3)
    assert same(many, few)
    assert same([random_frustum(random_views(1), "car", "a", 17)], [many[17]])


@pytest.mark.parametrize(("category", "id", "seed"), [("car", "b", 0), ("chair", "a", 0), ("car", "a", 1)])
def test_views_differ_between_models_and_seeds(category, id, seed):
    first, other = view_frusta(random_views(8), "car", "a"), view_frusta(random_views(8, seed), category, id)
    azimuths = np.array([[direction(frustum)[0] for frustum in views] for views in (first, other)])
    assert (np.abs(azimuths[0] - azimuths[1]) > 1e-3).all()
    assert len(set(azimuths.ravel().round(3))) == 16


def test_random_directions_fill_the_circle_and_the_range():
    found = np.array([direction(frustum) for frustum in view_frusta(random_views(2000), "car", "a")])
    assert 25 <= found[:, 1].min() < 25.1
    assert 29.9 < found[:, 1].max() <= 30 + 1e-9
    shares = np.histogram(found[:, 0], bins=12, range=(0, 360))[0] / 2000
    assert_allclose(shares, 1 / 12, atol=0.025)
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.1


def test_random_directions_are_the_same_on_every_machine():
    found = direction(view_frusta(random_views(1), "car", "a")[0])
    assert_allclose(found, [19.142311923963003, 25.84494928595446], atol=1e-9)


def test_a_turntable_turns_once():
    settings = TurntableViews(kind="turntable", count=4, elevation_degrees=30.0, **LENS)
    found = np.array([direction(frustum) for frustum in view_frusta(settings, "car", "a")])
    assert_allclose(np.cos(np.radians(found[:, 0] - [0, 90, 180, 270])), 1)
    assert_allclose(found[:, 1], 30)


def test_explicit_directions_are_taken_as_they_are():
    directions = (
        Direction(azimuth_degrees=-10.0, elevation_degrees=-20.0),
        Direction(azimuth_degrees=95.0, elevation_degrees=0.0),
    )
    settings = ExplicitViews(kind="explicit", directions=directions, distance=2.0, focal=1.5)
    views = view_frusta(settings, "car", "a")
    assert_allclose([direction(frustum) for frustum in views], [[350, -20], [95, 0]], atol=1e-9)
    assert [(frustum.focal, frustum.near, frustum.far) for frustum in views] == [(1.5, 1.5, 2.5)] * 2
    assert_array_equal(views[0].extrinsics[:, 3], [0, 0, 2])
