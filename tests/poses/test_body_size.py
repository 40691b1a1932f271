from __future__ import annotations

import numpy as np
import pytest

from ige.geometry.skeletons import H36M_16
from ige.poses.body_size import bone_length_of_height, resize, stature, total_bone_length


@pytest.fixture
def standing() -> np.ndarray:
    """A person of stature 1, upright and flat, as Drillis and Contini draw one; y down, 5 away."""
    heights = {"Knee": 0.285, "Hip": 0.53, "Ankle": 0.039, "Shoulder": 0.81, "Elbow": 0.63, "Wrist": 0.48}
    middle = {"Spine": 0.66, "Neck": 0.815, "HeadCentre": 0.9, "HeadBack": 1.0}
    pose = np.zeros((16, 3))
    pose[:, 2] = 5.0
    for joint, name in enumerate(H36M_16.names):
        if name in middle:
            pose[joint, 1] = -middle[name]
        else:
            pose[joint, :2] = (-0.1 if name[0] == "R" else 0.1), -heights[name[1:]]
    return pose


def test_total_bone_length_of_a_pose_in_which_every_bone_is_known() -> None:
    pose = np.zeros((1, 16, 3))
    pose[0, H36M_16.names.index("LWrist")] = [3.0, 4.0, 0.0]  # one bone of length 5, all others 0
    assert total_bone_length(pose).tolist() == [5.0]
    pose[0, H36M_16.names.index("HeadCentre")] = [0.0, 0.0, 2.0]  # two bones end here
    assert total_bone_length(pose).tolist() == [9.0]


def test_stature_counts_the_chain_from_the_head_to_the_floor(standing: np.ndarray) -> None:
    assert stature(standing[None]) == pytest.approx([1.0])


def test_stature_does_not_depend_on_posture(standing: np.ndarray) -> None:
    bent = standing.copy()
    knee, ankle = (H36M_16.names.index(name) for name in ("RKnee", "RAnkle"))
    bent[ankle] = bent[knee] + [0.0, 0.0, 0.246]  # the shank points away from the camera
    assert stature(bent[None]) == pytest.approx([1.0])


def test_height_sets_the_size_of_the_median_frame(standing: np.ndarray) -> None:
    poses = np.stack([standing * 0.1, standing * 3.0, standing * 7.0])
    length = bone_length_of_height(poses, 1.8)
    resized = resize(poses, length)
    assert stature(resized) == pytest.approx([1.8] * 3)


def test_resize_keeps_the_projection_and_makes_all_frames_the_same_size(standing: np.ndarray) -> None:
    poses = np.stack([standing * 0.2, standing * 4.0])
    resized = resize(poses, 3.5)
    assert total_bone_length(resized) == pytest.approx([3.5, 3.5])
    np.testing.assert_allclose(resized[..., :2] / resized[..., 2:], poses[..., :2] / poses[..., 2:])


def test_poses_behind_the_camera_come_to_its_front(standing: np.ndarray) -> None:
    resized = resize(np.stack([standing, -standing]), 3.5)
    assert (resized[..., 2] > 0).all()
    np.testing.assert_allclose(resized[0], resized[1])
