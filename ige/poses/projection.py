"""Projection with the way back of gradients written out, for the innermost loop of pose energies.

The same function as `torch_cameras.project` (OpenCV's distortion), tested to agree. It works on one tensor
per coordinate, since tensors here are so small that the number of operations decides the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

from ige.geometry.cameras import TANGENTIAL_FACTOR

_FACTOR = TANGENTIAL_FACTOR["opencv"]


Pull: TypeAlias = Callable[[Tensor], Tensor]
"""The way back of gradients: from the derivative by what a function returned to that by what it was given."""


class Lens:
    """The distortion (B, 5) of each sample, laid out for N points each."""

    def __init__(self, distortion: Tensor, points: int) -> None:
        k1, k2, k3, p1, p2 = distortion[..., None].expand(-1, -1, points).contiguous().unbind(1)
        self._radial = k1, k2, k3
        self._radial_slope = 2 * k2, 3 * k3
        self._tangential = p2, p1
        self._tangential_slope = _FACTOR * p2, _FACTOR * p1

    def project(self, points_cam: Tensor) -> tuple[Tensor, Pull]:
        """Project points (B, N, 3) of the camera frame.

        Returns:
            Normalised distorted points (B, 2, N), coordinates first, and the function from a derivative
            (B, 2, N) by them to that (B, N, 3) by the points.
        """
        k1, k2, k3 = self._radial
        slope2, slope3 = self._radial_slope
        (p2, p1), (slope_u, slope_v) = self._tangential, self._tangential_slope
        x, y, z = points_cam.unbind(-1)
        inverse = z.reciprocal()
        u, v = x * inverse, y * inverse
        r2 = u * u + v * v
        scale = u * slope_u + v * slope_v + r2 * (k1 + r2 * (k2 + r2 * k3)) + 1
        slope = k1 + r2 * (slope2 + r2 * slope3)

        def pull(by_points: Tensor) -> Tensor:
            by_u, by_v = by_points.unbind(1)
            by_scale = by_u * u + by_v * v
            by_r2 = 2 * (by_u * p2 + by_v * p1 + by_scale * slope)
            by_x = (by_u * scale + u * by_r2 + by_scale * slope_u) * inverse
            by_y = (by_v * scale + v * by_r2 + by_scale * slope_v) * inverse
            return torch.stack([by_x, by_y, -(by_x * u + by_y * v)], -1)

        return torch.stack([u * scale + r2 * p2, v * scale + r2 * p1], 1), pull
