"""What a camera sees of joints over time: millions of frames, so coordinates lie apart and blocks are small.

Arrays hold one coordinate after the other, (3, J, F), for the 17 joints of both skeletons. Sums are written
out: a product of matrices may be rounded in another order on another machine. The formulas are those of
`geometry.cameras`, tested to agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.geometry.cameras import TANGENTIAL_FACTOR, Camera, monotonic_radius
from ige.geometry.skeletons import H36M_16, MPII_16

Floats = NDArray[np.float64]

SEEN_JOINTS = tuple(sorted({*H36M_16.source, *MPII_16.source}))
_POSE = [SEEN_JOINTS.index(joint) for joint in H36M_16.source]
_IMAGE = [SEEN_JOINTS.index(joint) for joint in MPII_16.source]
# Of frames: intermediate results of a block stay in the cache of a core.
_BLOCK = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What a camera sees of F frames.

    Attributes:
        points_cam: (3, J, F) metres, camera frame.
        image: (2, J, F) normalised, distorted.
        is_imaged: (F,) whether all joints are in front of the camera, so that `image` is one.
        is_whole: (F,) whether all joints are inside the image, as `geometry.cameras.in_image` says.
    """

    points_cam: Floats
    image: Floats
    is_imaged: NDArray[np.bool_]
    is_whole: NDArray[np.bool_]

    def keep(self, chosen: NDArray[np.bool_]) -> Sight:
        """Return the chosen ones of the frames (F,)."""
        if chosen.all():
            return self
        return Sight(
            self.points_cam[:, :, chosen],
            self.image[:, :, chosen],
            self.is_imaged[chosen],
            self.is_whole[chosen],
        )

    def write_poses(self, out: NDArray[np.float32]) -> None:
        """Write the joints of `H36M_16` to (F, 16, 3)."""
        _write(self.points_cam, _POSE, out)

    def write_image(self, out: NDArray[np.float32], offsets: Floats | None = None) -> None:
        """Write the joints of `MPII_16` to (F, 16, 2), moved by offsets (F, 16, 2) if there are any."""
        if offsets is None:
            _write(self.image, _IMAGE, out)
        else:
            np.add(self.image[:, _IMAGE].transpose(2, 1, 0), offsets, out=out, casting="same_kind")


def _write(values: Floats, joints: Sequence[int], out: NDArray[np.float32]) -> None:
    for place, joint in enumerate(joints):
        for axis, of_axis in enumerate(values):
            out[:, place, axis] = of_axis[joint]


def seen_joints(positions_world: NDArray[Any], turn: Floats) -> Floats:
    """Turn the joints that are seen.

    Args:
        positions_world: (F, 32, 3) metres.
        turn: (3, 3) rotation about the vertical.

    Returns:
        (3, J, F), world frame.
    """
    joints = np.ascontiguousarray(positions_world[:, SEEN_JOINTS].transpose(2, 1, 0), dtype=np.float64)
    turned = np.empty_like(joints)
    for axis, row in enumerate(turn):
        turned[axis] = joints[0] * row[0] + joints[1] * row[1] + joints[2] * row[2]
    return turned


def see(joints_world: Floats, camera: Camera, image_pixels: Sequence[int]) -> Iterator[tuple[slice, Sight]]:
    """Yield what a camera sees of joints (3, J, F) of the world, block after block of frames."""
    for first in range(0, joints_world.shape[2], _BLOCK):
        block = slice(first, first + _BLOCK)
        yield block, _see_block(joints_world[:, :, block], camera, image_pixels)


def _see_block(joints_world: Floats, camera: Camera, image_pixels: Sequence[int]) -> Sight:
    points_cam = _to_camera(joints_world, camera.extrinsics)
    # What is not in front of the camera gets numbers that mean nothing, and is left out by the caller.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        image = points_cam[:2] / points_cam[2]
        r2 = image[0] ** 2
        r2 += image[1] ** 2
        _distort(image, r2, camera)
        farthest = np.sqrt(r2.max(axis=0))
        is_imaged = (points_cam[2].min(axis=0) > 0) & np.isfinite(farthest)
        is_whole = is_imaged & (farthest <= monotonic_radius(camera.radial))
        for axis, size in enumerate(image_pixels):
            focal, centre = camera.focal[axis], camera.centre[axis]
            is_whole &= image[axis].min(axis=0) * focal + centre >= 0
            is_whole &= image[axis].max(axis=0) * focal + centre <= size
    return Sight(points_cam, image, is_imaged, is_whole)


def _to_camera(joints_world: Floats, extrinsics: Floats) -> Floats:
    x, y, z = joints_world
    points_cam = np.empty(joints_world.shape)
    for axis, (by_x, by_y, by_z, shift) in enumerate(extrinsics):
        row = points_cam[axis]
        np.multiply(x, by_x, out=row)
        row += y * by_y
        row += z * by_z
        row += shift
    return points_cam


def _distort(image: Floats, r2: Floats, camera: Camera) -> None:
    """Distort normalised points (2, J, F) in place; r2 (J, F) are their squared distances from the centre."""
    k1, k2, k3 = camera.radial
    p1, p2 = camera.tangential
    scale = r2 * k3
    scale += k2
    scale *= r2
    scale += k1
    scale *= r2
    scale += 1.0
    tangential = image[0] * p2
    tangential += image[1] * p1
    tangential *= TANGENTIAL_FACTOR["opencv"]
    scale += tangential
    image *= scale
    image[0] += p2 * r2
    image[1] += p1 * r2
