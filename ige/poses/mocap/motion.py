"""A motion as a file gives it, and the kinematics that every file format shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Motion:
    """Joints of one file over time, in the file's own axes and unit.

    Attributes:
        names: J names of joints.
        positions: (F, J, 3), in the file's unit.
        rotations: (F, J, 3, 3), from a joint's own frame to the file's axes.
        fps: frames per second, as the file says or its format implies.
        metres_per_unit: the file's unit, or None where the format has no unit.
    """

    names: tuple[str, ...]
    positions: Floats
    rotations: Floats
    fps: float
    metres_per_unit: float | None


def euler_matrices(angles: Floats, axes: str) -> Floats:
    """Multiply elementary rotations from left to right: "ZYX" gives Rz(a) Ry(b) Rx(c).

    Args:
        angles: (..., len(axes)), radians, one for each axis.
        axes: letters X, Y, Z; may be empty.

    Returns:
        (..., 3, 3) rotation matrices that act on column vectors.
    """
    matrices = np.broadcast_to(np.eye(3), (*angles.shape[:-1], 3, 3)).copy()
    for number, axis in enumerate(axes):
        first, second = {"X": (1, 2), "Y": (2, 0), "Z": (0, 1)}[axis]
        cosine, sine = np.cos(angles[..., number, None]), np.sin(angles[..., number, None])
        left, right = matrices[..., first], matrices[..., second]
        # A turn about one axis mixes the two columns of the others.
        matrices[..., first], matrices[..., second] = (
            cosine * left + sine * right,
            cosine * right - sine * left,
        )
    return matrices


def forward_kinematics(
    parents: Sequence[int], local_positions: Floats, local_rotations: Floats
) -> tuple[Floats, Floats]:
    """Put joints that are given in their parents' frames into the frame of the root's parent.

    Args:
        parents: J indices, each before its children; -1 for the root.
        local_positions: (F, J, 3), each joint's place in its parent's frame.
        local_rotations: (F, J, 3, 3), each joint's turn in its parent's frame.

    Returns:
        positions (F, J, 3) and rotations (F, J, 3, 3).
    """
    positions = np.empty_like(local_positions)
    rotations = np.empty_like(local_rotations)
    for joint, parent in enumerate(parents):
        if parent < 0:
            positions[:, joint] = local_positions[:, joint]
            rotations[:, joint] = local_rotations[:, joint]
        else:
            turn = rotations[:, parent]
            positions[:, joint] = positions[:, parent] + (turn @ local_positions[:, joint, :, None])[..., 0]
            rotations[:, joint] = turn @ local_rotations[:, joint]
    return positions, rotations
