import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ige.shapes import obj_faces
from ige.shapes.loading import load_mesh_bytes
from ige.shapes.obj_faces import cut_ears, plain_faces

ARROW = b"v 0 0 0\nv 4 0 0\nv 1 1 0\nv 0 4 0\n"  # concave at the third vertex


def faces(content):
    return [line.split()[1:] for line in plain_faces(content).split(b"\n") if line.startswith(b"f")]


def test_plain_files_are_returned_as_they_are():
    content = ARROW + b"vt 0 0\nf 1/1 2/1 3/1\nf 1 3 4\n"
    assert plain_faces(content) is content


def test_indices_that_count_backwards_count_from_their_own_line():
    first = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nvn 0 0 1\nf -3//-1 -2//-1 -1//-1\n"
    content = first + b"v 2 0 0\nv 3 0 0\nv 3 1 0\nf -3 -2 -1\n"
    assert faces(content) == [[b"1//1", b"2//1", b"3//1"], [b"4", b"5", b"6"]]


def test_convex_polygons_stay_for_the_loader():
    square = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1/1 2/2 3/3 4/4"
    assert faces(square) == [[b"1/1", b"2/2", b"3/3", b"4/4"]]


@pytest.mark.parametrize("order", ["1 2 3 4", "4 3 2 1", "3 4 1 2", "2 3 4 1"])
def test_concave_polygons_are_cut_inside_their_outline(order):
    triangles = faces(ARROW + b"f " + order.encode())
    # The one diagonal that lies inside is from the tip to the notch.
    assert [set(triangle) >= {b"1", b"3"} for triangle in triangles] == [True, True]
    assert {corner for triangle in triangles for corner in triangle} == {b"1", b"2", b"3", b"4"}


def test_continued_lines_are_one():
    assert len(faces(ARROW + b"f 1 2 \\\n3 4\n")) == 2


SQUARE = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 4\n"
WRITTEN = {
    "mark of UTF-8": b"\xef\xbb\xbf" + SQUARE,
    "tabs": SQUARE.replace(b" ", b"\t"),
    "indented": b"  " + SQUARE.replace(b"\n", b"\n\t "),
    "lines end in CR alone": SQUARE.replace(b"\n", b"\r"),
    "comments behind": SQUARE.replace(b"\n", b" # no-one reads 5 of this\n"),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_lines_are_read_however_they_are_written(way):
    mesh = load_mesh_bytes(WRITTEN[way], "a.obj", up="z", keep_scale=True)
    assert mesh.faces.shape == (2, 3)
    np.testing.assert_array_equal(mesh.vertices, [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])


def test_names_that_hold_a_hash_keep_it():
    content = b"mtllib a#1.mtl\nusemtl b #2\n" + ARROW + b"f 1 2 3\n"
    assert plain_faces(content) == content


@pytest.mark.parametrize("face", [b"f 0 1 2", b"f 1 0/1 2", b"f 1 2 -9", b"f 1 2 3 9", b"f 1 2 3 x"])
def test_faces_of_vertices_that_are_not_there_are_refused(face):
    with pytest.raises(ValueError, match=r"a face names|invalid literal"):
        plain_faces(ARROW + face)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0.2, 1.0), min_size=4, max_size=24))
def test_triangles_cover_a_star_and_nothing_else(radii):
    angles = np.linspace(0.0, 2.0 * np.pi, len(radii), endpoint=False)
    outline = np.array(radii)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    corners = outline[np.array(cut_ears(outline))]
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = 0.5 * (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    ahead = np.roll(outline, -1, axis=0)
    whole = 0.5 * (outline[:, 0] * ahead[:, 1] - outline[:, 1] * ahead[:, 0]).sum()
    # All of the right sign and together as large as the outline: they cannot overlap or leave it.
    assert (areas > -1e-12).all()
    assert areas.sum() == pytest.approx(whole)


def test_a_slit_to_a_hole_is_no_obstacle():
    outline = np.array(
        [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0], [1, 1], [1, 3], [3, 3], [3, 1], [1, 1]], dtype=float
    )
    corners = outline[np.array(cut_ears(outline))]
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = 0.5 * (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    assert (areas >= 0.0).all()
    assert areas.sum() == pytest.approx(16 - 4)


def test_a_polygon_that_crosses_itself_is_cut_somehow():
    outline = np.random.default_rng(0).normal(size=(200, 2))
    triangles = cut_ears(outline)
    assert len(triangles) == 198
    assert {corner for triangle in triangles for corner in triangle} == set(range(200))


def test_polygons_that_take_for_ever_are_refused(monkeypatch):
    angles = np.linspace(0, 20, 50)
    spiral = np.vstack(
        [np.stack([r * np.cos(angles), r * np.sin(angles)], 1) for r in (1 + angles, 2 + angles)]
    )
    corners = np.vstack([spiral[:50], spiral[:49:-1]])
    content = b"".join(b"v %f %f 0\n" % tuple(corner) for corner in corners)
    face = b"f " + b" ".join(b"%d" % (number + 1) for number in range(100)) + b"\n"
    assert plain_faces(content + face * 2).count(b"\nf ") == 2 * 98
    monkeypatch.setattr(obj_faces, "_MOST_TESTS", 300)
    with pytest.raises(ValueError, match="concave polygons of too many corners"):
        plain_faces(content + face * 100)
