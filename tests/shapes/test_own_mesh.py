import math

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.shapes.own_mesh import View, load_own_mesh, up_of

BOX = """\
v 1 2 3
v 3 2 3
v 3 6 3
v 1 6 3
v 1 2 4
v 3 2 4
v 3 6 4
v 1 6 4
f 1 2 3 4
f 5 6 7 8
f 1 2 6 5
f 2 3 7 6
f 3 4 8 7
f 4 1 5 8
"""


@pytest.fixture
def box(tmp_path):
    """A box of 2 x 4 x 1, away from the origin."""
    path = tmp_path / "box.obj"
    path.write_text(BOX)
    return path


def moved(source, points):
    return points @ source.mesh_to_world[:, :3].T + source.mesh_to_world[:, 3]


@pytest.mark.parametrize(("up", "extents"), [(None, (2, 1, 4)), ("y", (2, 1, 4)), ("z", (2, 4, 1))])
def test_a_mesh_is_turned_upright_centred_and_scaled(box, up, extents):
    source = load_own_mesh(box, up=up, keep_scale=False)
    low, high = source.mesh.vertices.min(axis=0), source.mesh.vertices.max(axis=0)
    np.testing.assert_allclose(high - low, np.array(extents) / math.sqrt(21), atol=1e-12)
    np.testing.assert_allclose(high + low, 0.0, atol=1e-12)
    raw = load_own_mesh(box, up=None, keep_scale=True)
    np.testing.assert_allclose(moved(source, raw.mesh.vertices), source.mesh.vertices, atol=1e-12)


def test_kept_coordinates_are_those_of_the_file(box):
    source = load_own_mesh(box, up=None, keep_scale=True)
    np.testing.assert_array_equal(source.mesh.vertices.max(axis=0), [3, 6, 4])
    np.testing.assert_array_equal(moved(source, source.mesh.vertices), source.mesh.vertices)
    assert load_own_mesh(box, up="z", keep_scale=True).placed == source.placed


def test_kept_coordinates_cannot_be_turned(box):
    with pytest.raises(InputError, match="z up: found --up y"):
        load_own_mesh(box, up="y", keep_scale=True)


@pytest.mark.parametrize(
    ("name", "content", "up"),
    [
        ("a.obj", b"", "y"),
        ("a.GLB", b"", "y"),
        ("a.stl", b"", "z"),
        ("a.PLY", b"", "z"),
        ("a.off", b"", "z"),
        ("a.dae", b"<asset><up_axis>Z_UP</up_axis></asset>", "z"),
        ("a.dae", b"<asset><up_axis> Y_UP</up_axis></asset>", "y"),
        ("a.dae", b"<asset/>", "y"),
    ],
)
def test_the_format_says_what_is_up(tmp_path, name, content, up):
    (tmp_path / name).write_bytes(content)
    assert up_of(tmp_path / name)[0] == up


def test_materials_are_turned_with_the_mesh(box):
    source = load_own_mesh(box, up="y", keep_scale=False, materials=True)
    np.testing.assert_allclose(
        source.mesh.scene.bounds, [source.mesh.vertices.min(axis=0), source.mesh.vertices.max(axis=0)]
    )


def test_a_view_in_degrees():
    frustum = View(azimuth_degrees=90.0, elevation_degrees=0.0, distance=2.0).frustum()
    np.testing.assert_allclose(frustum.position_world, [0.0, 2.0, 0.0], atol=1e-12)
    assert View(world=True, elevation_degrees=1000.0).frustum().projection == "orthographic"


@pytest.mark.parametrize(
    "wrong",
    [
        {"azimuth_degrees": math.nan},
        {"azimuth_degrees": math.inf},
        {"elevation_degrees": 90.5},
        {"elevation_degrees": math.nan},
        {"distance": 0.5},
        {"distance": math.inf},
        {"focal": 0.0},
        {"focal": -1.0},
        {"focal": math.nan},
    ],
)
def test_a_view_that_cannot_be_is_one_line(wrong):
    with pytest.raises(InputError):
        View(**wrong).frustum()
