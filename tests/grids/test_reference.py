import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from ige.geometry.frustum import Frustum, object_box, shape_view
from ige.grids.buffers import Buffers
from ige.grids.clipping import project
from ige.grids.conservative import touched_cells
from ige.grids.projected import Window
from ige.grids.reference import WorldGrid, fill_world, look_up
from ige.grids.surface import make_surface


def cells_of(words, resolution):
    bits = np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little").view(bool)
    assert not bits[..., resolution:].any(), "bits beyond the last depth"
    return bits[..., :resolution]


def words_of(cells):
    padded = np.zeros((*cells.shape[:2], -(-cells.shape[2] // 64) * 64), dtype=bool)
    padded[..., : cells.shape[2]] = cells
    return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)


def soup(seed, count):
    points = np.random.default_rng(seed).uniform(-0.3, 0.3, (3 * count, 3)) * [1.0, 0.6, 1.3]
    return make_surface(points, np.arange(3 * count).reshape(-1, 3))


@pytest.mark.parametrize("resolution", [11, 64, 70])
@pytest.mark.parametrize("count", [2, 9])
def test_a_cell_is_filled_between_touched_ones_on_all_three_lines(resolution, count):
    surface = soup(resolution, count)
    everything = Window(0, 0, 0, resolution, resolution, resolution)
    projected = project(surface, object_box(), resolution, Buffers())
    touched = cells_of(touched_cells(projected, everything, Buffers()), resolution)
    expected = np.ones_like(touched)
    for axis in range(3):
        before = np.logical_or.accumulate(touched, axis=axis)
        after = np.flip(np.logical_or.accumulate(np.flip(touched, axis), axis=axis), axis)
        expected &= before & after
    assert expected.any()
    world = fill_world(surface, resolution, Buffers())
    found = cells_of(world.cells, resolution)
    np.testing.assert_array_equal(found, expected)
    for axis, places in enumerate(np.nonzero(found)):
        assert world.low[axis] <= places.min()
        assert places.max() <= world.high[axis]


ORTHOGRAPHIC = Frustum(shape_view(0.4, 0.7).extrinsics, 0.9, 0.6, 1.7, "orthographic")


@pytest.mark.parametrize("side", [20, 70])
@pytest.mark.parametrize("frustum", [shape_view(0.7, 0.5), shape_view(0.0, 0.0), ORTHOGRAPHIC])
def test_a_view_looks_up_what_the_published_code_does(side, frustum):
    resolution = 33
    generator = np.random.default_rng(side)
    cells = generator.random((side, side, side)) < 0.5
    cells[: side // 5] = cells[:, : side // 7] = cells[..., side - side // 6 :] = False
    centres = (np.arange(side) + 0.5) / side - 0.5
    plain = RegularGridInterpolator((centres,) * 3, cells.astype(float), method="nearest", bounds_error=False)
    points = object_box().to_camera(frustum.cell_centres_world(resolution))[..., [1, 0, 2]]
    expected = plain(points) > 0.0
    # Where two cells are equally near, rounding decides.
    from_edge = np.abs(points * side - np.rint(points * side)).min(axis=-1)
    clear = (from_edge > 1e-9) & (np.abs(np.abs(points) - centres[-1]).min(axis=-1) > 1e-9)
    low = (side // 5, side // 7, 0)
    high = (side - 1, side - 1, side - side // 6 - 1)
    found = cells_of(
        look_up(WorldGrid(words_of(cells), side, low, high), frustum, resolution, Buffers()), resolution
    )
    assert expected.any()
    assert clear.mean() > 0.8
    np.testing.assert_array_equal(found[clear], expected[clear])


def test_the_outer_half_of_the_outer_cells_is_empty():
    world = WorldGrid(words_of(np.ones((8, 8, 8), dtype=bool)), 8, (0, 0, 0), (7, 7, 7))
    found = cells_of(look_up(world, object_box(), 32, Buffers()), 32)
    expected = np.zeros((32, 32, 32), dtype=bool)
    expected[2:-2, 2:-2, 2:-2] = True
    np.testing.assert_array_equal(found, expected)


def test_the_nearest_cell_is_the_lower_of_two():
    cells = np.zeros((4, 4, 4), dtype=bool)
    cells[1, 2, 1] = True
    world = WorldGrid(words_of(cells), 4, (0, 0, 0), (3, 3, 3))
    # Five centres per side: the middle ones lie between two cells.
    box = object_box()
    frustum = Frustum(box.extrinsics, 1.0, -0.5, 0.5, "orthographic")
    found = cells_of(look_up(world, frustum, 5, Buffers()), 5)
    plain = RegularGridInterpolator(
        ((np.arange(4) + 0.5) / 4 - 0.5,) * 3, cells.astype(float), method="nearest", bounds_error=False
    )
    points = box.to_camera(frustum.cell_centres_world(5))[..., [1, 0, 2]]
    np.testing.assert_array_equal(found, plain(points) > 0.0)
    assert found.sum() == 4
