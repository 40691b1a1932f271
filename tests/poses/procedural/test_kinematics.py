from __future__ import annotations

import numpy as np
import pytest

from ige.geometry.skeletons import H36M_32
from ige.poses.procedural.body import Body
from ige.poses.procedural.kinematics import (
    Pelvis,
    about_forward,
    about_left,
    ball_joint,
    ball_joint_angles,
    forward,
    pelvis_rotation,
)
from ige.poses.procedural.limits import ARM_BOUNDS, ARM_DOFS, LEG_BOUNDS, LEG_DOFS, TRUNK_BOUNDS, Angles

ONE = {"trunk": (1, 4, 3), "legs": (1, 2, 8), "arms": (1, 2, 8)}


def posed(body: Body, pelvis: Pelvis, **degrees: float) -> np.ndarray:
    """Joints (32, 3) with angles by name on both sides (`knee_flexion=90`)."""
    angles = {part: np.zeros(shape) for part, shape in ONE.items()}
    for name, value in degrees.items():
        words = name.replace("_", " ")
        part, names = ("legs", LEG_DOFS) if words in LEG_DOFS else ("arms", ARM_DOFS)
        angles[part][..., names.index(words)] = np.radians(value)
    return forward(body, pelvis, Angles(**angles))[0]


def random_angles(count: int) -> Angles:
    rng = np.random.default_rng(0)
    bounds = {"trunk": TRUNK_BOUNDS, "legs": LEG_BOUNDS, "arms": ARM_BOUNDS}
    draws = {
        part: rng.uniform(bound[..., 0], bound[..., 1], (count, *ONE[part][1:]))
        for part, bound in bounds.items()
    }
    return Angles(**draws)


def test_straight_body_stands_tall(body: Body, upright: Pelvis, joint):
    joints = posed(body, upright)
    feet = upright.position[0, 2] - body.leg - body.ankle_height
    assert joints[joint["HeadBack"], 2] - feet == pytest.approx(body.stature)
    assert joints[joint["LToeBase"], 2] - feet == pytest.approx(body.ball_height)
    assert joints[joint["LHip"], 1] > 0.0 > joints[joint["RHip"], 1]
    assert joints[joint["LShoulder"], 1] > 0.0 > joints[joint["RShoulder"], 1]
    assert joints[joint["LToeEnd"], 0] > joints[joint["LToeBase"], 0] > joints[joint["LAnkle"], 0]


@pytest.mark.parametrize(
    ("angle", "moves", "axis", "sign"),
    [
        ("knee_flexion", "Ankle", 0, -1),
        ("elbow_flexion", "Wrist", 0, 1),
        ("hip_flexion", "Knee", 0, 1),
        ("shoulder_flexion", "Elbow", 0, 1),
        ("ankle_dorsiflexion", "ToeBase", 2, 1),
        ("toe_extension", "ToeEnd", 2, 1),
        ("collar_elevation", "Shoulder", 2, 1),
        ("collar_protraction", "Shoulder", 0, 1),
    ],
)
def test_joints_bend_the_way_they_are_named(body, upright, joint, angle, moves, axis, sign):
    moved = posed(body, upright, **{angle: 20.0}) - posed(body, upright)
    for side in "LR":
        assert sign * moved[joint[side + moves], axis] > 0.005


@pytest.mark.parametrize(
    ("pose", "moves"),
    [
        ({"hip_abduction": 20.0}, "Knee"),
        ({"shoulder_abduction": 20.0}, "Elbow"),
        ({"hip_external_rotation": 20.0}, "ToeBase"),
        ({"elbow_flexion": 90.0, "shoulder_external_rotation": 20.0}, "Wrist"),
    ],
)
def test_abduction_and_external_rotation_go_outward(body, upright, joint, pose, moves):
    moved = posed(body, upright, **pose) - posed(body, upright)
    assert moved[joint["L" + moves], 1] > 0.01
    assert moved[joint["R" + moves], 1] < -0.01


def test_trunk_bends_forward_left_and_turns_left(body, upright, joint):
    def head(axis: int, column: int) -> float:
        trunk = np.zeros(ONE["trunk"])
        trunk[:, 0, column] = 0.3
        angles = Angles(trunk, np.zeros(ONE["legs"]), np.zeros(ONE["arms"]))
        moved = forward(body, upright, angles)[0] - posed(body, upright)
        return float(moved[joint["HeadCentre" if column < 2 else "RShoulder"], axis])

    assert head(0, 0) > 0.05
    assert head(1, 1) > 0.05
    assert head(0, 2) > 0.02  # the right shoulder comes forward


def test_bones_keep_their_lengths(body: Body):
    angles = random_angles(50)
    turns = np.random.default_rng(1).uniform(-1.0, 1.0, (3, 50))
    pelvis = Pelvis(np.zeros((50, 3)), pelvis_rotation(*turns))
    joints = forward(body, pelvis, angles)
    parents = np.array(H36M_32.parents)
    bones = np.linalg.norm(joints[:, 1:] - joints[:, parents[1:]], axis=-1)
    np.testing.assert_allclose(bones, bones[:1].repeat(50, 0), atol=1e-12)


def test_mirrored_angles_give_the_mirrored_body(body: Body, upright: Pelvis, joint):
    angles = random_angles(1)
    mirror = np.array([1.0, -1.0, -1.0])
    swapped = Angles(angles.trunk * mirror, angles.legs[:, ::-1], angles.arms[:, ::-1])
    names = H36M_32.names
    other = [joint[{"L": "R", "R": "L"}.get(name[0], name[0]) + name[1:]] for name in names]
    expected = forward(body, upright, angles)[0] * np.array([1.0, -1.0, 1.0])
    np.testing.assert_allclose(forward(body, upright, swapped)[0][other], expected, atol=1e-12)


def test_ball_joint_angles_invert_ball_joint():
    angles = np.random.default_rng(0).uniform(-1.4, 1.4, (3, 40, 2))
    np.testing.assert_allclose(ball_joint_angles(ball_joint(*angles)), angles, atol=1e-9)


def test_elementary_rotations_turn_as_documented():
    quarter = np.asarray(np.pi / 2.0)
    np.testing.assert_allclose(about_forward(quarter) @ [0, 1, 0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(about_left(quarter) @ [0, 0, 1], [1, 0, 0], atol=1e-12)
