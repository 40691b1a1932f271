from __future__ import annotations

import csv
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ige.base.errors import InputError, StorageError
from ige.geometry.cameras import project, to_pixels
from ige.geometry.skeletons import H36M_16, H36M_32, MPII_16
from ige.params.models import LifterSettings, MeanPoseSettings
from ige.poses import lift as module
from ige.poses.body_size import stature, total_bone_length
from ige.poses.h36m.detections import H36M_17_JOINTS
from ige.poses.lift import lift_poses
from ige.poses.models import Definition, build_model, save_pose_model
from ige.storage.arrays import write_arrays
from ige.storage.tensors import write_tensors

FRAMES = 3
RADIAL, TANGENTIAL = np.array([-0.2, 0.24, -0.003]), np.array([-0.001, 0.002])
FOCAL, CENTRE = np.array([1145.0, 1144.0]), np.array([512.0, 515.0])


@pytest.fixture
def joints_cam() -> np.ndarray:
    """All 32 joints of a person who stands 5 m away and moves, (F, 32, 3)."""
    rng = np.random.default_rng(0)
    joints = rng.uniform([-0.5, -0.9, 4.6], [0.5, 0.9, 5.4], (FRAMES, 32, 3))
    hips = [H36M_32.names.index(name) for name in ("RHip", "LHip")]
    joints[:, 0] = joints[:, hips].mean(axis=1)
    return joints


@pytest.fixture
def given(tmp_path: Path, joints_cam: np.ndarray) -> dict[str, Any]:
    """Arguments of `lift_poses`: what a camera sees of the person, and a model of a mean pose."""
    seen = project(MPII_16.select(joints_cam), RADIAL, TANGENTIAL)
    np.save(tmp_path / "keypoints.npy", to_pixels(seen, FOCAL, CENTRE))
    camera = {"focal": FOCAL, "centre": CENTRE, "radial": RADIAL, "tangential": TANGENTIAL}
    (tmp_path / "camera.json").write_text(json.dumps({name: list(v) for name, v in camera.items()}))
    pose = torch.tensor(H36M_16.select(joints_cam)[0] / 5.0, dtype=torch.float32)
    definition = Definition(MeanPoseSettings(kind="mean-pose"), None)
    save_pose_model(tmp_path / "model.pt", definition, {"pose": pose}, {"bone_length_m": 4.25})
    return {
        "model": tmp_path / "model.pt",
        "keypoints": tmp_path / "keypoints.npy",
        "camera": tmp_path / "camera.json",
        "out": tmp_path / "poses.npy",
        "skeleton": "mpii16",
        "height_m": None,
        "steps": None,
    }


@pytest.fixture
def perfect(monkeypatch: pytest.MonkeyPatch, joints_cam: np.ndarray) -> Callable[[float], None]:
    """Let the model know the answer up to a factor that differs from frame to frame."""

    def install(sign: float) -> None:
        def answer(
            model: object, observed: torch.Tensor, distortion: torch.Tensor, **_: object
        ) -> torch.Tensor:
            expected = project(MPII_16.select(joints_cam), RADIAL, TANGENTIAL)
            np.testing.assert_allclose(observed.numpy(), expected, atol=1e-6)
            np.testing.assert_allclose(distortion[0].numpy(), [*RADIAL, *TANGENTIAL], rtol=1e-6)
            factors = sign * np.arange(1, FRAMES + 1)[:, None, None]
            return torch.tensor(H36M_16.select(joints_cam) * factors)

        monkeypatch.setattr(module, "lift_in_batches", answer)

    return install


def test_the_same_joints_in_the_order_of_human36m_give_the_same_poses(given: dict[str, Any]) -> None:
    lift_poses(**given)
    pixels = np.load(given["keypoints"])
    places = [MPII_16.names.index(name) if name in MPII_16.names else None for name in H36M_17_JOINTS]
    centre_of_head = np.full_like(pixels[:, 0], np.nan)
    others = [centre_of_head if place is None else pixels[:, place] for place in places]
    np.save(given["keypoints"].with_name("17.npy"), np.stack(others, axis=1))
    out = given["out"].with_name("17-poses.npy")
    lift_poses(
        **given | {"keypoints": given["keypoints"].with_name("17.npy"), "skeleton": "h36m17", "out": out}
    )
    np.testing.assert_array_equal(np.load(out), np.load(given["out"]))


def test_poses_have_the_trained_bone_length_and_are_written_as_returned(given: dict[str, Any]) -> None:
    poses = lift_poses(**given)
    assert poses.shape == (FRAMES, 16, 3)
    assert poses.dtype == np.float32
    assert total_bone_length(poses) == pytest.approx([4.25] * FRAMES, rel=1e-5)
    np.testing.assert_array_equal(np.load(given["out"]), poses)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_perfect_model_gives_the_pose_back_whatever_its_scale(
    given: dict[str, Any],
    joints_cam: np.ndarray,
    perfect: Callable[[float], None],
    sign: float,
    caplog: pytest.LogCaptureFixture,
) -> None:
    perfect(sign)
    truth = H36M_16.select(joints_cam)
    with caplog.at_level(logging.INFO):
        poses = lift_poses(**given)
    known = truth * (4.25 / total_bone_length(truth))[:, None, None]
    np.testing.assert_allclose(poses, known, rtol=1e-5)
    assert "joints project 0.0 pixels (median) from their keypoints" in caplog.text


def test_height_replaces_the_trained_bone_length(given: dict[str, Any]) -> None:
    poses = lift_poses(**{**given, "height_m": 1.9})
    assert stature(poses) == pytest.approx([1.9] * FRAMES, rel=1e-5)


def test_csv_and_json_hold_the_same_numbers(given: dict[str, Any], tmp_path: Path) -> None:
    poses = lift_poses(**{**given, "out": tmp_path / "poses.csv"})
    with (tmp_path / "poses.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["frame"] for row in rows] == ["0", "1", "2"]
    assert float(rows[2]["RWrist_z"]) == pytest.approx(poses[2, -1, 2])
    assert len(rows[0]) == 1 + 16 * 3
    lift_poses(**{**given, "out": tmp_path / "poses.json"})
    content = json.loads((tmp_path / "poses.json").read_text())
    np.testing.assert_allclose(content["poses"], poses)
    assert content["joints"] == list(H36M_16.names)
    assert (content["unit"], content["frames"]) == ("m", ["0", "1", "2"])


def test_same_inputs_same_bytes(given: dict[str, Any]) -> None:
    lift_poses(**given)
    first = given["out"].read_bytes()
    lift_poses(**given)
    assert given["out"].read_bytes() == first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"out": Path("poses.txt")}, r"poses\.txt: unknown suffix: expected \.npy, \.csv, \.json"),
        ({"height_m": 180.0}, "no height of a person: expected 0.3 to 3.0 metres, found 180"),
        ({"height_m": float("nan")}, "no height of a person"),
        ({"height_m": -1.8}, "no height of a person"),
        ({"steps": -1}, "a number of steps that cannot be"),
        ({"steps": 3}, "this model takes no steps"),
        ({"skeleton": "openpose25"}, "keypoints of another shape"),
        ({"model": Path("none.pt")}, r"none\.pt: no such file"),
    ],
)
def test_arguments_that_cannot_be(given: dict[str, Any], change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        lift_poses(**{**given, **change})
    assert "\n" not in str(caught.value)
    assert not given["out"].exists()


def test_a_missing_joint_is_named(given: dict[str, Any]) -> None:
    pixels = np.load(given["keypoints"])
    pixels[1, MPII_16.names.index("LKnee")] = np.nan
    np.save(given["keypoints"], pixels)
    with pytest.raises(InputError, match="frame 1: LKnee is missing"):
        lift_poses(**given)


def test_model_files_that_are_none(given: dict[str, Any], tmp_path: Path) -> None:
    write_tensors(tmp_path / "other.pt", "checkpoint", {"pose": torch.zeros(16, 3)}, {})
    write_arrays(tmp_path / "set.pt", "lifting-set", {"observed": np.zeros(3)}, {})
    (tmp_path / "cut.pt").write_bytes(given["model"].read_bytes()[:-200])
    flipped = bytearray(given["model"].read_bytes())
    at = flipped.index(b"bone_length_m")
    flipped[at : at + 4] = b"BONE"
    (tmp_path / "edited.pt").write_bytes(flipped)
    for name, message in {
        "other.pt": "another kind: expected pose-model, found checkpoint",
        "set.pt": "no .pt file of ige's: expected a file of kind pose-model",
        "cut.pt": "corrupt or edited",
        "edited.pt": "corrupt or edited",
    }.items():
        with pytest.raises(InputError, match=f"{name}: .*{message}") as caught:
            lift_poses(**{**given, "model": tmp_path / name})
        assert "\n" not in str(caught.value)


def test_a_metric_lifter_is_refused(given: dict[str, Any]) -> None:
    settings = LifterSettings(kind="lifter", width=8, blocks=0, dropout=0.0, initial=None, scale="metric")
    definition = Definition(settings, None)
    model = build_model(definition, depth_bias_m=0.0, generator=torch.Generator())
    save_pose_model(given["model"], definition, model.state_dict(), {"bone_length_m": 4.25})
    with pytest.raises(InputError, match=r"model\.pt: a metric lifter.*expected scale: free"):
        lift_poses(**given)


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_model_that_answers_no_pose(
    given: dict[str, Any], monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    monkeypatch.setattr(module, "lift_in_batches", lambda *_, **__: torch.full((FRAMES, 16, 3), value))
    with pytest.raises(InputError, match=r"model\.pt: the model answers no pose"):
        lift_poses(**given)


def test_a_result_that_cannot_be_written(given: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="is a file, not a folder"):
        lift_poses(**{**given, "out": tmp_path / "file" / "poses.npy"})


@pytest.mark.parametrize(
    ("factor", "shift", "message"),
    [
        (1.0, 9000.0, "in 3 of 3 frames keypoints lie more than 63 degrees off the optical axis"),
        (0.001, 0.0, "in 3 of 3 frames the person is smaller than 5 pixels"),
        (1.0, 0.0, None),
    ],
)
def test_numbers_that_can_hardly_be_pixels_are_told(
    given: dict[str, Any], caplog: pytest.LogCaptureFixture, factor: float, shift: float, message: str | None
) -> None:
    np.save(given["keypoints"], np.load(given["keypoints"]) * factor + shift)
    with caplog.at_level(logging.WARNING):
        lift_poses(**given)
    assert message in caplog.text if message else "frames" not in caplog.text


def test_poses_that_do_not_explain_the_keypoints_are_told(
    given: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        lift_poses(**given)  # by a model that was never trained
    assert "model, camera and keypoints do not fit each other" in caplog.text


def test_openpose_folder_becomes_poses_named_by_their_files(given: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "openpose"
    folder.mkdir()
    for frame in (2, 10):
        points = np.ones((25, 3))
        points[:, :2] = np.random.default_rng(frame).uniform(300.0, 700.0, (25, 2))
        people = {"people": [{"pose_keypoints_2d": points.flatten().tolist()}]}
        (folder / f"walk_{frame}_keypoints.json").write_text(json.dumps(people))
    out = tmp_path / "poses.json"
    lift_poses(**{**given, "keypoints": folder, "out": out})
    frames = json.loads(out.read_text())["frames"]
    assert frames == ["walk_2_keypoints.json", "walk_10_keypoints.json"]
