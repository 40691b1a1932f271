"""Leading frames in T-pose, which converters put before a motion or recordings begin with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ige.geometry.skeletons import H36M_32
from ige.poses.mocap.motion import Floats

# A person can hold a T-pose; what gives a false one away is that it ends with a jump that no body can make.
# In the clips measured (docs/mocap.md) the jumps move joints by 0.27 m or more on average within one frame;
# the first two seconds of a clip without one move them by 0.06 m at most.
_ARM_DEGREES = 30.0
_JUMP_M = 0.1
_JUMP_OVER_MEDIAN = 8.0
_JUMP_WITHIN_SECONDS = 2.0
# After the jump converters blend into the motion for a few frames.
_RAMP_OVER_MEDIAN = 2.0
_RAMP_SECONDS = 0.1

_ARM_BONES = (
    *(("LShoulder", "LElbow"), ("LElbow", "LWrist")),
    *(("RElbow", "RShoulder"), ("RWrist", "RElbow")),
)


def leading_t_pose_frames(joints: Floats, fps: float) -> int:
    """Count the frames of a T-pose before the motion, with the blend that may follow it.

    A clip begins with a false T-pose if its arms are stretched sideways from the first frame until, within
    two seconds, the body jumps; frames count up to the jump, and on while steps stay unusually large.

    Args:
        joints: (F, 32, 3), metres.
        fps: frames per second.

    Returns:
        How many frames to drop; fewer than F, 0 if the clip begins with its motion.
    """
    steps = _steps(joints)
    if not len(steps):
        return 0
    usual = float(np.median(steps))
    jumps = np.flatnonzero(
        steps[: round(_JUMP_WITHIN_SECONDS * fps)] > max(_JUMP_M, _JUMP_OVER_MEDIAN * usual)
    )
    if not len(jumps) or not _arms_are_stretched(joints[: jumps[0] + 1]).all():
        return 0
    count = int(jumps[0]) + 1
    last = min(count + round(_RAMP_SECONDS * fps), len(steps))
    while count < last and steps[count] > _RAMP_OVER_MEDIAN * usual:
        count += 1
    return count


def _steps(joints: Floats) -> Floats:
    """Mean distance that joints move from frame to frame as seen from the hips, (F - 1,)."""
    relative = joints - joints[:, :1]
    return np.asarray(np.linalg.norm(np.diff(relative, axis=0), axis=-1).mean(axis=-1))


def _arms_are_stretched(joints: Floats) -> NDArray[np.bool_]:
    """Say of each frame whether all four arm bones point along the line of the shoulders."""
    place = {name: joints[:, index] for index, name in enumerate(H36M_32.names)}
    line = _unit(place["LShoulder"] - place["RShoulder"])
    bones = np.stack([_unit(place[end] - place[start]) for start, end in _ARM_BONES])
    return np.asarray(((bones * line).sum(axis=-1) > np.cos(np.deg2rad(_ARM_DEGREES))).all(axis=0))


def _unit(vectors: Floats) -> Floats:
    sizes = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(sizes, np.finfo(np.float64).tiny))
