"""Without the data that a preset asks for: one screen at once; what can be built is built if one wants."""

from __future__ import annotations

import csv

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
        "splits": {"validation_share": 0.5},
        "views": {"random": {"count": 1}},
        "grids": {"resolutions": [16]},
        "images": {"pixels": 32},
    },
    "train": {"each": ["car"], "resolutions": [16]},
    "evaluation": {"shapes": {"resolution": 16, "examples": 1}},
}
# What takes no time to train.
NOTHING_LEARNED = {
    "train": {"shapes": ["mean-shape", "ceiling"]},
    "evaluation": {"shapes": {"references": []}},
}


@pytest.fixture
def lacking(fresh):
    """A checkout without any data."""
    fresh.environment.pop("IGE_REAL_DATA", None)
    (fresh.folder / "few.yaml").write_text(yaml.safe_dump(FEW_SHAPES))
    (fresh.folder / "nothing-learned.yaml").write_text(yaml.safe_dump(NOTHING_LEARNED))
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
    assert "h36m: data is missing; `ige check-data` (with" in done.stdout + done.stderr


def test_shapes_alone_do_not_ask_for_poses(with_shapes):
    done = with_shapes.call("-n", "--", "shapes", configfiles=(PAPER, "few.yaml"))
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "rule prepare_shapes" in said
    assert "missing" not in said
    for name in ("mean-shape/16", "deconv-mn-13/16", "ige-mn-1/16/car"):
        assert f"wildcards: trained={name}\n" in said


def test_poses_alone_do_not_ask_for_shapes(lacking):
    (lacking.folder / "shapenet.yaml").write_text("run: small\nshapes: {source: shapenet}\n")
    done = lacking.call("-n", "--", "poses", configfiles=("small.yaml", "shapenet.yaml"))
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "rule evaluate_poses" in said
    assert "shapes" not in said
    assert "missing" not in said


@pytest.mark.slow
def test_what_can_be_built_is_built(with_shapes):
    done = with_shapes.call("--keep-going", configfiles=(PAPER, "few.yaml", "nothing-learned.yaml"))
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "ige check-source: " in said
    for name in ("tables/shape-sets.csv", "tables/shapes.csv", "figures/voxels-reconstructions.png"):
        assert (with_shapes.run_folder / name).is_file(), said
    assert not (with_shapes.run_folder / "tables/poses.csv").exists()


def offer_shapes(checkout):
    """Let the source list offer both categories, in a folder and to everybody."""
    served = checkout.folder / "served"
    write_shapenet(served, version=2, kind="zips", categories=["car", "chair"], models=3)
    path = checkout.folder / "workflow/sources.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    for row in rows:
        if row["source"] == "shapenet" and row["group"] == "v2":
            row |= {"urls": f"file://{served}/{row['file']}", "secret": "", "sha256": "", "bytes": ""}
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return served


@pytest.mark.slow
def test_shapes_are_downloaded_in_one_call_and_built_in_the_next(lacking):
    served = offer_shapes(lacking)
    lacking.edit("few.yaml", "counts: part", "counts: part\n    version: 2")
    only_shapes = {"configfiles": ("few.yaml", "nothing-learned.yaml", "shapenet.yaml")}
    (lacking.folder / "shapenet.yaml").write_text("shapes: {source: shapenet}\n")
    chair = (served / "03001627.zip").rename(served / "later.zip")
    first = lacking.call("--", "shapes", **only_shapes)
    assert first.returncode == 1
    assert "03001627.zip: cannot be downloaded" in first.stdout + first.stderr
    chair.rename(served / "03001627.zip")
    second = lacking.call("--", "shapes", **only_shapes)
    assert second.returncode == 0, second.stderr
    assert "shapenet is here now. Run the same command again" in second.stdout + second.stderr
    third = lacking.call("--", "shapes", **only_shapes)
    assert third.returncode == 0, third.stderr
    assert "here now" not in third.stdout + third.stderr
    rows = list(csv.DictReader((lacking.run_folder / "data/shapes/manifest.csv").read_text().splitlines()))
    assert {row["category"] for row in rows} == {"car", "chair"}
    assert (lacking.run_folder / "tables/shapes.csv").is_file()
    after = lacking.call("-n", "--", "shapes", **only_shapes)
    assert "Nothing to be done" in after.stdout + after.stderr


@pytest.mark.slow
def test_poses_alone_do_not_say_that_shapes_came(lacking):
    (lacking.folder / "shapenet.yaml").write_text("run: small\nshapes: {source: shapenet}\n")
    done = lacking.call("--", "poses", configfiles=("small.yaml", "shapenet.yaml"))
    assert done.returncode == 0, done.stderr
    assert "here now" not in done.stdout + done.stderr
