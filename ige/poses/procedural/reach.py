"""Inverse kinematics: joint angles that bring feet and hands where they should be.

Legs are solved in closed form, since the direction of the knee is known. Arms have one degree of freedom
more than a place needs: damped least squares (Wampler, IEEE Trans. SMC 16, 1986) go from an arm pose
that looks right to the nearest one that reaches.
"""

from __future__ import annotations

import math

import numpy as np

from ige.poses.procedural.body import Body
from ige.poses.procedural.kinematics import (
    Pelvis,
    Trunk,
    about_left,
    ball_joint,
    ball_joint_angles,
    hip_joints,
    rotate,
)
from ige.poses.procedural.limits import ARM_BOUNDS, SIDE_SIGNS, Track, clamp

STRETCH = 0.998  # of the leg's length: a knee is never quite straight
STRETCH_SOFTNESS = 0.006  # of the leg's length: how gently that bound is approached
ARM_ITERATIONS = 6
ARM_STRETCH = 0.985  # of the arm's length: straight arms have no way to bend
ARM_SOFTNESS = 0.02
DAMPING = 0.05  # of the arm's length
REACHING = slice(2, 6)  # columns of arm angles that reach: three of the shoulder, and the elbow


def leg_angles(body: Body, pelvis: Pelvis, ankles: Track, knee_directions: Track) -> tuple[Track, Track]:
    """Return hip and knee angles (F, 2, 4) and the rotations of the shanks (F, 2, 3, 3).

    Args:
        body: the bone lengths.
        pelvis: of F frames.
        ankles: (F, 2, 3) where the ankles should be, world, metres; too far away, the leg points there.
        knee_directions: (F, 2, 3), world, any length: whereto knees bend; not along the leg.
    """
    to_ankle = ankles - hip_joints(body, pelvis)
    distance = np.linalg.norm(to_ankle, axis=-1, keepdims=True)
    along = to_ankle / distance
    reach = _soft_minimum(distance[..., 0], STRETCH * body.leg, STRETCH_SOFTNESS * body.leg)
    across = knee_directions - along * np.sum(along * knee_directions, axis=-1, keepdims=True)
    across /= np.linalg.norm(across, axis=-1, keepdims=True)
    cosine = (body.thigh**2 + reach**2 - body.shank**2) / (2.0 * body.thigh * reach)
    at_hip = np.arccos(np.clip(cosine, -1.0, 1.0))[..., None]
    cosine = (body.thigh**2 + body.shank**2 - reach**2) / (2.0 * body.thigh * body.shank)
    knee = math.pi - np.arccos(np.clip(cosine, -1.0, 1.0))
    up = -(np.cos(at_hip) * along + np.sin(at_hip) * across)
    left = np.cross(across, along)
    thigh = np.stack([np.cross(left, up), left, up], axis=-1)
    local = np.swapaxes(pelvis.rotation, -1, -2)[:, None] @ thigh
    angles = np.stack([*ball_joint_angles(local), knee], axis=-1)
    return angles, thigh @ about_left(knee)


def foot_angles(shanks: Track, feet: Track) -> Track:
    """Return ankle angles (F, 2, 3) that give feet the rotations (F, 2, 3, 3), world."""
    return np.stack(ball_joint_angles(np.swapaxes(shanks, -1, -2) @ feet), axis=-1)


def wrists_of(body: Body, arms: Track) -> Track:
    """Return wrists (..., 2, 3) seen from the shoulders in the thorax frame, from arm angles (..., 2, 8)."""
    return _arm(body, arms)[1]


def reach(body: Body, trunk: Trunk, shoulders: Track, arms: Track, wrists: Track) -> Track:
    """Change arm angles (F, 2, 8) so that the wrists come to (F, 2, 3), world, as far as limits allow.

    The collar bones stay: `shoulders` (F, 2, 3) are taken as given.
    """
    back = np.swapaxes(trunk.thorax_rotation, -1, -2)[:, None]
    goals = rotate(back, wrists - shoulders)
    length = body.upper_arm + body.forearm
    distance = np.linalg.norm(goals, axis=-1, keepdims=True)
    goals *= _soft_minimum(distance, ARM_STRETCH * length, ARM_SOFTNESS * length) / distance
    damping = (DAMPING * length) ** 2 * np.eye(3)
    arms = arms.copy()
    for _ in range(ARM_ITERATIONS):
        elbows, current, axes = _arm(body, arms)
        levers = np.stack([current, current, current, current - elbows], axis=-2)
        jacobian = np.swapaxes(np.cross(axes, levers), -1, -2)
        transposed = np.swapaxes(jacobian, -1, -2)
        pull = np.linalg.solve(jacobian @ transposed + damping, (goals - current)[..., None])
        arms[..., REACHING] += (transposed @ pull)[..., 0]
        arms = clamp(arms, ARM_BOUNDS)
    return arms


def _arm(body: Body, arms: Track) -> tuple[Track, Track, Track]:
    """Return elbows, wrists (..., 2, 3) and reaching angles' axes (..., 2, 4, 3), seen from the shoulders."""
    flexion, abduction, rotation, elbow = np.moveaxis(arms[..., REACHING], -1, 0)
    flexed = about_left(-flexion)
    upper = ball_joint(flexion, abduction, rotation)
    forearm = upper @ about_left(-elbow)
    elbows = -body.upper_arm * upper[..., :, 2]
    wrists = elbows - body.forearm * forearm[..., :, 2]
    side = SIDE_SIGNS[:, None]
    left = np.broadcast_to([0.0, -1.0, 0.0], wrists.shape)
    axes = np.stack([left, side * flexed[..., :, 0], side * upper[..., :, 2], -upper[..., :, 1]], axis=-2)
    return elbows, wrists, axes


def _soft_minimum(values: Track, bound: float, softness: float) -> Track:
    return np.asarray(bound - softness * np.logaddexp(0.0, (bound - values) / softness))
