"""Pinhole cameras with radial and tangential distortion, in numpy and double precision.

Frames: `points_world` has z up; `points_cam` has x right, y down, z forward, with
`X_cam = R (X_world - t) = extrinsics @ (X_world, 1)`, so `extrinsics = [R | -R t]` (3x4) and t is the
camera's position. Normalised points are `(x, y) = (X/Z, Y/Z)`, distorted or not; pixels are
`focal * (x, y) + centre`. `torch_cameras` holds the same functions for tensors.

Distortion is OpenCV's: with `r2 = x^2 + y^2`, `radial = 1 + k1 r2 + k2 r2^2 + k3 r2^3`, `t = p1 y + p2 x`

    x' = x (radial + 2 t) + p2 r2        y' = y (radial + 2 t) + p1 r2

`tangential_model="martinez"` leaves out the factor 2, as the code of Martinez et al. 2017 does: for parity
with published code alone. With coefficients like Human3.6M's the two are at most 0.25 pixels apart within a
quarter of the image's width from its centre, and up to 1.4 pixels in the corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ige.geometry.rotations import is_rotation

Floats = NDArray[np.float64]
Points = NDArray[np.floating[Any]]
TangentialModel = Literal["opencv", "martinez"]

TANGENTIAL_FACTOR: dict[TangentialModel, float] = {"opencv": 2.0, "martinez": 1.0}
_ITERATIONS = 100
_TOLERANCE = 1e-13  # of the distorted point that the solution gives, relative to max(1, its norm)

_ROTATION_TOLERANCE = 1e-4  # published camera files carry five decimals and more
_LARGEST_RADIUS = 1e6  # a fold farther out than this is none


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """One camera of a rig.

    Attributes:
        name: as it stands in the parameters.
        extrinsics: (3, 4), metres: `X_cam = extrinsics @ (X_world, 1)`.
        focal: (2,) fx, fy in pixels.
        centre: (2,) principal point in pixels.
        radial: (3,) k1, k2, k3.
        tangential: (2,) p1, p2.

    Raises:
        ValueError: naming the camera, for a wrong shape, a number that is not finite, a focal length that
            is not positive, or extrinsics that hold no rotation.
    """

    name: str
    extrinsics: Floats
    focal: Floats
    centre: Floats
    radial: Floats
    tangential: Floats

    def __post_init__(self) -> None:
        shapes = {"extrinsics": (3, 4), "focal": (2,), "centre": (2,), "radial": (3,), "tangential": (2,)}
        for field, shape in shapes.items():
            value = getattr(self, field)
            if value.shape != shape or not np.isfinite(value).all():
                raise ValueError(f"camera {self.name}: {field} must be {shape} finite numbers, found {value}")
        if not (self.focal > 0).all():
            raise ValueError(f"camera {self.name}: focal lengths must be positive, found {self.focal}")
        if not is_rotation(self.extrinsics[:, :3], _ROTATION_TOLERANCE):
            raise ValueError(f"camera {self.name}: the left 3x3 of extrinsics is no rotation matrix")


def look_at(eye: ArrayLike, target: ArrayLike) -> Floats:
    """Return the extrinsics (3, 4) of a camera at `eye` whose optical axis meets `target`, upright.

    Args:
        eye: (3,) position in the world, metres.
        target: (3,) point in the world that lands on the principal point.

    Raises:
        ValueError: if the points coincide, or the view is along the vertical (then "upright" says nothing).
    """
    eye, target = np.asarray(eye, dtype=np.float64), np.asarray(target, dtype=np.float64)
    forward = target - eye
    right = np.array([forward[1], -forward[0], 0.0])  # forward x up
    if np.linalg.norm(right) <= 1e-9 * np.linalg.norm(forward):
        raise ValueError(f"a camera at {eye} cannot look at {target}: the view is along the vertical")
    forward = forward / np.linalg.norm(forward)
    right = right / np.linalg.norm(right)
    rotation = np.stack([right, np.cross(forward, right), forward])
    return np.concatenate([rotation, -(rotation @ eye)[:, None]], axis=1)


def world_to_camera(points_world: Points, extrinsics: Points) -> Floats:
    """Move points (..., N, 3) from the world to the camera frame of extrinsics (..., 3, 4)."""
    rotation, shift = _split(extrinsics)
    return np.asarray(points_world @ np.swapaxes(rotation, -1, -2) + shift)


def camera_to_world(points_cam: Points, extrinsics: Points) -> Floats:
    """Move points (..., N, 3) from the camera frame of extrinsics (..., 3, 4) to the world."""
    rotation, shift = _split(extrinsics)
    return np.asarray((points_cam - shift) @ rotation)


def _split(extrinsics: Points) -> tuple[Floats, Floats]:
    matrix = np.asarray(extrinsics, dtype=np.float64)
    return matrix[..., :3], matrix[..., None, :, 3]


def distort(
    points: Points, radial: Points, tangential: Points, *, tangential_model: TangentialModel = "opencv"
) -> Floats:
    """Distort normalised points as the lens does; the formula stands at the head of this module.

    Args:
        points: (..., N, 2) normalised, free of distortion.
        radial: (..., 3) k1, k2, k3.
        tangential: (..., 2) p1, p2.
        tangential_model: "opencv", or "martinez" for parity with published code.

    Returns:
        (..., N, 2) normalised, distorted.
    """
    factor = TANGENTIAL_FACTOR[tangential_model]
    points = np.asarray(points, dtype=np.float64)
    k1, k2, k3 = np.moveaxis(np.asarray(radial, dtype=np.float64)[..., None, :], -1, 0)
    swapped = np.asarray(tangential, dtype=np.float64)[..., None, ::-1]  # (p2, p1)
    r2 = np.sum(points**2, axis=-1)
    scale = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3)) + factor * np.sum(swapped * points, axis=-1)
    return np.asarray(points * scale[..., None] + swapped * r2[..., None])


def undistort(
    points: Points, radial: Points, tangential: Points, *, tangential_model: TangentialModel = "opencv"
) -> Floats:
    """Find the points (..., N, 2) that `distort` maps to these; the inverse, iterated to convergence.

    Damped Newton iteration with the closed-form Jacobian.

    Raises:
        ValueError: naming the first point that no point within `monotonic_radius` maps to.
    """
    distorted = np.asarray(points, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # steps that overflow are rejected
        solution, unsolved = _solve(distorted, radial, tangential, tangential_model)
    folded = np.linalg.norm(solution, axis=-1) > monotonic_radius(radial)[..., None]
    failed = unsolved | folded
    if failed.any():
        first = tuple(np.argwhere(failed)[0].tolist())
        raise ValueError(
            f"{failed.sum()} of {failed.size} points cannot be undistorted: no point inside the lens's valid "
            f"radius maps to them, first {distorted[first]} at index {first}"
        )
    return solution


def _solve(
    distorted: Floats, radial: Points, tangential: Points, tangential_model: TangentialModel
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the solution and where it is none."""

    def error_of(candidate: Floats) -> Floats:
        return distort(candidate, radial, tangential, tangential_model=tangential_model) - distorted

    tolerance = _TOLERANCE * np.maximum(1.0, np.linalg.norm(distorted, axis=-1))
    solution = distorted
    error = error_of(solution)
    damping = np.ones(error.shape[:-1])
    for _ in range(_ITERATIONS):
        if np.all(np.linalg.norm(error, axis=-1) <= tolerance):
            break
        step = _newton_step(solution, error, radial, tangential, tangential_model)
        trial = solution - damping[..., None] * step
        trial_error = error_of(trial)
        better = np.linalg.norm(trial_error, axis=-1) < np.linalg.norm(error, axis=-1)
        solution = np.where(better[..., None], trial, solution)
        error = np.where(better[..., None], trial_error, error)
        damping = np.where(better, np.minimum(1.0, 2.0 * damping), damping / 4.0)
    return np.asarray(solution), ~(np.linalg.norm(error, axis=-1) <= tolerance)  # NaN is no solution


def _newton_step(
    points: Floats, error: Floats, radial: Points, tangential: Points, tangential_model: TangentialModel
) -> Floats:
    jacobian = distortion_jacobian(points, radial, tangential, tangential_model=tangential_model)
    (a, b), (c, d) = np.moveaxis(jacobian, (-2, -1), (0, 1))
    determinant = a * d - b * c
    # A singular Jacobian (on a fold) must not divide by zero; damping then rejects the step.
    determinant = np.where(np.abs(determinant) < 1e-12, 1e-12, determinant)
    e0, e1 = error[..., 0], error[..., 1]
    return np.stack([(d * e0 - b * e1) / determinant, (a * e1 - c * e0) / determinant], axis=-1)


def distortion_jacobian(
    points: Points, radial: Points, tangential: Points, *, tangential_model: TangentialModel = "opencv"
) -> Floats:
    """Return the derivative (..., N, 2, 2) of `distort`; the last axis runs over the undistorted x, y."""
    factor = TANGENTIAL_FACTOR[tangential_model]
    points = np.asarray(points, dtype=np.float64)
    k1, k2, k3 = np.moveaxis(np.asarray(radial, dtype=np.float64)[..., None, :], -1, 0)
    swapped = np.asarray(tangential, dtype=np.float64)[..., None, ::-1]  # (p2, p1)
    r2 = np.sum(points**2, axis=-1)
    scale = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3)) + factor * np.sum(swapped * points, axis=-1)
    slope = 2.0 * (k1 + r2 * (2.0 * k2 + 3.0 * r2 * k3))
    gradient = slope[..., None] * points + factor * swapped  # of the scale
    outer = points[..., :, None] * gradient[..., None, :] + 2.0 * swapped[..., :, None] * points[..., None, :]
    return np.asarray(outer + scale[..., None, None] * np.eye(2))


def monotonic_radius(radial: Points) -> Floats:
    """Return the radius up to which radial distortion grows with the radius; infinity if everywhere.

    Beyond it the lens model folds back: far points land inside the image although no lens shows them there.

    Args:
        radial: (..., 3) k1, k2, k3.

    Returns:
        (...) radius of normalised points before distortion.
    """
    k1, k2, k3 = np.moveaxis(np.asarray(radial, dtype=np.float64), -1, 0)
    # d(r radial)/dr = 1 + 3 k1 s + 5 k2 s^2 + 7 k3 s^3 with s = r^2: in 1/s a cubic, monic whatever k is.
    companion = np.zeros((*k1.shape, 3, 3))
    companion[..., 0, :] = np.stack([-3.0 * k1, -5.0 * k2, -7.0 * k3], axis=-1)
    companion[..., 1, 0] = companion[..., 2, 1] = 1.0
    roots = np.linalg.eigvals(companion)
    inverse = np.max(np.where(np.imag(roots) == 0.0, np.real(roots), 0.0), axis=-1)
    return np.where(
        inverse > _LARGEST_RADIUS**-2, 1.0 / np.sqrt(np.maximum(inverse, _LARGEST_RADIUS**-2)), np.inf
    )


def project(
    points_cam: Points, radial: Points, tangential: Points, *, tangential_model: TangentialModel = "opencv"
) -> Floats:
    """Project points (..., N, 3) of the camera frame to normalised, distorted points (..., N, 2).

    Computes plainly: points behind the camera get the numbers of the formula (see `in_image` for whether a
    point is seen), and z = 0 divides by zero as numpy does.
    """
    points_cam = np.asarray(points_cam, dtype=np.float64)
    flat = points_cam[..., :2] / points_cam[..., 2:]
    return distort(flat, radial, tangential, tangential_model=tangential_model)


def to_pixels(points: Points, focal: Points, centre: Points) -> Floats:
    """Turn normalised points (..., N, 2) into pixels, for focal lengths and centres (..., 2)."""
    return np.asarray(points * np.asarray(focal)[..., None, :] + np.asarray(centre)[..., None, :])


def from_pixels(pixels: Points, focal: Points, centre: Points) -> Floats:
    """Turn pixels (..., N, 2) into normalised points: `(pixel - centre) / focal`."""
    return np.asarray((pixels - np.asarray(centre)[..., None, :]) / np.asarray(focal)[..., None, :])


def in_image(points_cam: Points, camera: Camera, image_pixels: Sequence[int]) -> NDArray[np.bool_]:
    """Say which points (..., N, 3) of the camera frame the camera shows.

    A point is shown if it is in front of the camera (z > 0), inside the radius up to which the lens model is
    monotonic, and lands on the image, `0 <= u <= width` and `0 <= v <= height`.

    Args:
        points_cam: (..., N, 3), metres.
        camera: whose lens and principal point count; its extrinsics are not used.
        image_pixels: width and height.

    Returns:
        (..., N); points that are not finite are not shown.
    """
    points_cam = np.asarray(points_cam, dtype=np.float64)
    in_front = (points_cam[..., 2] > 0) & np.isfinite(points_cam).all(axis=-1)
    seen = np.where(in_front[..., None], points_cam, [0.0, 0.0, 1.0])  # any point that can be divided
    flat = seen[..., :2] / seen[..., 2:]
    in_front &= np.linalg.norm(flat, axis=-1) <= monotonic_radius(camera.radial)
    pixels = to_pixels(distort(flat, camera.radial, camera.tangential), camera.focal, camera.centre)
    return np.asarray(in_front & np.all((pixels >= 0) & (pixels <= np.asarray(image_pixels)), axis=-1))
