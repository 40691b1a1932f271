"""Bodies as lines: which joints are joined, which side a limb is on, and two views of a pose.

Poses come in the camera frame (x right, y down, z forward), metres, joints in the order of
`skeletons.H36M_16`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ige.geometry.skeletons import H36M_16, ROOT, with_hip_midpoint
from ige.report import style

Floats = NDArray[np.float64]

LEFT, RIGHT, MIDDLE = style.BLUE, style.VERMILION, style.INK
_HIP_MIDPOINT = 16
TRUTH_DOTS = (0, (0.9, 1.3))
_BAR_M = 0.5
_MARGIN_M = 0.08


@dataclass(frozen=True, slots=True)
class Bone:
    """A line between two of 17 joints (the hips' midpoint last), and its colour by side."""

    first: int
    second: int
    colour: str


def _bones() -> tuple[Bone, ...]:
    bones = []
    for joint, (name, parent) in enumerate(zip(H36M_16.names, H36M_16.parents, strict=True)):
        if parent == ROOT:
            bones.append(Bone(joint, _HIP_MIDPOINT, MIDDLE))
            continue
        # The hips hang on the midpoint between them, as a body does, not on the spine.
        start = _HIP_MIDPOINT if name in ("LHip", "RHip") else parent
        bones.append(Bone(start, joint, {"L": LEFT, "R": RIGHT}.get(_side(name), MIDDLE)))
    return tuple(bones)


def _side(name: str) -> str:
    """Return L or R for names as `LKnee`, and nothing for `Neck`."""
    return name[0] if name[0] in "LR" and name[1].isupper() else ""


BONES = _bones()


def camera_view(poses_cam: NDArray[Any], depth_m: NDArray[Any] | float) -> Floats:
    """Project poses as the camera sees them, at the size that they have at a given depth.

    Args:
        poses_cam: (..., 16, 3) metres.
        depth_m: (...) depth at which a metre is drawn as a metre.

    Returns:
        (..., 17, 2) metres, right and up.
    """
    joints = with_hip_midpoint(np.asarray(poses_cam, dtype=np.float64))
    seen = joints[..., :2] / joints[..., 2:] * np.asarray(depth_m, dtype=np.float64)[..., None, None]
    return np.asarray(seen * (1.0, -1.0))


def side_view(poses_cam: NDArray[Any]) -> Floats:
    """Look at poses (..., 16, 3) from the camera's right: (..., 17, 2) metres, away from it and up."""
    joints = with_hip_midpoint(np.asarray(poses_cam, dtype=np.float64))
    return np.asarray(joints[..., [2, 1]] * (1.0, -1.0))


def depth_of_hips(poses_cam: NDArray[Any]) -> Floats:
    """Return the depth of the hips' midpoint, (...), of poses (..., 16, 3)."""
    joints = with_hip_midpoint(np.asarray(poses_cam, dtype=np.float64))
    return np.asarray(joints[..., _HIP_MIDPOINT, 2])


def draw_body(axes: Axes, joints: Floats) -> None:
    """Draw a body (17, 2) in solid lines, left and right told apart by colour."""
    for bone in BONES:
        ends = joints[[bone.first, bone.second]]
        axes.plot(ends[:, 0], ends[:, 1], color=bone.colour, lw=1.5, zorder=2)


def draw_truth(axes: Axes, joints: Floats) -> None:
    """Draw a body (17, 2) in dotted lines over the solid ones."""
    for bone in BONES:
        ends = joints[[bone.first, bone.second]]
        axes.plot(ends[:, 0], ends[:, 1], color=bone.colour, lw=1.1, alpha=0.85, zorder=3, ls=TRUTH_DOTS)


def bounds(joints: Floats) -> tuple[Floats, Floats]:
    """Return the least and the largest right and up, (..., 2) each, of bodies (..., 17, 2), with a margin."""
    return joints.min(axis=-2) - _MARGIN_M, joints.max(axis=-2) + _MARGIN_M


def frame(axes: Axes, low: Floats, high: Floats, extent: Floats) -> None:
    """Show what lies between two corners (2,), at the bottom of a panel of `extent` (2,) metres.

    Axes are equal, and there is nothing around.
    """
    left = (low[0] + high[0] - extent[0]) / 2
    axes.set_aspect("equal")
    axes.set_xlim(left, left + extent[0])
    axes.set_ylim(low[1], low[1] + extent[1])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def scale_bar(axes: Axes) -> None:
    """Draw half a metre in the lower left corner."""
    left, bottom = axes.get_xlim()[0], axes.get_ylim()[0]
    axes.plot([left, left + _BAR_M], [bottom, bottom], color=style.MUTED, lw=1.5, clip_on=False)
    axes.annotate(
        "0.5 m",
        (left, bottom),
        xytext=(0, 3),
        textcoords="offset points",
        color=style.MUTED,
        fontsize=7.5,
    )
