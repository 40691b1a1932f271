from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.poses.openpose import read_openpose


def person(first_x: float, score: float = 0.5) -> dict[str, Any]:
    values = np.full((25, 3), score)
    values[:, 0] = first_x + np.arange(25)
    values[:, 1] = 10.0
    return {"pose_keypoints_2d": values.flatten().tolist(), "face_keypoints_2d": []}


def write(path: Path, *people: dict[str, Any]) -> None:
    path.write_text(json.dumps({"version": 1.3, "people": people}))


def test_frames_come_in_the_natural_order_of_their_names(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        write(tmp_path / f"video_{number}_keypoints.json", person(100.0 * number))
    found = read_openpose(tmp_path)
    assert found.frames == ("video_1_keypoints.json", "video_9_keypoints.json", "video_10_keypoints.json")
    assert found.values.shape == (3, 25, 3)
    assert found.values[:, 0, 0].tolist() == [100.0, 900.0, 1000.0]


def test_the_most_surely_seen_person_counts_and_the_choice_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "1.json", person(1.0, score=0.4), person(2.0, score=0.9), person(3.0, score=0.6))
    with caplog.at_level(logging.WARNING):
        assert read_openpose(tmp_path).values[0, 0, 0] == 2.0
    assert "several people in 1 of 1 frames" in caplog.text


def test_a_frame_without_a_person_is_named(tmp_path: Path) -> None:
    write(tmp_path / "1.json", person(1.0))
    write(tmp_path / "2.json")
    with pytest.raises(InputError, match=r"2\.json: a frame without a person: .*found 1 of 2 frames"):
        read_openpose(tmp_path)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no OpenPose files"):
        read_openpose(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"people": 3}',
        '{"people": [{}]}',
        '{"persons": []}',
        '{"people": [{"pose_keypoints_2d": ["a"]}]}',
        '{"people": [{"pose_keypoints_2d": {"a": 1}}]}',
    ],
)
def test_other_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "1.json").write_text(text)
    with pytest.raises(InputError, match=r"1\.json: not a file of OpenPose's"):
        read_openpose(tmp_path)


def test_another_body_model_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "1.json", {"pose_keypoints_2d": [1.0] * 54})
    with pytest.raises(
        InputError, match=r"expected 75 numbers.*found 54\. Run OpenPose with --model_pose BODY_25"
    ):
        read_openpose(tmp_path)
