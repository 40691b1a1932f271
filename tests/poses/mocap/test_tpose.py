from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ige.geometry.skeletons import H36M_32
from ige.poses.mocap.motion import euler_matrices
from ige.poses.mocap.tpose import leading_t_pose_frames

Poses = NDArray[np.float64]
FPS = 60.0


@pytest.fixture
def body() -> Callable[[Sequence[float]], Poses]:
    """A body whose arms hang down by the given degrees in each frame, 0 being a T-pose; it walks along y."""

    def pose(degrees: Sequence[float]) -> Poses:
        joints = np.zeros((len(degrees), 32, 3))
        turns = euler_matrices(np.deg2rad(np.asarray(degrees, dtype=float))[:, None], "Y")
        for side, name in ((1.0, "L"), (-1.0, "R")):
            turn = turns if side > 0 else np.swapaxes(turns, 1, 2)
            for joint, reach in (
                ("Elbow", 0.3),
                ("Wrist", 0.6),
                ("Thumb", 0.6),
                ("ThumbEnd", 0.7),
                ("Hand", 0.7),
                ("HandEnd", 0.7),
            ):
                joints[:, H36M_32.names.index(name + joint)] = turn @ np.array([side * reach, 0.0, 0.0])
            for joint in ("Shoulder", "Elbow", "Wrist", "Thumb", "ThumbEnd", "Hand", "HandEnd"):
                joints[:, H36M_32.names.index(name + joint)] += [side * 0.2, 0.0, 1.4]
        joints[..., 1] += np.arange(len(degrees))[:, None] * 0.01
        return joints

    return pose


def _swing(count: int, middle: float = 75.0) -> list[float]:
    return [middle + 8.0 * float(np.sin(frame / 5.0)) for frame in range(count)]


@pytest.mark.parametrize("length", [1, 2, 25])
def test_a_t_pose_that_ends_with_a_jump_is_counted(body: Any, length: int) -> None:
    assert leading_t_pose_frames(body([0.0] * length + _swing(100)), FPS) == length


def test_the_blend_after_the_jump_belongs_to_it(body: Any) -> None:
    ramp = [55.0, 62.0, 68.0]
    assert leading_t_pose_frames(body([0.0, *ramp, *_swing(100)]), FPS) == 4


def test_a_blend_has_an_end(body: Any) -> None:
    ramp = [50.0 + 4.0 * frame for frame in range(20)]
    assert leading_t_pose_frames(body([0.0, *ramp, *_swing(100)]), FPS) == 1 + round(0.1 * FPS)


@pytest.mark.parametrize(
    "degrees",
    [
        pytest.param(_swing(100), id="motion alone"),
        pytest.param([0.0] * 100, id="held throughout"),
        pytest.param(
            [75.0 * frame / 60 for frame in range(60)] + _swing(60), id="a true T-pose, arms lowered"
        ),
        pytest.param([90.0] * 5 + _swing(100, 15.0), id="a jump from hanging arms"),
        pytest.param(
            [2.0 * frame for frame in range(20)] + _swing(100, 120.0), id="arms not stretched until the jump"
        ),
        pytest.param([0.0] * 130 + _swing(100), id="a jump after two seconds"),
        pytest.param([0.0], id="one frame"),
    ],
)
def test_what_is_no_false_t_pose_stays(body: Any, degrees: list[float]) -> None:
    assert leading_t_pose_frames(body(degrees), FPS) == 0


def test_some_frame_is_always_left(body: Any) -> None:
    assert leading_t_pose_frames(body([0.0, 0.0, 0.0, 75.0]), FPS) == 3
