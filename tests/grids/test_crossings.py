import numpy as np
import pytest

from ige.grids.buffers import Buffers
from ige.grids.clipping import project
from ige.grids.crossings import _before, trace
from ige.grids.projected import Window
from ige.grids.surface import make_surface

R = 10


def bools(words, depths):
    """(..., W) words as (..., depths) truth values."""
    return np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little")[..., :depths].astype(bool)


def blocked_steps(projected, window, thin=None):
    planes = trace(projected, window, Buffers(), thin)
    depths = np.dstack([bools(planes.depth_blocks, window.depths), planes.depth_end.astype(bool)])
    sides = bools(planes.column_blocks, window.depths), bools(planes.row_blocks, window.depths)
    return depths, *sides, None if planes.thin is None else bools(planes.thin, window.depths)


def crossings(view, triangle, axis):
    """Where the lines through centres along an axis of the grid cross a triangle of the world, by solving.

    Returns (line (2,) of the other axes' cells, place on the axis in cells); the axis runs through the world
    as a straight line, on which places are found from the point of crossing.
    """
    others = [a for a in range(3) if a != axis]
    found = []
    for line in np.ndindex(R, R):
        ends = np.empty((2, 3))
        ends[:, others] = np.array(line) + 0.5
        ends[:, axis] = 0.0, R
        start, stop = view.to_world(ends, R)
        a, b, c = triangle
        matrix = np.stack([b - a, c - a, start - stop], axis=1)
        s, t, along = np.linalg.solve(matrix, start - a)
        if s >= 0.0 and t >= 0.0 and s + t <= 1.0:
            place = view.to_grid(start + along * (stop - start), R)[axis]
            found.append((line, place))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_step_is_blocked_where_a_triangle_crosses_it(views, seed):
    view = views[seed % len(views)]
    # Some corners out of the grid on all sides.
    triangle = view.to_world(np.random.default_rng(seed).uniform(-0.4 * R, 1.4 * R, (3, 3)), R)
    surface = make_surface(triangle, np.array([[0, 1, 2]]))
    projected = project(surface, view, R, Buffers())
    *blocked, thin = blocked_steps(projected, Window(0, 0, 0, R, R, R), np.array([True]))
    expected_thin = np.zeros((R, R, R), bool)
    number = 0
    for axis, found in zip((2, 1, 0), blocked, strict=True):
        expected = np.zeros_like(found)
        for line, place in crossings(view, triangle, axis):
            step = int(np.clip(np.ceil(place - 0.5), 0, R))
            expected[tuple(np.insert(line, axis, step))] = True
            number += 1
            if 0.0 <= place < R:
                expected_thin[tuple(np.insert(line, axis, int(place)))] = True
        np.testing.assert_array_equal(found, expected)
    assert number > 5
    np.testing.assert_array_equal(thin, expected_thin)


def test_all_lines_cross_a_closed_surface_an_even_number_of_times(solids, views):
    vertices, faces = solids.turned(solids.torus(), 3)
    for view in views:
        window = Window(0, 0, 0, 40, 40, 40)
        total = [np.zeros(1, int)] * 3
        for face in range(len(faces)):
            projected = project(make_surface(vertices, faces[face : face + 1]), view, 40, Buffers())
            for axis, blocked in enumerate(blocked_steps(projected, window)[:3]):
                total[axis] = total[axis] + blocked.sum(axis=2 - axis)
        for counts in total:
            assert counts.max() >= 2
            assert (counts % 2 == 0).all()


def test_a_window_has_the_bits_of_the_whole_grid(solids, views):
    vertices, faces = solids.torus()
    for view in views:
        projected = project(make_surface(vertices * 0.7, faces), view, 70, Buffers())
        for margin in (1, 2, 4):
            window = projected.window(margin)
            assert window.depth % 8 == window.row % margin == window.column % margin == 0
            assert window.rows < 70
            begin, end = np.array([window.row, window.column, window.depth]), np.array(projected.low) - 1
            assert ((end - begin >= margin) | (begin == 0)).all()
            begin += [window.rows, window.columns, window.depths]
            assert ((begin - 1 - projected.high >= margin) | (begin == 70)).all()
            whole = blocked_steps(projected, Window(0, 0, 0, 70, 70, 70))
            part = blocked_steps(projected, window)
            rows = slice(window.row, window.row + window.rows)
            columns = slice(window.column, window.column + window.columns)
            depths = slice(window.depth, window.depth + window.depths)
            for found, everything, grown in zip(part[:3], whole[:3], np.eye(3, dtype=int)[::-1], strict=True):
                box = tuple(
                    slice(cells.start, cells.stop + extra)
                    for cells, extra in zip((rows, columns, depths), grown, strict=True)
                )
                np.testing.assert_array_equal(found, everything[box])
                assert found.sum() == everything.sum() > 0


def test_only_marked_faces_leave_thin_cells(views):
    sheets = np.array([[[2, 2, 3], [2, 8, 3], [8, 2, 3]], [[2, 2, 6], [2, 8, 6], [8, 2, 6]]]) + 0.3
    view = views[0]
    vertices = view.to_world(sheets.reshape(-1, 3), R)
    projected = project(make_surface(vertices, np.arange(6).reshape(2, 3)), view, R, Buffers())
    thin = blocked_steps(projected, Window(0, 0, 0, R, R, R), np.array([False, True]))[3]
    assert not thin[:, :, 3].any()
    assert thin[:, :, 6].any()
    assert blocked_steps(projected, Window(0, 0, 0, R, R, R))[3] is None


def test_marks_stay_with_their_faces_when_others_are_cut_off(views):
    view = views[0]
    behind = 2.0 * view.position_world + np.eye(3)
    front = view.to_world(np.array([[2.0, 2, 3], [2, 8, 3], [8, 2, 3]]) + 0.3, R)
    surface = make_surface(np.vstack([behind, front]), np.arange(6).reshape(2, 3))
    projected = project(surface, view, R, Buffers())
    for mark in (False, True):
        thin = blocked_steps(projected, Window(0, 0, 0, R, R, R), np.array([not mark, mark]))[3]
        assert thin.any() == mark


def test_level_points_have_an_order_of_their_own():
    points = np.array(list(np.ndindex(2, 2, 2)), dtype=float)
    for axis in range(3):
        before = np.array([[_before(points, axis, a, b) for b in range(8)] for a in range(8)])
        assert sorted(before.sum(axis=1)) == list(range(8))
        assert not (before & before.T).any()
        low, high = points[:, axis] == 0, points[:, axis] == 1
        assert before[np.ix_(low, high)].all()


def test_coordinates_of_any_size_stay_in_the_window(views):
    for size in (1e-300, 1e-12, 1.0, 1e6):
        for seed, view in enumerate(views):
            vertices = np.random.default_rng(seed).normal(size=(30, 3)) * size
            surface = make_surface(vertices, np.arange(30).reshape(-1, 3))
            projected = project(surface, view, R, Buffers())
            window = projected.window()
            planes = trace(projected, window, Buffers())
            assert min(window.row, window.column, window.depth) >= 0
            assert max(window.row + window.rows, window.column + window.columns) <= R
            assert planes.depth_end.max(initial=0) <= 1
