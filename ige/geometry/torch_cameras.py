"""The functions of `cameras` for tensors: any device, any floating type, differentiable.

Frames, formulas and shapes are those of `cameras`; parity is tested. `project` and `distort` use only
elementwise operations, so they have second derivatives and work under `torch.func` and `torch.compile`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ige.geometry import cameras
from ige.geometry.cameras import TANGENTIAL_FACTOR, TangentialModel


def world_to_camera(points_world: Tensor, extrinsics: Tensor) -> Tensor:
    """Move points (..., N, 3) from the world to the camera frame of extrinsics (..., 3, 4)."""
    return points_world @ extrinsics[..., :3].mT + extrinsics[..., None, :, 3]


def camera_to_world(points_cam: Tensor, extrinsics: Tensor) -> Tensor:
    """Move points (..., N, 3) from the camera frame of extrinsics (..., 3, 4) to the world."""
    return (points_cam - extrinsics[..., None, :, 3]) @ extrinsics[..., :3]


def distort(
    points: Tensor, radial: Tensor, tangential: Tensor, *, tangential_model: TangentialModel = "opencv"
) -> Tensor:
    """Distort normalised points (..., N, 2) by radial (..., 3) and tangential (..., 2) coefficients."""
    factor = TANGENTIAL_FACTOR[tangential_model]
    k1, k2, k3 = radial[..., None, :].unbind(-1)
    swapped = tangential[..., None, :].flip(-1)  # (p2, p1)
    r2 = (points * points).sum(-1)
    scale = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3)) + factor * (swapped * points).sum(-1)
    return points * scale[..., None] + swapped * r2[..., None]


def undistort(
    points: Tensor, radial: Tensor, tangential: Tensor, *, tangential_model: TangentialModel = "opencv"
) -> Tensor:
    """Find the points (..., N, 2) that `distort` maps to these.

    `cameras.undistort` solves on the CPU in double precision; one Newton step from its solution, whose value
    is rounding, gives exact first derivatives by points and coefficients (implicit function theorem).

    Raises:
        ValueError: naming the first point that no point within the lens's valid radius maps to.
    """
    plain = [tensor.detach().cpu().numpy() for tensor in (points, radial, tangential)]
    solution = cameras.undistort(*plain, tangential_model=tangential_model)
    jacobian = cameras.distortion_jacobian(solution, *plain[1:], tangential_model=tangential_model)
    start = torch.from_numpy(solution).to(points)
    error = distort(start, radial, tangential, tangential_model=tangential_model) - points
    step: Tensor = torch.linalg.solve(torch.from_numpy(jacobian).to(points), error[..., None])[..., 0]
    return start - step


def project(
    points_cam: Tensor, radial: Tensor, tangential: Tensor, *, tangential_model: TangentialModel = "opencv"
) -> Tensor:
    """Project points (..., N, 3) of the camera frame to normalised, distorted points (..., N, 2).

    Computes plainly, also behind the camera; z = 0 gives values that are not finite.
    """
    flat = points_cam[..., :2] / points_cam[..., 2:]
    return distort(flat, radial, tangential, tangential_model=tangential_model)


def to_pixels(points: Tensor, focal: Tensor, centre: Tensor) -> Tensor:
    """Turn normalised points (..., N, 2) into pixels, for focal lengths and centres (..., 2)."""
    return points * focal[..., None, :] + centre[..., None, :]


def from_pixels(pixels: Tensor, focal: Tensor, centre: Tensor) -> Tensor:
    """Turn pixels (..., N, 2) into normalised points: `(pixel - centre) / focal`."""
    return (pixels - centre[..., None, :]) / focal[..., None, :]
