import logging
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.base.errors import InputError
from ige.geometry.frustum import object_box
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise
from ige.params.shapes import GridsSettings, ImagesSettings, MeshFolderSettings, RandomViews
from ige.params.stages import ShapeSetSettings
from ige.shapes import prepare
from ige.shapes.loading import load_mesh
from ige.shapes.prepare import prepare_shapes
from ige.shapes.rendering import draw
from ige.shapes.skipped import Skipped, read_skipped
from ige.shapes.views import view_frusta
from ige.storage.shards import open_shard

CORNERS = "".join(f"v {x} {y} {z}\n" for x in (0, 1) for y in (0, 1) for z in (0, 2))
SIDES = ["f 1 2 4 3", "f 5 7 8 6", "f 1 5 6 2", "f 3 4 8 7", "f 1 3 7 5", "f 2 6 8 4"]
BOX, SHEET = ("\n".join([CORNERS, *sides, ""]) for sides in (SIDES, SIDES[:1]))
WITH_FIN = BOX + "v 2 0 0\nf 5 9 6\n"  # not closed, yet the box is filled


def settings(count=2, max_skipped=0, surface="none", compression="zstd", sizes=(8, 16)):
    return ShapeSetSettings(
        source=MeshFolderSettings(
            up="z", licence="CC0", aliases={}, files=(), skip=(), fetch=(), generated=None
        ),
        category="car",
        views=RandomViews(
            kind="random", seed=0, count=count, elevation_degrees=(25.0, 30.0), distance=1.2, focal=1.1
        ),
        grids=GridsSettings(resolutions=sizes, fill="auto", surface=surface),
        images=ImagesSettings(renderer="raster", pixels=16, supersample=1),
        compression=compression,
        max_skipped=max_skipped,
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "meshes" / "car").mkdir(parents=True)
    for name, text in (("box", BOX), ("fin", WITH_FIN), ("tall", BOX.replace("2\n", "5\n", 4))):
        (tmp_path / "meshes" / "car" / f"{name}.obj").write_text(text)
    return tmp_path


def make(folder, models=("box.obj", "fin.obj", "tall.obj"), name="out", **over):
    prepare_shapes(
        category="car",
        split="train",
        models=models,
        folder=folder / "meshes",
        out=folder / f"{name}.h5",
        skipped=folder / f"{name}.csv",
        settings=settings(**over),
    )
    return open_shard(folder / f"{name}.h5")


def test_a_shard_holds_what_was_filled_and_drawn(folder):
    shard = make(folder)
    assert shard.ids == ("box.obj", "fin.obj", "tall.obj")
    assert (shard.category, shard.split, set(shard.licences)) == ("car", "train", {"CC0"})
    assert shard.settings == settings().subtree()
    assert_array_equal(shard.models, [0, 0, 1, 1, 2, 2])
    assert_array_equal(shard.view, [0, 1] * 3)
    mesh = load_mesh(folder / "meshes" / "car" / "tall.obj", up="z")
    surface = make_surface(mesh.vertices, mesh.faces)
    for number, frustum in enumerate(view_frusta(settings().views, "car", "tall.obj")):
        assert_array_equal(shard.cameras[4 + number], frustum.extrinsics)
        for name in ("focal", "near", "far"):
            assert getattr(shard, name)[4 + number] == getattr(frustum, name)
        for size in (8, 16):
            grid = voxelise(surface, frustum, size)
            assert grid.bits.any()
            assert_array_equal(shard.grid(size, 4 + number), grid.bits)
            facts = {name: values[4 + number] for name, values in shard.diagnostics[size].items()}
            assert facts["volume"] == grid.volume
            assert facts["filled"] == grid.occupancy().sum()
            assert shard.levels[facts["level"]] == "exact"
        image = draw(mesh, frustum, settings().images).rgba
        assert image.any()
        assert_array_equal(shard.image(4 + number), image)
    for size in (8, 16):
        grid = voxelise(surface, object_box(), size)
        assert_array_equal(shard.world(size, 2), grid.bits)
        assert shard.world_diagnostics[size]["volume"][2] == grid.volume > 0.0
    assert_array_equal(shard.diagnostics[16]["closed"], [True, True, False, False, True, True])
    assert_array_equal(shard.world_diagnostics[16]["closed"], [True, False, True])
    assert read_skipped(folder / "out.csv") == []


def test_rebuilt_it_has_the_same_bytes(folder):
    make(folder, name="a"), make(folder, name="b")
    assert (folder / "a.h5").read_bytes() == (folder / "b.h5").read_bytes()


def test_neither_order_nor_number_of_models_and_views_matters(folder):
    shard, other = make(folder, name="a"), make(folder, ("tall.obj", "box.obj"), "b", count=1)
    for mine, theirs in ((4, 0), (0, 1)):
        assert_array_equal(shard.cameras[mine], other.cameras[theirs])
        assert_array_equal(shard.image(mine), other.image(theirs))
        assert_array_equal(shard.grid(16, mine), other.grid(16, theirs))


def spoil(folder):
    """Add what cannot be made into grids."""
    cars = folder / "meshes" / "car"
    (cars / "nan.obj").write_text(BOX.replace("v 0 0 0", "v nan 0 0"))
    (cars / "text.obj").write_text("no mesh\n")
    (cars / "sheet.obj").write_text(SHEET)
    return ("nan.obj", "box.obj", "text.obj", "sheet.obj", "fin.obj")


def test_what_cannot_be_made_is_skipped_with_its_reason(folder, caplog):
    models = spoil(folder)
    with caplog.at_level(logging.INFO):
        shard = make(folder, models, max_skipped=3)
    assert shard.ids == ("box.obj", "fin.obj")
    assert_array_equal(shard.models, [0, 0, 1, 1])
    rows = {row.id: row.reason for row in read_skipped(folder / "out.csv")}
    assert list(rows) == ["car/nan.obj", "car/text.obj", "car/sheet.obj"]
    assert "numbers" in rows["car/nan.obj"] or "finite" in rows["car/nan.obj"]
    assert rows["car/sheet.obj"].startswith("fills no cell in any view")
    assert all(reason and str(folder) not in reason for reason in rows.values())
    assert "2 models, 4 views, 8 grids" in caplog.text
    assert "3 models skipped" in caplog.text


def test_too_many_skipped_models_fail_and_are_told(folder, caplog):
    with pytest.raises(InputError, match=r"too many models were skipped: expected at most 2 .*, found 3"):
        make(folder, spoil(folder), max_skipped=2)
    assert not (folder / "out.h5").exists()
    for name in ("nan", "text", "sheet"):
        assert f"car/{name}.obj is skipped: " in caplog.text


def test_a_model_that_is_not_there_is_no_mesh_that_failed(folder):
    with pytest.raises(
        InputError, match=r"no mesh gone\.obj of the category car\. Take ids of manifest\.csv"
    ):
        make(folder, ("box.obj", "gone.obj"), max_skipped=9)
    assert not (folder / "out.h5").exists()
    assert not (folder / "out.csv").exists()


def test_a_set_of_nothing_is_a_set(folder):
    spoil(folder)
    shard = make(folder, ("nan.obj", "text.obj"), max_skipped=2)
    assert (len(shard), shard.ids) == (0, ())


def test_a_sheet_is_kept_where_its_surface_is_united(folder):
    spoil(folder)
    shard = make(folder, ("sheet.obj",), surface="auto")
    assert (shard.diagnostics[16]["filled"] > 0).all()
    assert not shard.diagnostics[16]["closed"].any()


def test_leaks_and_empty_grids_are_told(folder, caplog, monkeypatch):
    def with_faults(surface, frustum, size, **options):
        grid = voxelise(surface, frustum, size, **options)
        if size == 8:
            object.__setattr__(grid, "leak", True)
            object.__setattr__(grid, "volume", 0.0)
        return grid

    monkeypatch.setattr(prepare, "voxelise", with_faults)
    with caplog.at_level(logging.INFO):
        shard = make(folder, ("box.obj",))
    assert shard.diagnostics[8]["leak"].all()
    assert not shard.diagnostics[16]["leak"].any()
    assert "car/box.obj: 2 of 4 grids may have leaked" in caplog.text
    assert "4 grids: 2 may have leaked, 2 are empty, 0 are cut" in caplog.text


def test_a_renderer_that_does_not_work_is_no_fault_of_the_mesh(folder, monkeypatch):
    def fail(*arguments):
        raise InputError("no EGL")

    monkeypatch.setattr(prepare, "draw", fail)
    with pytest.raises(InputError, match="no EGL"):
        make(folder, max_skipped=9)


def test_a_mesh_that_cannot_be_drawn_is_skipped(folder, monkeypatch):
    def fail(*arguments):
        raise InputError("cannot be drawn") from ValueError("too large")

    monkeypatch.setattr(prepare, "draw", fail)
    make(folder, ("box.obj",), max_skipped=9)
    assert read_skipped(folder / "out.csv") == [Skipped("car/box.obj", "cannot be drawn")]


def test_arguments_that_cannot_be_are_refused(folder):
    with pytest.raises(InputError, match=r"car: a model is named twice: found box\.obj"):
        make(folder, ("box.obj", "fin.obj", "box.obj"))
    with pytest.raises(InputError, match="settings of another category: expected plane, found car"):
        prepare_shapes(
            category="plane",
            split="train",
            models=(),
            folder=folder / "meshes",
            out=folder / "a.h5",
            skipped=folder / "a.csv",
            settings=settings(),
        )


def test_a_kill_leaves_no_visible_half_file_and_the_next_run_completes(folder):
    code = f"""
import runpy, sys, pathlib
test = runpy.run_path({__file__!r})
test["make"](pathlib.Path(sys.argv[1]), count=10_000)
"""
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)])
    partial = folder / f".out.h5.{process.pid}.partial"
    deadline = time.monotonic() + 60
    while not (partial.exists() and partial.stat().st_size > 100_000):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert sorted(path.name for path in folder.iterdir()) == sorted([partial.name, "meshes"])
    shard = make(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["meshes", "out.csv", "out.h5"]
    assert np.isin(shard.view, [0, 1]).all()
