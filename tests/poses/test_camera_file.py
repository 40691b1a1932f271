from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ige.base.errors import InputError
from ige.poses.camera_file import read_camera

FULL = {
    "focal": [1145, 1143.5],
    "centre": [512, 515],
    "radial": [-0.2, 0.24, 0],
    "tangential": [-0.001, 0.002],
}


def written(folder: Path, content: Any) -> Path:
    path = folder / "phone.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_all_values_arrive(tmp_path: Path) -> None:
    camera = read_camera(written(tmp_path, FULL))
    assert camera.name == "phone"
    assert {name: getattr(camera, name).tolist() for name in FULL} == FULL


def test_a_lens_without_distortion(tmp_path: Path) -> None:
    camera = read_camera(written(tmp_path, {"focal": [900, 900], "centre": [320, 240]}))
    assert camera.radial.tolist() == [0.0, 0.0, 0.0]
    assert camera.tangential.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"centre": [1, 2]}, "a camera without focal length: .*found centre"),
        ({}, "a camera without focal length: .*found nothing"),
        ({"focal": [1, 2]}, "a camera without centre"),
        ({"focal": [1, 2], "center": [1, 2]}, r"unknown name 'center'.*Did you mean centre\?"),
        ({"focal": [1, 2, 3], "centre": [1, 2]}, "wrong focal: expected 2 numbers, found "),
        ({"focal": 1145, "centre": [1, 2]}, "wrong focal: expected 2 numbers, found 1145"),
        ({"focal": ["1145", 1], "centre": [1, 2]}, "wrong focal"),
        ({"focal": [True, 1], "centre": [1, 2]}, "wrong focal"),
        ({"focal": None, "centre": [1, 2]}, "wrong focal"),
        ({"focal": [0, 1145], "centre": [1, 2]}, r"focal lengths must be positive: found \[0, 1145\]"),
        ({"focal": [-1145, 1145], "centre": [1, 2]}, "must be positive"),
        ('{"focal": [1, 2], "centre": [NaN, 2]}', "centre is not finite"),
        ('{"focal": [1, 2], "centre": [1e999, 2]}', "centre is not finite"),
        ('{"focal": [1' + "0" * 400 + ', 2], "centre": [1, 2]}', "focal is not finite"),
        ({"focal": [1, 2], "centre": [1, 2], "radial": [1, 2]}, "wrong radial: expected 3 numbers"),
        ("[1, 2]", "holds no camera: .*found list"),
        ("focal: 3", "is no valid JSON"),
        ("", "is no valid JSON"),
    ],
)
def test_files_that_hold_no_camera(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_camera(written(tmp_path, content))
    assert "phone.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_binary_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: cannot be read: .*No such file"):
        read_camera(tmp_path / "none.json")
    path = tmp_path / "image.json"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(InputError, match="is no valid JSON"):
        read_camera(path)
