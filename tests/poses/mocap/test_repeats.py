from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ige.poses.clips import Clip
from ige.poses.mocap.motion import euler_matrices
from ige.poses.mocap.reading import Take
from ige.poses.mocap.repeats import difference


def _motion(times: NDArray[np.float64], seed: int = 0) -> NDArray[np.float64]:
    """Joints that wander smoothly, (F, 32, 3)."""
    rng = np.random.default_rng(seed)
    rest, size, phase = rng.normal(size=(32, 3)), 0.2 * rng.normal(size=(32, 3)), rng.uniform(0, 6, (32, 3))
    return np.asarray(rest + size * np.sin(3.0 * times[:, None, None] + phase))


def _take(joints: NDArray[np.float64], fps: float, dropped: int = 0) -> Take:
    return Take(Clip(joints.astype(np.float32), "1", "a", "1", fps, "", "x"), dropped)


def test_another_rate_size_and_place_is_the_same_motion() -> None:
    slow, fast = _motion(np.arange(120) / 60), _motion(np.arange(239) / 120)
    turn = euler_matrices(np.array([0.4, 1.0, -2.0]), "XYZ")
    moved = 1.3 * fast @ turn.T + [5.0, 0.0, 1.0]
    for one, other in ((_take(slow, 60.0), _take(moved, 120.0)), (_take(moved, 120.0), _take(slow, 60.0))):
        found = difference(one, other)
        assert found.mean_mm < 0.01
        assert found.worst_frame_mm < 0.01
        assert found.shared == pytest.approx(1.0, abs=0.02)


def test_rates_without_common_divisor_are_interpolated() -> None:
    found = difference(_take(_motion(np.arange(60) / 25), 25.0), _take(_motion(np.arange(300) / 120), 120.0))
    assert found.mean_mm < 1.0


def test_a_shift_in_time_is_found() -> None:
    late = difference(
        _take(_motion(np.arange(120) / 60), 60.0), _take(_motion(np.arange(240) / 120 + 0.1), 120.0)
    )
    assert late.mean_mm < 0.01
    assert late.shared == pytest.approx(0.95, abs=0.01)
    too_late = difference(
        _take(_motion(np.arange(120) / 60), 60.0), _take(_motion(np.arange(240) / 120 + 0.5), 120.0)
    )
    assert too_late.mean_mm > 20.0


def test_dropped_frames_count_as_time() -> None:
    whole, cut = _motion(np.arange(240) / 120), _motion(np.arange(60, 120) / 60)
    found = difference(_take(whole, 120.0), _take(cut, 60.0, dropped=60))
    assert found.mean_mm < 0.01
    assert found.shared == pytest.approx(0.5, abs=0.02)


def test_a_known_displacement_is_measured() -> None:
    # Noise that no similarity explains: each joint off by 30 mm in a direction of its own.
    slow = _motion(np.arange(120) / 60)
    direction = np.random.default_rng(1).normal(size=(32, 3))
    off = slow + 0.03 * direction / np.linalg.norm(direction, axis=-1, keepdims=True)
    found = difference(_take(slow, 60.0), _take(off, 60.0))
    assert 20.0 < found.mean_mm < 30.0
    assert found.mean_mm <= found.worst_frame_mm < 35.0


def test_another_motion_is_far() -> None:
    found = difference(
        _take(_motion(np.arange(120) / 60), 60.0), _take(_motion(np.arange(240) / 120, seed=5), 120.0)
    )
    assert found.mean_mm > 300.0


def test_clips_that_share_no_time_are_infinitely_far() -> None:
    found = difference(
        _take(_motion(np.arange(10) / 60), 60.0, dropped=600), _take(_motion(np.arange(10) / 60), 60.0)
    )
    assert found.mean_mm == np.inf
