"""Every error that a user can cause: exit code 2 and one line on standard error that says where to look."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ige.cli import main
from ige.geometry.skeletons import H36M_32
from ige.params.load import merge, validate, write_params
from ige.params.models import LifterSettings
from ige.poses.clips import Clip, write_clips
from ige.poses.models import Definition, build_model, save_pose_model
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

Arguments = list[str]
Case = tuple[Arguments, str]  # the command line, and what its line must hold


class Desk:
    """A folder of a user's files, to be spoilt, and the command lines that read them."""

    def __init__(self, folder: Path, values: dict[str, Any]) -> None:
        self.folder = folder
        self.values = values
        self.files: dict[str, Any] = {}

    def settings(self, over: dict[str, Any], *, checked: bool = True) -> str:
        path = self.folder / "params.json"
        merged = merge(self.values, over)
        if checked:
            write_params(path, validate(merged))
        else:
            path.write_text(json.dumps(merged))
        return str(path)

    def prepare_clips(self, settings: str, *, out: str = "clips.h5") -> Arguments:
        paths = {"folder": "mocap", "out": out, "skipped": "skipped.csv"}
        return ["prepare-clips", "--settings", settings, *self._options(paths)]

    def motions(self, files: dict[str, str | bytes], **mocap: Any) -> Arguments:
        """`prepare-clips` on a folder of motion files."""
        (self.folder / "mocap").mkdir()
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (self.folder / "mocap" / name).write_bytes(data)
        return self.prepare_clips(self.settings({"poses": {"source": "mocap", "mocap": mocap}}))

    def params(self, over: dict[str, Any]) -> Arguments:
        """`prepare-clips` with parameters that are not valid."""
        return self.prepare_clips(self.settings(over, checked=False))

    def lift(self, *, skeleton: str = "mpii16", out: str = "poses.npy", **changes: Any) -> Arguments:
        """`lift` on a model, keypoints and camera without fault but for the changes."""
        definition = Definition(LifterSettings(kind="lifter", width=8, blocks=1, dropout=0.0, initial=None), None)
        model = build_model(definition, depth_bias_m=5.0, generator=torch.Generator().manual_seed(0))
        path = self.folder / "model.pt"
        save_pose_model(path, definition, model.state_dict(), {"bone_length_m": 4.25})
        keypoints = np.random.default_rng(0).uniform(300, 700, (2, 16, 2))
        np.save(self.folder / "keypoints.npy", changes.get("keypoints", keypoints))
        camera = changes.get("camera", {"focal": [1145.0, 1144.0], "centre": [512.0, 515.0]})
        (self.folder / "camera.json").write_text(json.dumps(camera))
        files = {"model": "model.pt", "keypoints": "keypoints.npy", "camera": "camera.json", "out": out}
        return ["lift", "--skeleton", skeleton, *self._options(files)]

    def clips(self) -> Path:
        """A file of clips without fault, of subject S1 alone."""
        positions = np.random.default_rng(0).uniform(-0.5, 0.5, (4, len(H36M_32.names), 3)).astype(np.float32)
        facts = {"fps": 50.0, "licence": "none", "origin": "procedural"}
        path = self.folder / "clips.h5"
        write_clips(path, [Clip(positions, "S1", "Walking", "1", **facts)], "procedural")
        return path

    def pairs(self, split: str, over: dict[str, Any]) -> Arguments:
        """`prepare-lifting-set` on the file of clips."""
        files = {"clips": "clips.h5", "out": "pairs.h5", "skipped": "skipped.csv"}
        return ["prepare-lifting-set", "--settings", self.settings(over), "--split", split, *self._options(files)]

    def train(self) -> Arguments:
        """`train-poses` on train.h5 and validation.h5."""
        names = ("train.h5", "validation.h5", "checkpoints", "model.pt", "history.csv", "run.json")
        options = ("train", "validation", "checkpoints", "models", "histories", "records")
        paths = self._options(dict(zip(options, names, strict=True)))
        return ["train-poses", "--settings", self.settings({}), "--model", "mean-pose", "--initials", *paths]

    def tabulate(self) -> Arguments:
        """`tabulate-poses` on score.json."""
        names = {"scores": "score.json", "csv": "t.csv", "markdown": "t.md", "latex": "t.tex", "record": "r.json"}
        return ["tabulate-poses", *self._options(names)]

    def _options(self, paths: dict[str, str]) -> Arguments:
        return [word for name, path in paths.items() for word in (f"--{name}", str(self.folder / path))]


def spoilt(path: Path) -> None:
    """Damage a file as a bad disk would: as long as before, with other bytes in its middle."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle - 64 : middle + 64] = bytes(byte ^ 0xFF for byte in data[middle - 64 : middle + 64])
    path.write_bytes(data)


def bvh(old: str, new: str) -> Callable[[Desk], Case]:
    """A motion file with one fault."""
    assert old in BVH
    return lambda desk: (desk.motions({"02_01.bvh": BVH.replace(old, new)}), "mocap/02_01.bvh")


def two_of_one_claim(desk: Desk) -> Case:
    return desk.motions({"02_01.bvh": BVH, "002_01.bvh": BVH}), "mocap: two files claim subject 2, action 02_01"


def manifest_of_a_missing_file(desk: Desk) -> Case:
    rows = "file,subject,action,take\n02_01.bvh,S1,Walking,1\n02_02.bvh,S1,Walking,2\n"
    arguments = desk.motions({"02_01.bvh": BVH, "m.csv": rows}, manifest="m.csv")
    return arguments, "mocap/m.csv, line 3: the manifest names '02_02.bvh'"


def truncated_gzip(desk: Desk) -> Case:
    return desk.motions({"02_01.bvh.gz": gzip.compress(BVH.encode())[:-20]}), "02_01.bvh.gz: damaged or truncated"


def nan_keypoints(desk: Desk) -> Case:
    return desk.lift(keypoints=np.full((2, 16, 2), np.nan)), "keypoints.npy: "


def model_of_another_kind(kind: str) -> Callable[[Desk], Case]:
    def make(desk: Desk) -> Case:
        arguments = desk.lift()
        write_arrays(desk.folder / "model.pt", kind, {"a": np.zeros(3)}, {})
        return arguments, "model.pt: "

    return make


def corrupt_model(desk: Desk) -> Case:
    arguments = desk.lift()
    spoilt(desk.folder / "model.pt")
    return arguments, "model.pt: corrupt or edited"


def missing_model(desk: Desk) -> Case:
    arguments = desk.lift()
    (desk.folder / "model.pt").unlink()
    return arguments, "model.pt: no such file"


def corrupt_clips(desk: Desk) -> Case:
    spoilt(desk.clips())
    return desk.pairs("train", {}), "clips.h5: corrupt or edited"


def unknown_subject(desk: Desk) -> Case:
    desk.clips()
    splits = {"train": ["S1"], "test": ["S99"]}
    return desk.pairs("test", {"poses": {"lifting": {"splits": splits}}}), "clips.h5: "


def corrupt_train_set(desk: Desk) -> Case:
    for name in ("train.h5", "validation.h5"):
        write_arrays(desk.folder / name, "lifting-set", {"observed": np.zeros((64, 16, 2))}, {})
    spoilt(desk.folder / "train.h5")
    return desk.train(), "train.h5: corrupt or edited"


def score_of_another_kind(desk: Desk) -> Case:
    write_record(desk.folder / "score.json", "provenance", {"model": "ige-t2"})
    return desk.tabulate(), "score.json: a record of another kind: expected pose-scores, found provenance"


def edited_score(desk: Desk) -> Case:
    path = desk.folder / "score.json"
    write_record(path, "pose-scores", {"model": "ige-t2", "error": 62.5})
    path.write_text(path.read_text().replace("62.5", "42.5"))
    return desk.tabulate(), "score.json: corrupt or edited"


def file_for_a_folder(desk: Desk) -> Case:
    (desk.folder / "data").write_text("a file where the folder should be")
    procedural = {"subjects": ["S1"], "actions": ["Walking"], "takes": 1, "seconds": 0.2}
    arguments = desk.prepare_clips(desk.settings({"poses": {"procedural": procedural}}), out="data/clips.h5")
    return arguments, "data/clips.h5: cannot be written"


CAMERA = {"centre": [500.0, 500.0]}
CASES: dict[str, Callable[[Desk], Case]] = {
    "truncated BVH": bvh("1 2 3\n", ""),
    "BVH cut within its skeleton": bvh(BVH[BVH.index("End Site") :], ""),
    "channels that do not match": bvh("1 2 3", "1 2 3 4"),
    "NaN in BVH": bvh("1 2 3", "1 nan 3"),
    "no frames": bvh("Frames: 2\nFrame Time: 0.01\n0 0 0\n1 2 3\n", "Frames: 0\nFrame Time: 0.01\n"),
    "two roots": bvh("MOTION", "ROOT Other\n{\nOFFSET 0 0 0\nCHANNELS 0\n}\nMOTION"),
    "unknown rig": bvh("Hips", "Basin"),
    "empty folder": lambda desk: (desk.motions({}), "mocap: no motion files"),
    "binary file": lambda desk: (desk.motions({"02_01.bvh": bytes(range(256))}), "02_01.bvh: not a text file"),
    "AMC without ASF": lambda desk: (desk.motions({"02_01.amc": ":FULLY-SPECIFIED\n"}), "02_01.amc: no ASF"),
    "two files of one claim": two_of_one_claim,
    "manifest of a missing file": manifest_of_a_missing_file,
    "truncated gzip": truncated_gzip,
    "too few joints": lambda desk: (desk.lift(keypoints=np.ones((2, 15, 2))), "keypoints.npy: keypoints of another"),
    "NaN keypoints": nan_keypoints,
    "no focal length": lambda desk: (desk.lift(camera=CAMERA), "camera.json: a camera without focal length"),
    "unknown key of camera": lambda desk: (desk.lift(camera={"focals": [1, 1], **CAMERA}), "camera.json: unknown"),
    "lifting set as model": model_of_another_kind("lifting-set"),
    "clips as model": model_of_another_kind("clips"),
    "corrupt model": corrupt_model,
    "missing model": missing_model,
    "unknown suffix": lambda desk: (desk.lift(out="poses.txt"), "poses.txt: unknown suffix"),
    "unknown skeleton": lambda desk: (desk.lift(skeleton="coco18"), "found coco18"),
    "corrupt clips": corrupt_clips,
    "unknown subject in a split": unknown_subject,
    "corrupt train set": corrupt_train_set,
    "score of another kind": score_of_another_kind,
    "edited score": edited_score,
    "file for a folder": file_for_a_folder,
}  # fmt: skip
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"poses": {"lifting": {"frame_stepp": 2}}}, "poses.lifting.frame_stepp"),
    "wrong type": ({"poses": {"lifting": {"frame_step": "two"}}}, "poses.lifting.frame_step"),
    "wrong choice": ({"poses": {"source": "mocapp"}}, "poses.source"),
    "undefined model": ({"train": {"poses": ["ige-t5"]}}, "train.poses"),
}


@pytest.fixture
def desk(tmp_path: Path, values: dict[str, Any]) -> Desk:
    return Desk(tmp_path, values)


@pytest.mark.parametrize("name", CASES)
def test_an_error_of_the_user_is_one_line_that_names_its_file(
    name: str, desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments, told = CASES[name](desk)
    code = main(arguments)
    said = capfd.readouterr()
    print(said.err)
    assert code == 2
    assert said.err.startswith(f"ige {arguments[0]}: ")
    assert said.err.count("\n") == 1
    assert told in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_parameters_is_one_screen(
    name: str, desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    over, place = FAULTS[name]
    assert main(desk.params(over)) == 2
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "ige prepare-clips: The parameters are not valid:"
    assert 2 <= len(lines) <= SCREEN
    assert place in lines[1]
    assert all(line.startswith("  ") for line in lines[1:])


def test_files_without_fault_are_lifted(desk: Desk) -> None:
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


def test_a_full_disk_is_one_line_and_leaves_nothing(desk: Desk, small_disk: Path) -> None:
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
