from __future__ import annotations

import numpy as np

from ige.poses.procedural.kinematics import (
    Pelvis,
    ball_joint,
    pelvis_rotation,
    place_arms,
    place_legs,
    place_trunk,
    rotate,
    shoulder_joints,
)
from ige.poses.procedural.limits import ARM_BOUNDS, LEG_BOUNDS, Angles, within_limits
from ige.poses.procedural.reach import foot_angles, leg_angles, reach, wrists_of

COUNT = 40


def somewhere(rng: np.random.Generator) -> Pelvis:
    turns = rng.uniform(-0.5, 0.5, (3, COUNT))
    return Pelvis(rng.normal(size=(COUNT, 3)), pelvis_rotation(*turns))


def test_leg_angles_are_found_again(body):
    rng = np.random.default_rng(0)
    pelvis = somewhere(rng)
    angles = rng.uniform(0.9 * LEG_BOUNDS[:, 0], 0.9 * LEG_BOUNDS[:, 1], (COUNT, 2, 8))
    angles[..., 3] = rng.uniform(0.6, 2.2, (COUNT, 2))  # nearly straight knees are softened on purpose
    angles[..., 7] = 0.0
    legs = place_legs(body, pelvis, angles)
    hips, knees, ankles = legs[:, :, 0], legs[:, :, 1], legs[:, :, 2]
    found, shanks = leg_angles(body, pelvis, ankles, 2.0 * knees - hips - ankles)
    np.testing.assert_allclose(found, angles[..., :4], atol=1e-3)
    feet = shanks @ ball_joint(*np.moveaxis(angles[..., 4:7], -1, 0))
    np.testing.assert_allclose(foot_angles(shanks, feet), angles[..., 4:7], atol=1e-9)


def test_leg_points_to_what_it_cannot_reach(body, upright):
    ankles = np.array([[[0.0, -0.2, -5.0], [0.0, 0.2, -5.0]]])
    found, _ = leg_angles(body, upright, ankles, np.ones((1, 2, 3)) * np.array([1.0, 0.0, 0.0]))
    assert np.isfinite(found).all()
    assert np.degrees(found[..., 3]).max() < 10.0


def test_hands_reach_from_a_pose_nearby(body):
    rng = np.random.default_rng(0)
    pelvis = somewhere(rng)
    trunk = place_trunk(body, pelvis, np.zeros((COUNT, 4, 3)))
    arms = np.zeros((COUNT, 2, 8))
    arms[..., 2:6] = rng.uniform([0.2, 0.0, -0.8, 0.5], [1.5, 0.9, 0.8, 2.2], (COUNT, 2, 4))
    wrists = place_arms(body, trunk, arms)[:, :, 2]
    nearby = arms + np.array([0, 0, 1, 1, 1, 1, 0, 0]) * rng.normal(scale=0.12, size=arms.shape)
    found = reach(body, trunk, shoulder_joints(body, trunk, nearby), nearby, wrists)
    missed = np.linalg.norm(place_arms(body, trunk, found)[:, :, 2] - wrists, axis=-1)
    assert missed.max() < 0.004
    assert np.abs(found - nearby).max() < 0.8  # no other way to hold the arm


def test_out_of_reach_stays_within_limits(body, upright):
    trunk = place_trunk(body, upright, np.zeros((1, 4, 3)))
    start = np.clip(np.full((1, 2, 8), 0.2), ARM_BOUNDS[:, 0], ARM_BOUNDS[:, 1])
    far = np.array([[[-3.0, 0.5, 0.2], [0.1, 0.0, 6.0]]])
    found = reach(body, trunk, shoulder_joints(body, trunk, start), start, far)
    assert within_limits(Angles(np.zeros((1, 4, 3)), np.zeros((1, 2, 8)), found), 0.0)


def test_wrists_agree_with_forward_kinematics(body, upright):
    trunk = place_trunk(body, upright, np.zeros((1, 4, 3)))
    arms = np.random.default_rng(0).uniform(ARM_BOUNDS[:, 0], ARM_BOUNDS[:, 1], (1, 2, 8))
    placed = place_arms(body, trunk, arms)
    seen = rotate(trunk.thorax_rotation[:, None], wrists_of(body, arms))
    np.testing.assert_allclose(placed[:, :, 0] + seen, placed[:, :, 2], atol=1e-12)
