"""The joints of a body: Human3.6M's 32, and the two sets of 16 that lifting reads from them.

| skeleton | joints | used for |
| --- | --- | --- |
| H36M_32 | 32 | clips: what every pose source delivers |
| H36M_16 | 16, no pelvis | 3D poses, and what a lifter predicts |
| MPII_16 | 16, pelvis but no head centre | 2D observations, also where they are projections of known poses |

The two sets of 16 differ on purpose: what is observed need not be what is predicted. Source: the data
configuration of the released code of IGE-Net (Jack et al., CVPR 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = -1  # the parent of a joint that has none


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A set of joints and how to connect them.

    Attributes:
        names: of the J joints, in the order of arrays (..., J, 3).
        parents: for each joint the index of the joint it hangs on, or `ROOT`.
        source: for each joint its index among the 32 joints of `H36M_32`.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    source: tuple[int, ...]

    def select(self, joints_32: NDArray[Any]) -> NDArray[Any]:
        """Take this skeleton's joints, (..., J, D), from all 32, (..., 32, D).

        Raises:
            ValueError: if there are not 32 joints.
        """
        if joints_32.ndim < 2 or joints_32.shape[-2] != 32:
            raise ValueError(f"expected (..., 32, D) joints, found shape {joints_32.shape}")
        return joints_32[..., self.source, :]


# Joints 11, 16 and 24 repeat the positions of 0, 13 and 13: in Human3.6M's files they carry rotations only.
H36M_32 = Skeleton(
    names=(
        *("Hips", "RHip", "RKnee", "RAnkle", "RToeBase", "RToeEnd"),
        *("LHip", "LKnee", "LAnkle", "LToeBase", "LToeEnd"),
        *("SpineBase", "Spine", "Neck", "HeadCentre", "HeadBack"),
        *("LCollar", "LShoulder", "LElbow", "LWrist", "LThumb", "LThumbEnd", "LHand", "LHandEnd"),
        *("RCollar", "RShoulder", "RElbow", "RWrist", "RThumb", "RThumbEnd", "RHand", "RHandEnd"),
    ),
    parents=(
        *(ROOT, 0, 1, 2, 3, 4),
        *(0, 6, 7, 8, 9),
        *(0, 11, 12, 13, 14),
        *(12, 16, 17, 18, 19, 20, 19, 22),
        *(12, 24, 25, 26, 27, 28, 27, 30),
    ),
    source=tuple(range(32)),
)


def _part(parents: dict[str, str | None]) -> Skeleton:
    """Make a skeleton of some of the 32 joints from the name of each joint's parent."""
    names = tuple(parents)
    return Skeleton(
        names=names,
        parents=tuple(ROOT if parent is None else names.index(parent) for parent in parents.values()),
        source=tuple(H36M_32.names.index(name) for name in names),
    )


H36M_16 = _part(
    {
        "RHip": "Spine",
        "RKnee": "RHip",
        "RAnkle": "RKnee",
        "LHip": "Spine",
        "LKnee": "LHip",
        "LAnkle": "LKnee",
        "Spine": None,
        "Neck": "Spine",
        "HeadCentre": "Neck",
        "HeadBack": "HeadCentre",
        "LShoulder": "Neck",
        "LElbow": "LShoulder",
        "LWrist": "LElbow",
        "RShoulder": "Neck",
        "RElbow": "RShoulder",
        "RWrist": "RElbow",
    }
)

MPII_16 = _part(
    {
        "RAnkle": "RKnee",
        "RKnee": "RHip",
        "RHip": "Hips",
        "LHip": "Hips",
        "LKnee": "LHip",
        "LAnkle": "LKnee",
        "Hips": None,
        "Spine": "Hips",
        "Neck": "Spine",
        "HeadBack": "Neck",
        "RWrist": "RElbow",
        "RElbow": "RShoulder",
        "RShoulder": "Neck",
        "LShoulder": "Neck",
        "LElbow": "LShoulder",
        "LWrist": "LElbow",
    }
)

_RIGHT_HIP = H36M_16.names.index("RHip")
_LEFT_HIP = H36M_16.names.index("LHip")


def hip_midpoint(poses: NDArray[Any]) -> NDArray[Any]:
    """Return the point midway between the hips, (..., 3), of poses (..., 16, 3) in the order of `H36M_16`."""
    return np.asarray((poses[..., _RIGHT_HIP, :] + poses[..., _LEFT_HIP, :]) / 2)


def with_hip_midpoint(poses: NDArray[Any]) -> NDArray[Any]:
    """Append the midpoint of the hips as a 17th joint: the joints that are scored.

    Args:
        poses: (..., 16, 3) in the order of `H36M_16`, any unit and frame.

    Returns:
        (..., 17, 3), of the same type.

    Raises:
        ValueError: for another shape.
    """
    if poses.ndim < 2 or poses.shape[-2:] != (16, 3):
        raise ValueError(f"expected poses of shape (..., 16, 3), found {poses.shape}")
    return np.concatenate([poses, hip_midpoint(poses)[..., None, :]], axis=-2)
