"""Sources that people bring: what is made anew when a file is replaced, added or taken away."""

from __future__ import annotations

import os

import numpy as np
import pytest

pytestmark = pytest.mark.slow

OVER = {
    "shapes": {"source": "folder", "splits": {"order": "id", "test_share": 0.34}},
    "train": {"poses": ["mean-pose"], "shapes": []},
}
SPLITS = ("train", "validation", "test")
MANIFEST = {"prepare_manifest"}
SET_REPORT = {"tabulate_shape_sets", "draw_shape_sets", "write_page"}


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
    """A project built from three meshes of its own."""
    project = project_in(tmp_path_factory.mktemp("meshes") / "project", OVER)
    project.environment.pop("IGE_REAL_DATA", None)
    for number in range(3):
        write_box(project.folder / f"data/sources/meshes/car/box-{number}.obj", 1 + number)
    project.repro()
    project.commit()
    return project


@pytest.fixture
def meshes(with_meshes, copy_of):
    copied = copy_of(with_meshes)
    copied.environment.pop("IGE_REAL_DATA", None)
    return copied


def test_a_source_file_replaced(meshes):
    write_box(meshes.folder / "data/sources/meshes/car/box-0.obj", 5)
    made = meshes.repro()
    shards = {job for job in made.jobs if job.startswith("prepare_shapes")}
    assert len(shards) == 1
    assert made.jobs == shards | SET_REPORT
    assert made.stages == {"pose-data", "shape-data", "report"}
    meshes.assert_quiet()


def test_a_source_file_replaced_by_an_older_one(meshes):
    path = meshes.folder / "data/sources/meshes/car/box-0.obj"
    write_box(path, 5)
    os.utime(path, (0, 0))
    made = meshes.snakemake()
    assert len([job for job in made.jobs if job.startswith("prepare_shapes")]) == 1
    meshes.assert_quiet()


def test_a_source_file_touched(meshes):
    os.utime(meshes.folder / "data/sources/meshes/car/box-0.obj")
    assert meshes.repro().jobs == set()
    meshes.assert_quiet()


def test_a_source_file_added(meshes):
    write_box(meshes.folder / "data/sources/meshes/car/box-3.obj", 4)
    made = meshes.repro()
    assert made.jobs >= MANIFEST
    assert made.jobs >= SET_REPORT
    meshes.assert_quiet()
