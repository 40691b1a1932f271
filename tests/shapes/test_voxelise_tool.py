import json
import math

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise
from ige.shapes.own_mesh import View
from ige.shapes.voxelise_tool import facts, headlines, image_of, summary, voxelise_own_mesh

CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
SIDES = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]


def write_box(path, *, sides=6, low=(0.0, 0.0, 0.0), extents=(0.6, 0.5, 0.4)):
    points = CORNERS * extents + low
    lines = [f"v {x!r} {y!r} {z!r}" for x, y, z in points.tolist()]
    lines += [f"f {' '.join(str(corner + 1) for corner in side)}" for side in SIDES[:sides]]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def box(tmp_path):
    return write_box(tmp_path / "box.obj")


def make(path, **over):
    options = {"view": View(), "resolution": 32, "fill": "auto", "surface": "none", "up": "z"}
    return voxelise_own_mesh(path, **({**options, "keep_scale": False} | over))


def test_the_grid_is_that_of_the_engine(box):
    made = make(box)
    grid = voxelise(make_surface(made.source.mesh.vertices, made.source.mesh.faces), made.frustum, 32)
    np.testing.assert_array_equal(made.occupancy, grid.occupancy())
    assert made.grid.level == "exact"
    volume = 0.6 * 0.5 * 0.4 / math.sqrt(0.6**2 + 0.5**2 + 0.4**2) ** 3
    assert made.grid.volume == pytest.approx(volume, rel=0.1)


def test_facts_are_json_and_complete(box):
    made = make(box, view=View(azimuth_degrees=0.0, elevation_degrees=0.0))
    told = json.loads(json.dumps(facts(made), allow_nan=False))
    assert {"level", "closed", "leak", "retries", "volume", "milliseconds"} <= set(told)
    assert (told["level"], told["closed"], told["leak"], told["retries"]) == ("exact", True, False, 0)
    assert told["cells"] == made.occupancy.sum()
    assert told["occupied_share"] == pytest.approx(made.occupancy.mean())
    assert told["stabbed_ratio"] is None
    assert told["milliseconds"] > 0.0
    np.testing.assert_array_equal(told["camera"], made.frustum.extrinsics)
    assert (told["empty"], told["cut"]) == (False, False)


def test_what_is_written_fits_the_frustum(box):
    made = make(box)
    written = made.grid_file()
    assert written.occupancy is made.occupancy
    np.testing.assert_array_equal(written.camera, made.frustum.extrinsics)
    assert (written.near, written.far, written.focal) == (
        made.frustum.near,
        made.frustum.far,
        made.frustum.focal,
    )


def test_an_open_mesh_is_filled_tolerantly_and_flagged(tmp_path):
    made = make(write_box(tmp_path / "open.obj", sides=5))
    assert not made.grid.closed
    assert made.grid.level.startswith("tolerant")
    assert facts(made)["leak"] is True
    assert "leak: FLAGGED" in summary(made)
    assert "To mend it" in summary(made)
    assert any("leak flagged" in line for line in headlines(made))


@pytest.mark.parametrize("surface", ["thin", "auto"])
def test_what_was_done_is_not_advised(tmp_path, surface):
    made = make(write_box(tmp_path / "open.obj", sides=5), surface=surface)
    assert facts(made)["leak"] is True
    assert "take --surface thin" not in summary(made)
    assert f"filled (--surface {surface})" in summary(made)


def test_an_empty_grid_of_a_thin_surface_needs_more_cells(tmp_path):
    behind = write_box(tmp_path / "behind.obj", low=(5.0, 5.0, 5.0))
    assert "--surface thin may show it" in summary(make(behind, keep_scale=True, up=None))
    thin = summary(make(behind, keep_scale=True, up=None, surface="thin"))
    assert "--surface thin" not in thin
    assert "--resolution" in thin


def test_outside_the_frustum_is_empty_not_an_error(tmp_path):
    behind = write_box(tmp_path / "behind.obj", low=(5.0, 5.0, 5.0))
    made = make(behind, keep_scale=True, up=None)
    assert facts(made)["empty"] is True
    assert facts(made)["volume"] == 0.0
    assert "No cell is occupied" in summary(made)


def test_a_mesh_larger_than_the_frustum_is_cut(tmp_path):
    large = write_box(tmp_path / "large.obj", low=(-0.45, -0.45, -0.45), extents=(0.9, 0.9, 0.9))
    made = make(large, keep_scale=True, up=None)
    assert facts(made)["cut"] is True
    assert "reaches out of the frustum" in summary(made)


def test_a_world_grid_has_no_camera(box):
    made = make(box, view=View(world=True), resolution=24)
    told = facts(made)
    assert told["projection"] == "orthographic"
    assert told["azimuth_degrees"] is None
    assert any(line.startswith("view: none; the unit cube") for line in headlines(made))
    # Rows along -z, columns along x, depth along y.
    extents = [np.ptp(values) + 1 for values in np.nonzero(made.occupancy)]
    np.testing.assert_allclose(np.array(extents) / 24, np.array([0.4, 0.6, 0.5]) / 0.877, atol=0.06)


def test_the_image_has_the_silhouette_of_the_grid(box):
    made = make(box, resolution=64)
    mask = image_of(made)[..., 3].reshape(64, 4, 64, 4).mean(axis=(1, 3)) > 127
    differing = mask != made.occupancy.any(axis=2)
    assert differing.sum() < 0.1 * mask.sum()


@pytest.mark.parametrize("resolution", [7, 513, 0, -1])
def test_no_such_resolution(box, resolution):
    with pytest.raises(InputError, match="expected 8 to 512 cells"):
        make(box, resolution=resolution)


def test_the_reference_and_thin_surfaces_are_reached(box):
    assert make(box, fill="reference").grid.level == "reference"
    assert make(box, fill="tolerant").grid.level == "tolerant"
    assert make(box, surface="thin").cells > make(box).cells
