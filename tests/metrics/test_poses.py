from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ige.geometry.skeletons import with_hip_midpoint
from ige.metrics.poses import (
    mean_by_action,
    mean_by_frame,
    mpjpe_mm,
    n_mpjpe_mm,
    negative_scales,
    opt_scale_error_mm,
    pa_mpjpe_mm,
    pa_mpjpe_of_metric_mm,
)

PROPERTY = settings(derandomize=True, deadline=None, max_examples=60, database=None)
ERRORS = (opt_scale_error_mm, n_mpjpe_mm, pa_mpjpe_mm)
OF_METRIC = (mpjpe_mm, n_mpjpe_mm, pa_mpjpe_of_metric_mm)


def poses(seed: int, count: int = 3) -> np.ndarray:
    """People 4 m before the camera."""
    joints = np.random.default_rng(seed).normal(scale=0.4, size=(count, 16, 3))
    return with_hip_midpoint(joints + np.array([0.0, 0.0, 4.0]))


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return points @ np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])


def test_golden_values() -> None:
    true = np.zeros((1, 17, 3))
    true[0, :, 2] = 1.0
    true[0, 0, 0], true[0, 1, 0] = 1.0, -1.0
    predicted = true.copy()
    predicted[0, 0, 0], predicted[0, 1, 0] = 0.0, 0.0
    # s = 17 / 17: two joints are 1 m off
    np.testing.assert_allclose(opt_scale_error_mm(predicted, true), [2000.0 / 17.0])
    # root-centred, the prediction is all zeros: no scale helps
    np.testing.assert_allclose(n_mpjpe_mm(predicted, true), [2000.0 / 17.0])
    np.testing.assert_allclose(pa_mpjpe_mm(predicted, true), [2000.0 / 17.0])


def test_n_mpjpe_centres_on_the_hip_midpoint() -> None:
    true = np.zeros((1, 17, 3))
    true[0, 0] = [2.0, 0.0, 0.0]
    predicted = true + np.array([0.0, 5.0, 0.0])
    predicted[0, 16] += [1.0, 0.0, 0.0]
    # centred: joint 0 at (1, 0, 0), fifteen at (-1, 0, 0), the last at 0; truth (2, 0, 0) and zeros
    scale = 2.0 / 16.0
    expected = 1000.0 * ((2.0 - scale) + 15.0 * scale) / 17.0
    np.testing.assert_allclose(n_mpjpe_mm(predicted, true), [expected])


def test_p1_by_hand() -> None:
    true = np.zeros((1, 17, 3))
    true[0, 0] = [2.0, 0.0, 0.0]
    predicted = true + np.array([0.0, 5.0, 4.0])
    np.testing.assert_allclose(mpjpe_mm(predicted, true), [0.0])
    predicted[0, 16] += [1.0, 0.0, 0.0]
    # centred: all joints but the last are 1 m off
    np.testing.assert_allclose(mpjpe_mm(predicted, true), [16_000.0 / 17.0])
    # half as large: the one joint that is not at the origin is 1 m off
    np.testing.assert_allclose(mpjpe_mm(0.5 * true, true), [1000.0 / 17.0])


@PROPERTY
@given(seed=st.integers(0, 10**6), shift=st.floats(-9.0, 9.0), angle=st.floats(-0.5, 0.5))
def test_what_errors_of_metric_poses_do_not_see(seed, shift, angle) -> None:
    predicted, true = poses(seed), poses(seed + 1)
    moved = predicted + np.array([shift, 0.0, -shift])
    for error in OF_METRIC:
        np.testing.assert_allclose(error(moved, true), error(predicted, true), rtol=1e-8)
        np.testing.assert_allclose(
            error(predicted, 2.0 * true), 2.0 * error(0.5 * predicted, true), rtol=1e-8
        )
    aligned = pa_mpjpe_of_metric_mm(predicted, true)
    np.testing.assert_allclose(pa_mpjpe_of_metric_mm(3.0 * turned(moved, angle), true), aligned, rtol=1e-8)
    assert (aligned <= mpjpe_mm(predicted, true)).all()
    if abs(angle) > 0.1:
        assert (mpjpe_mm(turned(true, angle), true) > 1.0).all()
    assert (mpjpe_mm(1.1 * true, true) > 1.0).all()


def test_a_metric_pose_behind_the_camera_is_no_mirror_image() -> None:
    true = poses(0)
    behind = true - np.array([0.0, 0.0, 8.0])
    np.testing.assert_allclose(pa_mpjpe_of_metric_mm(behind, true), 0.0, atol=1e-9)
    assert (pa_mpjpe_mm(behind, true) > 50.0).all()


@PROPERTY
@given(seed=st.integers(0, 10**6), factor=st.floats(0.01, 100.0), sign=st.sampled_from([1.0, -1.0]))
def test_no_error_sees_the_scale_of_a_prediction(seed, factor, sign) -> None:
    predicted, true = poses(seed), poses(seed + 1)
    for error in ERRORS:
        np.testing.assert_allclose(error(sign * factor * predicted, true), error(predicted, true), rtol=1e-9)


@PROPERTY
@given(seed=st.integers(0, 10**6), shift=st.floats(-1.0, 1.0), angle=st.floats(-0.5, 0.5))
def test_each_alignment_is_blind_to_its_own_motions_alone(seed, shift, angle) -> None:
    predicted, true = poses(seed), poses(seed + 1)
    shifted = predicted + np.array([0.0, shift, 0.0])
    np.testing.assert_allclose(n_mpjpe_mm(shifted, true), n_mpjpe_mm(predicted, true), rtol=1e-9)
    moved = turned(shifted, angle)
    np.testing.assert_allclose(pa_mpjpe_mm(moved, true), pa_mpjpe_mm(predicted, true), rtol=1e-9)
    if abs(shift) > 0.1:
        assert (opt_scale_error_mm(true + np.array([0.0, shift, 0.0]), true) > 1.0).all()
    if abs(angle) > 0.1:
        assert (n_mpjpe_mm(turned(true, angle), true) > 1.0).all()


@PROPERTY
@given(seed=st.integers(0, 10**6), angle=st.floats(-3.0, 3.0))
def test_errors_do_not_depend_on_the_frame_of_both(seed, angle) -> None:
    predicted, true = poses(seed), poses(seed + 1)
    for error in ERRORS:
        np.testing.assert_allclose(
            error(turned(predicted, angle), turned(true, angle)), error(predicted, true), rtol=1e-9
        )
        np.testing.assert_allclose(error(predicted, 2.0 * true), 2.0 * error(predicted, true), rtol=1e-9)


def test_a_mirrored_pose_is_wrong_and_a_pose_behind_the_camera_is_counted() -> None:
    true = poses(0, 4)
    assert (pa_mpjpe_mm(true * [-1.0, 1.0, 1.0], true) > 50.0).all()
    behind = true * np.array([1.0, -1.0, -2.0, 3.0])[:, None, None]
    np.testing.assert_allclose(pa_mpjpe_mm(behind, true), 0.0, atol=1e-9)
    np.testing.assert_array_equal(negative_scales(behind, true), [0.0, 1.0, 1.0, 0.0])


def test_a_prediction_of_zeros_has_the_error_of_nothing() -> None:
    true = poses(0)
    nothing = np.zeros_like(true)
    size = 1000.0 * np.linalg.norm(true, axis=-1).mean(axis=-1)
    spread = 1000.0 * np.linalg.norm(true - true.mean(axis=1, keepdims=True), axis=-1).mean(axis=-1)
    np.testing.assert_allclose(opt_scale_error_mm(nothing, true), size)
    np.testing.assert_allclose(pa_mpjpe_mm(nothing, true), spread)
    np.testing.assert_array_equal(negative_scales(nothing, true), 0.0)


def test_single_precision_is_scored_in_double() -> None:
    predicted, true = poses(0).astype(np.float32), poses(1).astype(np.float32)
    for error in ERRORS:
        found = error(predicted, true)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, error(predicted.astype(np.float64), true.astype(np.float64)))


def test_means_by_frame_and_by_action() -> None:
    errors = np.array([1.0, 1.0, 1.0, 5.0])
    assert mean_by_frame(errors) == 2.0
    assert mean_by_action(errors, ["Walking", "Walking", "Walking", "Eating"]) == 3.0
    assert mean_by_action(errors, np.array([7, 7, 2, 2])) == 2.0


def test_bad_input_is_refused() -> None:
    true = poses(0)
    for error in (*ERRORS, *OF_METRIC, negative_scales):
        with pytest.raises(ValueError, match="17, 3"):
            error(true[:, :16], true[:, :16])
        spoilt = true.copy()
        spoilt[1, 3, 2] = np.inf
        with pytest.raises(ValueError, match=r"predicted: 1 of 3 .* index \(1,\)|at index 1"):
            error(spoilt, true)
    with pytest.raises(ValueError, match="B > 0"):
        mean_by_frame(np.zeros(0))
    with pytest.raises(ValueError, match="actions"):
        mean_by_action(np.zeros(3), ["a", "b"])
