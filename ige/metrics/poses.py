"""Errors of poses, each defined once, named by its alignment; and how they are averaged.

| metric | before the mean distance over the joints, a prediction is |
| --- | --- |
| `mpjpe_mm` (P1) | moved with its hip midpoint to the origin, as the truth is |
| `opt_scale_error_mm` | multiplied by its optimal scale about the camera |
| `n_mpjpe_mm` | moved with its hip midpoint to the origin, as the truth is, then scaled optimally |
| `pa_mpjpe_mm` (P2) | multiplied by its optimal scale, then moved by its best similarity without reflection |
| `pa_mpjpe_of_metric_mm` (P2) | moved by its best similarity without reflection |

Poses are those of `skeletons.with_hip_midpoint`: 17 joints, the midpoint of the hips last. P1 means something
for predictions in metres alone; the others do not mind the scale of a prediction. For predictions that are
free in scale the optimal scale comes before the similarity, so that a prediction behind the camera, which is
right up to a negative scale, is not scored as its mirror image; `negative_scales` marks such
predictions. The scale of a metric prediction is known, its sign too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.geometry.alignment import optimal_scale, procrustes

Floats = NDArray[np.float64]
Poses = NDArray[np.floating[Any]]

_MM_PER_M = 1000.0
_HIP_MIDPOINT = 16


def mpjpe_mm(predicted: Poses, true: Poses) -> Floats:
    """Return the mean distance of the joints with hip midpoints at the origin, no scale and no rotation.

    "Protocol 1" of the literature, but that its root is the hip joint of the skeleton, ours the midpoint of
    the two hips.

    Args:
        predicted: (B, 17, 3) metres, camera frame, anywhere.
        true: (B, 17, 3) metres, camera frame, anywhere.

    Returns:
        (B,) mm.

    Raises:
        ValueError: for other shapes, or poses that are not finite.
    """
    errors = _mean_distance_mm(*_at_origin(*_checked(predicted, true)))
    if not np.isfinite(errors).all():
        raise ValueError(f"the first pose that is not finite is at index {np.argmin(np.isfinite(errors))}")
    return errors


def opt_scale_error_mm(predicted: Poses, true: Poses) -> Floats:
    """Return the mean distance of the joints after the optimal scale, no translation or rotation.

    Args:
        predicted: (B, 17, 3) metres, camera frame.
        true: (B, 17, 3) metres, camera frame.

    Returns:
        (B,) mm.

    Raises:
        ValueError: for other shapes, or poses that are not finite.
    """
    predicted, true = _checked(predicted, true)
    return _mean_distance_mm(_optimally_scaled(predicted, true), true)


def n_mpjpe_mm(predicted: Poses, true: Poses) -> Floats:
    """Return the mean distance of the joints with hip midpoints at the origin and the optimal scale.

    N-MPJPE of Rhodin et al. 2018. Arguments, result and errors as `opt_scale_error_mm`.
    """
    predicted, true = _at_origin(*_checked(predicted, true))
    return _mean_distance_mm(_optimally_scaled(predicted, true), true)


def pa_mpjpe_mm(predicted: Poses, true: Poses) -> Floats:
    """Return the mean distance of the joints after the optimal scale and Procrustes without reflection.

    "Protocol 2" of the literature, but that reflections are excluded. Arguments, result and errors as
    `opt_scale_error_mm`.
    """
    predicted, true = _checked(predicted, true)
    return _mean_distance_mm(procrustes(_optimally_scaled(predicted, true), true), true)


def pa_mpjpe_of_metric_mm(predicted: Poses, true: Poses) -> Floats:
    """Return the mean distance of the joints after Procrustes without reflection alone.

    For predictions whose scale is known to be positive; so they need not be placed before the camera.
    Arguments, result and errors as `opt_scale_error_mm`.
    """
    predicted, true = _checked(predicted, true)
    return _mean_distance_mm(procrustes(predicted, true), true)


def negative_scales(predicted: Poses, true: Poses) -> Floats:
    """Return 1 for each pose whose optimal scale about the camera is negative, else 0.

    Arguments and errors as `opt_scale_error_mm`; the result is (B,).
    """
    predicted, true = _checked(predicted, true)
    return (optimal_scale(predicted, true) < 0.0).astype(np.float64)


def mean_by_frame(errors: Floats) -> float:
    """Average errors (B,) over all poses, each with the same weight.

    Raises:
        ValueError: if there are none.
    """
    if errors.ndim != 1 or len(errors) == 0:
        raise ValueError(f"expected errors of shape (B,) with B > 0, found {errors.shape}")
    return float(np.mean(errors, dtype=np.float64))


def mean_by_action(errors: Floats, actions: Sequence[str] | NDArray[Any]) -> float:
    """Average errors (B,) within each action, then over the actions, each with the same weight.

    Args:
        errors: (B,).
        actions: (B,) the action of each pose, as names or numbers.

    Raises:
        ValueError: if there are none, or the lengths differ.
    """
    labels = np.asarray(actions)
    if labels.shape != errors.shape:
        raise ValueError(f"{errors.shape} errors, but {labels.shape} actions")
    return float(np.mean([mean_by_frame(errors[labels == action]) for action in np.unique(labels)]))


def _at_origin(predicted: Floats, true: Floats) -> tuple[Floats, Floats]:
    midpoints = predicted[:, _HIP_MIDPOINT, None], true[:, _HIP_MIDPOINT, None]
    return predicted - midpoints[0], true - midpoints[1]


def _optimally_scaled(predicted: Floats, true: Floats) -> Floats:
    return np.asarray(optimal_scale(predicted, true)[:, None, None] * predicted)


def _mean_distance_mm(predicted: Floats, true: Floats) -> Floats:
    return np.asarray(_MM_PER_M * np.mean(np.linalg.norm(predicted - true, axis=-1), axis=-1))


def _checked(predicted: Poses, true: Poses) -> tuple[Floats, Floats]:
    if predicted.shape != true.shape or predicted.ndim != 3 or predicted.shape[1:] != (17, 3):
        raise ValueError(f"expected two arrays (B, 17, 3), found {predicted.shape} and {true.shape}")
    return predicted.astype(np.float64), true.astype(np.float64)
