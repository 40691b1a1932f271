"""The tools for meshes and shards as a user calls them, and the stages of shapes, one after the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image

from ige.cli import main
from ige.storage.provenance import read_provenance

# A box of 4 x 2 x 1 whose sides are squares of four corners.
BOX = (
    "v 0 0 0\nv 4 0 0\nv 4 1 0\nv 0 1 0\nv 0 0 2\nv 4 0 2\nv 4 1 2\nv 0 1 2\n"
    "f 1 2 3 4\nf 5 6 7 8\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 5 8\n"
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Call `ige`; give exit code, standard output and standard error."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else 1
        said = capfd.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.obj"
    path.write_text(BOX)
    return path


@pytest.mark.parametrize("suffix", ["npz", "h5"])
def test_voxelise_keeps_its_contract(suffix: str, run: Run, box: Path, tmp_path: Path) -> None:
    out, picture = tmp_path / f"grid.{suffix}", tmp_path / "out.png"
    view = ["--azimuth", "30", "--elevation", "28"]
    code, said, error = run(
        "voxelise", box, "--resolution", "40", *view, "--out", out, "--picture", picture, "--json"
    )
    assert (code, error) == (0, "")
    told = json.loads(said)
    assert (told["level"], told["closed"], told["leak"], told["retries"]) == ("exact", True, False, 0)
    assert told["volume"] == pytest.approx(8.0 / 21.0**1.5, rel=0.05)
    assert told["milliseconds"] > 0.0
    read: Any = np.load(out) if suffix == "npz" else h5py.File(out)
    with read:
        values = {name: read[name][()] for name in ("occupancy", "camera", "near", "far", "focal")}
    assert values["occupancy"].shape == (40, 40, 40)
    assert values["occupancy"].dtype == np.bool_
    assert values["camera"].shape == (3, 4)
    assert values["near"] < values["far"]
    np.testing.assert_array_equal(values["camera"], told["camera"])
    with Image.open(picture) as image:
        assert image.format == "PNG"


def test_the_guide_finds_the_cells_in_the_world(
    run: Run, box: Path, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("voxelise", box, "--resolution", "32", "--up", "z", "--out", tmp_path / "car.npz")[0] == 0
    guide = (root / "docs" / "voxelise.md").read_text(encoding="utf-8")
    snippet = guide.split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    monkeypatch.chdir(tmp_path)
    exec(snippet, names)
    extents = np.array([4.0, 1.0, 2.0]) / np.sqrt(21.0)
    assert len(names["points_world"]) == names["occupancy"].sum()
    assert (np.abs(names["points_world"]) <= extents / 2.0 + 1e-9).all()
    np.testing.assert_allclose(np.ptp(names["points_world"], axis=0), extents, atol=2.5 / 32)


def test_the_summary_is_for_people(run: Run, box: Path, tmp_path: Path) -> None:
    box.write_text(BOX.rsplit("f", 1)[0])
    code, said, error = run("voxelise", box, "--resolution", "64", "--out", tmp_path / "a.npz")
    assert (code, error) == (0, "")
    assert "10 faces, not closed" in said
    assert "y is up, as .obj files usually are (--up)" in said
    assert "leak: FLAGGED" in said
    assert "To mend it" in said
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(said)


def test_what_is_outside_the_frustum_is_no_error(run: Run, box: Path) -> None:
    box.write_text(BOX.replace("v 0", "v 100").replace("v 4", "v 104"))
    code, said, _ = run("voxelise", box, "--keep-scale", "--json", "--resolution", "16")
    assert code == 0
    assert json.loads(said)["empty"] is True


def test_a_rendered_image_matches_the_grid(run: Run, box: Path, tmp_path: Path) -> None:
    view = ["--azimuth", "-40", "--elevation", "10", "--up", "z"]
    assert run("render", box, *view, "--pixels", "48", "--out", tmp_path / "a.png")[0] == 0
    assert run("voxelise", box, *view, "--resolution", "48", "--out", tmp_path / "a.npz")[0] == 0
    with Image.open(tmp_path / "a.png") as image, np.load(tmp_path / "a.npz") as grid:
        mask, filled = np.asarray(image)[..., 3] > 127, grid["occupancy"].any(axis=2)
    assert (mask & filled).sum() > 0.9 * (mask | filled).sum()


MESHES: dict[str, tuple[str, bytes | None]] = {
    "missing": ("a.obj", None),
    "empty file": ("a.obj", b""),
    "no faces": ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n"),
    "noise": ("a.glb", bytes(range(256))),
    "unknown format": ("a.txt", BOX.encode()),
    "no suffix": ("a", BOX.encode()),
    "NaN vertices": ("a.obj", BOX.replace("v 4 0 0", "v nan 0 0").encode()),
    "infinite vertices": ("a.obj", BOX.replace("v 4 0 0", "v inf 0 0").encode()),
    "one point": ("a.obj", b"v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n"),
    "face of a missing vertex": ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n"),
}


@pytest.mark.parametrize("name", MESHES)
@pytest.mark.parametrize("tool", ["voxelise", "render"])
@pytest.mark.parametrize("scale", [[], ["--keep-scale"]])
def test_a_mesh_that_is_none_is_one_line(
    tool: str, name: str, scale: list[str], run: Run, tmp_path: Path
) -> None:
    file, content = MESHES[name]
    if content is not None:
        (tmp_path / file).write_bytes(content)
    out = tmp_path / ("out.npz" if tool == "voxelise" else "out.png")
    code, said, error = run(tool, tmp_path / file, "--out", out, *scale)
    assert (code, said) == (2, "")
    assert error.startswith(f"ige {tool}: ")
    assert error.count("\n") == 1
    assert file in error
    assert not out.exists()


ARGUMENTS: dict[str, tuple[list[str], str]] = {
    "resolution below": (["--resolution", "7"], "8 to 512"),
    "resolution above": (["--resolution", "513"], "8 to 512"),
    "resolution of a fraction": (["--resolution", "64.5"], "--resolution"),
    "elevation": (["--elevation", "91"], "90 degrees"),
    "elevation NaN": (["--elevation", "nan"], "90 degrees"),
    "azimuth NaN": (["--azimuth", "nan"], "azimuth"),
    "distance": (["--distance", "0.3"], "distance"),
    "focal": (["--focal", "0"], "focal"),
    "fill": (["--fill", "all"], "--fill"),
    "surface": (["--surface", "thick"], "--surface"),
    "up": (["--up", "x"], "--up"),
    "kept and turned": (["--keep-scale", "--up", "y"], "--keep-scale"),
    "suffix": (["--out", "a.mat"], "a.mat: unknown suffix"),
    "no suffix": (["--out", "a"], "a: unknown suffix"),
    "picture": (["--picture", "a.gif"], "a.gif: unknown suffix"),
    "unknown": (["--depthh", "3"], "--depthh"),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_argument_that_cannot_be_is_one_line(name: str, run: Run, box: Path, tmp_path: Path) -> None:
    arguments, told = ARGUMENTS[name]
    code, said, error = run("voxelise", box, "--out", tmp_path / "a.npz", *arguments)
    assert (code, said) == (2, "")
    assert error.startswith(("ige voxelise: ", "ige: "))
    assert error.count("\n") == 1
    assert told in error
    assert not (tmp_path / "a.npz").exists()


def test_a_place_that_cannot_be_written_is_one_line(run: Run, box: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (
        ("voxelise", box, "--resolution", "8", "--out", tmp_path / "file/a.npz"),
        ("voxelise", box, "--resolution", "8", "--picture", tmp_path / "file/a.png"),
        ("render", box, "--out", tmp_path / "file/a.png"),
    ):
        code, said, error = run(*arguments)
        assert (code, said, error.count("\n")) == (2, "", 1)
        assert "cannot be written" in error


def test_nothing_to_make_is_said(run: Run, box: Path) -> None:
    code, _, error = run("voxelise", box)
    assert (code, error.count("\n")) == (2, 1)
    assert "--out, --picture or --json" in error


@pytest.mark.parametrize("content", [None, b"", b"no shard"])
def test_inspecting_what_is_no_shard_is_one_line(content: bytes | None, run: Run, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "a.h5").write_bytes(content)
    code, said, error = run("inspect", tmp_path / "a.h5", "--out", tmp_path / "a.png")
    assert (code, said, error.count("\n")) == (2, "", 1)
    assert "a.h5" in error


SHAPES = {
    "categories": ["car"],
    "procedural": {"models_per_category": 4},
    "models_per_shard": 2,
    "views": {"random": {"count": 2}},
    "grids": {"resolutions": [8, 16]},
    "images": {"pixels": 16},
}


def test_shapes_from_manifest_to_report(run: Run, desk: Any, tmp_path: Path) -> None:
    settings = desk.settings({"shapes": SHAPES, "train": {"shapes": []}})
    manifest = ["--out", tmp_path / "manifest.csv", "--skipped", tmp_path / "skipped.csv"]
    record = ["--record", tmp_path / "manifest.run.json"]
    assert run("prepare-manifest", "--settings", settings, *manifest, *record)[0] == 0
    rows = (tmp_path / "manifest.csv").read_text().splitlines()[1:]
    ids = [row.split(",")[0] for row in rows]
    shard, skipped = tmp_path / "car/train-0.h5", tmp_path / "car/train-0-skipped.csv"
    block = ["--category", "car", "--split", "train", "--models", *ids[:2]]
    out = ["--out", shard, "--skipped", skipped, "--record", tmp_path / "car/train-0.run.json"]
    code, _, error = run("prepare-shapes", "--settings", settings, *block, *out)
    assert code == 0, error
    made = read_provenance(tmp_path / "car/train-0.run.json")
    assert made["asked"] == {"category": "car", "split": "train", "models": ids[:2]}
    assert set(made["outputs"]) == {"train-0.h5", "train-0-skipped.csv"}
    names = {"csv": "shape-sets.csv", "markdown": "shape-sets.md", "latex": "shape-sets.tex"}
    tables = [word for name, file in names.items() for word in (f"--{name}", tmp_path / file)]
    record = ["--record", tmp_path / "shape-sets.run.json"]
    sets = ["--settings", settings, "--shards", shard, "--skipped", skipped]
    code, _, error = run("tabulate-shape-sets", *sets, *tables, *record)
    assert code == 0, error
    assert (tmp_path / "shape-sets.csv").read_text().splitlines()[1].startswith("car,train,8,2,4,0,")
    figure, record = tmp_path / "shapes-car.png", ["--record", tmp_path / "shapes.run.json"]
    code, _, error = run("draw-shape-sets", "--shards", shard, "--figures", figure, *record)
    assert code == 0, error
    made = json.loads((tmp_path / "shapes.run.json").read_text())["made"]
    assert list(made["inputs"]) == ["car/train-0.h5"]
    assert list(made["outputs"]) == ["shapes-car.png"]
    code, said, error = run(
        "inspect", shard, "--out", tmp_path / "sheet.png", "--models", "2", "--views", "1"
    )
    assert (code, error) == (0, "")
    assert "car, train: 2 models, 4 views" in said
    assert (tmp_path / "sheet.png").stat().st_size > 10_000


@pytest.mark.parametrize("category", ["table", "../car"])
def test_a_category_that_is_not_taken_is_one_line(category: str, run: Run, desk: Any, tmp_path: Path) -> None:
    block = ["--category", category, "--split", "train", "--models", "table-0000"]
    out = ["--out", tmp_path / "a.h5", "--skipped", tmp_path / "a.csv", "--record", tmp_path / "a.run.json"]
    settings = desk.settings({"shapes": SHAPES, "train": {"shapes": []}})
    code, said, error = run("prepare-shapes", "--settings", settings, *block, *out)
    assert (code, said, error.count("\n")) == (2, "", 1)
    assert "expected one of car (shapes.categories)" in error
    assert not (tmp_path / "a.h5").exists()
