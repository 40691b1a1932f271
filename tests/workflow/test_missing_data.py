"""Without the data that a preset asks for: one screen at once; what can be built is built if one wants."""

from __future__ import annotations

import pytest
import yaml
from shapenet_trees import write_shapenet

PAPER = "workflow/presets/paper.yaml"
FEW_SHAPES = {
    "run": "small",
    "shapes": {
        "categories": ["car", "chair"],
        "models_per_shard": 3,
        "shapenet": {"counts": "part"},
        "views": {"random": {"count": 1}},
        "grids": {"resolutions": [16]},
        "images": {"pixels": 32},
    },
}


@pytest.fixture
def lacking(fresh):
    """A checkout without any data."""
    fresh.environment.pop("IGE_REAL_DATA", None)
    (fresh.folder / "few.yaml").write_text(yaml.safe_dump(FEW_SHAPES))
    return fresh


@pytest.fixture
def with_shapes(lacking):
    """A checkout that has a few shapes of ShapeNet, and no poses."""
    folder = lacking.folder / "data/sources/shapenet"
    write_shapenet(folder, version=1, kind="zips", categories=["car", "chair"], models=3)
    return lacking


def screen_of(done):
    text = done.stderr[done.stderr.index("Data are missing") :]
    return text.splitlines()


def test_the_paper_without_data_ends_at_once_with_one_screen(lacking):
    done = lacking.call(configfiles=(PAPER,))
    assert done.returncode == 2
    lines = screen_of(done)
    assert len(lines) <= 45
    text = "\n".join(lines)
    for word in (
        *("Poses_D3_Positions_S{1,5,6,7,8,9,11}.tgz", "metadata.xml", "data/sources/h36m"),
        *("02691156", "data/sources/shapenet", "--keep-going"),
    ):
        assert word in text, word
    assert "Traceback" not in done.stdout + done.stderr
    assert not list((lacking.folder / "runs/paper/logs").rglob("*.log")), "no job may have started"


def test_a_plan_warns_of_missing_data(lacking):
    done = lacking.call("-n", configfiles=(PAPER,))
    assert done.returncode == 0, done.stderr
    assert "h36m: data is missing; `ige check-data` tells what" in done.stdout + done.stderr


def test_shapes_alone_do_not_ask_for_poses(with_shapes):
    done = with_shapes.call("-n", "--", "shapes", configfiles=(PAPER, "few.yaml"))
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "rule prepare_shapes" in said
    assert "missing" not in said


@pytest.mark.slow
def test_what_can_be_built_is_built(with_shapes):
    done = with_shapes.call("--keep-going", configfiles=(PAPER, "few.yaml"))
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "ige check-source: " in said
    assert (with_shapes.run_folder / "tables/shape-sets.csv").is_file()
    assert not (with_shapes.run_folder / "tables/poses.csv").exists()
