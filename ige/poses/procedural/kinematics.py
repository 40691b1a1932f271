"""Forward kinematics: from joint angles to the 32 joints.

Every frame of reference has x forward, y left, z up. The rotation of a ball joint is `R = Ry(-flexion) Rx(s
abduction) Rz(s external rotation)` with s = 1 on the left and -1 on the right: unique as long as a limb
does not point straight to the side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ige.geometry.rotations import about_vertical
from ige.poses.procedural.body import Body
from ige.poses.procedural.limits import SIDE_SIGNS, Angles, Track

RIGHT_LEG, LEFT_LEG = (1, 2, 3, 4, 5), (6, 7, 8, 9, 10)
LEFT_ARM, RIGHT_ARM = (17, 18, 19, 20, 21, 22, 23), (25, 26, 27, 28, 29, 30, 31)


@dataclass(frozen=True, slots=True)
class Pelvis:
    """Where the body is: midpoint of the hips (F, 3) in metres, world, and its rotation (F, 3, 3)."""

    position: Track
    rotation: Track


@dataclass(frozen=True, slots=True)
class Trunk:
    """Spine and head of F frames, world: positions (F, 3), rotations (F, 3, 3)."""

    spine: Track
    neck: Track
    head: Track
    head_top: Track
    thorax_rotation: Track
    head_rotation: Track


def pelvis_rotation(heading: Track, tilt: Track, roll: Track) -> Track:
    """Return (F, 3, 3): turned to the left by `heading`, tipped forward by `tilt`, to the left by `roll`."""
    return about_vertical(heading) @ about_left(tilt) @ about_forward(-roll)


def about_forward(angles: Track) -> Track:
    """Return rotations (..., 3, 3) about x, from y towards z."""
    return _about(angles, 1, 2)


def about_left(angles: Track) -> Track:
    """Return rotations (..., 3, 3) about y, from z towards x."""
    return _about(angles, 2, 0)


def ball_joint(flexion: Track, abduction: Track, external_rotation: Track) -> Track:
    """Return rotations (..., 2, 3, 3) of both sides from angles (..., 2)."""
    abducted = about_forward(SIDE_SIGNS * abduction)
    return about_left(-flexion) @ abducted @ about_vertical(SIDE_SIGNS * external_rotation)


def ball_joint_angles(rotations: Track) -> tuple[Track, Track, Track]:
    """Return flexion, abduction and external rotation (..., 2) of rotations (..., 2, 3, 3)."""
    flexion = np.arctan2(-rotations[..., 0, 2], rotations[..., 2, 2])
    abduction = SIDE_SIGNS * np.arcsin(np.clip(-rotations[..., 1, 2], -1.0, 1.0))
    rotation = SIDE_SIGNS * np.arctan2(rotations[..., 1, 0], rotations[..., 1, 1])
    return flexion, abduction, rotation


def rotate(rotations: Track, vectors: Track) -> Track:
    """Apply rotations (..., 3, 3) to vectors (..., 3)."""
    return np.asarray((rotations @ vectors[..., None])[..., 0], dtype=np.float64)


def place_trunk(body: Body, pelvis: Pelvis, angles: Track) -> Trunk:
    """Place spine and head from trunk angles (F, 4, 3)."""
    local = about_vertical(angles[..., 2]) @ about_left(angles[..., 0]) @ about_forward(-angles[..., 1])
    lumbar = pelvis.rotation @ local[:, 0]
    thorax = lumbar @ local[:, 1]
    neck_rotation = thorax @ local[:, 2]
    head_rotation = neck_rotation @ local[:, 3]
    spine = pelvis.position + rotate(lumbar, np.array([0.0, 0.0, body.lumbar]))
    neck = spine + rotate(thorax, np.array([0.0, 0.0, body.thorax]))
    head = neck + rotate(neck_rotation, np.array([body.neck_forward, 0.0, body.neck]))
    top = head + rotate(head_rotation, np.array([-0.3 * body.neck_forward, 0.0, body.head]))
    return Trunk(spine, neck, head, top, thorax, head_rotation)


def place_legs(body: Body, pelvis: Pelvis, angles: Track) -> Track:
    """Return hips, knees, ankles, balls and ends of the toes, (F, 2, 5, 3), from leg angles (F, 2, 8)."""
    hips = hip_joints(body, pelvis)
    thigh = pelvis.rotation[:, None] @ ball_joint(angles[..., 0], angles[..., 1], angles[..., 2])
    shank = thigh @ about_left(angles[..., 3])
    foot = shank @ ball_joint(angles[..., 4], angles[..., 5], angles[..., 6])
    toes = foot @ about_left(-angles[..., 7])
    knees = hips + rotate(thigh, np.array([0.0, 0.0, -body.thigh]))
    ankles = knees + rotate(shank, np.array([0.0, 0.0, -body.shank]))
    balls = ankles + rotate(foot, ball_offset(body))
    ends = balls + rotate(toes, np.array([body.toes, 0.0, 0.0]))
    return np.stack([hips, knees, ankles, balls, ends], axis=2)


def hip_joints(body: Body, pelvis: Pelvis) -> Track:
    """Return both hips, (F, 2, 3)."""
    return _both_sides(pelvis, 0.0, body.hip_half_breadth, 0.0)


def ball_offset(body: Body) -> Track:
    """Return the ball of the foot seen from the ankle, (3,), foot frame."""
    return np.array([body.foot, 0.0, body.ball_height - body.ankle_height])


def shoulder_joints(body: Body, trunk: Trunk, arms: Track) -> Track:
    """Return both shoulders, (F, 2, 3), as the collar bones (columns 0 and 1 of `arms`) hold them."""
    lifted = about_forward(SIDE_SIGNS * arms[..., 0]) @ about_vertical(-SIDE_SIGNS * arms[..., 1])
    offset = np.zeros((2, 3))
    offset[:, 1] = SIDE_SIGNS * body.shoulder_half_breadth
    offset[:, 2] = -body.shoulder_drop
    return trunk.neck[:, None] + rotate(trunk.thorax_rotation[:, None] @ lifted, offset)


def place_arms(body: Body, trunk: Trunk, angles: Track) -> Track:
    """Return shoulders, elbows, wrists, ends of thumbs and hands, (F, 2, 5, 3), from arm angles (F, 2, 8)."""
    shoulders = shoulder_joints(body, trunk, angles)
    upper = trunk.thorax_rotation[:, None] @ ball_joint(angles[..., 2], angles[..., 3], angles[..., 4])
    forearm = upper @ about_left(-angles[..., 5])
    palm = forearm @ about_vertical(-SIDE_SIGNS * angles[..., 6])
    hand = palm @ about_forward(-SIDE_SIGNS * angles[..., 7])
    elbows = shoulders + rotate(upper, np.array([0.0, 0.0, -body.upper_arm]))
    wrists = elbows + rotate(forearm, np.array([0.0, 0.0, -body.forearm]))
    thumbs = wrists + rotate(hand, np.array([0.6 * body.thumb, 0.0, -0.8 * body.thumb]))
    hands = wrists + rotate(hand, np.array([0.0, 0.0, -body.hand]))
    return np.stack([shoulders, elbows, wrists, thumbs, hands], axis=2)


def forward(body: Body, pelvis: Pelvis, angles: Angles) -> Track:
    """Return the joints (F, 32, 3) in the order of `skeletons.H36M_32`, metres, world."""
    trunk = place_trunk(body, pelvis, angles.trunk)
    legs = place_legs(body, pelvis, angles.legs)
    arms = place_arms(body, trunk, angles.arms)
    joints = np.empty((len(pelvis.position), 32, 3))
    joints[:, [0, 11]] = pelvis.position[:, None]
    joints[:, RIGHT_LEG], joints[:, LEFT_LEG] = legs[:, 0], legs[:, 1]
    joints[:, 12], joints[:, 14], joints[:, 15] = trunk.spine, trunk.head, trunk.head_top
    joints[:, [13, 16, 24]] = trunk.neck[:, None]
    # In Human3.6M the thumb begins at the wrist and the hand's end stands twice.
    order = (0, 1, 2, 2, 3, 4, 4)
    joints[:, RIGHT_ARM], joints[:, LEFT_ARM] = arms[:, 0, order], arms[:, 1, order]
    return joints


def _both_sides(pelvis: Pelvis, ahead: float, outward: float, up: float) -> Track:
    offset = np.stack([np.full(2, ahead), SIDE_SIGNS * outward, np.full(2, up)], axis=-1)
    return pelvis.position[:, None] + rotate(pelvis.rotation[:, None], offset)


def _about(angles: Track, first: int, second: int) -> Track:
    matrices = np.zeros((*np.shape(angles), 3, 3))
    third = 3 - first - second
    matrices[..., third, third] = 1.0
    matrices[..., first, first] = matrices[..., second, second] = np.cos(angles)
    matrices[..., second, first] = np.sin(angles)
    matrices[..., first, second] = -np.sin(angles)
    return matrices
