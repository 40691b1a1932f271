import numpy as np
import pytest

from ige.base.errors import InputError
from ige.report.pose_picture import pose_picture


@pytest.mark.parametrize(("frames", "kind"), [(1, "png"), (40, "svg")])
def test_a_picture_is_drawn_and_always_the_same(tmp_path, pose, frames, kind):
    poses = np.stack([pose + np.array([0.01 * frame, 0.0, 0.0]) for frame in range(frames)]).astype(
        np.float32
    )
    one, other = tmp_path / f"one.{kind}", tmp_path / f"other.{kind}"
    pose_picture(poses, one)
    pose_picture(poses, other)
    assert one.stat().st_size > 1000
    assert one.read_bytes() == other.read_bytes()


def test_another_kind_of_picture_is_refused(tmp_path, pose):
    with pytest.raises(InputError, match=r"\.png or \.svg"):
        pose_picture(pose[None], tmp_path / "picture.gif")


@pytest.mark.parametrize("shape", [(16, 3), (0, 16, 3), (2, 17, 3)])
def test_other_shapes_are_refused(tmp_path, shape):
    with pytest.raises(ValueError, match=r"\(F, 16, 3\)"):
        pose_picture(np.ones(shape), tmp_path / "picture.png")


def test_poses_that_are_not_finite_are_refused(tmp_path, pose):
    pose[3, 1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        pose_picture(pose[None], tmp_path / "picture.png")
