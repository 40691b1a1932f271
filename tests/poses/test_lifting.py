from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ige.base.errors import InputError
from ige.geometry.skeletons import H36M_16, MPII_16
from ige.params.poses import LiftingSettings
from ige.poses.clips import Clip, write_clips
from ige.poses.lifting import prepare_lifting_set
from ige.poses.lifting_set import LiftingSet, read_lifting_set
from ige.storage.tables import read_csv

FRAMES = 30
CAMERAS = [
    {
        "name": "east",
        "azimuth_degrees": 0.0,
        "distance_m": 4.5,
        "height_m": 1.5,
        "focal_pixels": [1145.0, 1144.0],
        "centre_pixels": [512.0, 515.0],
        "radial": [-0.207, 0.248, -0.003],
        "tangential": [-0.0010, -0.0014],
    },
    {
        "name": "north",
        "azimuth_degrees": 90.0,
        "distance_m": 4.0,
        "height_m": 1.2,
        "focal_pixels": [1149.0, 1147.0],
        "centre_pixels": [509.0, 508.0],
        "radial": [-0.194, 0.240, 0.007],
        "tangential": [-0.0016, -0.0027],
    },
]
SETTINGS: dict[str, Any] = {
    "rig": {
        "kind": "ring",
        "image_pixels": [1000, 1000],
        "look_at_m": [0.0, 0.0, 0.9],
        "cameras": CAMERAS,
    },
    "splits": {"train": ["S1", "S5"], "test": ["S9"]},
    "validation_every": 2,
    "validation_held_out": True,
    "yaws_degrees": [0.0, 90.0],
    "frame_step": 2,
    "visibility": "in-image",
    "observation": {"kind": "projection"},
    "expected_pairs": {},
}
YAWS = [float(yaw) for yaw in range(256)]
NOISY = {"kind": "noisy", "seed": 3, "sigma_pixels": 5.0, "outlier_share": 0.05, "outlier_pixels": 200.0}


def settings(**over: Any) -> LiftingSettings:
    return LiftingSettings.model_validate({**SETTINGS, **over})


def clip(subject: str, action: str, take: str, speed: float = 0.0) -> Clip:
    """Make joints in a box of a person's size that moves along x."""
    rng = np.random.default_rng([*subject.encode(), *action.encode(), *take.encode()])
    joints = rng.uniform([-0.3, -0.3, 0.0], [0.3, 0.3, 1.7], (32, 3))
    joints = joints + 0.01 * rng.standard_normal((FRAMES, 32, 3))
    joints[:, :, 0] += speed * np.arange(FRAMES)[:, None]
    return Clip(
        positions_world=joints.astype(np.float32),
        subject=subject,
        action=action,
        take=take,
        fps=50.0,
        licence="none",
        origin="procedural",
    )


ALL = [
    clip("S1", "Walking", "1", speed=0.25),  # passes the camera in the east at x = 4.5 m
    clip("S1", "Eating", "1"),
    clip("S9", "Walking", "1", speed=-0.25),
    clip("S5", "Eating", "2"),
    clip("S5", "Eating", "1"),
]

Prepare = Callable[..., tuple[LiftingSet, list[dict[str, str]]]]


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    def run(
        split: str = "train", clips: list[Clip] = ALL, **over: Any
    ) -> tuple[LiftingSet, list[dict[str, str]]]:
        write_clips(tmp_path / "clips.h5", clips, "procedural")
        out, skipped = tmp_path / f"{split}.h5", tmp_path / "skipped.csv"
        prepare_lifting_set(
            clips=tmp_path / "clips.h5",
            detections=None,
            split=split,
            out=out,
            skipped=skipped,
            settings=settings(**over),
        )
        return read_lifting_set(out), read_csv(skipped)

    return run


def test_pairs_are_what_the_cameras_see(prepare: Prepare) -> None:
    found, _ = prepare(frame_step=1)
    assert found.observed.dtype == found.poses_cam.dtype == np.float32
    for sample in range(0, len(found.observed), 17):
        camera = found.cameras[found.camera[sample]]
        turn = np.radians(found.yaws_degrees[found.yaw[sample]])
        world = ALL[found.clip[sample]].positions_world[found.frame[sample]].astype(np.float64)
        x, y, z = world.T
        turned = np.stack([np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y, z])
        in_camera = (camera.extrinsics[:, :3] @ turned + camera.extrinsics[:, 3:]).T
        np.testing.assert_allclose(found.poses_cam[sample], in_camera[list(H36M_16.source)], atol=1e-6)
        k1, k2, k3, p1, p2 = found.distortion()[sample].astype(np.float64)
        joints = in_camera[list(MPII_16.source)]
        flat, _ = cv2.projectPoints(
            joints, np.zeros(3), np.zeros(3), np.eye(3), np.array([k1, k2, p1, p2, k3])
        )
        np.testing.assert_allclose(found.observed[sample], flat[:, 0], atol=1e-6)


def test_facts_of_each_pair_are_those_of_its_clip(prepare: Prepare) -> None:
    found, _ = prepare()
    assert (found.split, found.source, found.observation) == ("train", "procedural", {"kind": "projection"})
    assert found.yaws_degrees == (0.0, 90.0)
    assert [camera.name for camera in found.cameras] == ["east", "north"]
    for sample, number in enumerate(found.clip):
        assert found.subjects[found.subject[sample]] == ALL[number].subject
        assert found.actions[found.action[sample]] == ALL[number].action
        assert found.takes[found.take[sample]] == ALL[number].take


@pytest.mark.parametrize("frame_step", [1, 2, 7])
def test_kept_and_dropped_frames_are_all_frames(prepare: Prepare, frame_step: int) -> None:
    found, skipped = prepare("test", frame_step=frame_step)
    views = {
        f"S9/Walking/1/{camera}/{yaw}": set(range(0, FRAMES, frame_step))
        for camera in ("east", "north")
        for yaw in ("0", "90")
    }
    for row in skipped:
        view, _, frames = row["id"].rpartition("/")
        first, last = map(int, re.fullmatch(r"(\d+)-(\d+)", frames).groups())
        dropped = set(range(first, last + 1, frame_step))
        assert len(dropped) == int(row["frames"])
        assert dropped <= views[view]
        views[view] -= dropped
    kept: dict[str, set[int]] = {view: set() for view in views}
    for camera, yaw, frame in zip(found.camera, found.yaw, found.frame, strict=True):
        kept[f"S9/Walking/1/{found.cameras[camera].name}/{found.yaws_degrees[yaw]:g}"].add(int(frame))
    assert kept == views
    assert len(found.frame) == sum(map(len, views.values()))
    assert skipped, "the clip walks out of view"


def test_all_joints_of_kept_frames_are_inside_the_image(prepare: Prepare) -> None:
    found, skipped = prepare("test", frame_step=1)
    assert (found.poses_cam[..., 2] > 0).all()
    focal = np.stack([camera.focal for camera in found.cameras])[found.camera]
    centre = np.stack([camera.centre for camera in found.cameras])[found.camera]
    pixels = found.observed * focal[:, None] + centre[:, None]
    assert (pixels > -0.01).all()
    assert (pixels < 1000.01).all()
    assert {row["reason"] for row in skipped} == {"a joint is outside the image or behind the camera"}


def test_a_joint_that_only_the_3d_pose_has_must_be_seen_too(prepare: Prepare) -> None:
    seen = clip("S9", "Eating", "1")
    hidden = clip("S9", "Photo", "1")
    hidden.positions_world[10:, 14] = [0.0, 0.0, 9.0]  # head centre: not among the observed joints
    found, _ = prepare("test", clips=[seen, hidden], frame_step=1)
    assert set(found.frame[found.clip == 0]) == set(range(FRAMES))
    assert set(found.frame[found.clip == 1]) == set(range(10))


def test_splits_are_disjoint_and_complete(prepare: Prepare) -> None:
    clips = {split: set(prepare(split)[0].clip.tolist()) for split in ("train", "validation", "test")}
    # in the order S1/Eating/1, S1/Walking/1, S5/Eating/1, S5/Eating/2 every second is held out
    assert clips == {"train": {1, 4}, "validation": {0, 3}, "test": {2}}


def test_noise_is_in_pixels_and_has_outliers(prepare: Prepare) -> None:
    exact, _ = prepare(frame_step=1)
    noisy, _ = prepare(frame_step=1, observation=NOISY)
    np.testing.assert_array_equal(exact.poses_cam, noisy.poses_cam)
    assert noisy.observation == NOISY
    focal = np.stack([camera.focal for camera in exact.cameras])[exact.camera]
    offsets = (noisy.observed - exact.observed) * focal[:, None]
    is_far = np.linalg.norm(offsets, axis=-1) > 30.0
    assert is_far.mean() == pytest.approx(0.05, abs=0.01)
    assert offsets[~is_far].std() == pytest.approx(5.0, rel=0.05)
    assert offsets[is_far].std() == pytest.approx(200.0, rel=0.1)


def test_noise_of_a_view_does_not_depend_on_the_others(prepare: Prepare) -> None:
    def of_one(found: LiftingSet) -> np.ndarray:
        of_subject = found.subject == found.subjects.index("S1")
        camera = [one.name for one in found.cameras].index("north")
        chosen = of_subject & (found.camera == camera) & (found.yaw == found.yaws_degrees.index(90.0))
        return found.observed[chosen]

    everything, _ = prepare(observation=NOISY)
    rig = {**SETTINGS["rig"], "cameras": CAMERAS[::-1]}
    other, _ = prepare(clips=ALL[::-1], observation=NOISY, rig=rig, yaws_degrees=[90.0])
    assert len(of_one(everything)) > 0
    np.testing.assert_array_equal(of_one(everything), of_one(other))
    another_seed, _ = prepare(observation={**NOISY, "seed": 4})
    assert (of_one(everything) != of_one(another_seed)).mean() > 0.9


@pytest.mark.parametrize("observation", [{"kind": "projection"}, NOISY])
def test_rebuilt_files_have_the_same_bytes(
    prepare: Prepare, tmp_path: Path, observation: dict[str, Any]
) -> None:
    paths = (tmp_path / "train.h5", tmp_path / "skipped.csv")
    prepare(observation=observation)
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    prepare(observation=observation)
    assert [path.read_bytes() for path in paths] == before


def test_all_frames_are_kept_where_visibility_does_not_count(prepare: Prepare) -> None:
    clips = [clip("S9", "Walking", "1", speed=0.1)]  # out of the image, but never behind a camera
    in_image, dropped = prepare("test", clips=clips)
    everything, skipped = prepare("test", clips=clips, visibility="all")
    assert dropped
    assert len(in_image.frame) < len(everything.frame) == 4 * FRAMES // 2
    assert skipped == []
    assert np.isfinite(everything.observed).all()


def test_a_joint_behind_the_camera_is_told_with_its_frame(prepare: Prepare, tmp_path: Path) -> None:
    passing = clip("S9", "Walking", "1")
    passing.positions_world[13:17, 9, 0] = 5.5  # of the toes no skeleton knows
    passing.positions_world[24:, 15, 0] = 5.5  # the camera in the east stands at 4.5
    with pytest.raises(InputError, match=r"a joint of S9/Walking/1/east/0 is behind .* found frame 24\."):
        prepare("test", clips=[passing], visibility="all")
    assert not (tmp_path / "test.h5").exists()


def test_the_expected_number_of_pairs_is_asserted(
    prepare: Prepare, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clips = [clip("S9", "Walking", "1"), clip("S9", "Eating", "1"), clip("S1", "Eating", "1")]
    prepare("test", clips=clips, expected_pairs={"test": 120, "train": 1})
    (tmp_path / "test.h5").unlink()
    clips[1].positions_world[10:, 14] = [0.0, 0.0, 9.0]
    with pytest.raises(InputError, match=r"pairs of split test .*expected 120, found 80 \(S9 80\)") as caught:
        prepare("test", clips=clips, expected_pairs={"test": 120})
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "test.h5").exists()
    assert "S9/Eating: 20 pairs" in caplog.text
    assert "S9/Walking: 60 pairs" in caplog.text
    assert "S9/Eating: 40 frames left out: a joint is outside the image" in caplog.text


def test_a_split_of_which_nothing_is_seen_is_one_line(prepare: Prepare, tmp_path: Path) -> None:
    message = r"no pair of split train is left: found 120 frames: a joint is outside .*\. Compare the cameras"
    with pytest.raises(InputError, match=message) as caught:
        prepare(rig={**SETTINGS["rig"], "look_at_m": [9.0, 9.0, 90.0]})
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "train.h5").exists()


def test_more_yaws_than_can_be_numbered_are_refused(prepare: Prepare) -> None:
    with pytest.raises(InputError, match="at most 256 of each, found 2 cameras, 257 yaws"):
        prepare(yaws_degrees=[*YAWS, 256.0])
    found, _ = prepare("test", clips=[*ALL[:2], clip("S9", "Eating", "1")], yaws_degrees=YAWS, frame_step=29)
    assert set(found.yaw) == set(range(256))
