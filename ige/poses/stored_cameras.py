"""Cameras in files: their numbers as arrays, their names beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.geometry.cameras import Camera

_PARTS = {"extrinsics": (3, 4), "focal": (2,), "centre": (2,), "radial": (3,), "tangential": (2,)}


def camera_arrays(cameras: Sequence[Camera]) -> dict[str, NDArray[Any]]:
    """Return what describes C cameras as arrays (C, ...) in double precision, by their name in a file."""
    return {
        f"cameras/{part}": np.array([getattr(camera, part) for camera in cameras], dtype=np.float64).reshape(
            len(cameras), *shape
        )
        for part, shape in _PARTS.items()
    }


def stored_cameras(names: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> tuple[Camera, ...]:
    """Build the cameras of these names from the arrays of `camera_arrays`."""
    parts = [arrays[f"cameras/{part}"] for part in _PARTS]
    return tuple(Camera(*values) for values in zip(names, *parts, strict=True))
