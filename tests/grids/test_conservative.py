import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ige.geometry.frustum import object_box, shape_view
from ige.grids.buffers import Buffers
from ige.grids.clipping import project
from ige.grids.conservative import touched_cells
from ige.grids.projected import Window
from ige.grids.surface import make_surface

SLACK = 1e-8  # cells: what rounding may decide either way


def cut(polygon, axis, place, side):
    """Keep what lies on one side of an axis-aligned plane."""
    kept = []
    for here, there in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        a, b = side * (here[axis] - place), side * (there[axis] - place)
        if a >= 0:
            kept.append(here)
        if a * b < 0:
            kept.append(here + a / (a - b) * (there - here))
    return kept


def boundaries_q(projected):
    z = projected.near + np.arange(projected.resolution + 1) / projected.scale
    return -1.0 / z if projected.perspective else z


def plainly_touched(projected, window, grow):
    """Cut every triangle to every cell of its box; cells are larger by `grow` on all sides."""
    cells = np.zeros((window.rows, window.columns, window.depths), dtype=bool)
    depth_q = boundaries_q(projected)
    slope = np.diff(depth_q).max()
    for triangle in projected.points[projected.faces]:
        low, high = np.floor(triangle.min(0) - 0.5), np.ceil(triangle.max(0) + 0.5)
        ranges = [
            range(int(max(low[axis], begin)), int(min(high[axis], begin + count)))
            for axis, begin, count in (
                (0, window.row, window.rows),
                (1, window.column, window.columns),
                (3, window.depth, window.depths),
            )
        ]
        for i in ranges[0]:
            strip = cut(cut(list(triangle[:, :3]), 0, i - grow, 1), 0, i + 1 + grow, -1)
            for j in ranges[1]:
                column = cut(cut(strip, 1, j - grow, 1), 1, j + 1 + grow, -1)
                for k in ranges[2]:
                    part = cut(column, 2, depth_q[k] - grow * slope, 1)
                    if cut(part, 2, depth_q[k + 1] + grow * slope, -1):
                        cells[i - window.row, j - window.column, k - window.depth] = True
    return cells


def unpacked(words, window):
    return np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little", count=window.depths).view(bool)


def check(surface, frustum, resolution, window=None):
    projected = project(surface, frustum, resolution, Buffers())
    window = window or projected.window()
    touched = touched_cells(projected, window, Buffers())
    assert not np.unpackbits(touched.view(np.uint8), axis=-1, bitorder="little")[..., window.depths :].any()
    found = unpacked(touched, window)
    assert (plainly_touched(projected, window, -SLACK) <= found).all(), "a touched cell is missing"
    assert (found <= plainly_touched(projected, window, SLACK)).all(), "a cell that nothing touches"
    return found


def soup(seed, count, size):
    generator = np.random.default_rng(seed)
    centres = generator.uniform(-0.4, 0.4, (count, 1, 3))
    points = centres + generator.normal(0.0, size, (count, 3, 3))
    return make_surface(points.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3))


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([0.005, 0.03, 0.2]),
    azimuth=st.floats(0.0, 6.28),
    flat=st.booleans(),
    resolution=st.sampled_from([9, 20]),
)
def test_cells_are_those_that_triangles_meet(seed, size, azimuth, flat, resolution):
    frustum = object_box() if flat else shape_view(azimuth, 0.4)
    check(soup(seed, 12, size), frustum, resolution)


@pytest.mark.parametrize("resolution", [70, 130])
def test_columns_of_more_than_one_word(resolution):
    points = np.array([[0.0, -0.45, 0.0], [0.02, 0.45, 0.01], [-0.01, 0.3, 0.1]])
    assert (
        check(make_surface(points, np.array([[0, 1, 2]])), object_box(), resolution).sum() > resolution // 2
    )


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("place", [0.0, 0.05])
def test_triangles_level_with_the_cells(axis, place):
    points = np.insert(np.array([[-0.31, -0.22], [0.37, -0.22], [0.11, 0.38]]), axis, place, axis=1)
    assert check(make_surface(points, np.array([[0, 1, 2]])), object_box(), 20).any()


def test_slivers_and_triangles_seen_from_the_edge():
    points = np.array(
        [[-0.4, 0.0, 0.0], [0.4, 1e-9, 1e-9], [0.1, 1e-9, 0.3], [0.0, -0.4, 0.1], [1e-7, 0.4, 0.1]]
    )
    for faces in ([[0, 1, 2]], [[0, 1, 3]], [[3, 4, 0]], [[0, 2, 4]]):
        check(make_surface(points, np.array(faces)), object_box(), 18)
        check(make_surface(points, np.array(faces)), shape_view(np.pi / 2, 0.0), 18)


def test_what_reaches_out_of_the_window_is_left_out():
    surface = soup(3, 20, 0.6)
    check(surface, shape_view(1.0, 0.3), 14)
    check(surface, shape_view(1.0, 0.3), 14, Window(3, 4, 2, 5, 6, 7))


def test_coordinates_of_any_size():
    points = np.array([[-1e6, -1e6, -1.0], [1e6, -1e6, 1.0], [0.0, 1e6, 0.2]])
    surface = make_surface(points, np.array([[0, 1, 2]]))
    projected = project(surface, object_box(), 16, Buffers())
    window = Window(0, 0, 0, 16, 16, 16)
    found = unpacked(touched_cells(projected, window, Buffers()), window)
    assert found.any(axis=0).all(), "a plane through the box meets every column that looks along its slope"
