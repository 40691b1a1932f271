"""Surfaces of grids: closed, the right way out, in the right place of the world."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from numpy.testing import assert_allclose

from ige.base.errors import InputError
from ige.geometry.frustum import object_box, shape_view
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise
from ige.shapes.own_mesh import load_own_mesh
from ige.shapes.voxels.isosurface import check_mesh, isosurface, write_mesh

VIEW = shape_view(0.0, math.radians(28.0))
FRUSTA = {"box": object_box(), "view": VIEW, "from-below": shape_view(2.0, -1.2)}


def as_mesh(surface, process=False):
    return trimesh.Trimesh(surface.vertices_world, surface.faces, process=process)


def noise(rng, kind, side):
    values = rng.random((side, side, side))
    if kind == "binary":
        return (values > 0.5).astype(float)
    return values if kind == "even" else np.clip(0.5 + 0.01 * (values - 0.5), 0.0, 1.0)


@pytest.mark.parametrize("frustum", FRUSTA)
@pytest.mark.parametrize("kind", ["even", "binary", "narrow"])
def test_every_surface_is_closed_and_faces_outwards(frustum, kind):
    """Also where it runs along the border, and where joining equal vertices could open it."""
    rng = np.random.default_rng(0)
    for _ in range(6):
        side = int(rng.integers(2, 12))
        probability = noise(rng, kind, side)
        threshold = 0.5 if kind == "narrow" else float(rng.choice([0.02, 0.5, 0.9]))
        if not (probability > threshold).any():
            continue
        surface = isosurface(probability, threshold, FRUSTA[frustum])
        joined = as_mesh(surface, process=True)
        assert surface.watertight
        assert joined.is_watertight
        assert joined.is_winding_consistent
        assert len(joined.vertices) == len(surface.vertices_world)
        assert surface.volume > 0.0
        assert surface.volume == pytest.approx(joined.volume, rel=1e-9)
        points = FRUSTA[frustum].to_grid(surface.vertices_world, side)
        assert points.min() > -1e-9
        assert points.max() < side + 1e-9


def test_a_full_grid_is_the_frustum_itself():
    full = isosurface(np.ones((8, 8, 8)), 0.5, object_box())
    assert_allclose(full.vertices_world.min(axis=0), [-0.5] * 3)
    assert_allclose(full.vertices_world.max(axis=0), [0.5] * 3)
    corners = VIEW.to_grid(isosurface(np.ones((8, 8, 8)), 0.5, VIEW).vertices_world, 1)
    assert_allclose([corners.min(axis=0), corners.max(axis=0)], [[0.0] * 3, [1.0] * 3], atol=1e-12)


def test_the_surface_lies_where_the_probability_is_the_threshold():
    """Between the centres of cells 3 and 4, at 3.5 and 4.5: nearer to the sure one for a higher threshold."""
    probability = np.zeros((8, 8, 8))
    probability[:, 2:4] = 0.8  # columns run along x
    for threshold, reach in ((0.4, 0.5), (0.2, 0.75), (0.6, 0.25)):
        x = isosurface(probability, threshold, object_box()).vertices_world[:, 0] * 8 + 4
        assert x.max() == pytest.approx(3.5 + reach, abs=1e-6)
        assert x.min() == pytest.approx(2.5 - reach, abs=1e-6)


@pytest.mark.parametrize("frustum", FRUSTA)
def test_a_mesh_that_was_voxelised_comes_back(frustum):
    """A box off the middle and of three lengths: no axis can be mistaken for another, nor turned."""
    box = trimesh.creation.box([0.5, 0.3, 0.2])
    box.apply_translation([0.1, 0.05, -0.08])
    grid = voxelise(make_surface(box.vertices, box.faces), FRUSTA[frustum], 64)
    found = as_mesh(isosurface(grid.occupancy().astype(float), 0.5, FRUSTA[frustum]))
    assert_allclose(found.bounds, box.bounds, atol=0.015)
    assert found.volume == pytest.approx(box.volume, rel=0.05)


def test_confidence_is_how_decided_the_cells_near_are():
    probability = np.zeros((16, 16, 16))
    probability[4:12, 4:12, 4:12] = 1.0
    assert_allclose(isosurface(probability, 0.5, VIEW).confidence, 1.0)
    probability[4:12, 4:12, 4:12] = 0.75  # half decided, where those around it are wholly
    confidence = isosurface(probability, 0.5, VIEW).confidence
    assert 0.5 < confidence.min() < confidence.max() < 1.0
    colours = isosurface(probability, 0.5, VIEW).colours()
    assert (colours.shape, colours.dtype) == ((len(confidence), 4), np.uint8)
    green = colours[:, 1].astype(int)  # of viridis, grows with the value
    assert green[confidence.argmin()] < green[confidence.argmax()]


def test_a_hole_is_a_surface_that_faces_inwards():
    probability = np.zeros((12, 12, 12))
    probability[2:10, 2:10, 2:10] = 1.0
    whole = isosurface(probability, 0.5, object_box()).volume
    probability[5:7, 5:7, 5:7] = 0.0
    hollow = isosurface(probability, 0.5, object_box())
    assert hollow.watertight
    assert hollow.volume < whole
    assert as_mesh(hollow).body_count == 2


def test_an_open_surface_is_not_called_closed():
    surface = isosurface(np.ones((2, 2, 2)), 0.5, VIEW)
    assert not replace(surface, faces=surface.faces[1:]).watertight
    turned = np.vstack([surface.faces[:1, ::-1], surface.faces[1:]])
    assert not replace(surface, faces=turned).watertight


@pytest.mark.parametrize(
    ("probability", "threshold", "said"),
    [
        (np.zeros((4, 4, 4)), 0.5, "no cell"),
        (np.ones((4, 4, 4)), 0.0, "threshold"),
        (np.ones((4, 4, 4)), 1.0, "threshold"),
        (np.ones((4, 4, 5)), 0.5, "cube"),
        (np.full((4, 4, 4), np.nan), 0.5, "finite"),
    ],
)
def test_what_has_no_surface_is_refused(probability, threshold, said):
    with pytest.raises(ValueError, match=said):
        isosurface(probability, threshold, VIEW)


def bent():
    probability = np.zeros((12, 12, 12))
    probability[3:9, 2:10, 4:6] = 0.9
    probability[3:5, 2:4, 4:10] = 0.7
    return isosurface(probability, 0.5, VIEW)


@pytest.mark.parametrize("suffix", [".glb", ".ply", ".GLB"])
def test_files_read_back_as_they_were_the_same_bytes_each_time(suffix, tmp_path):
    surface = bent()
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        write_mesh(path, surface)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    own = load_own_mesh(paths[0], up=None, keep_scale=False)  # glb y up, ply z up, as all of their kind
    matrix = own.mesh_to_world
    expected = surface.vertices_world - (surface.vertices_world.max(0) + surface.vertices_world.min(0)) / 2.0
    expected /= np.linalg.norm(np.ptp(surface.vertices_world, axis=0))
    assert_allclose(
        np.sort(own.mesh.vertices[own.mesh.faces].mean(axis=1), axis=0),
        np.sort(expected[surface.faces].mean(axis=1), axis=0),
        atol=1e-6,
    )
    assert_allclose(
        np.cbrt(np.linalg.det(matrix[:, :3])),
        1.0 / np.linalg.norm(np.ptp(surface.vertices_world, axis=0)),
        rtol=1e-5,
    )
    # Colours come back too, but for what 8 bits of linear light lose.
    shown = np.sort(own.mesh.face_colours[:, 1].astype(int))
    meant = np.sort(surface.colours()[surface.faces, 1].mean(axis=1))
    assert np.abs(shown - meant).max() < 8
    loaded = trimesh.load(paths[0], force="mesh", file_type=suffix[1:].lower())
    assert loaded.is_watertight


def test_other_names_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"unknown suffix: expected .glb or .ply, found .obj"):
        check_mesh(Path("a.obj"))
    with pytest.raises(InputError, match="found none"):
        write_mesh(tmp_path / "a", bent())
