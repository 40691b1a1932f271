import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ige.geometry.frustum import object_box, shape_view
from ige.report.overlay import at_pixels
from ige.report.voxel_drawing import boundary, coarsened, draw_grid, other_view, silhouette, turned

VIEW = shape_view(math.radians(30.0), math.radians(28.0))


def occupied(resolution, *cells):
    grid = np.zeros((resolution,) * 3, dtype=bool)
    for cell in cells:
        grid[cell] = True
    return grid


def test_one_cell_has_six_faces_around_it():
    corners, cells = boundary(occupied(4, (1, 2, 3)))
    assert (cells == [1, 2, 3]).all()
    assert len(corners) == 6
    assert len({tuple(map(tuple, face)) for face in np.sort(corners, axis=1)}) == 6
    np.testing.assert_array_equal(corners.reshape(-1, 3).min(axis=0), [1, 2, 3])
    np.testing.assert_array_equal(corners.reshape(-1, 3).max(axis=0), [2, 3, 4])
    for face in corners:
        # Flat, and in order around it: neighbours differ in one coordinate.
        assert (np.ptp(face, axis=0) == 0).sum() == 1
        assert (np.abs(face - np.roll(face, 1, axis=0)).sum(axis=1) == 1).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**27 - 1))
def test_a_face_lies_wherever_filled_and_empty_meet(number):
    grid = np.array([number >> bit & 1 for bit in range(27)], dtype=bool).reshape(3, 3, 3)
    padded = np.pad(grid, 1).astype(int)
    changes = sum(int(np.abs(np.diff(padded, axis=axis)).sum()) for axis in range(3))
    assert len(boundary(grid)[0]) == changes


@pytest.mark.parametrize("resolution", [16, 32])
def test_drawn_from_its_own_camera_a_grid_covers_its_silhouette(resolution):
    grid = np.random.default_rng(0).random((resolution,) * 3) < 0.002
    drawing = draw_grid(grid, VIEW, VIEW, 4 * resolution)
    np.testing.assert_array_equal((drawing < 255).any(axis=-1), at_pixels(silhouette(grid), 4 * resolution))


def test_near_cells_are_orange_and_far_ones_blue():
    grid = occupied(16, (8, 2, 3), (8, 13, 12))
    drawing = draw_grid(grid, VIEW, VIEW, 64).astype(int)
    near, far = drawing[8 * 4 + 2, 2 * 4 + 2], drawing[8 * 4 + 2, 13 * 4 + 2]
    assert near[0] > near[2]
    assert far[2] > far[0]


def test_an_empty_grid_is_an_empty_drawing():
    assert (draw_grid(occupied(8), VIEW, VIEW, 16) == 255).all()


@pytest.mark.parametrize(("resolution", "most", "side"), [(8, 8, 1), (8, 4, 2), (9, 4, 3), (10, 4, 3)])
def test_blocks_hold_whatever_their_cells_hold(resolution, most, side):
    cell = (resolution - 1, 0, resolution // 2)
    blocks, found = coarsened(occupied(resolution, cell), most)
    assert found == side
    assert len(blocks) <= most
    assert [tuple(block) for block in np.argwhere(blocks)] == [tuple(index // side for index in cell)]


def test_a_fine_grid_is_drawn_at_its_place():
    resolution = 200
    grid = np.zeros((resolution,) * 3, dtype=bool)
    grid[100:120, 40:60, 90:110] = True
    covered = (draw_grid(grid, VIEW, VIEW, 100) < 255).any(axis=-1)
    rows, columns = np.nonzero(covered)
    assert abs(rows.mean() + 0.5 - 55.0) < 1.0
    assert abs(columns.mean() + 0.5 - 25.0) < 1.0


@pytest.mark.parametrize("degrees", [0.0, 90.0, -130.0])
def test_a_turned_camera_is_another_view_of_the_same_place(degrees):
    made = turned(VIEW, degrees)
    expected = shape_view(math.radians(30.0 + degrees), math.radians(28.0))
    np.testing.assert_allclose(made.extrinsics, expected.extrinsics, atol=1e-12)


def test_a_world_grid_is_seen_from_elsewhere_in_perspective():
    assert other_view(occupied(8), object_box()).projection == "perspective"
    assert other_view(occupied(8, (1, 2, 3)), object_box()).projection == "perspective"


@pytest.mark.parametrize("frustum", [VIEW, object_box(), shape_view(0.3, 0.2, distance=5.0, focal=0.2)])
@pytest.mark.parametrize(
    "cells", [[(0, 0, 0)], [(0, 0, 0), (39, 39, 39), (0, 39, 39)], [(20, 20, 0), (20, 20, 39)]]
)
def test_the_other_camera_sees_all_that_is_filled_and_near_by(frustum, cells):
    grid = occupied(40, *cells)
    view = other_view(grid, frustum)
    places = view.to_grid(frustum.to_world(boundary(grid)[0].reshape(-1, 3), 40), 1)
    assert (places > 0.0).all()
    assert (places < 1.0).all()
    # It goes by blocks of two cells, so few cells are smaller than they might be.
    assert np.abs(places[:, :2] - 0.5).max() > 0.2
    covered = (draw_grid(grid, frustum, view, 60) < 255).any(axis=-1)
    assert covered.any()
    assert not covered[[0, -1]].any()
    assert not covered[:, [0, -1]].any()
