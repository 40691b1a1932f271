from __future__ import annotations

import numpy as np
import pytest

from ige.geometry.cameras import Camera, in_image, look_at, project, world_to_camera
from ige.geometry.rotations import about_vertical
from ige.geometry.skeletons import H36M_16, MPII_16
from ige.poses.seeing import SEEN_JOINTS, Sight, see, seen_joints

FRAMES = 2500
IMAGE = (1000, 1000)


@pytest.fixture
def camera() -> Camera:
    return Camera(
        name="a",
        extrinsics=look_at((4.0, 1.0, 1.5), (0.0, 0.0, 0.9)),
        focal=np.array([1145.0, 1144.0]),
        centre=np.array([512.0, 515.0]),
        radial=np.array([-0.207, 0.248, -0.003]),
        tangential=np.array([-0.0010, -0.0014]),
    )


@pytest.fixture
def positions() -> np.ndarray:
    """People who walk past the camera, at times through it."""
    rng = np.random.default_rng(0)
    people = rng.uniform([-0.3, -0.3, 0.0], [0.3, 0.3, 1.7], (FRAMES, 32, 3))
    places = rng.uniform([-3.0, -3.0, 0.0], [6.0, 3.0, 0.0], (FRAMES, 1, 3))
    return (people + places).astype(np.float32)


@pytest.fixture
def sights(camera: Camera, positions: np.ndarray) -> list[tuple[slice, Sight]]:
    return list(see(seen_joints(positions, np.eye(3)), camera, IMAGE))


def test_blocks_are_all_frames_in_order(sights: list[tuple[slice, Sight]]) -> None:
    frames = np.concatenate([np.arange(FRAMES)[block] for block, _ in sights])
    np.testing.assert_array_equal(frames, np.arange(FRAMES))
    assert len(sights) > 1


def test_what_is_seen_is_what_the_camera_model_says(
    sights: list[tuple[slice, Sight]], camera: Camera, positions: np.ndarray
) -> None:
    points_cam = world_to_camera(positions[:, SEEN_JOINTS].astype(np.float64), camera.extrinsics)
    image = project(points_cam, camera.radial, camera.tangential)
    is_whole = in_image(points_cam, camera, IMAGE).all(axis=-1)
    assert 0.1 < is_whole.mean() < 0.9
    is_imaged = (points_cam[..., 2] > 0).all(axis=-1)
    assert 0.1 < is_imaged.mean() < 0.9
    for block, sight in sights:
        np.testing.assert_allclose(sight.points_cam.transpose(2, 1, 0), points_cam[block], atol=1e-13)
        found, expected = sight.image.transpose(2, 1, 0), image[block]
        np.testing.assert_allclose(found[is_imaged[block]], expected[is_imaged[block]], rtol=1e-10)
        np.testing.assert_array_equal(sight.is_imaged, is_imaged[block])
        np.testing.assert_array_equal(sight.is_whole, is_whole[block])


def test_a_lens_that_folds_hides_what_lies_beyond(camera: Camera) -> None:
    """Radial distortion that turns back brings far points into the image, which no lens shows there."""
    folding = Camera("a", np.eye(3, 4), camera.focal, camera.centre, np.array([-0.5, 0.0, 0.0]), np.zeros(2))
    joints = np.zeros((3, len(SEEN_JOINTS), 2))
    joints[2] = 1.0
    joints[0, 0] = [0.2, 1.4]  # the second lands at 0.03
    (_, sight), *_ = see(joints, folding, IMAGE)
    assert sight.is_whole.tolist() == [True, False]
    assert sight.is_imaged.tolist() == [True, True]


def test_clips_turn_about_the_vertical(positions: np.ndarray) -> None:
    turn = about_vertical(np.radians(37.0))
    expected = positions[:, SEEN_JOINTS].astype(np.float64) @ turn.T
    np.testing.assert_allclose(seen_joints(positions, turn).transpose(2, 1, 0), expected, atol=1e-14)


def test_joints_are_written_in_the_order_of_their_skeleton(
    sights: list[tuple[slice, Sight]], positions: np.ndarray, camera: Camera
) -> None:
    block, sight = sights[0]
    seen = sight.keep(sight.is_whole)
    kept = positions[block][sight.is_whole].astype(np.float64)
    poses_cam = world_to_camera(H36M_16.select(kept), camera.extrinsics)
    image = project(
        world_to_camera(MPII_16.select(kept), camera.extrinsics), camera.radial, camera.tangential
    )
    out_poses, out_image = np.empty((len(kept), 16, 3), np.float32), np.empty((len(kept), 16, 2), np.float32)
    seen.write_poses(out_poses)
    seen.write_image(out_image)
    np.testing.assert_allclose(out_poses, poses_cam, rtol=1e-6)
    np.testing.assert_allclose(out_image, image, rtol=1e-6, atol=1e-7)
    offsets = np.random.default_rng(0).normal(size=image.shape)
    seen.write_image(out_image, offsets)
    np.testing.assert_allclose(out_image, image + offsets, rtol=1e-6, atol=1e-6)
