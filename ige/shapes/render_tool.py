"""Tool `render`: an image of a user's own mesh, matching the grid that `voxelise` makes of the same view.

| in | out |
| --- | --- |
| a mesh, a view | RGB with alpha, planar depth, normals |
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

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
    renderer: Literal["raster", "pyrender"],
    pixels: int,
    supersample: int,
    background: Literal["transparent", "white"],
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
    if depth is not None and depth == normals:
        raise InputError("--depth and --normals name one file", where=depth, expected="two files")
    _check_range("pixels", pixels, PIXELS)
    _check_range("supersample", supersample, SUPERSAMPLE)
    frustum = view.frustum()
    source = load_own_mesh(file, up=up, keep_scale=keep_scale, materials=renderer == "pyrender")
    rendering = draw(source.mesh, frustum, _Settings(renderer, pixels, supersample))
    image = rendering.rgba if background == "transparent" else _on_white(rendering.rgba)
    write_picture(out, image)
    for array_path, values in ((depth, rendering.depth), (normals, rendering.normals)):
        if array_path is not None:
            _write_array(array_path, values)
    share = 100.0 * float(rendering.mask.mean())
    lines = [
        f"mesh    {len(source.mesh.faces):,} faces",
        f"placed  {source.placed}",
        f"image   {pixels} pixels per side, {share:.2f} % covered",
    ]
    if not rendering.mask.any():
        lines.append("empty   Nothing is seen: the object lies outside the image or behind the camera.")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Settings:
    renderer: Literal["raster", "pyrender"]
    pixels: int
    supersample: int


def _check_range(name: str, value: int, bounds: tuple[int, int]) -> None:
    low, high = bounds
    if not low <= value <= high:
        raise InputError(f"no such number of {name}", expected=f"{low} to {high}", found=str(value))


def _on_white(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = image[..., 3:] / 255.0
    return np.asarray(np.rint(alpha * image[..., :3] + (1.0 - alpha) * 255.0), dtype=np.uint8)


def _write_array(path: Path, values: NDArray[np.float32]) -> None:
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=False)
    write_bytes(path, stream.getvalue())
