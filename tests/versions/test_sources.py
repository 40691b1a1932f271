"""Sources that people bring: what is made anew when a file is replaced, added or taken away."""

from __future__ import annotations

import os

import numpy as np
import pytest

pytestmark = pytest.mark.slow

OVER = {
    "shapes": {"source": "folder", "splits": {"order": "id", "test_share": 0.25}},
    "train": {"poses": ["mean-pose"], "shapes": ["mean-shape"]},
}
SPLITS = ("train", "validation", "test")
POSES = {
    *("prepare_clips", "train_poses mean-pose", "evaluate_poses mean-pose"),
    *(f"prepare_lifting_set projection/{split}" for split in SPLITS),
    *("tabulate_poses", "tabulate_poses_by_action", "draw_poses"),
}
SHARDS = {f"prepare_shapes car/{split}/000" for split in SPLITS}
SET_REPORT = {"tabulate_shape_sets", "draw_shape_sets", "write_page"}
MODEL = {"train_shapes mean-shape@16", "evaluate_shapes mean-shape@16"}
MODEL_REPORT = {"tabulate_shapes", "draw_shapes", "collect_metrics"}
SHAPES = {"prepare_manifest"} | SHARDS | SET_REPORT | MODEL | MODEL_REPORT


def write_box(path, width):
    """A box as an OBJ file."""
    corners = np.array([(x, y, z) for x in (0, width) for y in (0, 1) for z in (0, 2)], dtype=float)
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    lines = [f"v {x} {y} {z}" for x, y, z in corners]
    lines += ["f " + " ".join(str(corner + 1) for corner in quad) for quad in quads]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def with_meshes(project_in, tmp_path_factory):
    """A project built from four meshes of its own, by Snakemake; DVC took over what it made."""
    project = project_in(tmp_path_factory.mktemp("meshes") / "project", OVER)
    project.environment.pop("IGE_REAL_DATA", None)
    for number in range(4):
        write_box(project.folder / f"data/sources/meshes/car/box-{number}.obj", 1 + number)
    project.made = project.snakemake()
    project.commit()
    return project


@pytest.fixture
def meshes(with_meshes, copy_of):
    copied = copy_of(with_meshes)
    copied.environment.pop("IGE_REAL_DATA", None)
    return copied


def test_a_fresh_snakemake_then_a_commit_of_dvc(with_meshes):
    assert with_meshes.made.jobs == POSES | SHAPES | {"collect_curves"}
    with_meshes.assert_quiet()


def test_a_source_file_replaced(meshes):
    write_box(meshes.folder / "data/sources/meshes/car/box-0.obj", 5)
    made = meshes.repro()
    jobs = {"prepare_shapes car/validation/000"} | SET_REPORT | MODEL
    stages = {"pose-data", "shape-data", "train-shapes@mean-shape", "report"}
    assert (made.jobs, made.stages) == (jobs, stages)
    meshes.assert_quiet()


def test_a_source_file_replaced_by_an_older_one(meshes):
    path = meshes.folder / "data/sources/meshes/car/box-0.obj"
    write_box(path, 5)
    os.utime(path, (0, 0))
    jobs = {"prepare_shapes car/validation/000"} | SET_REPORT | MODEL | MODEL_REPORT
    assert meshes.snakemake().jobs == jobs
    meshes.assert_quiet()


def test_a_source_file_touched(meshes):
    os.utime(meshes.folder / "data/sources/meshes/car/box-0.obj")
    made = meshes.repro()
    assert (made.jobs, made.stages) == (set(), set())
    meshes.assert_quiet()


def test_a_source_file_added(meshes):
    write_box(meshes.folder / "data/sources/meshes/car/box-4.obj", 5)
    made = meshes.repro()
    stages = {"pose-data", "shape-data", "train-shapes@mean-shape", "report"}
    added = {"prepare_manifest", "prepare_shapes car/test/000", "evaluate_shapes mean-shape@16"}
    assert (made.jobs, made.stages) == (added | SET_REPORT | MODEL_REPORT, stages)
    meshes.assert_quiet()
