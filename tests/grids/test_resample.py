import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from ige.geometry.frustum import Frustum, object_box, shape_view
from ige.grids.resample import resample
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise

PROPERTY = settings(derandomize=True, deadline=None, max_examples=25, database=None)
VIEWS = st.builds(
    shape_view,
    st.floats(0.0, 2.0 * math.pi),
    st.floats(-1.4, 1.4),
    distance=st.floats(1.1, 3.0),
    focal=st.floats(0.8, 1.2),
)


def slowly(occupancy, source, target, resolution):
    """Return the cells, and of which it is clear where they lie: not on a border of cells of the source."""
    side = len(occupancy)
    exact = source.to_grid(target.cell_centres_world(resolution), side)
    places = np.floor(exact)
    inside = ((places >= 0) & (places < side)).all(axis=-1)
    row, column, depth = np.moveaxis(np.where(inside[..., None], places, 0).astype(int), -1, 0)
    return occupancy[row, column, depth] & inside, (np.abs(exact - np.rint(exact)) > 1e-6).all(axis=-1)


def iou(first, second):
    return np.count_nonzero(first & second) / np.count_nonzero(first | second)


def random_grid(seed, side=12):
    return np.random.default_rng(seed).random((side, side, side)) < 0.5


@PROPERTY
@given(st.integers(0, 99), VIEWS, VIEWS, st.integers(1, 17), st.booleans())
def test_it_is_a_look_up_of_the_cell_of_each_centre(seed, source, target, resolution, swap):
    grid = random_grid(seed)
    pairs = [(source, target), (source, object_box()), (object_box(), target)]
    for one, other in pairs[::-1] if swap else pairs:
        expected, clear = slowly(grid, one, other, resolution)
        assert_array_equal(resample(grid, one, other, resolution)[clear], expected[clear])


@PROPERTY
@given(st.integers(0, 99), VIEWS, st.integers(1, 40))
def test_nothing_changes_between_a_frustum_and_itself(seed, frustum, side):
    grid = random_grid(seed, side)
    for same in (frustum, object_box()):
        assert_array_equal(resample(grid, same, same, side), grid)


@PROPERTY
@given(VIEWS)
def test_a_ball_comes_back_from_the_world(frustum):
    side = 48
    centres = frustum.cell_centres_world(side)
    ball = np.linalg.norm(centres, axis=-1) < 0.3
    # What the frustum does not hold of the ball, the world cannot give back.
    world = resample(ball, frustum, object_box(), side)
    assert iou(resample(world, object_box(), frustum, side), ball) > 0.9


@pytest.mark.parametrize("number", range(3))
def test_it_agrees_with_the_mesh_filled_where_it_goes(solids, views, number):
    # Nothing of it is like its mirror image: a torus to one side, a tip to the other, a box above.
    tip, box = solids.octahedron(0.12), solids.box((-0.05, 0.2, 0.05), (0.2, 0.32, 0.3))
    mesh = solids.together(solids.torus(0.22, 0.1), (tip[0] + [0.1, -0.33, -0.12], tip[1]), (box[0], box[1]))
    surface, frustum = make_surface(*mesh), views[number]
    seen = voxelise(surface, frustum, 64).occupancy()
    world = voxelise(surface, object_box(), 64).occupancy()
    assert iou(resample(seen, frustum, object_box(), 64), world) > 0.9
    assert iou(resample(world, object_box(), frustum, 64), seen) > 0.9
    for axis in range(3):
        assert iou(np.flip(world, axis), world) < 0.8


def test_what_lies_outside_is_empty():
    full = np.ones((8, 8, 8), dtype=bool)
    near, far = shape_view(0.4, 0.5), shape_view(0.4, 0.5, distance=20.0)
    found = resample(full, near, far, 64)
    assert 0.0 < found.mean() < 0.1
    assert not found[0].any()
    # A narrow lens sees nothing but what a wide one holds; behind the eye there is nothing.
    assert resample(full, near, shape_view(0.4, 0.5, focal=4.0), 8).all()
    assert not resample(full, near, shape_view(0.4 + math.pi, -0.5, distance=3.0), 8).all()
    behind = Frustum(near.extrinsics, near.focal, -3.0, -0.1, "orthographic")
    assert not resample(full, near, behind, 8).any()


def test_what_cannot_be_is_refused():
    box, grid = object_box(), np.zeros((4, 4, 4), dtype=bool)
    with pytest.raises(ValueError, match="must be a cube"):
        resample(grid[:3], box, box, 4)
    with pytest.raises(ValueError, match="truth values, found float64"):
        resample(grid.astype(float), box, box, 4)
    with pytest.raises(ValueError, match="must be positive, found 0"):
        resample(grid, box, box, 0)
