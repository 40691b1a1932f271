"""Clips before the cameras that recorded them, and what detectors found in their images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from h36m_clips import made_clips, made_rigs

from ige.base.errors import InputError
from ige.geometry.cameras import from_pixels, project, to_pixels, world_to_camera
from ige.geometry.skeletons import H36M_16, MPII_16
from ige.params.poses import LiftingSettings
from ige.poses.clips import Clip, ViewExclusion, write_clips
from ige.poses.detected import write_detected
from ige.poses.h36m.detections import DetectedView
from ige.poses.h36m.names import CAMERAS
from ige.poses.lifting import prepare_lifting_set
from ige.poses.lifting_set import LiftingSet, read_lifting_set
from ige.storage.tables import read_csv

SETTINGS: dict[str, Any] = {
    "rig": {"kind": "recorded", "image_pixels": [1000, 1002]},
    "splits": {"train": ["S1"], "test": ["S9", "S11"]},
    "validation_every": 10,
    "validation_held_out": False,
    "yaws_degrees": [0.0],
    "frame_step": 1,
    "visibility": "all",
    "observation": {"kind": "projection"},
    "expected_pairs": {},
}
DETECTIONS = {"kind": "detections", "detector": "sh"}
RIGS = made_rigs()
CLIPS = made_clips(subjects=["S9", "S11"])[:4] + made_clips(subjects=["S11"])[:2]
RING = {
    "kind": "ring",
    "image_pixels": [1000, 1002],
    "look_at_m": [0.0, 0.0, 0.9],
    "cameras": [
        {
            "name": "a",
            "azimuth_degrees": 0.0,
            "distance_m": 4.0,
            "height_m": 1.5,
            "focal_pixels": [1145.0, 1145.0],
            "centre_pixels": [512.0, 512.0],
            "radial": [0.0, 0.0, 0.0],
            "tangential": [0.0, 0.0],
        }
    ],
}


def detections_of(clips: list[Clip], more_frames: int = 0) -> dict[tuple[str, str, str, str], DetectedView]:
    """Detect each joint 3 pixels right of where it is, in so many frames more than the clip has."""
    views = {}
    for clip in clips:
        for camera in RIGS[clip.subject]:
            positions = clip.positions_world.astype(np.float64)
            joints = world_to_camera(MPII_16.select(positions), camera.extrinsics)
            image = project(joints, camera.radial, camera.tangential)
            pixels = to_pixels(image, camera.focal, camera.centre) + np.array([3.0, 0.0])
            pixels = np.concatenate([pixels, np.zeros((max(more_frames, 0), 16, 2))])
            pixels = pixels[: len(positions) + more_frames].astype(np.float32)
            key = (clip.subject, clip.action, clip.take, camera.name)
            views[key] = DetectedView(*key, pixels, "made")
    return views


Prepare = Callable[..., tuple[LiftingSet, list[dict[str, str]]]]


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    def run(
        views: dict[tuple[str, str, str, str], DetectedView] | None = None,
        *,
        exclusions: tuple[ViewExclusion, ...] = (),
        gaps: dict[tuple[str, str, str, str], str] | None = None,
        detector: str = "sh",
        **over: Any,
    ) -> tuple[LiftingSet, list[dict[str, str]]]:
        write_clips(tmp_path / "clips.h5", CLIPS, "h36m", RIGS, exclusions)
        if views is not None:
            write_detected(tmp_path / "sh.h5", detector, views.values(), gaps)
            over = {"observation": DETECTIONS, **over}
        prepare_lifting_set(
            clips=tmp_path / "clips.h5",
            detections=None if views is None else tmp_path / "sh.h5",
            split="test",
            out=tmp_path / "test.h5",
            skipped=tmp_path / "skipped.csv",
            settings=LiftingSettings.model_validate(SETTINGS | over),
        )
        return read_lifting_set(tmp_path / "test.h5"), read_csv(tmp_path / "skipped.csv")

    return run


def views_in(found: LiftingSet) -> set[str]:
    """Name the views that pairs are of, by clip and camera."""
    return {
        f"{CLIPS[clip].name}/{found.cameras[camera].name.split('/')[1]}"
        for clip, camera in zip(found.clip, found.camera, strict=True)
    }


ALL_VIEWS = {f"{clip.name}/{camera}" for clip in CLIPS for camera in CAMERAS}
FIRST = CLIPS[0]
FIRST_VIEW = f"{FIRST.name}/{CAMERAS[0]}"


def first_key() -> tuple[str, str, str, str]:
    return FIRST.subject, FIRST.action, FIRST.take, CAMERAS[0]


def test_each_subject_is_seen_by_its_own_cameras(prepare: Prepare) -> None:
    found, skipped = prepare()
    assert [camera.name for camera in found.cameras] == [
        f"{subject}/{camera}" for subject in ("S11", "S9") for camera in CAMERAS
    ]
    assert skipped == []
    assert views_in(found) == ALL_VIEWS
    assert len(found.observed) == 4 * sum(len(clip.positions_world) for clip in CLIPS)
    for sample in range(0, len(found.observed), 7):
        clip, camera = CLIPS[found.clip[sample]], found.cameras[found.camera[sample]]
        subject, name = camera.name.split("/")
        assert subject == clip.subject == found.subjects[found.subject[sample]]
        (own,) = (each for each in RIGS[subject] if each.name == name)
        joints = H36M_16.select(clip.positions_world[found.frame[sample]].astype(np.float64))
        np.testing.assert_allclose(
            found.poses_cam[sample], world_to_camera(joints, own.extrinsics), rtol=1e-6, atol=1e-7
        )


def test_detections_stand_beside_the_poses_of_their_frames(prepare: Prepare) -> None:
    exact, _ = prepare()
    found, skipped = prepare(detections_of(CLIPS))
    assert skipped == []
    assert found.observation == DETECTIONS
    np.testing.assert_array_equal(found.poses_cam, exact.poses_cam)
    focal = np.stack([camera.focal for camera in found.cameras])[found.camera]
    offsets = (found.observed - exact.observed) * focal[:, None]
    np.testing.assert_allclose(offsets, np.broadcast_to([3.0, 0.0], offsets.shape), atol=2e-3)


@pytest.mark.parametrize("frame_step", [1, 5])
@pytest.mark.parametrize(
    ("more_frames", "reason"),
    [(3, "the clip ends before this detection"), (-3, "the detections end before this frame")],
)
def test_frames_without_partner_are_listed(
    prepare: Prepare, frame_step: int, more_frames: int, reason: str
) -> None:
    found, skipped = prepare(detections_of(CLIPS, more_frames), frame_step=frame_step)
    for number, clip in enumerate(CLIPS):
        frames = len(clip.positions_world)
        first, end = sorted((frames, frames + more_frames))
        assert set(found.frame[found.clip == number]) == set(range(0, first, frame_step))
        lost = [frame for frame in range(0, end, frame_step) if frame >= first]
        rows = [row for row in skipped if row["id"].startswith(f"{clip.name}/")]
        expected = [f"{clip.name}/{camera}/0/{lost[0]}-{lost[-1]}" for camera in CAMERAS] if lost else []
        assert [row["id"] for row in rows] == expected
        assert {row["frames"] for row in rows} <= {str(len(lost))}
    assert {row["reason"] for row in skipped} == {reason}


def test_a_view_without_detections_is_named(prepare: Prepare, tmp_path: Path) -> None:
    views = detections_of(CLIPS)
    del views[first_key()]
    with pytest.raises(InputError, match=rf"sh\.h5: no detections of {FIRST_VIEW}: .*found 23 other views"):
        prepare(views)
    assert not (tmp_path / "test.h5").exists()


@pytest.mark.parametrize("is_excluded", [True, False])
def test_a_view_that_is_known_to_lack_detections_is_listed(prepare: Prepare, is_excluded: bool) -> None:
    views = detections_of(CLIPS)
    del views[first_key()]
    rows = (ViewExclusion(*first_key(), "detections", "no video"),) if is_excluded else ()
    gaps = None if is_excluded else {first_key(): "no video"}
    found, skipped = prepare(views, exclusions=rows, gaps=gaps)
    assert views_in(found) == ALL_VIEWS - {FIRST_VIEW}
    last = len(FIRST.positions_world) - 1
    assert skipped == [{"id": f"{FIRST_VIEW}/0/0-{last}", "frames": str(last + 1), "reason": "no video"}]


@pytest.mark.parametrize("camera", [CAMERAS[0], None])
@pytest.mark.parametrize("with_detections", [True, False])
@pytest.mark.parametrize("applies", ["detections", "always"])
def test_exclusions_count_for_what_they_say(
    prepare: Prepare, camera: str | None, with_detections: bool, applies: Any
) -> None:
    rows = (ViewExclusion(FIRST.subject, FIRST.action, FIRST.take, camera, applies, "shifted"),)
    found, skipped = prepare(detections_of(CLIPS) if with_detections else None, exclusions=rows)
    cameras = CAMERAS if camera is None else (camera,)
    counts = with_detections or applies == "always"
    assert ALL_VIEWS - views_in(found) == ({f"{FIRST.name}/{name}" for name in cameras} if counts else set())
    assert len(skipped) == (len(cameras) if counts else 0)
    assert {row["reason"] for row in skipped} <= {"shifted"}


@pytest.mark.parametrize(("frame_step", "rows"), [(1, ("0/0-8", "9")), (4, ("0/0-8", "3"))])
def test_detections_that_belong_to_no_clip_are_listed(
    prepare: Prepare, frame_step: int, rows: tuple[str, str]
) -> None:
    views = detections_of(CLIPS)
    pixels = np.zeros((9, 16, 2), np.float32)
    views["S9", "Purchases", "1", CAMERAS[0]] = DetectedView("S9", "Purchases", "1", CAMERAS[0], pixels, "x")
    views["S1", "Purchases", "1", CAMERAS[0]] = DetectedView("S1", "Purchases", "1", CAMERAS[0], pixels, "x")
    _, skipped = prepare(views, frame_step=frame_step)
    place, frames = rows
    assert [(row["id"], row["frames"]) for row in skipped] == [
        (f"S9/Purchases/1/{CAMERAS[0]}/{place}", frames)
    ]


def test_detections_are_those_that_were_found_whatever_the_view_shows(prepare: Prepare) -> None:
    """In-image asks of the 3D joints; frames that it drops take their detections with them."""
    small = {"kind": "recorded", "image_pixels": [560, 1002]}
    exact, _ = prepare(rig=small, visibility="in-image")
    found, skipped = prepare(detections_of(CLIPS), rig=small, visibility="in-image")
    assert 0 < len(found.observed) < 4 * sum(len(clip.positions_world) for clip in CLIPS)
    assert skipped
    np.testing.assert_array_equal(found.frame, exact.frame)
    for sample in range(0, len(found.observed), 5):
        camera = found.cameras[found.camera[sample]]
        clip = CLIPS[found.clip[sample]]
        key = (clip.subject, clip.action, clip.take, camera.name.split("/")[1])
        pixels = detections_of([clip])[key].pixels[found.frame[sample]].astype(np.float64)
        expected = from_pixels(pixels, camera.focal, camera.centre)
        np.testing.assert_allclose(found.observed[sample], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"rig": RING}, r"rig\.kind: detections need the cameras .*expected recorded, found ring"),
        (
            {"yaws_degrees": [0.0, 90.0]},
            r"yaws_degrees: .*not turned: expected \[0\.0\], found \[0\.0, 90\.0\]",
        ),
        ({"detector": "sh-ft"}, r"sh\.h5: detections of another detector: expected sh, found sh-ft"),
    ],
)
def test_detections_that_do_not_fit_are_one_line(
    prepare: Prepare, over: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        prepare(detections_of(CLIPS), **over)
    assert "\n" not in str(caught.value)


def test_a_file_of_detections_is_asked_for(prepare: Prepare) -> None:
    with pytest.raises(InputError, match=r"no file of them is given.*--detections"):
        prepare(observation=DETECTIONS)
