import numpy as np
import pytest
from PIL import Image

from ige.base.errors import InputError
from ige.shapes.own_mesh import View
from ige.shapes.render_tool import render_own_mesh

TETRAHEDRON = "v 0 0 0\nv 0.4 0 0\nv 0 0.4 0\nv 0 0 0.4\nf 1 2 3\nf 1 2 4\nf 1 3 4\nf 2 3 4\n"


@pytest.fixture
def options(tmp_path):
    path = tmp_path / "a.obj"
    path.write_text(TETRAHEDRON)
    return {
        "file": path,
        "out": tmp_path / "a.png",
        "depth": None,
        "normals": None,
        "view": View(),
        "renderer": "raster",
        "pixels": 32,
        "supersample": 2,
        "background": "transparent",
        "up": "z",
        "keep_scale": True,
    }


def read(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_image_depth_and_normals_agree(options, tmp_path):
    said = render_own_mesh(**options | {"depth": tmp_path / "d.npy", "normals": tmp_path / "n.npy"})
    image, depth, normals = read(options["out"]), np.load(tmp_path / "d.npy"), np.load(tmp_path / "n.npy")
    assert image.shape == (32, 32, 4)
    assert (depth.shape, depth.dtype) == ((32, 32), np.float32)
    assert normals.shape == (32, 32, 3)
    covered = np.isfinite(depth)
    assert 0 < covered.sum() < 32 * 32
    np.testing.assert_array_equal(image[..., 3] > 0, covered)
    np.testing.assert_allclose(np.linalg.norm(normals[covered], axis=-1), 1.0, atol=1e-5)
    assert f"{100 * covered.mean():.2f} % covered" in said


def test_white_is_opaque(options):
    render_own_mesh(**options)
    transparent = read(options["out"])
    render_own_mesh(**options | {"background": "white"})
    opaque = read(options["out"])
    assert opaque.shape == (32, 32, 3)
    assert (opaque[transparent[..., 3] == 0] == 255).all()
    solid = transparent[..., 3] == 255
    np.testing.assert_array_equal(opaque[solid], transparent[solid][:, :3])


def test_nothing_seen_is_said(options):
    behind = View(azimuth_degrees=210.0, distance=0.6)
    options["file"].write_text(TETRAHEDRON.replace("v 0", "v 9"))
    assert "Nothing is seen" in render_own_mesh(**options | {"view": behind})


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"pixels": 15}, "no such number of pixels: expected 16 to 4096, found 15"),
        ({"pixels": 5000}, "no such number of pixels"),
        ({"supersample": 0}, "no such number of supersample"),
    ],
)
def test_sizes_that_cannot_be(options, over, told):
    with pytest.raises(InputError, match=told):
        render_own_mesh(**options | over)
    assert not options["out"].exists()


@pytest.mark.parametrize("name", ["out", "depth", "normals"])
def test_suffixes_that_cannot_be(options, tmp_path, name):
    with pytest.raises(InputError, match=r"a\.tif: unknown suffix"):
        render_own_mesh(**options | {name: tmp_path / "a.tif"})


def test_depth_and_normals_cannot_share_a_file(options, tmp_path):
    with pytest.raises(InputError, match=r"one\.npy: --depth and --normals name one file"):
        render_own_mesh(**options | {"depth": tmp_path / "one.npy", "normals": tmp_path / "one.npy"})
    assert not options["out"].exists()
