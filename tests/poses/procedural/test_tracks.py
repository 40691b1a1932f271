from __future__ import annotations

import numpy as np
import pytest

from ige.poses.procedural.tracks import Keys, bump, minimum_jerk, smooth, sway

TIMES = np.linspace(0.0, 5.0, 501)


def test_shares_of_keys_sum_to_one_and_hold():
    keys = Keys(np.array([-1.0, 2.0, 4.0]), np.array([1.0, 3.0, 6.0]))
    weights = keys.weights(TIMES)
    assert weights.shape == (501, 3)
    assert weights.min() >= 0.0
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_array_equal(weights[TIMES <= 1.0], [[1.0, 0.0, 0.0]] * 101)
    np.testing.assert_allclose(weights[200:301], [[0.0, 1.0, 0.0]] * 101, atol=1e-12)
    np.testing.assert_allclose(weights[150], [0.5, 0.5, 0.0], atol=1e-12)


def test_one_key_holds_always():
    np.testing.assert_array_equal(Keys(np.array([0.0]), np.array([1.0])).weights(TIMES), np.ones((501, 1)))


@pytest.mark.parametrize("curve", [minimum_jerk, bump])
def test_curves_start_and_end_at_rest(curve):
    values = curve(np.linspace(-0.2, 1.2, 1401))
    velocity = np.diff(values) * 1000.0
    assert np.abs(velocity[:202]).max() < 1e-3
    assert np.abs(velocity[-202:]).max() < 1e-3
    assert values.max() == pytest.approx(1.0)


def test_smoothing_stays_inside_the_range_and_is_smoother():
    values = np.random.default_rng(0).uniform(-1.0, 1.0, (200, 3))
    result = smooth(values, 2.5)
    assert np.abs(result).max() < np.abs(values).max()
    assert np.abs(np.diff(result, axis=0)).max() < 0.3 * np.abs(np.diff(values, axis=0)).max()
    np.testing.assert_allclose(smooth(np.full((9, 2), 0.7), 3.0), 0.7, atol=1e-12)


def test_no_smoothing_without_width():
    values = np.arange(6.0)[:, None]
    np.testing.assert_array_equal(smooth(values, 0.0), values)


def test_sway_has_about_unit_variance():
    values = sway(np.random.default_rng(0), np.arange(0.0, 400.0, 0.1), 20)
    assert values.shape == (4000, 20)
    assert values.std() == pytest.approx(1.0, abs=0.1)
