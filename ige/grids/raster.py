"""Images of meshes by a z-buffer: colour, alpha, depth, normals; no graphics library, same bytes everywhere.

* Camera: that of the frustum; pixel centres at `(i + 0.5) / pixels`, as the centres of grid cells. With
  `supersample=1` and as many pixels as cells, a pixel is covered if its depth line through the grid crosses a
  triangle. The planes of the frustum do not cut; the eye does, just in front of itself.
* Raster rule, half-open: a sample on an edge or a corner belongs to one of the triangles there, so a closed
  surface has no pinholes and shared edges are not drawn twice. 1 / Z is interpolated, so depth is exact.
* Light, fixed in the camera frame, so that every view shows its faces apart: a sun over the left shoulder of
  whoever looks, a weak second sun that faces it from behind the object (0.015 of the first, as in the
  published renderings of ShapeNet), and a little light from everywhere.
  Matt, no shadows. Both sides of a face are lit alike: in most collections of meshes winding means nothing.
* Colour: bytes are sRGB; light is added up and averaged over samples in linear light. Alpha is the covered
  share of a pixel, its colour that of the covered samples (straight, not premultiplied). Faces are opaque.
* Equal depths: fronts (corners counter-clockwise) before backs, then a fixed order of colours and normals. So
  the order of faces changes nothing, and that of a face's corners nothing but which side is its front.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum
from ige.grids import raster_kernels as kernels
from ige.grids.raster_pixels import resolve

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SUN_CAM = (-0.4, -0.65, -0.65)  # to the lamp, not normalised: left, above, behind whoever looks
SUN = 0.85
FILL = 0.015 * SUN  # from the opposite direction
AMBIENT = 1.0 - SUN

GREATEST_COORDINATE = 1e30  # a depth must fit into float32

# Nearer to the eye nothing is seen: shares of the near plane's depth and of the depth of the farthest point.
_LEAST_DEPTH = 1e-6
_LEAST_SHARE = 1e-12
_LEVELS = 1 << 16
# One kind of array, so that kernels are compiled once.
_LAYOUT: tuple[Literal["C", "W"], ...] = ("C", "W")


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """What a camera sees of a mesh, P pixels a side.

    Attributes:
        rgba: (P, P, 4) uint8 sRGB, alpha straight.
        depth: (P, P) float32 planar depth of the nearest sample of a pixel, world units; inf where nothing is
            seen.
        normals: (P, P, 3) float32 of the nearest sample, camera frame, unit length, towards the camera; 0
            where nothing is seen.
    """

    rgba: Bytes
    depth: NDArray[np.float32]
    normals: NDArray[np.float32]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(P, P) where at least one sample of the pixel is covered."""
        return np.isfinite(self.depth)


def render(
    vertices: NDArray[np.floating[Any]],
    faces: NDArray[np.integer[Any]],
    face_colours: Bytes,
    frustum: Frustum,
    pixels: int,
    *,
    supersample: int = 2,
    background: tuple[int, int, int] | None = None,
) -> Rendering:
    """Draw a mesh of coloured triangles.

    Args:
        vertices: (V, 3) world.
        faces: (F, 3) indices into `vertices`.
        face_colours: (F, 3 or 4) sRGB; a fourth channel is ignored.
        frustum: the camera.
        pixels: per side of the image.
        supersample: samples per side of a pixel.
        background: sRGB, makes the image opaque; None leaves it transparent.

    Raises:
        ValueError: if an argument cannot be: shapes, types, indices, sizes, coordinates that are not finite
            or beyond 1e30.
    """
    points_world, corners = _checked_mesh(vertices, faces)
    colours = _checked_colours(face_colours, len(corners))
    behind = _light_behind(background)
    if pixels < 1 or supersample < 1:
        raise ValueError(f"pixels and supersample must be positive, found {pixels} and {supersample}")
    points_cam = kernels.to_camera(points_world, np.require(frustum.extrinsics, np.float64, _LAYOUT))
    perspective = frustum.projection == "perspective"
    nearness, winners, top, left = _visible(points_cam, corners, colours, frustum, pixels, supersample)
    looks = kernels.light_faces(
        winners, points_cam, corners, colours, perspective, lamps(), AMBIENT, linear_of_srgb()
    )
    drawn = _empty(pixels, background)
    out = drawn.rgba, drawn.depth, drawn.normals
    corner = top // supersample, left // supersample
    resolve(nearness, winners, looks, perspective, supersample, behind, srgb_of_linear(), *corner, *out)
    return drawn


def _visible(
    points_cam: Floats,
    corners: NDArray[np.int32],
    colours: Bytes,
    frustum: Frustum,
    pixels: int,
    supersample: int,
) -> tuple[Floats, NDArray[np.int32], int, int]:
    """Return the window of samples that `rasterise` gives."""
    perspective = frustum.projection == "perspective"
    focal, side = float(frustum.focal), pixels * supersample
    points, kept, owners = points_cam, corners, np.arange(len(corners), dtype=np.int32)
    least_depth = max(_LEAST_DEPTH * float(frustum.near), _LEAST_SHARE * float(points_cam[:, 2].max()))
    if perspective and bool((points_cam[:, 2] < least_depth).any()):
        points, kept, owners = kernels.clip(points_cam, corners, least_depth)
    samples = kernels.to_samples(points, focal, perspective, side)
    whole, uncut = (points_cam, corners), len(points_cam)
    return kernels.rasterise(
        *samples, kept, owners, *whole, uncut, colours, perspective, focal, side, supersample
    )


def _empty(pixels: int, background: tuple[int, int, int] | None) -> Rendering:
    """Return what is seen of nothing."""
    rgba = np.zeros((pixels, pixels, 4), dtype=np.uint8)
    if background is not None:
        rgba[:] = (*background, 255)
    depth = np.full((pixels, pixels), np.inf, dtype=np.float32)
    return Rendering(rgba, depth, np.zeros((pixels, pixels, 3), dtype=np.float32))


def _checked_mesh(
    vertices: NDArray[np.floating[Any]], faces: NDArray[np.integer[Any]]
) -> tuple[Floats, NDArray[np.int32]]:
    """Return vertices and faces as the kernels take them."""
    points = np.require(vertices, np.float64, _LAYOUT)
    corners = np.asarray(faces)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"vertices must be (V, 3), found {points.shape}")
    if corners.ndim != 2 or corners.shape[1] != 3 or not np.issubdtype(corners.dtype, np.integer):
        raise ValueError(f"faces must be (F, 3) integers, found {corners.shape} {corners.dtype}")
    if not len(corners):
        raise ValueError("the mesh has no faces")
    if int(corners.min()) < 0 or int(corners.max()) >= len(points):
        raise ValueError(f"faces must index {len(points)} vertices, found {corners.min()} to {corners.max()}")
    # NaN fails the comparison, too.
    if not bool((np.abs(points) <= GREATEST_COORDINATE).all()):
        raise ValueError(f"vertices must be finite and within {GREATEST_COORDINATE:g}")
    return points, np.require(corners, np.int32, _LAYOUT)


def _checked_colours(face_colours: Bytes, count: int) -> Bytes:
    colours = np.require(face_colours, None, _LAYOUT)
    if colours.dtype != np.uint8 or colours.ndim != 2 or colours.shape[1] not in (3, 4):
        raise ValueError(
            f"face_colours must be (F, 3) or (F, 4) uint8, found {colours.shape} {colours.dtype}"
        )
    if len(colours) != count:
        raise ValueError(f"there must be a colour for each of {count} faces, found {len(colours)}")
    return colours


def _light_behind(background: tuple[int, int, int] | None) -> Floats:
    if background is None:
        return np.empty(0)
    if len(background) != 3 or not all(0 <= value <= 255 for value in background):
        raise ValueError(f"background must be three values from 0 to 255, found {background}")
    return linear_of_srgb()[list(background)]


@cache
def lamps() -> Floats:
    """(2, 4): unit vectors to the suns, camera frame, and their strengths."""
    length = math.sqrt(sum(value * value for value in SUN_CAM))
    sun = [value / length for value in SUN_CAM]
    return np.array([[*sun, SUN], [*(-value for value in sun), FILL]])


@cache
def linear_of_srgb() -> Floats:
    """(256,) the light of each sRGB value, rounded so that no mathematical library decides the last bit."""
    values = (value / 255 for value in range(256))
    light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return np.array([round(value * (1 << 30)) / (1 << 30) for value in light])


@cache
def srgb_of_linear() -> Bytes:
    """(65536,) the sRGB value of light k / 65535, rounded halfway between the values' lights."""
    linear = linear_of_srgb()
    levels = np.arange(_LEVELS) / (_LEVELS - 1)
    return np.searchsorted((linear[:-1] + linear[1:]) / 2, levels, side="right").astype(np.uint8)
