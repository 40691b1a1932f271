"""Rotation matrices: what the rig and the yaws need."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def about_vertical(angles: ArrayLike) -> NDArray[np.float64]:
    """Return rotations about the world's vertical (z), from +x towards +y.

    Args:
        angles: (...), radians.

    Returns:
        (..., 3, 3): a column vector turns by `matrix @ vector`.
    """
    angles = np.asarray(angles, dtype=np.float64)
    matrices = np.zeros((*angles.shape, 3, 3))
    matrices[..., 0, 0] = matrices[..., 1, 1] = np.cos(angles)
    matrices[..., 1, 0] = np.sin(angles)
    matrices[..., 0, 1] = -np.sin(angles)
    matrices[..., 2, 2] = 1.0
    return matrices


def is_rotation(matrix: NDArray[Any], tolerance: float) -> bool:
    """Say whether a 3x3 matrix is orthonormal and no reflection, each entry within `tolerance`."""
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all():
        return False
    is_orthonormal = np.allclose(matrix @ matrix.T, np.eye(3), rtol=0.0, atol=tolerance)
    return bool(is_orthonormal and np.linalg.det(matrix) > 0.0)
