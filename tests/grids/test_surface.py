import numpy as np
import pytest

from ige.grids.surface import make_surface


def soup(vertices, faces):
    """The same triangles without a common corner."""
    return vertices[faces].reshape(-1, 3), np.arange(3 * len(faces)).reshape(-1, 3)


def test_corners_at_one_place_are_welded_and_unused_points_dropped(solids):
    vertices, faces = soup(*solids.box([0, 0, 0], [1, 2, 3]))
    surface = make_surface(np.vstack([[[9.0, 9, 9]], vertices]), faces + 1)
    assert surface.vertices.shape == (8, 3)
    assert surface.faces.dtype == np.int32
    assert surface.closed
    assert not surface.open_faces.any()
    np.testing.assert_array_equal(surface.vertices[surface.faces], vertices[faces])


def test_minus_zero_is_zero(solids):
    vertices, faces = soup(*solids.box([0, 0, 0], [1, 1, 1]))
    vertices[::2] *= np.where(vertices[::2] == 0.0, -1.0, 1.0)
    assert make_surface(vertices, faces).closed


def test_nearly_equal_is_not_equal(solids):
    vertices, faces = soup(*solids.box([0, 0, 0], [1, 1, 1]))
    vertices[0] += 1e-15
    assert not make_surface(vertices, faces).closed


def test_duplicates_and_faces_without_three_corners_count_for_nothing(solids):
    vertices, faces = solids.torus()
    extra = np.vstack([faces[:5], faces[:3, ::-1], [[0, 0, 1], [2, 2, 2]]])
    surface = make_surface(vertices, np.vstack([faces, extra]))
    assert surface.closed
    np.testing.assert_array_equal(surface.faces, make_surface(vertices, faces).faces)


def test_only_parts_with_a_hole_are_open(solids):
    box, torus = solids.box([2, 2, 2], [3, 3, 3]), solids.torus()
    vertices, faces = solids.together((torus[0], torus[1][1:]), box)
    surface = make_surface(vertices, faces)
    assert not surface.closed
    np.testing.assert_array_equal(surface.open_faces, np.arange(len(faces)) < len(torus[1]) - 1)


def test_touching_at_a_corner_does_not_join_parts(solids):
    box = solids.box([0, 0, 0], [1, 1, 1])
    other = solids.box([1, 1, 1], [2, 2, 2])
    vertices, faces = solids.together((box[0], box[1][1:]), other)
    assert make_surface(vertices, faces).open_faces.sum() == 11


def test_two_sheets_on_each_other_are_no_closed_surface():
    sheet = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    assert not make_surface(sheet, np.array([[0, 1, 2], [2, 1, 0]])).closed


def test_a_pane_listed_twice_is_no_wall_that_may_be_lost(solids):
    """A ring of four bars and, in its opening, a sheet that is joined to it all around."""
    bars = [
        solids.box([0, 0, 0], [3, 1, 1]),
        solids.box([0, 2, 0], [3, 3, 1]),
        solids.box([0, 1, 0], [1, 2, 1]),
        solids.box([2, 1, 0], [3, 2, 1]),
    ]
    pane = np.array([[1.0, 1, 0], [2, 1, 0], [2, 2, 0], [1, 2, 0]]), np.array([[0, 1, 2], [0, 2, 3]])
    surface = make_surface(*solids.together(*bars, pane, pane))
    assert not surface.closed
    assert surface.open_faces[-2:].all()


def test_repeated_faces_close_no_hole(solids):
    vertices, faces = solids.box([0, 0, 0], [1, 1, 1])
    assert not make_surface(vertices, np.vstack([faces[1:], faces[1:]])).closed
    fin = np.vstack([vertices, [[2.0, 0.5, 0.5]]])
    assert not make_surface(fin, np.vstack([faces, [[6, 7, 8], [6, 7, 8]]])).closed


def test_closed_does_not_depend_on_winding(solids):
    vertices, faces = solids.torus()
    faces[::3] = faces[::3, ::-1]
    assert make_surface(vertices, faces).closed


TRIANGLE = np.eye(3)
FACE = np.array([[0, 1, 2]])


@pytest.mark.parametrize(
    ("vertices", "faces", "message"),
    [
        (TRIANGLE * np.nan, FACE, "vertices must be finite, 3 of 3 are not"),
        (np.where(TRIANGLE > 0, np.inf, 0.0), FACE, "finite"),
        (TRIANGLE, FACE + 1, "faces must index 3 vertices, found indices 1 to 3"),
        (TRIANGLE, FACE - 1, "found indices -1 to 1"),
        (np.zeros((0, 3)), FACE, "faces must index 0 vertices"),
        (TRIANGLE, np.zeros((0, 3), int), "the mesh has no faces"),
        (TRIANGLE, np.array([[0, 1, 1]]), "no face has three distinct corners"),
        (np.ones((3, 3)), FACE, "no face has three distinct corners"),
        (TRIANGLE[:, :2], FACE, r"vertices must be \(V, 3\) numbers, found \(3, 2\)"),
        (TRIANGLE.astype(complex), FACE, "found .* complex128"),
        (TRIANGLE, FACE.astype(float), r"faces must be \(F, 3\) integers, found \(1, 3\) float64"),
        (TRIANGLE, FACE[0], r"found \(3,\) int64"),
    ],
)
def test_what_is_no_mesh_is_told(vertices, faces, message):
    with pytest.raises(ValueError, match=message):
        make_surface(vertices, faces)
