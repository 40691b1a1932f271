"""The size of lifted bodies: one view leaves it open, so bone length or stature decide it.

A pose is moved and resized by one factor about the camera's centre, which changes nothing in the image. All
frames of a person get the same total bone length. Poses are (F, 16, 3) in the camera frame, joints in the
order of `skeletons.H36M_16`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.geometry.skeletons import H36M_16, ROOT, hip_midpoint

Floats = NDArray[np.float64]
Poses = NDArray[np.floating[Any]]

# The ankles' height over the floor as a fraction of stature: Drillis and Contini, "Body segment parameters"
# (1966), as drawn in Winter, "Biomechanics and Motor Control of Human Movement", figure 4.1.
ANKLE_HEIGHT = 0.039

_BONES = tuple((joint, parent) for joint, parent in enumerate(H36M_16.parents) if parent != ROOT)
_TRUNK = ("HeadBack", "HeadCentre", "Neck", "Spine")
_LEGS = (("RHip", "RKnee", "RAnkle"), ("LHip", "LKnee", "LAnkle"))
_DEPTH = 2


def total_bone_length(poses: Poses) -> Floats:
    """Return the summed length (F,) of the 15 bones that connect the 16 joints."""
    children, parents = np.asarray(_BONES).T
    return np.asarray(np.linalg.norm(poses[:, children] - poses[:, parents], axis=-1).sum(axis=-1))


def stature(poses: Poses) -> Floats:
    """Estimate the stature (F,) of each pose from its bones, whatever its posture.

    The chain from the top of the head over head centre, neck, spine and the midpoint of the hips, then thigh
    and shank (mean of both sides), is what stands above the ankles; the ankles stand at `ANKLE_HEIGHT`.
    """
    hips = hip_midpoint(poses)
    chain = _length(*(poses[:, H36M_16.names.index(name)] for name in _TRUNK), hips)
    for leg in _LEGS:
        chain += _length(*(poses[:, H36M_16.names.index(name)] for name in leg)) / len(_LEGS)
    return np.asarray(chain / (1.0 - ANKLE_HEIGHT))


def bone_length_of_height(poses: Poses, height_m: float) -> float:
    """Return the total bone length at which the median frame is a person of this height."""
    return float(height_m / np.median(stature(poses) / total_bone_length(poses)))


def resize(poses: Poses, bone_length_m: float) -> Floats:
    """Give every pose this total bone length, in front of the camera, with the projection that it had.

    Lifters answer up to a factor, and a negative one shows the same image: a pose that lies behind the camera
    on average is mirrored through its centre.
    """
    in_front = np.where(poses[..., _DEPTH].mean(axis=-1) < 0, -1.0, 1.0)
    factor = in_front * bone_length_m / total_bone_length(poses)
    return np.asarray(poses * factor[:, None, None])


def _length(*points: Poses) -> Floats:
    """Return the length (F,) of the path through points (F, 3)."""
    return np.asarray(sum(np.linalg.norm(end - start, axis=-1) for start, end in pairwise(points)))
