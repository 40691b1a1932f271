import numpy as np
import pytest

from ige.base.errors import InputError
from ige.shapes.mesh import Mesh, normalised, placement


def triangle(*corners):
    corners = np.array(corners, dtype=float)
    return Mesh(corners, np.array([[0, 1, 2]]), np.full((1, 4), 9, np.uint8))


def test_a_mesh_checks_what_it_is_given():
    colour = np.zeros((1, 4), np.uint8)
    with pytest.raises(ValueError, match=r"vertices must be \(V, 3\), found \(3, 2\)"):
        Mesh(np.zeros((3, 2)), np.zeros((1, 3), np.int32), colour)
    with pytest.raises(ValueError, match=r"faces must be \(F, 3\), found \(1, 4\)"):
        Mesh(np.zeros((4, 3)), np.zeros((1, 4), np.int32), colour)
    with pytest.raises(ValueError, match=r"face_colours must be \(2, 4\), found \(1, 4\)"):
        Mesh(np.zeros((3, 3)), np.zeros((2, 3), np.int32), colour)
    for wrong in (-1, 3):
        with pytest.raises(ValueError, match="none of the 3"):
            Mesh(np.zeros((3, 3)), np.array([[0, 1, wrong]]), colour)


def test_a_mesh_holds_the_kinds_of_numbers_it_promises():
    mesh = triangle((0, 0, 0), (1, 0, 0), (0, 1, 0))
    assert (mesh.vertices.dtype, mesh.faces.dtype, mesh.face_colours.dtype) == (
        np.float64,
        np.int32,
        np.uint8,
    )


@pytest.mark.parametrize("scale", [1e-150, 1e-12, 1.0, 1e12, 1e150])
def test_the_box_of_the_faces_gets_unit_diagonal_and_is_centred(scale):
    # The last vertex belongs to no face.
    corners = scale * np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 12], [500, 500, 500]])
    mesh = normalised(Mesh(corners, np.array([[0, 1, 2]]), np.zeros((1, 4), np.uint8)))
    box = np.array([mesh.vertices[:3].min(axis=0), mesh.vertices[:3].max(axis=0)])
    np.testing.assert_allclose(box.sum(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(box[1] - box[0], np.array([3, 4, 12]) / 13.0, atol=1e-12)


def test_normalising_twice_changes_nothing_to_speak_of():
    once = normalised(triangle((5, 0, 0), (9, 1, 0), (7, 3, 2)))
    np.testing.assert_allclose(normalised(once).vertices, once.vertices, atol=1e-15)


def test_the_matrix_of_a_placement_does_what_it_does():
    mesh = triangle((5, 0, 0), (9, 1, 0), (7, 3, 2))
    place = placement(mesh)
    moved = np.hstack([mesh.vertices, np.ones((3, 1))]) @ place.matrix().T
    np.testing.assert_allclose(moved[:, :3], place.apply(mesh.vertices), atol=1e-15)


@pytest.mark.parametrize(
    ("mesh", "message"),
    [
        (Mesh(np.zeros((3, 3)), np.zeros((0, 3)), np.zeros((0, 4))), "car.obj: no faces"),
        (triangle((1, 1, 1), (1, 1, 1), (1, 1, 1)), "car.obj: all vertices of faces lie at one point"),
        (triangle((0, 0, 0), (np.nan, 0, 0), (1, 1, 1)), "car.obj: coordinates that are no numbers"),
        (triangle((0, 0, 0), (np.inf, 0, 0), (1, 1, 1)), "car.obj: coordinates that are no numbers"),
        (triangle((-1e308, 0, 0), (1e308, 0, 0), (1, 1, 1)), "car.obj: a mesh too large or too small"),
        (triangle((0, 0, 0), (1e-310, 0, 0), (0, 0, 0)), "car.obj: a mesh too large or too small"),
    ],
)
def test_what_has_no_size_is_refused_in_one_line(mesh, message):
    with pytest.raises(InputError) as error:
        normalised(mesh, "car.obj")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
