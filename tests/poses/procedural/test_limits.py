from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ige.poses.procedural.limits import ARM_BOUNDS, LEG_BOUNDS, TRUNK_BOUNDS, Angles, clamp, within_limits

NEUTRAL = Angles(np.zeros((3, 4, 3)), np.zeros((3, 2, 8)), np.zeros((3, 2, 8)))


def test_neutral_pose_is_within_limits():
    assert within_limits(NEUTRAL, 0.0)


@pytest.mark.parametrize(("part", "index"), [("trunk", (1, 2, 0)), ("legs", (2, 0, 3)), ("arms", (0, 1, 5))])
def test_one_angle_beyond_its_limit_is_found(part: str, index: tuple[int, int, int]):
    values = getattr(NEUTRAL, part).copy()
    values[index] = 3.5
    assert not within_limits(dataclasses.replace(NEUTRAL, **{part: values}), 1e-6)


@pytest.mark.parametrize("bounds", [TRUNK_BOUNDS, LEG_BOUNDS, ARM_BOUNDS])
def test_clamping_stops_at_the_bounds(bounds):
    np.testing.assert_array_equal(clamp(np.full(bounds.shape[:-1], 9.0), bounds), bounds[..., 1])
    np.testing.assert_array_equal(clamp(np.full(bounds.shape[:-1], -9.0), bounds), bounds[..., 0])
