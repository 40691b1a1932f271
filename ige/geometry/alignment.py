"""Bring poses as near as possible to others: by a scale, or by a similarity without reflection.

All functions work on batches of point sets in double precision; lengths keep their unit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Points = NDArray[np.floating[Any]]

# Spread below which a point set counts as one point, relative to its distance from the origin: rounding
# of single precision leaves about this much.
_ONE_POINT = 1e-6


def optimal_scale(predicted: Points, true: Points) -> Floats:
    """Return the factor of each prediction that brings it nearest to the truth, in least squares.

    `s* = sum(true . predicted) / sum(predicted . predicted)`; it is negative where a prediction points away
    from the truth.

    Args:
        predicted: (..., N, D).
        true: (..., N, D).

    Returns:
        (...); 0 for a prediction that is all zeros, which no factor changes.

    Raises:
        ValueError: if the shapes differ, or a value is not finite, naming the index of the first such set.
    """
    predicted, true = _checked(predicted, true)
    power = np.sum(predicted**2, axis=(-2, -1))
    product = np.sum(predicted * true, axis=(-2, -1))
    return np.asarray(np.divide(product, power, out=np.zeros_like(power), where=power > 0.0))


def procrustes(predicted: Points, true: Points) -> Floats:
    """Move each prediction onto the truth by its best translation, rotation and positive scale.

    Orthogonal Procrustes by singular values; reflections are excluded by turning the last singular vector
    (Kabsch 1976, Umeyama 1991).

    Args:
        predicted: (..., N, D).
        true: (..., N, D).

    Returns:
        (..., N, D) the moved predictions. A prediction whose points all coincide goes to the mean of the
        truth, the best that any similarity can do with it.

    Raises:
        ValueError: if the shapes differ, or a value is not finite, naming the index of the first such set.
    """
    predicted, true = _checked(predicted, true)
    mean_true = true.mean(axis=-2, keepdims=True)
    centred, target = predicted - predicted.mean(axis=-2, keepdims=True), true - mean_true
    left, values, right = np.linalg.svd(np.swapaxes(centred, -1, -2) @ target)
    signs = np.ones_like(values)
    signs[..., -1] = np.where(np.linalg.det(left @ right) < 0.0, -1.0, 1.0)
    rotation = (left * signs[..., None, :]) @ right
    power = np.sum(centred**2, axis=(-2, -1))
    is_one_point = power <= _ONE_POINT**2 * np.sum(predicted**2, axis=(-2, -1))
    best = np.sum(values * signs, axis=-1)
    scale = np.divide(best, power, out=np.zeros_like(power), where=~is_one_point)
    return np.asarray(scale[..., None, None] * (centred @ rotation) + mean_true)


def _checked(predicted: Points, true: Points) -> tuple[Floats, Floats]:
    if predicted.shape != true.shape or predicted.ndim < 2:
        raise ValueError(f"expected two equal shapes (..., N, D), found {predicted.shape} and {true.shape}")
    for name, points in (("predicted", predicted), ("true", true)):
        is_finite = np.isfinite(points).all(axis=(-2, -1))
        if not is_finite.all():
            first = tuple(np.argwhere(~is_finite)[0].tolist())
            raise ValueError(
                f"{name}: {np.sum(~is_finite)} of {is_finite.size} point sets are not finite, "
                f"first at index {first}"
            )
    return predicted.astype(np.float64), true.astype(np.float64)
