"""The motion-capture folder of the open preset, all of it: every file read or listed, and people in it."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ige.geometry.skeletons import H36M_32
from ige.params.load import read_params
from ige.params.poses import MocapSettings
from ige.poses.clips import Clip, Skipped
from ige.poses.mocap.amc import find_asf, read_amc
from ige.poses.mocap.naming import Claim, is_motion
from ige.poses.mocap.reading import LICENCE_NOT_STATED, Take, body_height, read_take
from ige.poses.mocap.repeats import difference
from ige.poses.mocap.rigs import known_rigs

if "IGE_REAL_DATA" not in os.environ:
    pytest.skip("IGE_REAL_DATA does not say where the real data is", allow_module_level=True)

FOLDER = Path(os.environ["IGE_REAL_DATA"]) / "mocap"
T_POSE_ROW = re.compile(r"(?P<file>.+) frames 0-(?P<last>\d+)")
RIGID_BONES = [
    (f"{side}{one}", f"{side}{other}")
    for side in "LR"
    for one, other in (
        ("Hip", "Knee"),
        ("Knee", "Ankle"),
        ("Ankle", "ToeBase"),
        ("Shoulder", "Elbow"),
        ("Elbow", "Wrist"),
    )
]
# Salsa's headers say 120, but its readme 60 frames per second.
RIGHT_FPS = {"salsa": 60.0}


@pytest.fixture(scope="module")
def settings(root: Path) -> MocapSettings:
    return read_params(root / "params.yaml", [root / "workflow" / "presets" / "open.yaml"]).poses.mocap


@pytest.fixture(scope="module")
def result(settings: MocapSettings) -> tuple[list[Clip], list[Skipped]]:
    from ige.poses.mocap.folder import read_folder

    return read_folder(FOLDER, settings)


@pytest.fixture(scope="module")
def clips(result: tuple[list[Clip], list[Skipped]]) -> list[Clip]:
    return result[0]


@pytest.fixture(scope="module")
def skipped(result: tuple[list[Clip], list[Skipped]]) -> list[Skipped]:
    return result[1]


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, str]]:
    with (FOLDER / "clips.csv").open(newline="") as stream:
        return {row["file"]: row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def amc_facts() -> dict[str, dict[str, str]]:
    with (FOLDER / "amc_clips.csv").open(newline="") as stream:
        return {f"cmu_asfamc/{row['file']}": row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def amc_takes(amc_facts: dict[str, Any]) -> dict[str, Take]:
    rigs = known_rigs(FOLDER)
    return {file: read_take(FOLDER, file, Claim("", "", ""), None, rigs, True) for file in amc_facts}


def joint(positions: NDArray[np.floating[Any]], name: str) -> NDArray[np.floating[Any]]:
    return positions[:, H36M_32.names.index(name)]


def test_every_motion_file_is_a_clip_or_listed(clips: list[Clip], skipped: list[Skipped]) -> None:
    files = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if is_motion(path.name))
    whole = [row.id for row in skipped if not T_POSE_ROW.fullmatch(row.id)]
    assert sorted([clip.origin for clip in clips] + whole) == files
    assert len(clips) == 36


def test_frames_and_rates_agree_with_the_measured_facts(
    clips: list[Clip], skipped: list[Skipped], facts: dict[str, Any], amc_facts: dict[str, Any]
) -> None:
    dropped = {match["file"]: row.frames for row in skipped if (match := T_POSE_ROW.fullmatch(row.id))}
    for clip in clips:
        fact = facts[clip.origin]
        assert len(clip.positions_world) + dropped.get(clip.origin, 0) == int(fact["frames_read"]), (
            clip.origin
        )
        assert clip.fps == RIGHT_FPS.get(clip.action, float(fact["fps"])), clip.origin
    for row in skipped:
        if row.id in amc_facts:
            assert row.frames == int(amc_facts[row.id]["frames"])


def test_t_poses_are_dropped_where_they_are(skipped: list[Skipped]) -> None:
    found = {match["file"]: row.frames for row in skipped if (match := T_POSE_ROW.fullmatch(row.id))}
    blended = ("indian_07", "indian_13", "salsa_05", "salsa_10", "salsa_12")
    expected = {f"cmu_papagina/{name}.bvh.gz": 5 for name in blended}
    assert found == {**expected, "cmu_dragonforged/003_02.bvh.gz": 25}


def test_subjects_and_licences(clips: list[Clip]) -> None:
    assert [*dict.fromkeys(clip.subject for clip in clips)] == ["1", "2", "3", "5", "6", "60", "94"]
    assert len({clip.name for clip in clips}) == len(clips)
    assert not [clip.origin for clip in clips if clip.licence == LICENCE_NOT_STATED]


def test_the_ten_amc_clips_repeat_bvh_clips_and_no_others_would_pass(
    clips: list[Clip], skipped: list[Skipped], amc_takes: dict[str, Take], settings: MocapSettings
) -> None:
    repeats = {row.id: row.reason for row in skipped if row.reason.startswith("repeats ")}
    assert set(repeats) == set(amc_takes)
    distances = [float(re.search(r": ([\d.]+) mm mean", reason)[1]) for reason in repeats.values()]  # type: ignore[index]
    assert min(distances) > 30.0
    assert max(distances) < 0.9 * settings.repeat_bound_mm
    walk, other_walk = (
        amc_takes["cmu_asfamc/02_01.amc.gz"],
        next(clip for clip in clips if clip.name == "2/02_02/2"),
    )
    assert difference(walk, Take(other_walk, 0)).mean_mm > 1.05 * settings.repeat_bound_mm


def test_amc_bones_have_the_lengths_of_their_asf(
    amc_takes: dict[str, Take], amc_facts: dict[str, Any]
) -> None:
    for file, take in amc_takes.items():
        thigh = joint(take.clip.positions_world, "LHip") - joint(take.clip.positions_world, "LKnee")
        lengths = np.linalg.norm(thigh, axis=-1)
        expected = float(amc_facts[file]["lfemur_len"]) / 0.45 * 0.0254
        np.testing.assert_allclose(lengths, expected, atol=1e-4)


def test_an_amc_has_all_bones_and_its_own_skeleton() -> None:
    path = FOLDER / "cmu_asfamc" / "03_01.amc.gz"
    assert find_asf(path).name == "03.asf"
    assert len(read_amc(path, find_asf(path)).names) == 31


def test_bones_keep_their_length_and_bodies_their_height(clips: list[Clip]) -> None:
    for clip in clips:
        for start, end in RIGID_BONES:
            lengths = np.linalg.norm(
                joint(clip.positions_world, end) - joint(clip.positions_world, start), axis=-1
            )
            assert np.ptp(lengths) < 1e-4, (clip.origin, start, end)
        assert 1.4 < body_height(clip.positions_world.astype(np.float64)) < 1.9, clip.origin


def test_left_is_left_and_bodies_face_forwards(clips: list[Clip], amc_takes: dict[str, Take]) -> None:
    for clip in [*clips, *(take.clip for take in amc_takes.values())]:
        positions = clip.positions_world
        place = {name: joint(positions, name) for name in H36M_32.names}
        # Left cross up is forwards, for a body that lies or bends too.
        front = np.cross(place["LHip"] - place["RHip"], place["Neck"] - place["Hips"])
        for name, forward in {
            "toes": place["RToeBase"] - place["RAnkle"] + place["LToeBase"] - place["LAnkle"],
            "knees": 2 * place["RKnee"] - place["RHip"] - place["RAnkle"],
            "face": 2 * place["HeadCentre"] - place["Neck"] - place["HeadBack"],
        }.items():
            share = np.mean(np.sum(forward * front, axis=-1) > 0)
            assert share > 0.8, (clip.origin, name, share)
        for name in ("Shoulder", "Elbow"):
            across = place[f"L{name}"] - place[f"R{name}"]
            share = np.mean(np.sum(across * (place["LHip"] - place["RHip"]), axis=-1) > 0)
            assert share > 0.8, (clip.origin, name, share)


def test_clips_stand_on_the_floor_around_the_origin(clips: list[Clip]) -> None:
    for clip in clips:
        feet = np.minimum(
            joint(clip.positions_world, "LToeEnd")[:, 2], joint(clip.positions_world, "RToeEnd")[:, 2]
        )
        head = joint(clip.positions_world, "HeadBack")[:, 2]
        assert np.mean(feet < head) > 0.99, clip.origin
        assert abs(np.percentile(feet, 5)) < 0.1, clip.origin
        hips = joint(clip.positions_world, "Hips")[:, :2]
        np.testing.assert_allclose(hips.min(axis=0) + hips.max(axis=0), 0.0, atol=1e-4)
        assert np.isfinite(clip.positions_world).all()
