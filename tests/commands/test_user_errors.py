"""Every error that a user can cause: exit code 2 and one line on standard error that says where to look."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ige.cli import main
from ige.storage.arrays import write_arrays
from ige.storage.records import write_record

BVH = """HIERARCHY
ROOT Hips
{
OFFSET 0 0 0
CHANNELS 3 Zrotation Xrotation Yrotation
End Site
{
OFFSET 0 1 0
}
}
MOTION
Frames: 2
Frame Time: 0.01
0 0 0
1 2 3
"""
SCREEN = 24

Case = tuple[list[str], str]  # the command line, and what its line must hold


def spoilt(path: Path) -> None:
    """Damage a file as a bad disk would: as long as before, with other bytes in its middle half."""
    data = bytearray(path.read_bytes())
    # So much that it cannot all fall into the gaps that HDF5 leaves.
    begin, end = len(data) // 4, 3 * len(data) // 4
    data[begin:end] = bytes(byte ^ 0xFF for byte in data[begin:end])
    path.write_bytes(data)


def model_of_another_kind(desk: Any, kind: str) -> Case:
    arguments = desk.lift()
    write_arrays(desk.folder / "model.pt", kind, {"a": np.zeros(3)}, {})
    return arguments, "model.pt: no .pt file of ige's: expected a file of kind pose-model"


def corrupt_model(desk: Any) -> Case:
    arguments = desk.lift()
    spoilt(desk.folder / "model.pt")
    return arguments, "model.pt: corrupt or edited"


def missing_model(desk: Any) -> Case:
    arguments = desk.lift()
    (desk.folder / "model.pt").unlink()
    return arguments, "model.pt: no such file"


def corrupt_clips(desk: Any) -> Case:
    spoilt(desk.clips())
    return desk.pairs("train", {}), "clips.h5: corrupt or edited"


def unknown_subject(desk: Any) -> Case:
    desk.clips()
    splits = {"train": ["S1"], "test": ["S99"]}
    arguments = desk.pairs("test", {"poses": {"lifting": {"splits": splits}}})
    return arguments, "clips.h5: poses.lifting.splits.test names subjects that no clip has"


def corrupt_train_set(desk: Any) -> Case:
    for name in ("train.h5", "validation.h5"):
        write_arrays(desk.folder / name, "lifting-set", {"observed": np.zeros((64, 16, 2))}, {})
    spoilt(desk.folder / "train.h5")
    return desk.train(), "train.h5: corrupt or edited"


def score_of_another_kind(desk: Any) -> Case:
    write_record(desk.folder / "score.json", "provenance", {"model": "ige-t2"})
    return desk.tabulate(), "score.json: a record of another kind: expected pose-scores, found provenance"


def edited_score(desk: Any) -> Case:
    path = desk.folder / "score.json"
    write_record(path, "pose-scores", {"model": "ige-t2", "error": 62.5})
    path.write_text(path.read_text().replace("62.5", "42.5"))
    return desk.tabulate(), "score.json: corrupt or edited"


def file_for_a_folder(desk: Any) -> Case:
    (desk.folder / "data").write_text("a file where the folder should be")
    procedural = {"subjects": ["S1"], "actions": ["Walking"], "takes": 1, "seconds": 0.2}
    arguments = desk.prepare_clips(desk.settings({"poses": {"procedural": procedural}}), out="data/clips.h5")
    return arguments, "data/clips.h5: cannot be written"


CENTRE = {"centre": [500.0, 500.0]}
FRAMES = "Frames: 2\nFrame Time: 0.01\n0 0 0\n1 2 3\n"
SECOND_ROOT = "ROOT Other\n{\nOFFSET 0 0 0\nCHANNELS 0\n}\nMOTION"
MANIFEST = "file,subject,action,take\n02_01.bvh,S1,Walking,1\n02_02.bvh,S1,Walking,2\n"

# What is replaced in a motion file by what, and what its line says.
MOTION_FAULTS = {
    "truncated BVH": ("1 2 3\n", "", ": Frames does not match"),
    "BVH cut within its skeleton": (BVH[BVH.index("End Site") :], "", ": no MOTION section"),
    "channels that do not match": ("1 2 3", "1 2 3 4", ", line 15: a frame has the wrong number of values"),
    "NaN in BVH": ("1 2 3", "1 nan 3", ", line 15: a frame holds a value that is not a finite number"),
    "no frames": (FRAMES, "Frames: 0\nFrame Time: 0.01\n", ", line 12: no frames"),
    "two roots": ("MOTION", SECOND_ROOT, ", line 11: a second root"),
    "unknown rig": ("Hips", "Basin", ": unknown rig"),
}
FOLDER_FAULTS: dict[str, tuple[dict[str, str | bytes], str]] = {
    "empty folder": ({}, "mocap: no motion files"),
    "binary file": ({"02_01.bvh": bytes(range(256))}, "02_01.bvh: not a text file"),
    "AMC without ASF": ({"02_01.amc": ":FULLY-SPECIFIED\n"}, "02_01.amc: no ASF skeleton"),
    "two files of one claim": ({"02_01.bvh": BVH, "002_01.bvh": BVH}, "mocap: two files claim subject 2"),
    "truncated gzip": ({"02_01.bvh.gz": gzip.compress(BVH.encode())[:-20]}, "02_01.bvh.gz: damaged"),
    "manifest of a missing file": (
        {"02_01.bvh": BVH, "manifest.csv": MANIFEST},
        "manifest.csv, line 3: the manifest names '02_02.bvh'",
    ),
}
LIFT_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "too few joints": ({"keypoints": np.ones((2, 15, 2))}, "keypoints.npy: keypoints of another shape"),
    "NaN keypoints": ({"keypoints": np.full((2, 16, 2), np.nan)}, "keypoints.npy: frame 0: "),
    "no focal length": ({"camera": CENTRE}, "camera.json: a camera without focal length"),
    "unknown key of camera": ({"camera": {"focals": [1, 1], **CENTRE}}, "camera.json: unknown name 'focals'"),
    "unknown suffix": ({"out": "poses.txt"}, "poses.txt: unknown suffix"),
    "unknown skeleton": ({"skeleton": "coco18"}, "unknown skeleton of keypoints"),
}
OTHER_FAULTS: dict[str, Callable[[Any], Case]] = {
    "lifting set as model": lambda desk: model_of_another_kind(desk, "lifting-set"),
    "clips as model": lambda desk: model_of_another_kind(desk, "clips"),
    "corrupt model": corrupt_model,
    "missing model": missing_model,
    "corrupt clips": corrupt_clips,
    "unknown subject in a split": unknown_subject,
    "corrupt train set": corrupt_train_set,
    "score of another kind": score_of_another_kind,
    "edited score": edited_score,
    "file for a folder": file_for_a_folder,
}


def spoil(desk: Any, name: str) -> Case:
    """Bring about the fault of this name."""
    if name in MOTION_FAULTS:
        old, new, told = MOTION_FAULTS[name]
        assert old in BVH
        return desk.motions({"02_01.bvh": BVH.replace(old, new)}), f"mocap/02_01.bvh{told}"
    if name in FOLDER_FAULTS:
        files, told = FOLDER_FAULTS[name]
        return desk.motions(files), told
    if name in LIFT_FAULTS:
        changes, told = LIFT_FAULTS[name]
        return desk.lift(**changes), told
    return OTHER_FAULTS[name](desk)


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"poses": {"lifting": {"frame_stepp": 2}}}, "poses.lifting.frame_stepp"),
    "wrong type": ({"poses": {"lifting": {"frame_step": "two"}}}, "poses.lifting.frame_step"),
    "wrong choice": ({"poses": {"source": "mocapp"}}, "poses.source"),
    "undefined model": ({"train": {"poses": ["ige-t5"]}}, "train.poses"),
}


@pytest.mark.parametrize("name", [*MOTION_FAULTS, *FOLDER_FAULTS, *LIFT_FAULTS, *OTHER_FAULTS])
def test_an_error_of_the_user_is_one_line_that_names_its_file(
    name: str, desk: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, told = spoil(desk, name)
    code = main(arguments)
    said = capfd.readouterr()
    assert code == 2
    assert said.err.startswith(f"ige {arguments[0]}: ")
    assert said.err.count("\n") == 1
    assert told in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_parameters_is_one_screen(
    name: str, desk: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    over, place = FAULTS[name]
    assert main(desk.params(over)) == 2
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "ige prepare-clips: The parameters are not valid:"
    assert 2 <= len(lines) <= SCREEN
    assert place in lines[1]
    assert all(line.startswith("  ") for line in lines[1:])


def test_files_without_fault_are_lifted(desk: Any) -> None:
    assert main(desk.lift()) == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("a small file system needs mount")
    options = ["-t", "tmpfs", "-o", "size=300k", "ige-test", str(folder)]
    done = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small file system may not be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_leaves_nothing(desk: Any, small_disk: Path) -> None:
    procedural = {"subjects": ["S1"], "actions": ["Walking"], "takes": 1, "seconds": 30.0}
    settings = desk.settings({"poses": {"procedural": procedural}})
    arguments = desk.prepare_clips(settings, out="disk/clips.h5")
    command = [sys.executable, "-m", "ige", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if " INFO " not in line]
    assert len(told) == 1, done.stderr
    assert told[0].startswith(f"ige prepare-clips: {small_disk / 'clips.h5'}: cannot be written")
    assert "the disk is full" in told[0]
    assert list(small_disk.iterdir()) == []
