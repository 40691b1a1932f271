"""The commands hand on what they are told, and refuse models that the settings do not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ige.cli import main
from ige.params import stages
from ige.params.load import write_params
from ige.params.params import Params

Told = dict[str, Any]


@pytest.fixture
def settings(tmp_path: Path, params: Params) -> str:
    write_params(tmp_path / "params.json", params)
    return str(tmp_path / "params.json")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the stages were called with."""
    calls: Told = {}
    for name, stage in (("train", "train_shapes"), ("evaluate", "evaluate_shapes")):
        # Stages return nothing.
        monkeypatch.setattr(f"ige.shapes.voxels.{name}.{stage}", lambda **known: calls.update(known))
    return calls


def paths(folder: Path, **names: list[str]) -> tuple[list[str], dict[str, list[Path]]]:
    found = {name: [folder / each for each in files] for name, files in names.items()}
    words = [[f"--{name}", *map(str, files)] for name, files in found.items()]
    return [word for option in words for word in option], found


def test_evaluate_shapes_hands_on_its_files(
    tmp_path: Path, settings: str, params: Params, told: Told
) -> None:
    words, files = paths(
        tmp_path, test=["a.h5", "b.h5"], models=["0.pt"], scores=["0.json"], records=["0.run.json"]
    )
    options = ["--code", "c", "--model", "ige@32", "--predictions", str(tmp_path / "e.h5"), *words]
    assert main(["evaluate-shapes", "--settings", settings, *options]) == 0
    expected = {"name": "ige@32", "predictions": tmp_path / "e.h5", "code": "c", "device": "auto", **files}
    assert told == {**expected, "settings": stages.evaluate_shapes(params, "ige@32")}


@pytest.mark.parametrize("folder", [None, "meshes"])
def test_train_shapes_hands_on_its_files(
    tmp_path: Path, settings: str, params: Params, told: Told, folder: str | None
) -> None:
    words, files = paths(
        tmp_path,
        train=["a.h5", "b.h5"],
        validation=["c.h5"],
        initials=[],
        models=["0.pt", "1.pt"],
        histories=["0.csv", "1.csv"],
        records=["0.json", "1.json"],
    )
    options = ["--code", "c", "--model", "deconv@64", "--device", "cpu", "--checkpoints", str(tmp_path)]
    chosen = [] if folder is None else ["--folder", folder]
    assert main(["train-shapes", "--settings", settings, *options, *chosen, *words]) == 0
    expected = {"name": "deconv@64", "checkpoints": tmp_path, "code": "c", "device": "cpu", **files}
    expected["folder"] = None if folder is None else Path(folder)
    assert told == {**expected, "settings": stages.train_shapes(params, "deconv@64")}


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("ige", "no name of a trained model of shapes"),
        ("ige@32@car@0", "no name of a trained model of shapes"),
        ("igel@32", "no model igel"),
        ("ige@48", "no grids of 48 cells per side"),
        ("ige@32@boat", "no category boat"),
    ],
)
@pytest.mark.parametrize("command", ["train-shapes", "evaluate-shapes"])
def test_a_model_that_is_not_there_is_told(
    tmp_path: Path, settings: str, command: str, model: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = {
        "train-shapes": ["train", "validation", "initials", "models", "histories", "records"],
        "evaluate-shapes": ["test", "models", "scores", "records"],
    }
    options, _ = paths(tmp_path, **{name: ["some"] for name in lists[command]})
    single = "--checkpoints" if command == "train-shapes" else "--predictions"
    assert main([command, "--settings", settings, "--model", model, single, "some", *options]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"ige {command}: {words}")
    assert said.count("\n") == 1
