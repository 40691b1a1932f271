"""A folder of a user's files, to be spoilt by the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ige.geometry.skeletons import H36M_32
from ige.params.load import merge, validate, write_params
from ige.params.models import LifterSettings
from ige.poses.clips import Clip, write_clips
from ige.poses.models import Definition, build_model, save_pose_model

Arguments = list[str]


class Desk:
    """A folder of a user's files, to be spoilt, and the command lines that read them."""

    def __init__(self, folder: Path, values: dict[str, Any]) -> None:
        self.folder = folder
        self.values = values

    def settings(self, over: dict[str, Any], *, checked: bool = True) -> str:
        path = self.folder / "params.json"
        merged = merge(self.values, over)
        if checked:
            write_params(path, validate(merged))
        else:
            path.write_text(json.dumps(merged))
        return str(path)

    def prepare_clips(self, settings: str, *, out: str = "clips.h5") -> Arguments:
        paths = {"folder": "mocap", "out": out, "skipped": "skipped.csv", "record": "clips.run.json"}
        return ["prepare-clips", "--settings", settings, *self._options(paths)]

    def motions(self, files: dict[str, str | bytes]) -> Arguments:
        """`prepare-clips` on a folder of motion files."""
        (self.folder / "mocap").mkdir()
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (self.folder / "mocap" / name).write_bytes(data)
        manifest = "manifest.csv" if "manifest.csv" in files else None
        mocap = {"source": "mocap", "mocap": {"manifest": manifest}}
        return self.prepare_clips(self.settings({"poses": mocap}))

    def params(self, over: dict[str, Any]) -> Arguments:
        """`prepare-clips` with parameters that are not valid."""
        return self.prepare_clips(self.settings(over, checked=False))

    def lift(self, *, skeleton: str = "mpii16", out: str = "poses.npy", **changes: Any) -> Arguments:
        """`lift` on a model, keypoints and camera without fault but for the changes."""
        settings = LifterSettings(kind="lifter", width=8, blocks=1, dropout=0.0, initial=None, scale="free")
        definition = Definition(settings, None)
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
        outputs = {"out": "pairs.h5", "skipped": "skipped.csv", "record": "pairs.run.json"}
        files = {"clips": "clips.h5", **outputs}
        settings = self.settings(over)
        chosen = ["--observation", "projection", "--split", split]
        return ["prepare-lifting-set", "--settings", settings, *chosen, *self._options(files)]

    def train(self) -> Arguments:
        """`train-poses` on train.h5 and validation.h5."""
        names = ("train.h5", "validation.h5", "checkpoints", "model.pt", "history.csv", "run.json")
        options = ("train", "validation", "checkpoints", "models", "histories", "records")
        paths = self._options(dict(zip(options, names, strict=True)))
        return ["train-poses", "--settings", self.settings({}), "--model", "mean-pose", "--initials", *paths]

    def tabulate(self) -> Arguments:
        """`tabulate-poses` on score.json."""
        tables = {"csv": "t.csv", "markdown": "t.md", "latex": "t.tex"}
        names = {"scores": "score.json", **tables, "record": "run.json"}
        return ["tabulate-poses", "--settings", self.settings({}), *self._options(names)]

    def _options(self, paths: dict[str, str]) -> Arguments:
        return [word for name, path in paths.items() for word in (f"--{name}", str(self.folder / path))]


@pytest.fixture
def desk(tmp_path: Path, values: dict[str, Any]) -> Desk:
    return Desk(tmp_path, values)
