"""What a camera of Human3.6M's studio may be, whichever file tells of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.cameras import Camera

_NEAREST_M, _FARTHEST_M = 1.0, 20.0
# The real cameras look within 8 degrees of the world's origin; with R transposed it would be 21 at least.
_LEAST_COSINE = float(np.cos(np.radians(15.0)))


def studio_camera(
    name: str,
    rotation: NDArray[np.float64],
    position_mm: NDArray[np.float64],
    lens: NDArray[np.float64],
    *,
    where: str,
    stored_as: str,
) -> Camera:
    """Build a camera, `X_cam = R (X_world - T)`.

    Args:
        name: its number as a text.
        rotation: R, (3, 3).
        position_mm: T, (3,) millimetres.
        lens: (9,) fx, fy, cx, cy, k1, k2, k3, p1, p2.
        where: what errors call its place.
        stored_as: how R stands there, for errors.

    Raises:
        InputError: if it stands or looks where no camera of the studio does, or cannot be a camera.
    """
    position: NDArray[Any] = position_mm / 1000.0
    distance = float(np.linalg.norm(position))
    if not _NEAREST_M <= distance <= _FARTHEST_M:
        raise InputError(
            "a camera at an implausible place",
            where=where,
            expected=f"{_NEAREST_M:g} to {_FARTHEST_M:g} m from the origin, in millimetres",
            found=f"{distance:g} m",
        )
    cosine = float(rotation[2] @ -position) / distance
    if not cosine >= _LEAST_COSINE:
        raise InputError(
            "a camera that looks away from the middle of the studio",
            where=where,
            expected=f"R of X_cam = R (X_world - T), {stored_as}",
            found=f"{np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))):.0f} degrees between them",
        )
    try:
        return Camera(
            name=name,
            extrinsics=np.concatenate([rotation, -(rotation @ position)[:, None]], axis=1),
            focal=lens[0:2].copy(),
            centre=lens[2:4].copy(),
            radial=lens[4:7].copy(),
            tangential=lens[7:9].copy(),
        )
    except ValueError as error:
        raise InputError(str(error), where=where, expected="a camera of Human3.6M") from error
