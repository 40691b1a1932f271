from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.geometry.cameras import Camera, look_at
from ige.poses.lifting_set import LiftingSet, read_lifting_set, write_lifting_set
from ige.storage.arrays import write_arrays


@pytest.fixture
def lifting_set() -> LiftingSet:
    rng = np.random.default_rng(0)
    cameras = tuple(
        Camera(
            name=name,
            extrinsics=look_at((4.0, number, 1.5), (0.0, 0.0, 0.9)),
            focal=np.array([1145.0, 1144.0]),
            centre=np.array([512.0, 515.0]),
            radial=0.1 * number + np.array([0.01, 0.02, 0.03]),
            tangential=0.1 * number + np.array([0.004, 0.005]),
        )
        for number, name in enumerate(("left", "right"))
    )
    return LiftingSet(
        observed=rng.normal(size=(3, 16, 2)).astype(np.float32),
        poses_cam=rng.normal(size=(3, 16, 3)).astype(np.float32),
        camera=np.array([1, 0, 1], dtype=np.uint8),
        yaw=np.array([0, 0, 1], dtype=np.uint8),
        subject=np.array([0, 0, 0], dtype=np.int16),
        action=np.array([0, 1, 1], dtype=np.int16),
        take=np.array([0, 0, 1], dtype=np.int16),
        frame=np.array([5, 10, 15], dtype=np.int32),
        clip=np.array([3, 4, 5], dtype=np.int32),
        cameras=cameras,
        subjects=("S1",),
        actions=("Eating", "Walking"),
        takes=("1", "2"),
        yaws_degrees=(0.0, 90.0),
        split="train",
        source="procedural",
        observation={"kind": "projection"},
    )


def test_what_is_written_is_read(tmp_path: Path, lifting_set: LiftingSet) -> None:
    write_lifting_set(tmp_path / "train.h5", lifting_set)
    found = read_lifting_set(tmp_path / "train.h5")
    for field in fields(LiftingSet):
        before, after = getattr(lifting_set, field.name), getattr(found, field.name)
        if field.name == "cameras":
            for one, other in zip(before, after, strict=True):
                for part in fields(Camera):
                    np.testing.assert_array_equal(getattr(one, part.name), getattr(other, part.name))
        elif isinstance(before, np.ndarray):
            np.testing.assert_array_equal(before, after)
            assert before.dtype == after.dtype
        else:
            assert before == after


def test_distortion_is_that_of_the_camera_of_each_sample(lifting_set: LiftingSet) -> None:
    right, left = [0.11, 0.12, 0.13, 0.104, 0.105], [0.01, 0.02, 0.03, 0.004, 0.005]
    found = lifting_set.distortion()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [right, left, right], rtol=1e-6)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    write_arrays(tmp_path / "other.h5", "clips", {}, {})
    with pytest.raises(InputError, match=r"other\.h5.*lifting-set.*clips"):
        read_lifting_set(tmp_path / "other.h5")
