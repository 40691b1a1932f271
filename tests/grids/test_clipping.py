import itertools

import numpy as np
import pytest

from ige.geometry.frustum import shape_view
from ige.grids.buffers import Buffers
from ige.grids.clipping import project
from ige.grids.surface import make_surface


def at_camera(frustum, points_cam):
    """Points of the camera frame in the world."""
    return (np.asarray(points_cam, dtype=float) - frustum.extrinsics[:, 3]) @ frustum.extrinsics[:, :3]


def test_points_are_where_the_frustum_says(solids, views):
    vertices, faces = solids.torus()
    for view in views:
        projected = project(make_surface(vertices, faces), view, 48, Buffers())
        expected = view.to_grid(vertices, 48)
        np.testing.assert_allclose(projected.points[:, [0, 1, 3]], expected, atol=1e-7)
        q = projected.points[:, 2]
        z = -1.0 / q if projected.perspective else q
        np.testing.assert_allclose((z - projected.near) * projected.scale, expected[:, 2], atol=1e-7)
        assert not projected.behind
        assert not projected.cut


def test_the_first_centre_at_or_beyond_a_point(views):
    for view in views:
        places = np.array([[3.2, 3.8, 5.5], [-4.0, 12.0, 3.1], [0.4, 7.6, 7.4]])
        projected = project(make_surface(view.to_world(places, 8), np.array([[0, 1, 2]])), view, 8, Buffers())
        # The centre of depth 5 is shifted by a trifle beyond 5.5.
        assert projected.first.tolist() == [[3, 4, 5], [0, 8, 3], [0, 8, 7]]
        assert projected.low == (0, 4, 3)
        assert projected.high == (3, 8, 7)
        assert projected.cut


def test_a_triangle_through_the_eye_is_cut_before_it():
    frustum = shape_view(0.3, 0.4)
    alone_inside = [[0.0, 0.0, 1.0], [0.3, 0.0, -1.0], [0.0, 0.4, -0.5]]
    alone_behind = [[0.0, 0.0, 1.0], [0.3, 0.0, 1.2], [0.0, 0.4, -0.5]]
    behind = [[0.0, 0.0, -1.0], [0.3, 0.0, -1.2], [0.0, 0.4, -0.5]]
    points = at_camera(frustum, alone_inside + alone_behind + behind)
    surface = make_surface(points, np.arange(9).reshape(3, 3))
    projected = project(surface, frustum, 32, Buffers())
    assert projected.behind
    assert projected.cut
    assert sorted(projected.parents) == [0, 1, 1]
    clip = -1.0 / projected.points[projected.faces][:, :, 2].min()
    assert 0.0 < clip < 0.1 * frustum.near
    depths = -1.0 / projected.points[projected.faces][:, :, 2]
    assert (np.isclose(depths, clip).sum(axis=1) >= 1).all()
    # The parts before the cut, and no more: areas in a plane of the camera frame.
    image = projected.points[projected.faces]
    x = (image[:, :, 1] / 32 - 0.5) * depths / frustum.focal
    y = (image[:, :, 0] / 32 - 0.5) * depths / frustum.focal
    areas = 0.5 * np.abs(
        (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])
    )
    first, second = (1.0 - clip) / 2.0, (1.0 - clip) / 1.5
    assert areas[projected.parents == 0].sum() == pytest.approx(0.06 * first * second, rel=1e-6)
    left, right = (clip + 0.5) / 1.5, (clip + 0.5) / 1.7
    assert areas[projected.parents == 1].sum() == pytest.approx(0.06 * (1.0 - left * right), rel=1e-6)


def test_both_faces_at_an_edge_are_cut_at_the_same_point():
    frustum = shape_view(0.3, 0.4)
    corners = [[0.1, 0.2, 1.0], [0.313, 0.17, -0.77], [-0.2, 0.1, -0.9], [0.4, -0.3, 1.3]]
    for faces in ([[0, 1, 2], [1, 0, 3]], [[2, 0, 1], [3, 1, 0]], [[1, 2, 0], [0, 3, 1]]):
        surface = make_surface(at_camera(frustum, corners), np.array(faces))
        projected = project(surface, frustum, 32, Buffers())
        nearest = projected.points[:, 2] == projected.points[projected.faces][:, :, 2].min()
        used = np.isin(np.arange(len(projected.points)), projected.faces)
        cut = projected.points[nearest & used]
        # Three edges are cut, one of them in both faces.
        assert len(cut) == 4
        assert len(np.unique(cut, axis=0)) == 3


def test_pieces_do_not_depend_on_the_order_of_corners():
    frustum = shape_view(0.3, 0.4)
    corners = at_camera(frustum, [[0.0, 0.1, 1.0], [0.3, 0.0, 1.2], [0.0, 0.4, -0.5]])
    found = []
    for order in itertools.permutations(range(3)):
        projected = project(make_surface(corners, np.array([order])), frustum, 32, Buffers())
        found.append({frozenset(map(tuple, piece)) for piece in projected.points[projected.faces]})
    assert len(found[0]) == 2
    assert all(pieces == found[0] for pieces in found)


def test_a_mesh_behind_the_eye_leaves_nothing():
    frustum = shape_view(0.3, 0.4)
    points = at_camera(frustum, [[0.0, 0.0, -1.0], [0.3, 0.0, -1.2], [0.0, 0.4, -0.5]])
    projected = project(make_surface(points, np.array([[0, 1, 2]])), frustum, 32, Buffers())
    assert len(projected.faces) == 0
    assert projected.behind
    assert projected.window().empty
