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
        self._radial = (k1, k2, k3)
        self._radial_slope = (2 * k2, 3 * k3)
        self._tangential = (p2, p1)
        self._twice = (_FACTOR * p2, _FACTOR * p1)
        self._one = torch.ones_like(k1)

    def project(self, points_cam: Tensor) -> tuple[Tensor, Pull]:
        """Project points (B, N, 3) of the camera frame.

        Returns:
            Normalised distorted points (B, N, 2), and the function from a derivative (B, N, 2) by them to
            that (B, N, 3) by the points.
        """
        k1, k2, k3 = self._radial
        slope2, slope3 = self._radial_slope
        (p2, p1), (twice_p2, twice_p1) = self._tangential, self._twice
        x, y, z = points_cam.unbind(-1)
        inverse = z.reciprocal()
        u, v = x * inverse, y * inverse
        r2 = torch.addcmul(u * u, v, v)
        radial = torch.addcmul(k1, r2, torch.addcmul(k2, r2, k3))
        slope = torch.addcmul(k1, r2, torch.addcmul(slope2, r2, slope3))
        tangential = torch.addcmul(torch.addcmul(self._one, u, twice_p2), v, twice_p1)
        scale = torch.addcmul(tangential, r2, radial)

        def pull(by_points: Tensor) -> Tensor:
            by_u, by_v = by_points.unbind(-1)
            outwards = torch.addcmul(by_u * u, by_v, v)
            by_r2 = 2 * torch.addcmul(torch.addcmul(by_u * p2, by_v, p1), outwards, slope)
            by_x = torch.addcmul(torch.addcmul(by_u * scale, u, by_r2), outwards, twice_p2) * inverse
            by_y = torch.addcmul(torch.addcmul(by_v * scale, v, by_r2), outwards, twice_p1) * inverse
            return torch.stack([by_x, by_y, -torch.addcmul(by_x * u, by_y, v)], -1)

        points = torch.addcmul(u * scale, r2, p2), torch.addcmul(v * scale, r2, p1)
        return torch.stack(points, -1), pull
