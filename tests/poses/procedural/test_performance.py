"""What makes a performance one of a human being: seen from the joints wherever possible."""

from __future__ import annotations

import numpy as np
import pytest

from ige.geometry.skeletons import H36M_32
from ige.poses.procedural.actions import ACTIONS
from ige.poses.procedural.limits import within_limits
from ige.poses.procedural.source import make_performance

FPS = 50.0


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def ahead_of(joints: np.ndarray, joint) -> np.ndarray:
    """The horizontal direction (F, 2) that the hips look to."""
    left = joints[:, joint["LHip"]] - joints[:, joint["RHip"]]
    return unit(np.stack([left[:, 1], -left[:, 0]], axis=-1))


def bend(joints: np.ndarray, joint, side: str, names: tuple[str, str, str]) -> np.ndarray:
    """Degrees (F,) between two bones."""
    first, middle, last = (joints[:, joint[side + name]] for name in names)
    cosine = np.sum(unit(middle - first) * unit(last - middle), axis=-1)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def nearest(joints: np.ndarray, joint, hands: tuple[str, str], place: str) -> np.ndarray:
    ends = joints[:, [joint[hand] for hand in hands]] - joints[:, [joint[place]]]
    return np.linalg.norm(ends, axis=-1).min(axis=1)


def test_finite_and_within_limits(performances):
    for key, made in performances.items():
        assert made.joints_world.shape == (600, 32, 3)
        assert np.isfinite(made.joints_world).all(), key
        assert within_limits(made.angles, 1e-9), key


def test_bones_are_constant_and_symmetric(performances, joint):
    parents = np.array(H36M_32.parents)
    mirrored = [joint[{"L": "R", "R": "L"}.get(name[0], name[0]) + name[1:]] for name in H36M_32.names[1:]]
    lengths = {}
    for (subject, *_), made in performances.items():
        bones = np.linalg.norm(made.joints_world[:, 1:] - made.joints_world[:, parents[1:]], axis=-1)
        lengths.setdefault(subject, bones[0])
        np.testing.assert_allclose(bones, np.broadcast_to(lengths[subject], bones.shape), atol=1e-9)
        np.testing.assert_allclose(bones[0], bones[0][np.array(mirrored) - 1], atol=1e-9)
    assert np.abs(lengths["S1"] - lengths["S9"]).max() > 0.01


def test_knees_bend_backward_and_elbows_forward(performances, joint):
    for key, made in performances.items():
        joints = made.joints_world
        for side in "LR":
            hip, knee, ankle, ball = (joints[:, joint[side + n]] for n in ("Hip", "Knee", "Ankle", "ToeBase"))
            leftward = np.cross(knee - ankle, ball - ankle)
            assert np.sum(np.cross(knee - hip, ankle - knee) * leftward, axis=-1).min() > -1e-9, key
            shoulder, elbow, wrist, thumb = (
                joints[:, joint[side + n]] for n in ("Shoulder", "Elbow", "Wrist", "ThumbEnd")
            )
            leftward = np.cross(elbow - wrist, thumb - wrist)
            assert np.sum(np.cross(elbow - shoulder, wrist - elbow) * leftward, axis=-1).max() < 1e-9, key
            assert bend(joints, joint, side, ("Hip", "Knee", "Ankle")).max() <= 135.0 + 1e-6
            assert bend(joints, joint, side, ("Shoulder", "Elbow", "Wrist")).max() <= 150.0 + 1e-6


def test_motion_is_smooth(performances):
    """Hands that wave reach about 60 m/s2 and 1000 m/s3; a jump of 5 cm in one frame gives 125 m/s2."""
    for key, made in performances.items():
        acceleration = np.diff(made.joints_world, 2, axis=0) * FPS**2
        jerk = np.diff(made.joints_world, 3, axis=0) * FPS**3
        assert np.linalg.norm(acceleration, axis=-1).max() < 75.0, key
        assert np.linalg.norm(jerk, axis=-1).max() < 1300.0, key


def test_nothing_is_below_the_floor_and_who_stands_touches_it(performances, joint):
    for (subject, action, take), made in performances.items():
        heights = made.joints_world[..., 2]
        assert heights.min() > 0.005
        if heights[:, joint["Hips"]].min() > 0.6:
            feet = heights[:, [joint[side + "ToeBase"] for side in "LR"]].min(axis=1)
            assert feet.max() < 0.06, (subject, action, take)


def test_one_foot_always_stands(performances, joint):
    balls = [joint["LToeBase"], joint["RToeBase"]]
    for key in performances:
        if key[1] in ("Walking", "WalkTogether", "Waiting", "Discussion", "Purchases"):
            joints = performances[key].joints_world
            speeds = np.linalg.norm(np.diff(joints[:, balls, :2], axis=0), axis=-1) * FPS
            assert np.percentile(speeds.min(axis=1), 95.0) < 0.25, key


@pytest.mark.parametrize("subject", ["S1", "S9"])
def test_walking_alternates_legs_and_swings_arms_against_them(performances, joint, subject: str):
    joints = performances[subject, "Walking", 1].joints_world
    ahead = ahead_of(joints, joint)

    def lead(name: str) -> np.ndarray:
        return np.sum((joints[:, joint["R" + name], :2] - joints[:, joint["L" + name], :2]) * ahead, axis=-1)

    legs, arms = lead("Ankle"), lead("Wrist")
    steps_per_second = np.count_nonzero(np.diff(np.sign(legs))) / 12.0
    assert 1.2 < steps_per_second < 2.2
    assert legs.max() > 0.35
    assert legs.min() < -0.35
    assert np.corrcoef(legs, arms)[0, 1] < -0.75


@pytest.mark.parametrize("subject", ["S1", "S9"])
def test_walking_turns_inside_the_area(performances, joint, subject: str):
    joints = performances[subject, "Walking", 1].joints_world
    assert np.abs(joints[:, joint["Hips"], :2]).max() < 1.3
    ahead = ahead_of(joints, joint)
    velocity = unit(np.diff(joints[:, joint["Hips"], :2], axis=0))
    assert np.median(np.sum(velocity * ahead[:-1], axis=-1)) > 0.95
    headings = np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0]))
    assert np.ptp(headings) > np.pi


@pytest.mark.parametrize("subject", ["S1", "S9"])
@pytest.mark.parametrize("action", ["Sitting", "Eating"])
def test_seated_on_a_chair(performances, joint, subject: str, action: str):
    joints = performances[subject, action, 1].joints_world
    hips = joints[:, joint["Hips"], 2]
    assert 0.40 < hips.min() <= hips.max() < 0.55
    knees = [np.median(bend(joints, joint, side, ("Hip", "Knee", "Ankle"))) for side in "LR"]
    assert 55.0 < min(knees) <= max(knees) < 115.0


@pytest.mark.parametrize("subject", ["S1", "S9"])
def test_sitting_down_ends_on_the_floor(performances, joint, subject: str):
    hips = performances[subject, "SittingDown", 1].joints_world[:, joint["Hips"], 2]
    assert hips[0] > 0.75
    held = hips[(hips < 0.6) & (np.abs(np.gradient(hips)) * FPS < 0.02)]
    assert len(held) > 150
    assert np.percentile(held, 95.0) < 0.18  # sits on the floor, does not hover


@pytest.mark.parametrize("subject", ["S1", "S9"])
@pytest.mark.parametrize("take", [1, 2])
def test_phoning_keeps_a_hand_at_the_ear(performances, joint, subject: str, take: int):
    joints = performances[subject, "Phoning", take].joints_world
    distance = nearest(joints, joint, ("LHand", "RHand"), "HeadCentre")
    assert np.median(distance) < 0.16
    assert distance.max() < 0.3


@pytest.mark.parametrize("subject", ["S1", "S9"])
@pytest.mark.parametrize("action", ["Eating", "Smoking"])
@pytest.mark.parametrize("take", [1, 2])
def test_hand_goes_to_the_mouth_and_away(performances, joint, subject: str, action: str, take: int):
    joints = performances[subject, action, take].joints_world
    distance = nearest(joints, joint, ("LWrist", "RWrist"), "HeadCentre")
    assert distance.min() < 0.2
    assert distance.max() > 0.28


def test_photo_has_both_hands_before_the_face(performances, joint):
    joints = performances["S1", "Photo", 1].joints_world
    wrists = joints[:, [joint["LWrist"], joint["RWrist"]]] - joints[:, [joint["HeadCentre"]]]
    both = np.linalg.norm(wrists, axis=-1).max(axis=1) < 0.4
    assert both.mean() > 0.3
    before = np.sum(wrists[both][..., :2] * ahead_of(joints, joint)[both][:, None], axis=-1)
    assert before.min() > 0.05


@pytest.mark.parametrize("take", [1, 2])
def test_dog_is_held_ahead(performances, joint, take: int):
    joints = performances["S1", "WalkDog", take].joints_world
    hands = joints[:, [joint["LWrist"], joint["RWrist"]], :2] - joints[:, [joint["Hips"]], :2]
    assert np.median(np.sum(hands * ahead_of(joints, joint)[:, None], axis=-1).max(axis=1)) > 0.25


def test_actions_and_frames_differ(performances, joint):
    """Turned the same way, poses are far from their mean: a benchmark that the mean pose cannot win."""
    poses = []
    for made in performances.values():
        joints = made.joints_world[::25] - made.joints_world[::25, [joint["Hips"]]]
        cosine, sine = ahead_of(joints, joint).T[..., None]
        turned = np.stack(
            [cosine * joints[..., 0] + sine * joints[..., 1], cosine * joints[..., 1] - sine * joints[..., 0]]
        )
        poses.append(np.concatenate([np.moveaxis(turned, 0, -1), joints[..., 2:]], axis=-1))
    everything = np.concatenate(poses)
    spread = np.linalg.norm(everything - everything.mean(axis=0), axis=-1).mean()
    assert spread > 0.15


@pytest.mark.parametrize("action", ACTIONS)
def test_another_frame_rate_shows_the_same_motion(performances, action: str):
    slow = make_performance(0, "S1", action, 1, 12.0, 25.0).joints_world
    assert np.linalg.norm(slow - performances["S1", action, 1].joints_world[::2], axis=-1).max() < 0.03


def test_one_frame_is_enough():
    assert make_performance(0, "S1", "Sitting", 1, 0.01, 10.0).joints_world.shape == (1, 32, 3)
