from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.params.poses import MocapSettings
from ige.poses.clips import Skipped
from ige.poses.mocap.folder import read_folder

Settings = Callable[..., MocapSettings]


@pytest.fixture
def put(
    tmp_path: Path,
    trees: dict[str, Any],
    bvh_text: Callable[..., str],
    arm_swing: Callable[..., Any],
    write_file: Callable[[Path, str], Path],
) -> Callable[..., None]:
    """Put a clip of a swinging arm into the folder."""

    def write(
        file: str, *, frames: int = 30, degrees: float = 30.0, fps: float = 60.0, t_pose: int = 0
    ) -> None:
        poses = [{"at": (0.0, 90.0, 0.0)}] * t_pose + arm_swing(frames, degrees)
        write_file(tmp_path / file, bvh_text(trees["daz-43"], poses, 1 / fps))

    return write


def test_clips_come_in_natural_order_whatever_the_files(tmp_path: Path, put: Any, settings: Settings) -> None:
    for file in ("b/10_01.bvh", "a/9_10.bvh.gz", "9_02.bvh", "002_01.bvh"):
        put(file)
    clips, skipped = read_folder(tmp_path, settings())
    assert [clip.name for clip in clips] == ["2/02_01/1", "9/09_02/2", "9/09_10/10", "10/10_01/1"]
    assert [clip.origin for clip in clips] == ["002_01.bvh", "9_02.bvh", "a/9_10.bvh.gz", "b/10_01.bvh"]
    assert skipped == []


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh")
    first, second = read_folder(tmp_path, settings())[0], read_folder(tmp_path, settings())[0]
    np.testing.assert_array_equal(first[0].positions_world, second[0].positions_world)
    assert first[0].notes == second[0].notes


def test_what_is_no_motion_is_left_alone(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh")
    for name in ("clips.csv", "readme.txt", "LICENSE", "01.asf", "notes.gz"):
        (tmp_path / name).write_text("nothing")
    clips, skipped = read_folder(tmp_path, settings())
    assert (len(clips), skipped) == (1, [])


def test_dropped_t_poses_and_skipped_files_are_rows(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh", t_pose=3)
    put("01_02.bvh")
    (tmp_path / "broken_1.bvh").write_text("nothing that is read")
    skip = [{"pattern": "broken_*", "reason": "sensor fell off"}]
    clips, skipped = read_folder(tmp_path, settings(skip=skip))
    assert [len(clip.positions_world) for clip in clips] == [30, 30]
    assert skipped == [
        Skipped("01_01.bvh frames 0-2", 3, "leading T-pose, not part of the motion"),
        Skipped("broken_1.bvh", 0, "left out by the settings: sensor fell off"),
    ]
    assert len(read_folder(tmp_path, settings(skip=skip, drop_t_pose=False))[0][0].positions_world) == 33


def test_patterns_set_facts_and_the_first_counts(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("dance/salsa_05.bvh", fps=120.0)
    put("dance/indian_07.bvh", fps=120.0)
    files = [
        {"pattern": "dance/salsa_*", "subject": "60", "fps": 60.0, "licence": "MIT"},
        {"pattern": "dance/*", "subject": "94", "licence": "other"},
    ]
    clips, _ = read_folder(tmp_path, settings(files=files))
    assert [(clip.name, clip.fps, clip.licence) for clip in clips] == [
        ("60/salsa/5", 60.0, "MIT"),
        ("94/indian/7", 120.0, "other"),
    ]


def test_a_manifest_names_the_clips(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("x.bvh")
    put("sub/y.bvh.gz")
    (tmp_path / "who.csv").write_text(
        "file,subject,action,take\nx.bvh,bert,run,2\nsub/y.bvh.gz,anna,walk,1\n"
    )
    clips, _ = read_folder(tmp_path, settings(manifest="who.csv"))
    assert [(clip.name, clip.origin) for clip in clips] == [
        ("anna/walk/1", "sub/y.bvh.gz"),
        ("bert/run/2", "x.bvh"),
    ]


def test_a_repeat_is_compared_and_listed(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh", frames=30, fps=60.0, t_pose=2)
    put("other/001_01.bvh.gz", frames=60, fps=120.0, t_pose=4)
    clips, skipped = read_folder(tmp_path, settings(repeats=["other/*"]))
    assert [clip.origin for clip in clips] == ["01_01.bvh"]
    assert [(row.id, row.frames) for row in skipped] == [
        ("01_01.bvh frames 0-1", 2),
        ("other/001_01.bvh.gz", 64),
    ]
    assert skipped[1].reason.startswith("repeats 01_01.bvh: 0.")
    assert "mm mean Procrustes difference" in skipped[1].reason


def _fails(folder: Path, settings: MocapSettings, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_folder(folder, settings)
    assert "\n" not in str(caught.value)


def test_another_motion_is_no_repeat(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh", frames=40)
    put("other/01_01.bvh", frames=40, degrees=-80.0)
    message = r"other/01_01\.bvh: not a repeat of 01_01\.bvh: expected at most 20 mm .* found \d+\.\d mm over"
    _fails(tmp_path, settings(repeats=["other/*"], repeat_bound_mm=20.0), message)


def test_a_part_is_no_repeat(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh", frames=100, degrees=0.0)
    put("other/01_01.bvh", frames=60, degrees=0.0)
    _fails(
        tmp_path, settings(repeats=["other/*"]), "not a repeat of .* over 90% of it, found 0.0 mm over 60%"
    )


def test_a_repeat_of_nothing_is_refused(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh")
    put("other/01_02.bvh")
    message = (
        r"other/01_02\.bvh: listed under .*repeats, but no other file claims subject 1, action 01_02, take 2"
    )
    _fails(tmp_path, settings(repeats=["other/*"]), message)


def test_two_files_of_one_claim_are_refused(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh")
    put("other/001_01.bvh")
    message = (
        "two files claim subject 1, action 01_01, take 1: "
        r"found 01_01\.bvh and other/001_01\.bvh. .*poses\.mocap\.repeats"
    )
    _fails(tmp_path, settings(), message)


def test_what_is_fetched_may_lack_repeats(tmp_path: Path, put: Any, settings: Settings) -> None:
    put("01_01.bvh")
    fetched = settings(repeats=["amc/*"], fetch=["some-group"])
    clips, skipped = read_folder(tmp_path, fetched)
    assert (len(clips), len(skipped)) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"files": [{"pattern": "walk*", "fps": 60.0}]},
            r"'walk\*' of poses\.mocap\.files fits no motion file",
        ),
        ({"repeats": ["amc/*"]}, r"'amc/\*' of poses\.mocap\.repeats fits no motion file"),
        ({"skip": [{"pattern": "x", "reason": ""}]}, "'x' of poses.mocap.skip fits no motion file"),
        ({"manifest": "lost.csv"}, r"lost\.csv: no such file"),
        ({"manifest": "who.csv"}, r"who\.csv, line 2: the manifest names 'lost\.bvh'"),
        ({"manifest": "less.csv"}, r"02_01\.bvh: a motion file that the manifest does not name"),
    ],
)
def test_settings_that_do_not_fit_the_folder_are_one_line(
    tmp_path: Path, put: Any, settings: Settings, changes: dict[str, Any], message: str
) -> None:
    put("01_01.bvh")
    put("02_01.bvh")
    (tmp_path / "who.csv").write_text("file,subject,action,take\nlost.bvh,a,b,1\n")
    (tmp_path / "less.csv").write_text("file,subject,action,take\n01_01.bvh,a,b,1\n")
    _fails(tmp_path, settings(**changes), message)


def test_missing_and_empty_folders_are_one_line(tmp_path: Path, settings: Settings) -> None:
    _fails(tmp_path / "lost", settings(), "lost: no such folder: expected a folder of BVH or AMC files")
    (tmp_path / "readme.txt").write_text("")
    _fails(tmp_path, settings(), r"no motion files: expected files that end in \.bvh, \.amc")


def test_an_amc_without_skeleton_is_one_line(tmp_path: Path, settings: Settings, amc_text: str) -> None:
    (tmp_path / "01_01.amc").write_text(amc_text)
    _fails(tmp_path, settings(), r"01_01\.amc: no ASF skeleton for this AMC file")


def test_an_amc_of_an_own_rig_is_read(
    tmp_path: Path, settings: Settings, asf_text: str, amc_text: str, trees: dict[str, Any]
) -> None:
    (tmp_path / "01.asf").write_text(asf_text.replace("length 0.5", "length 0.3"))
    (tmp_path / "01_01.amc").write_text(amc_text)
    _fails(tmp_path, settings(), r"01_01\.amc: unknown rig: .* found root, spine, thigh, shin\. Closest is")
    place = {"Hip": "root", "Knee": "thigh", "Ankle": "shin", "ToeBase": "shin", "ToeEnd": "shin"}
    arm = dict.fromkeys(("Shoulder", "Elbow", "Wrist", "ThumbEnd", "HandEnd"), "spine")
    points: dict[str, Any] = {
        f"{side}{name}": joint for side in "LR" for name, joint in {**place, **arm}.items()
    }
    points |= {
        "Spine": {"root": 0.5, "spine": 0.5},
        "Neck": "spine",
        "HeadCentre": "spine",
        "HeadBack": "spine",
    }
    rig = {"name": "stick", "description": "", "metres_per_unit": None, "up": "y", "points": points}
    (tmp_path / "stick.rig.json").write_text(json.dumps(rig))
    clips, _ = read_folder(tmp_path, settings())
    assert clips[0].fps == 120.0
    # Thigh 8, shin 6, spine 4 units of 0.0254 / 0.3 m.
    head = clips[0].positions_world[0, 15, 2]
    assert head == pytest.approx(18 * 0.0254 / 0.3, abs=0.05)
