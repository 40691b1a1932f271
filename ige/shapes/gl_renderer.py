"""Images of meshes by pyrender (OpenGL without a display): colours and textures of materials.

Camera, light and conventions are those of `ige.grids.raster`, so both give much the same image of a mesh
without textures; not the same bytes, and drivers differ among themselves. Of a material count the base colour
and its texture; everything is matt and opaque. OpenGL gets the mesh in the camera frame, with normals turned
towards the camera, because in most collections of meshes winding means nothing.
"""

from __future__ import annotations

import atexit
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Floats, Frustum
from ige.grids.raster import AMBIENT, Rendering, lamps, linear_of_srgb, render, srgb_of_linear
from ige.shapes.gl_platform import VARIABLE, working_platform
from ige.shapes.mesh import Mesh

_GL_OF_CAMERA = np.array([1.0, -1.0, -1.0])  # OpenGL: x right, y up, z backward
_MATT = 1.06  # pyrender's matt white sends back 1 / this of the light of a lamp of strength pi
_GAMMA = 2.2  # of pyrender's shader, where sRGB is meant
_MARGIN = 1e-3  # relative, between the mesh and the planes that bound OpenGL's depths
_LEAST_DEPTH = 1e-3  # of the near plane's: nearer to the eye nothing is seen


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Faces that one call draws: indices of faces, and their texture with a place in it for each corner."""

    faces: NDArray[np.int64]
    image: Any = None
    factor: tuple[float, ...] = (1.0, 1.0, 1.0)
    places: Floats | None = None


@dataclass(frozen=True, slots=True)
class _Depths:
    """Planes that bound OpenGL's depths; `offset` is added to them to give planar depths."""

    near: float
    far: float
    offset: float


def render_gl(mesh: Mesh, frustum: Frustum, pixels: int, *, supersample: int) -> Rendering:
    """Draw a mesh with the textures of its scene, if it has one, and the colours of its other faces.

    Args:
        mesh: in the world.
        frustum: the camera; its planes do not cut.
        pixels: per side of the image.
        supersample: samples per side of a pixel.

    Returns:
        The image on a transparent background. Depths are taken up to half a sample beside those of `raster`,
        as OpenGL smooths edges; normals are those of `raster`, 0 where the two do not agree about an edge.

    Raises:
        InputError: if neither EGL nor OSMesa works.
        ValueError: as `raster` does.
    """
    exact = render(mesh.vertices, mesh.faces, mesh.face_colours, frustum, pixels, supersample=supersample)
    corners_cam = frustum.to_camera(mesh.vertices)[mesh.faces]
    depths = _depths(frustum, corners_cam)
    if depths is None:
        return exact  # everything lies behind the eye
    library = _pyrender()
    scene = library.Scene(bg_color=[0.0] * 4, ambient_light=[AMBIENT] * 3)
    primitives = [_primitive(library, mesh, part, corners_cam, depths) for part in _parts(mesh)]
    scene.add(library.Mesh(primitives))
    side = pixels * supersample
    scene.add(_camera(library, frustum, depths, side))
    for lamp in lamps():
        light = library.DirectionalLight(intensity=math.pi * _MATT * lamp[3])
        scene.add(light, pose=_pose_of_lamp(lamp[:3]))
    flags = library.RenderFlags.RGBA | library.RenderFlags.SKIP_CULL_FACES
    rgba, depth = _renderer(side).render(scene, flags=flags)
    if rgba.shape[2] == 3:
        # Through OSMesa edges are not smoothed, and alpha is not read.
        rgba = np.dstack([rgba, np.where(depth > 0.0, 255, 0).astype(np.uint8)])
    return _reduced(rgba, _planar(depth, depths, frustum), exact, supersample)


def _pyrender() -> Any:
    """Import pyrender for the platform that works; PyOpenGL chooses once, when it is first imported."""
    os.environ[VARIABLE] = working_platform().variable
    import pyrender

    return pyrender


def _renderer(side: int) -> Any:
    """Return the renderer of this process, set to images of a size."""
    renderer = _new_renderer(os.getpid())
    renderer.viewport_width = renderer.viewport_height = side
    return renderer


@cache
def _new_renderer(process: int) -> Any:
    """Make a renderer: one for a process, because the end of one ends all, and none survives a fork."""
    renderer = _pyrender().OffscreenRenderer(16, 16)
    # Left to the end of the interpreter, OpenGL is half gone by then, and says so on stdout and stderr.
    atexit.register(_delete, renderer, process)
    return renderer


def _delete(renderer: Any, process: int) -> None:
    if os.getpid() == process:  # a fork holds no context of its own to give back
        renderer.delete()


def _depths(frustum: Frustum, corners_cam: Floats) -> _Depths | None:
    least, most = float(corners_cam[..., 2].min()), float(corners_cam[..., 2].max())
    if frustum.projection == "orthographic":
        span = max(most - least, float(np.abs(corners_cam).max()) * _MARGIN)
        return _Depths(_MARGIN * span, (1.0 + 3.0 * _MARGIN) * span, least - 2.0 * _MARGIN * span)
    near = max((1.0 - _MARGIN) * least, _LEAST_DEPTH * frustum.near)
    return None if most <= near else _Depths(near, (1.0 + _MARGIN) * most, 0.0)


def _parts(mesh: Mesh) -> Iterator[_Part]:
    """Tell the faces with a texture, one geometry of the scene at a time, from all others."""
    plain = np.ones(len(mesh.faces), dtype=np.bool_)
    start = 0
    for node in mesh.scene.graph.nodes_geometry if mesh.scene is not None else ():
        geometry = mesh.scene.geometry.get(mesh.scene.graph[node][1])
        count = len(getattr(geometry, "faces", ()))
        faces = np.arange(start, start + count)
        start += count
        image, factor = _texture(geometry.visual) if count else (None, (1.0, 1.0, 1.0))
        if image is not None:
            plain[faces] = False
            places = np.asarray(geometry.visual.uv, dtype=np.float64)[geometry.faces, :2]
            yield _Part(faces, image, factor, np.where(np.isfinite(places), places, 0.0).reshape(-1, 2))
    if start not in (0, len(mesh.faces)):
        raise ValueError(f"the scene has {start} faces, the mesh {len(mesh.faces)}")
    if plain.any():
        yield _Part(np.flatnonzero(plain))


def _texture(visual: Any) -> tuple[NDArray[np.uint8] | None, tuple[float, ...]]:
    """Return the texture (H, W, 3) of a geometry's material, if any, and what its light is multiplied by."""
    factor: tuple[float, ...] = (1.0, 1.0, 1.0)
    if visual.kind != "texture" or np.ndim(visual.uv) != 2:
        return None, factor
    material = visual.material
    if hasattr(material, "baseColorTexture"):
        image = material.baseColorTexture
        if material.baseColorFactor is not None:
            factor = tuple(float(value) / 255.0 for value in material.baseColorFactor[:3])
    else:
        # An image that came from no file is the loader's stand-in for a material that is missing.
        image = material.image if getattr(material.image, "format", None) else None
    try:
        return (None if image is None else np.asarray(image.convert("RGB"))), factor
    except (OSError, ValueError, SyntaxError):
        return None, factor  # a damaged picture; the face colours stand in


def _primitive(library: Any, mesh: Mesh, part: _Part, corners_cam: Floats, depths: _Depths) -> Any:
    """Return faces with corners of their own, so that each has its own normal and colour."""
    corners = corners_cam[part.faces]
    normals = _normals(corners, perspective=depths.offset == 0.0)
    color_0 = None
    if part.places is None:
        light = linear_of_srgb()[mesh.face_colours[part.faces, :3]]
        color_0 = np.repeat(np.hstack([light, np.ones((len(light), 1))]), 3, axis=0)
    material = library.MetallicRoughnessMaterial(
        baseColorFactor=[*part.factor, 1.0],
        baseColorTexture=part.image,
        metallicFactor=0.0,
        roughnessFactor=1.0,
        alphaMode="OPAQUE",
    )
    return library.Primitive(
        positions=(corners - [0.0, 0.0, depths.offset]).reshape(-1, 3) * _GL_OF_CAMERA,
        normals=np.repeat(normals * _GL_OF_CAMERA, 3, axis=0),
        texcoord_0=part.places,
        color_0=color_0,
        material=material,
        mode=library.constants.GLTF.TRIANGLES,
    )


def _normals(corners_cam: Floats, *, perspective: bool) -> Floats:
    """(F, 3) unit normals of triangles (F, 3, 3), towards the camera."""
    edges = corners_cam[:, 1:] - corners_cam[:, :1]
    normals = np.cross(edges[:, 0], edges[:, 1])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(lengths > 0.0, normals / np.where(lengths > 0.0, lengths, 1.0), [0.0, 0.0, -1.0])
    away = np.sum(normals * corners_cam[:, 0], axis=1) if perspective else normals[:, 2]
    return np.where(away[:, None] > 0.0, -normals, normals)


def _camera(library: Any, frustum: Frustum, depths: _Depths, side: int) -> Any:
    planes = {"znear": depths.near, "zfar": depths.far}
    if frustum.projection == "orthographic":
        half = 0.5 / frustum.focal
        return library.OrthographicCamera(half, half, **planes)
    focal, centre = frustum.focal * side, side / 2.0
    return library.IntrinsicsCamera(focal, focal, centre, centre, **planes)


def _pose_of_lamp(to_lamp_cam: Floats) -> Floats:
    """(4, 4) the pose of a lamp, which shines along its -z."""
    backward = to_lamp_cam * _GL_OF_CAMERA
    right = np.cross([0.0, 1.0, 0.0], backward)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(backward, right), backward], axis=1)
    return pose


def _planar(depth: NDArray[np.float32], depths: _Depths, frustum: Frustum) -> Floats:
    """Return planar depths, inf where nothing is seen, of what pyrender gives, 0 where nothing is seen."""
    near, far = depths.near, depths.far
    seen = depth > 0.0
    planar = np.where(seen, depth, 1.0).astype(np.float64)
    if frustum.projection == "orthographic":
        # pyrender takes every depth for that of a perspective camera.
        buffer = (far + near - 2.0 * near * far / planar) / (far - near)
        planar = near + (far - near) * (buffer + 1.0) / 2.0
    return np.where(seen, planar + depths.offset, np.inf)


def _reduced(rgba: NDArray[np.uint8], depth: Floats, exact: Rendering, supersample: int) -> Rendering:
    """Turn samples into pixels as `raster` does."""
    # On edges pyrender has mixed colours with a black background.
    covered = np.isfinite(depth) & (rgba[..., 3] > 0)
    colour = rgba[..., :3] / np.maximum(rgba[..., 3:], 1.0)
    light = np.where(covered[..., None], np.minimum(colour, 1.0) ** _GAMMA, 0.0)
    depth = np.where(covered, depth, np.inf)
    pixels, samples = len(rgba) // supersample, supersample * supersample
    blocks = (pixels, supersample, pixels, supersample)
    count = covered.reshape(blocks).sum(axis=(1, 3))
    mean = light.reshape(*blocks, 3).sum(axis=(1, 3)) / np.maximum(count, 1)[..., None]
    encoded = srgb_of_linear()
    out = np.zeros((pixels, pixels, 4), np.uint8)
    out[..., :3] = encoded[(mean * (len(encoded) - 1) + 0.5).astype(np.int64)]
    out[..., 3] = (2 * 255 * count + samples) // (2 * samples)
    nearest = depth.reshape(blocks).min(axis=(1, 3)).astype(np.float32)
    normals = np.where(np.isfinite(nearest)[..., None], exact.normals, np.float32(0.0))
    return Rendering(out, nearest, normals)
