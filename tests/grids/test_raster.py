from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum, object_box, shape_view
from ige.grids import raster_kernels, raster_pixels
from ige.grids.buffers import Buffers
from ige.grids.clipping import project
from ige.grids.crossings import trace
from ige.grids.raster import AMBIENT, FILL, SUN, SUN_CAM, Rendering, render
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise

AHEAD = np.hstack([np.eye(3), np.zeros((3, 1))])  # the camera frame is the world
BOX_CORNERS = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
BOX_FACES = np.array(
    [
        *([0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]),
        *([2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]),
    ]
)
GREY = 200
NAN, FAR = [[0, 0, np.nan], [1, 0, 2], [0, 1, 2]], [[0, 0, 1e31], [1, 0, 2], [0, 1, 2]]
FINE = [[0, 0, 2.0], [1, 0, 2], [0, 1, 2]]


def looking_ahead(focal: float = 1.0) -> Frustum:
    return Frustum(AHEAD, focal, 0.5, 10.0)


def draw(
    vertices: object, faces: object, frustum: Frustum, pixels: int = 16, supersample: int = 1
) -> Rendering:
    colours = np.full((len(faces), 3), GREY, np.uint8)  # type: ignore[arg-type]
    return render(np.array(vertices), np.array(faces), colours, frustum, pixels, supersample=supersample)


def same(first: Rendering, second: Rendering) -> bool:
    pairs = zip(
        (first.rgba, first.depth, first.normals), (second.rgba, second.depth, second.normals), strict=True
    )
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


def test_a_tilted_plane_has_exact_depths_at_the_centres_of_its_pixels() -> None:
    # Z = 4 + X, seen at x = u - 0.5: Z = 4 / (1 - x)
    vertices = [[-3, -9, 1], [9, -9, 13], [9, 9, 13], [-3, 9, 1]]
    drawn = draw(vertices, [[0, 1, 2], [0, 2, 3]], looking_ahead())
    expected = 4.0 / (1.0 - ((np.arange(16) + 0.5) / 16 - 0.5))
    assert drawn.mask.all()
    np.testing.assert_allclose(drawn.depth, np.broadcast_to(expected, (16, 16)), rtol=1e-6)
    np.testing.assert_allclose(drawn.normals.reshape(-1, 3)[0], [np.sqrt(0.5), 0, -np.sqrt(0.5)], atol=1e-7)
    assert np.ptp(drawn.normals.reshape(-1, 3), axis=0).max() == 0


def test_an_orthographic_picture_has_rows_down_and_columns_right() -> None:
    # A rectangle in the quarter of +x, +z: right and up in the object box, which is seen along +y.
    vertices = [[0, -0.2, 0], [0.5, -0.2, 0], [0.5, -0.2, 0.25], [0, -0.2, 0.25]]
    drawn = draw(vertices, [[0, 1, 2], [0, 2, 3]], object_box(), pixels=8)
    expected = np.zeros((8, 8), bool)
    expected[2:4, 4:] = True
    np.testing.assert_array_equal(drawn.mask, expected)
    np.testing.assert_allclose(drawn.depth[expected], -0.2)
    assert np.isinf(drawn.depth[~expected]).all()
    np.testing.assert_array_equal(drawn.rgba[~expected], 0)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_sample_on_an_edge_or_a_corner_is_hit_once(points: list[tuple[int, int]]) -> None:
    # Four triangles from each side of a square around the image to a point, which often is a sample, as are
    # many on the edges: every sample is in one of them.
    hub = np.array([points[0][0] / 16, points[0][1] / 16, 1.0])
    square = np.array([[-2, -2, 1.0], [2, -2, 1.0], [2, 2, 1.0], [-2, 2, 1.0]])
    square[:, 0] += points[1][0] / 16
    hits = np.zeros((8, 8), int)
    for side in range(4):
        triangle = [square[side], square[(side + 1) % 4], hub]
        hits += draw(triangle, [[0, 1, 2]], looking_ahead(), pixels=8).mask
    np.testing.assert_array_equal(hits, 1)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_the_order_of_faces_and_of_corners_changes_no_byte(seed: int) -> None:
    # On a coarse lattice: faces meet, cross and cover each other at equal depths, some behind the eye.
    rng = np.random.default_rng(seed)
    vertices = rng.integers(-3, 4, (12, 3)).astype(float)
    faces = rng.integers(0, 12, (40, 3))
    colours = rng.integers(0, 2, (40, 3)).astype(np.uint8) * 90 + 100
    order = rng.permutation(40)
    turned = np.stack([np.roll(face, rng.integers(3)) for face in faces[order]])
    frustum = Frustum(np.hstack([np.eye(3), [[0.0], [0.0], [1.0]]]), 1.0, 0.5, 5.0)
    first = render(vertices, faces, colours, frustum, 16)
    assume(first.mask.any())
    assert same(first, render(vertices, turned, colours[order], frustum, 16))


def test_a_million_times_the_same_face() -> None:
    faces = np.tile([[0, 1, 2]], (1_000_000, 1))
    drawn, expected = (draw(FINE, some, looking_ahead(), 64) for some in (faces, faces[:1]))
    assert same(drawn, expected)
    assert expected.mask.sum() > 100


def test_a_doubled_face_shows_the_colour_of_its_front() -> None:
    corners = np.array([[-1, -1, 2], [1, -1, 2], [0, 1, 2.0]])
    towards = np.array([0, 2, 1])  # counter-clockwise on the screen: y points down
    faces, colours = np.array([towards, towards[::-1]]), np.array([[250, 0, 0], [0, 0, 250]], np.uint8)
    for order in ([0, 1], [1, 0]):
        drawn = render(corners, faces[order], colours[order], looking_ahead(), 16)
        assert (drawn.rgba[drawn.mask][:, 0] > 0).all()
        assert (drawn.rgba[drawn.mask][:, 2] == 0).all()


def facing(normal: NDArray[np.float64]) -> Rendering:
    """Draw a large plane with a normal, in front of the camera."""
    normal = normal / np.linalg.norm(normal)
    across = np.cross(normal, [0.3, 0.5, 0.1])
    across /= np.linalg.norm(across)
    along = np.cross(normal, across)
    centre = np.array([0.0, 0.0, 3.0])
    vertices = [centre + 20 * across, centre - 20 * across + 20 * along, centre - 20 * across - 20 * along]
    return draw(vertices, [[0, 1, 2]], looking_ahead(focal=8.0))


def linear(value: float) -> float:
    return ((value / 255 + 0.055) / 1.055) ** 2.4


def test_a_face_turned_to_the_sun_has_its_own_colour() -> None:
    assert pytest.approx(1.0) == SUN + AMBIENT
    drawn = facing(np.array(SUN_CAM))
    assert drawn.mask.mean() > 0.2
    assert np.unique(drawn.rgba[drawn.mask], axis=0).tolist() == [[GREY, GREY, GREY, 255]]


def test_a_face_turned_from_the_sun_gets_the_fill_light_alone() -> None:
    # The sun stands behind the camera: turned from it, but towards the camera, is what looks down and right.
    normal = np.array([0.8, 0.6, -0.45])
    sun = np.array(SUN_CAM) / np.linalg.norm(SUN_CAM)
    cosine = -(normal @ sun) / np.linalg.norm(normal)
    assert cosine > 0.05
    drawn = facing(normal)
    light = (AMBIENT + FILL * cosine) * linear(GREY)
    assert linear(float(drawn.rgba[8, 8, 0])) == pytest.approx(light, rel=0.03)


def test_three_sides_of_a_box_look_different_in_every_view() -> None:
    for azimuth in np.radians([15, 45, 75, 105, 130, 200, 250, 300, 340]):
        drawn = draw(0.25 * BOX_CORNERS, BOX_FACES, shape_view(float(azimuth), 0.48), pixels=64)
        values = np.unique(drawn.rgba[drawn.mask][:, 0])
        assert len(values) == 3
        assert np.diff(values.astype(int)).min() >= 20


def test_alpha_is_the_covered_share_and_colour_that_of_the_covered_part() -> None:
    # A rectangle that ends in the middle of column 4 of 8.
    vertices = [[-2, -2, 1], [1 / 16, -2, 1], [1 / 16, 2, 1], [-2, 2, 1]]
    drawn = draw(vertices, [[0, 1, 2], [0, 2, 3]], looking_ahead(), pixels=8, supersample=2)
    assert drawn.rgba[:, :, 3].tolist() == [[255] * 4 + [128] + [0] * 3] * 8
    assert len(np.unique(drawn.rgba[:, :5, :3])) == 1
    assert drawn.mask.tolist() == [[True] * 5 + [False] * 3] * 8


def test_a_background_makes_the_image_opaque() -> None:
    vertices, faces = [[-2, -2, 1], [1 / 16, -2, 1], [1 / 16, 2, 1], [-2, 2, 1]], [[0, 1, 2], [0, 2, 3]]
    black = np.zeros((2, 3), np.uint8)
    drawn = render(np.array(vertices), np.array(faces), black, looking_ahead(), 8, background=(255, 255, 255))
    # Half of the light of white is 188 in sRGB.
    assert drawn.rgba[:, :, 0].tolist() == [[0] * 4 + [188] + [255] * 3] * 8
    assert (drawn.rgba[:, :, 3] == 255).all()


def test_normals_and_depth_of_a_sphere() -> None:
    angles, heights = np.meshgrid(np.arange(64) / 64 * 2 * np.pi, np.linspace(0, np.pi, 33))
    vertices = np.stack(
        [np.sin(heights) * np.cos(angles), np.sin(heights) * np.sin(angles), np.cos(heights)], axis=-1
    )
    index = np.arange(33 * 64).reshape(33, 64)
    a, b = index[:-1], np.roll(index[:-1], -1, axis=1)
    c, d = index[1:], np.roll(index[1:], -1, axis=1)
    faces = np.concatenate([np.stack([a, b, d], -1).reshape(-1, 3), np.stack([a, d, c], -1).reshape(-1, 3)])
    frustum = shape_view(1.0, 0.3)
    drawn = draw(0.4 * vertices.reshape(-1, 3), faces, frustum, pixels=32)
    rows, columns = np.nonzero(drawn.mask)
    depth = drawn.depth[drawn.mask].astype(float)
    x, y = (
        ((columns + 0.5) / 32 - 0.5) * depth / frustum.focal,
        ((rows + 0.5) / 32 - 0.5) * depth / frustum.focal,
    )
    from_centre = np.stack([x, y, depth], -1) - frustum.to_camera(np.zeros(3))
    np.testing.assert_allclose(np.linalg.norm(from_centre, axis=1), 0.4, atol=0.002)
    assert (np.sum(drawn.normals[drawn.mask] * from_centre, axis=1) / 0.4 > 0.98).all()


def test_inside_a_box_everything_is_seen_and_nothing_is_behind() -> None:
    drawn = draw(BOX_CORNERS, BOX_FACES, looking_ahead(focal=0.4))
    assert drawn.mask.all()
    np.testing.assert_allclose(drawn.depth[7:9, 7:9], 1.0)
    assert drawn.depth.max() <= 1.0
    # Above and below is seen what lies above and below, though those walls reach behind the eye.
    np.testing.assert_allclose(drawn.normals[0, 8], [0, 1, 0], atol=1e-7)
    np.testing.assert_allclose(drawn.normals[15, 8], [0, -1, 0], atol=1e-7)


def test_what_lies_behind_the_eye_is_not_seen() -> None:
    assert not draw(BOX_CORNERS - [0, 0, 5], BOX_FACES, looking_ahead()).mask.any()


def test_vertices_of_no_face_are_nowhere() -> None:
    vertices = np.concatenate([FINE, [[0, 0, -1], [0, 0, 0], [5, 5, 1]]])
    assert same(draw(vertices, [[0, 1, 2]], looking_ahead()), draw(FINE, [[0, 1, 2]], looking_ahead()))


def test_what_lies_before_and_beyond_the_planes_is_seen() -> None:
    frustum = Frustum(AHEAD, 1.0, 2.0, 3.0)
    assert draw(0.1 * BOX_CORNERS + [0, 0, 0.5], BOX_FACES, frustum).mask.any()
    assert draw(3 * BOX_CORNERS + [0, 0, 20], BOX_FACES, frustum).mask.any()


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1e12, 1e29])
def test_tiny_and_huge_boxes(scale: float) -> None:
    ahead = Frustum(np.hstack([np.eye(3), [[0.0], [0.0], [3 * scale]]]), 1.0, scale, 4 * scale)
    plain = Frustum(np.hstack([np.eye(3), [[0.0], [0.0], [3.0]]]), 1.0, 1.0, 4.0)
    drawn, expected = (draw(s * BOX_CORNERS, BOX_FACES, f) for s, f in ((scale, ahead), (1.0, plain)))
    np.testing.assert_array_equal(drawn.mask, expected.mask)
    np.testing.assert_array_equal(drawn.rgba, expected.rgba)


@pytest.mark.parametrize("scale", [10.0, 1e6, 1e12, 1e29])
def test_the_inside_of_a_huge_box(scale: float) -> None:
    drawn, expected = (draw(s * BOX_CORNERS, BOX_FACES, looking_ahead(focal=0.4), 64) for s in (scale, 1.0))
    np.testing.assert_array_equal(drawn.rgba, expected.rgba)
    np.testing.assert_allclose(drawn.depth, scale * expected.depth, rtol=1e-5)


def test_faces_without_area() -> None:
    vertices = [[0, 0, 2], [0.5, 0.5, 2], [1, 1, 2], [0, 0, 2.0]]
    drawn = draw(vertices, [[0, 1, 2], [0, 3, 0], [1, 1, 1]], looking_ahead(), pixels=32)
    assert drawn.mask.mean() < 0.05
    lengths = np.linalg.norm(drawn.normals, axis=-1)
    np.testing.assert_allclose(lengths[drawn.mask], 1.0)


@pytest.mark.parametrize(
    ("vertices", "faces", "complaint"),
    [
        (NAN, [[0, 1, 2]], "finite"),
        (FAR, [[0, 1, 2]], "within 1e\\+30"),
        (FINE, [[0, 1, 3]], "index 3 vertices, found 0 to 3"),
        (FINE, [[0, 1, -1]], "found -1 to 1"),
        (FINE, np.empty((0, 3), int), "no faces"),
        (FINE, [[0.0, 1.0, 2.0]], "integers"),
        (FINE, [[0, 1, 2, 0]], "\\(F, 3\\)"),
        ([[0, 0], [1, 0], [0, 1]], [[0, 1, 2]], "\\(V, 3\\)"),
    ],
)
def test_meshes_that_cannot_be(vertices: object, faces: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        draw(vertices, faces, looking_ahead())


def test_other_arguments_that_cannot_be() -> None:
    vertices, faces, colours = np.array(FINE), np.array([[0, 1, 2]]), np.zeros((1, 3), np.uint8)
    with pytest.raises(ValueError, match="uint8"):
        render(vertices, faces, colours.astype(float), looking_ahead(), 16)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="each of 1 faces, found 2"):
        render(vertices, faces, np.zeros((2, 3), np.uint8), looking_ahead(), 16)
    with pytest.raises(ValueError, match="positive, found 0 and 2"):
        render(vertices, faces, colours, looking_ahead(), 0)
    with pytest.raises(ValueError, match="background"):
        render(vertices, faces, colours, looking_ahead(), 16, background=(0, 0, 256))


def test_no_kind_of_array_makes_kernels_compile_anew() -> None:
    vertices, faces = np.array(FINE), np.array([[0, 1, 2]])
    colours = np.full((1, 4), GREY, np.uint8)
    expected = render(vertices, faces, colours, looking_ahead(), 16)
    for array in (vertices, faces, colours):
        array.setflags(write=False)
    whole = Frustum(AHEAD, 1, 1, 10)  # type: ignore[arg-type]
    assert same(expected, render(vertices, faces, colours, whole, 16))
    turned = np.asfortranarray(vertices, dtype=np.float32), np.asfortranarray(faces, dtype=np.uint16)
    assert same(expected, render(*turned, np.asfortranarray(colours), looking_ahead(), 16))
    for name in ("to_camera", "clip", "to_samples", "rasterise", "light_faces"):
        assert len(getattr(raster_kernels, name).signatures) <= 1
    assert len(raster_pixels.resolve.signatures) == 1  # type: ignore[attr-defined]


def test_the_same_bytes_on_every_machine() -> None:
    # A rotation without rounding, and a mesh without sines.
    rotation = np.array([[0.6, 0.0, -0.8], [0.0, 1.0, 0.0], [0.8, 0.0, 0.6]])
    frustum = Frustum(np.hstack([rotation, [[0.0], [0.0], [4.0]]]), 1.5, 1.0, 8.0)
    rng = np.random.default_rng(0)
    vertices = np.concatenate([BOX_CORNERS, rng.integers(-999, 1000, (60, 3)) / 1000])
    faces = np.concatenate([BOX_FACES[:6], 8 + np.arange(60).reshape(20, 3)])
    colours = rng.integers(0, 256, (len(faces), 4), dtype=np.uint8)
    drawn = render(vertices, faces, colours, frustum, 48, supersample=3)
    content = drawn.rgba.tobytes() + drawn.depth.tobytes() + drawn.normals.tobytes()
    assert hashlib.sha256(content).hexdigest()[:16] == "6813465c9aa2ce1c"


def shapes(solids: Any) -> list[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """A closed body, overlapping closed bodies, and a body that lacks a side."""
    vertices, faces = solids.turned(solids.torus(), 3)
    pair = solids.together(
        solids.turned(solids.box([-0.3, -0.2, -0.1], [0.2, 0.1, 0.3]), 5), (vertices, faces)
    )
    return [(vertices, faces), pair, (vertices, faces[vertices[faces].mean(axis=1)[:, 0] > -0.1])]


@pytest.mark.parametrize("resolution", [32, 61])
def test_a_pixel_is_covered_where_its_line_through_the_grid_crosses_the_surface(
    solids: Any, views: list[Frustum], resolution: int
) -> None:
    for vertices, faces in shapes(solids):
        surface = make_surface(vertices, faces)
        for frustum in views:
            buffers = Buffers()
            projected = project(surface, frustum, resolution, buffers)
            window = projected.window()
            planes = trace(projected, window, buffers)
            crossed = np.zeros((resolution, resolution), bool)
            rows = slice(window.row, window.row + window.rows)
            columns = slice(window.column, window.column + window.columns)
            crossed[rows, columns] = planes.depth_blocks.any(axis=2) | (planes.depth_end > 0)
            np.testing.assert_array_equal(draw(vertices, faces, frustum, resolution).mask, crossed)


def widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask with all neighbours of its pixels."""
    padded, size = np.pad(mask, 1), len(mask)
    return np.logical_or.reduce([padded[i : i + size, j : j + size] for i in range(3) for j in range(3)])


@pytest.mark.parametrize("resolution", [32, 64])
def test_the_silhouette_of_a_grid_is_the_mask_but_for_a_band_of_a_cell(
    solids: Any, views: list[Frustum], resolution: int
) -> None:
    for vertices, faces in shapes(solids):
        surface = make_surface(vertices, faces)
        for frustum in views:
            grid = voxelise(surface, frustum, resolution, fill="exact", surface_union="thin")
            thin = grid.occupancy().any(axis=2)
            mask = draw(vertices, faces, frustum, resolution).mask
            assert (thin >= mask).all()
            # The points of a sheet may lie between the lines: more of them see it.
            fine = draw(vertices, faces, frustum, resolution, supersample=4).mask
            assert (thin <= widened(mask if surface.closed else fine)).all()
            filled = voxelise(surface, frustum, resolution, fill="exact").occupancy().any(axis=2)
            assert (filled <= mask).all()
            assert not surface.closed or (widened(filled) >= mask).all()
