from __future__ import annotations

import numpy as np
import pytest

from ige.poses.procedural.feet import Footfalls, ankles_above, foot_rotations, step
from ige.poses.procedural.kinematics import ball_offset, rotate
from ige.poses.procedural.tracks import Keys

TIMES = np.arange(0.0, 4.0, 0.01)


def falls(start: float) -> Footfalls:
    arrive = np.array([-1.0, start + 0.5, start + 2.0])
    leave = np.array([start, start + 1.5, 9.0])
    return Footfalls(Keys(arrive, leave), np.array([[0.0, 0.1, 0.0], [0.7, 0.1, 0.1], [1.4, 0.2, 0.2]]))


def test_standing_foot_stays_and_moving_foot_is_in_the_air(body):
    feet = step(body, (falls(0.5), falls(1.2)), TIMES)
    balls = feet.ankles + rotate(foot_rotations(feet.yaws, feet.pitches), ball_offset(body))
    stands = (TIMES > 1.0) & (TIMES < 2.0)
    assert np.ptp(balls[stands, 0, :2], axis=0).max() < 0.01  # the heel rolls first, then the ball stays
    assert feet.loads[stands, 0].min() == 1.0
    middle = np.argmin(np.abs(TIMES - 0.75))
    assert feet.loads[middle, 0] < 0.05
    assert balls[middle, 0, 2] > body.ball_height + 0.02
    assert balls[..., 2].min() > 0.9 * body.ball_height


@pytest.mark.parametrize("pitch", [-0.3, 0.0, 0.8])
def test_foot_rolls_over_ball_or_heel(body, pitch: float):
    ground, yaw = np.array([[1.0, 2.0, 0.0]]), np.array([0.7])
    pivot = ball_offset(body) if pitch > 0.0 else np.array([-body.heel, 0.0, -body.ankle_height])

    def touching(angle: float) -> np.ndarray:
        pitches = np.array([angle])
        return ankles_above(body, ground, yaw, pitches) + rotate(foot_rotations(yaw, pitches), pivot)

    np.testing.assert_allclose(touching(pitch), touching(0.0), atol=1e-12)
    assert touching(pitch)[0, 2] == pytest.approx(body.ball_height if pitch > 0.0 else 0.0, abs=1e-12)
