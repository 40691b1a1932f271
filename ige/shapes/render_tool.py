"""Tool `render`: an image of a user's own mesh, matching the grid that `voxelise` makes of the same view.

| in | out |
| --- | --- |
| a mesh, a view | RGB with alpha, planar depth, normals |
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.shapes.own_mesh import Up, View, load_own_mesh
from ige.shapes.rendering import draw
from ige.storage.atomic import write_bytes
from ige.storage.pictures import check_picture, write_picture

PIXELS = (16, 4096)
SUPERSAMPLE = (1, 4)


def render_own_mesh(
    file: Path,
    *,
    out: Path,
    depth: Path | None,
    normals: Path | None,
    view: View,
    renderer: str,
    pixels: int,
    supersample: int,
    background: str,
    up: Up | None,
    keep_scale: bool,
) -> str:
    """Draw a mesh file.

    Args:
        file: obj, ply, stl, off, gltf, glb or dae.
        out: image to write, .png.
        depth: planar depth to write, (P, P) float32, inf where nothing is seen, .npy; None for none.
        normals: normals to write, (P, P, 3) float32, camera frame, .npy; None for none.
        view: whence it is seen.
        renderer: "raster" or "pyrender".
        pixels: per side of the image.
        supersample: samples per side of a pixel.
        background: "transparent" or "white".
        up: axis that points up in the file; None goes by the format.
        keep_scale: take coordinates as they are, z up.

    Returns:
        What was drawn, in a few lines.

    Raises:
        InputError: if an argument cannot be, or the file holds no mesh.
        StorageError: if a file cannot be written.
    """
    check_picture(out)
    for path in filter(None, [depth, normals]):
        if path.suffix.lower() != ".npy":
            raise InputError("unknown suffix", where=path, expected=".npy", found=path.suffix or "none")
    _check_range("pixels", pixels, PIXELS)
    _check_range("supersample", supersample, SUPERSAMPLE)
    frustum = view.frustum()
    source = load_own_mesh(file, up=up, keep_scale=keep_scale, scene=renderer == "pyrender")
