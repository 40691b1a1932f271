from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.frustum import Frustum, object_box, shape_view
from ige.grids.raster import Rendering, render
from ige.shapes.gl_platform import working_platform
from ige.shapes.mesh import Mesh

trimesh = pytest.importorskip("trimesh")
BOX_FACES = np.array(
    [
        *([0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]),
        *([2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]),
    ]
)
AHEAD = Frustum(np.hstack([np.eye(3), np.zeros((3, 1))]), 1.0, 0.5, 10.0)


@pytest.fixture(autouse=True)
def _machine() -> None:
    try:
        working_platform()
    except InputError as error:
        pytest.skip(str(error))


def draw_gl(mesh: Mesh, frustum: Frustum, pixels: int = 48, supersample: int = 2) -> Rendering:
    from ige.shapes.gl_renderer import render_gl

    return render_gl(mesh, frustum, pixels, supersample=supersample)


def box(scale: float = 0.25, *, turned: bool = False) -> Mesh:
    """A box in six colours; its winding at random if asked for."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1.2, 1.2) for z in (-0.8, 0.8)])
    colours = np.repeat(np.random.default_rng(1).integers(60, 256, (6, 4)), 2, axis=0)
    faces = np.where(np.arange(12)[:, None] % 2, BOX_FACES, BOX_FACES[:, ::-1]) if turned else BOX_FACES
    return Mesh(scale * corners, faces, colours)  # type: ignore[arg-type]


def inside(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without its pixels at the edge."""
    padded = np.pad(mask, 1, mode="edge")
    size = len(mask)
    shifted = [padded[i : i + size, j : j + size] for i in range(3) for j in range(3)]
    return np.logical_and.reduce(shifted)


def check_alike(drawn: Rendering, exact: Rendering) -> None:
    """Masks agree up to the pixels on edges; colours, depths and normals inside."""
    assert inside(exact.mask).sum() > 200
    assert drawn.mask[inside(exact.mask)].all()
    assert not drawn.mask[inside(~exact.mask)].any()
    np.testing.assert_array_equal(drawn.rgba[~drawn.mask], 0)
    # Away from the edges of faces, where a pixel is a mixture.
    flat = inside(exact.mask) & (np.ptp(exact.normals, axis=2) >= 0)
    for axis in range(3):
        flat &= inside(exact.normals[..., axis] == np.roll(exact.normals[..., axis], 1, axis=0))
        flat &= inside(exact.normals[..., axis] == np.roll(exact.normals[..., axis], 1, axis=1))
    assert flat.sum() > 100
    # Half a sample beside is a quarter of a pixel.
    finite = np.where(exact.mask, exact.depth, 0.0)
    steps = sum(np.abs(finite - np.roll(finite, 1, axis=axis))[flat] for axis in (0, 1))
    assert (np.abs(drawn.depth[flat] - exact.depth[flat]) < 1e-3 + 0.25 * steps).all()
    difference = np.abs(drawn.rgba[flat].astype(int) - exact.rgba[flat])
    assert difference.max() <= 8
    assert difference.mean() < 3
    np.testing.assert_array_equal(drawn.normals[flat], exact.normals[flat])


@pytest.mark.parametrize("azimuth", [0.5, 2.5, 4.0])
def test_pyrender_and_raster_see_the_same(azimuth: float) -> None:
    mesh, view = box(turned=True), shape_view(azimuth, 0.48)
    check_alike(draw_gl(mesh, view), render(mesh.vertices, mesh.faces, mesh.face_colours, view, 48))


def test_an_orthographic_view() -> None:
    mesh = box()
    exact = render(mesh.vertices, mesh.faces, mesh.face_colours, object_box(), 48)
    assert exact.depth[exact.mask].max() < 0
    check_alike(draw_gl(mesh, object_box()), exact)


def test_inside_and_behind() -> None:
    drawn = draw_gl(box(2.0), AHEAD)
    assert drawn.mask.all()
    np.testing.assert_allclose(drawn.depth[24, 24], 1.6, rtol=1e-3)
    behind = box()
    behind = Mesh(behind.vertices - [0.0, 0.0, 3.0], behind.faces, behind.face_colours)
    assert not draw_gl(behind, AHEAD).mask.any()


def test_a_texture_is_upright_and_not_mirrored() -> None:
    from PIL import Image

    # Red top left, green top right, blue bottom left, grey bottom right.
    quarters = np.array([[[250, 0, 0], [0, 250, 0]], [[0, 0, 250], [90, 90, 90]]], np.uint8)
    picture = Image.fromarray(np.kron(quarters, np.ones((16, 16, 1), np.uint8)))
    vertices = np.array([[-1, -1, 2], [1, -1, 2], [1, 1, 2], [-1, 1, 2.0]])  # y points down here
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=picture)
    visual = trimesh.visual.TextureVisuals(uv=[[0, 1], [1, 1], [1, 0], [0, 0]], material=material)
    behind = vertices + np.array([0.0, 0.0, 1.0])
    plain = trimesh.Trimesh(behind, faces, process=False)
    scene = trimesh.Scene(
        {"plain": plain, "shown": trimesh.Trimesh(vertices, faces, visual=visual, process=False)}
    )
    both = np.concatenate([behind, vertices])
    mesh = Mesh(both, np.concatenate([faces, faces + 4]), np.full((4, 4), 200), scene)  # type: ignore[arg-type]
    drawn = draw_gl(mesh, AHEAD, pixels=32)
    assert drawn.mask.all()
    for row, column in np.ndindex(2, 2):
        seen = drawn.rgba[8 + 16 * row, 8 + 16 * column, :3].astype(float)
        wanted = quarters[row, column].astype(float)
        np.testing.assert_allclose(seen / seen.max(), wanted / wanted.max(), atol=0.12)


def test_a_scene_that_is_of_another_mesh() -> None:
    mesh = box()
    scene = trimesh.Scene(trimesh.Trimesh(mesh.vertices, mesh.faces[:3], process=False))
    with pytest.raises(ValueError, match="the scene has 3 faces, the mesh 12"):
        draw_gl(Mesh(mesh.vertices, mesh.faces, mesh.face_colours, scene), shape_view(0.0, 0.4))


def test_the_end_of_the_process_is_silent(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (8, 8), (200, 20, 20)).save(tmp_path / "t.png")
    (tmp_path / "a.mtl").write_text("newmtl m\nmap_Kd t.png\n")
    # Only textures are given back through what Python has unloaded by then.
    (tmp_path / "a.obj").write_text(
        "mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nvt 0 0\nusemtl m\n"
        "f 1/1 2/1 3/1\nf 1/1 2/1 4/1\nf 1/1 3/1 4/1\nf 2/1 3/1 4/1\n"
    )
    options = ["--renderer", "pyrender", "--pixels", "16", "--out", str(tmp_path / "a.png")]
    done = subprocess.run(
        [sys.executable, "-m", "ige", "render", str(tmp_path / "a.obj"), *options],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["mesh", "placed", "image"]
    assert done.stderr == ""
