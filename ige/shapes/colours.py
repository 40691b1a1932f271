"""One colour per face, from whatever a file says of colours: face or vertex colours, materials, textures.

A texture gives each face its colour at the centre of the face. Faces are opaque, whatever a material says:
pictures then cover what grids fill. What cannot be found or decoded is grey.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint8]

GREY = (180, 180, 180, 255)
MOST_TEXELS = 1 << 26  # of a texture that is decoded: 8192 x 8192

_MOST_TEXELS_KEPT = 1 << 27  # of decoded textures that other materials may need again
_MOST_TEXELS_DECODED = 1 << 30  # of all textures of a file; the others are passed over


class ColourReader:
    """Colours of the geometries of one file; a texture that many of them share is decoded once.

    Args:
        linear: the file's factors and vertex colours are linear light, as in glTF, not sRGB.
        white_stands_in: the loader gives materials whose texture is missing a white factor.
    """

    def __init__(self, *, linear: bool, white_stands_in: bool = False) -> None:
        self._linear = linear
        self._white_stands_in = white_stands_in
        # The images themselves are kept, lest another gets the id of one that is gone.
        self._textures: dict[bytes | int | None, tuple[Any, Colours | None]] = {}
        self._kept = 0
        self._decodable = _MOST_TEXELS_DECODED

    def face_colours(self, geometry: Any) -> Colours:
        """Return (F, 4) sRGB colours of the faces of a `trimesh.Trimesh`."""
        grey = np.tile(np.array(GREY, dtype=np.uint8), (len(geometry.faces), 1))
        try:
            colours = self._of_visual(geometry)
        except Exception:
            # Materials are read by several libraries, each with errors of its own; no shape is lost for them.
            return grey
        if colours is None or colours.shape != grey.shape:
            return grey
        colours[:, 3] = 255
        return colours

    def _of_visual(self, geometry: Any) -> Colours | None:
        kind = geometry.visual.kind
        if kind == "texture":
            return self._of_material(geometry)
        if kind == "face":
            return self._from_file(np.array(geometry.visual.face_colors[:, :4], dtype=np.float64))
        if kind == "vertex":
            return self._from_file(_mean_of_corners(geometry.visual.vertex_colors, geometry.faces))
        return None

    def _of_material(self, geometry: Any) -> Colours | None:
        visual = geometry.visual
        factor, image = _factor_and_image(visual.material)
        sampled = None if image is None else self._sample(visual.uv, image, geometry.faces)
        if self._white_stands_in and sampled is None and factor is not None and np.min(factor[:3]) == 255:
            factor = None
        painted = visual.vertex_attributes.get("color")
        if sampled is None and factor is None and painted is None:
            return None
        light = np.ones((len(geometry.faces), 4))
        if factor is not None:
            light *= np.asarray(factor, dtype=np.float64) / 255.0
        if painted is not None:
            light *= _mean_of_corners(_to_bytes(painted), geometry.faces) / 255.0
        if sampled is not None:
            light *= _light_of(sampled / 255.0) if self._linear else sampled / 255.0
        return _rounded(_srgb_of(light) if self._linear else light)

    def _from_file(self, values: NDArray[np.float64]) -> Colours:
        return _rounded(_srgb_of(values / 255.0) if self._linear else values / 255.0)

    def _sample(self, uv: Any, image: Any, faces: NDArray[np.int64]) -> NDArray[np.float64] | None:
        texels = self._texels(image)
        if texels is None or uv is None or np.ndim(uv) != 2:
            return None
        centres = np.asarray(uv, dtype=np.float64)[faces, :2].mean(axis=1)
        # Outside the unit square a texture repeats itself.
        centres = np.where(np.isfinite(centres), centres, 0.0) % 1.0
        rows = ((1.0 - centres[:, 1]) * texels.shape[0]).astype(np.int64) % texels.shape[0]
        columns = (centres[:, 0] * texels.shape[1]).astype(np.int64) % texels.shape[1]
        sampled: NDArray[np.float64] = texels[rows, columns].astype(np.float64)
        return sampled

    def _texels(self, image: Any) -> Colours | None:
        if id(image) not in self._textures:
            # A file that several materials name comes as as many pictures.
            content = _content(image)
            known = self._textures.get(content)
            texels = self._newly_decoded(image) if known is None else known[1]
            self._textures[id(image)] = (image, texels)
            if content is not None:
                self._textures[content] = (image, texels)
        return self._textures[id(image)][1]

    def _newly_decoded(self, image: Any) -> Colours | None:
        size = image.width * image.height
        if not 0 < size <= min(MOST_TEXELS, self._decodable):
            return None
        if self._kept + size > _MOST_TEXELS_KEPT:
            self._textures.clear()
            self._kept = 0
        self._kept += size
        self._decodable -= size
        return _decoded(image)


def _content(image: Any) -> bytes | None:
    """Return the file that a picture is not yet decoded from, None if it is not to be had."""
    read = getattr(getattr(image, "fp", None), "getvalue", None)
    content = read() if read is not None else None
    return content if isinstance(content, bytes) else None


def _decoded(image: Any) -> Colours | None:
    try:
        return np.asarray(image.convert("RGBA"))
    except Exception:
        # Pillow's decoders raise what they like for a damaged picture.
        return None


def _factor_and_image(material: Any) -> tuple[Any, Any]:
    """Find a material's base colour, RGBA of 0 to 255, and its texture; None for what it does not state."""
    if hasattr(material, "baseColorFactor"):
        return material.baseColorFactor, material.baseColorTexture
    # An image that came from no file is the loader's stand-in for a material that is missing.
    image = material.image if getattr(material.image, "format", None) else None
    # In .mtl files the colour beside a texture is black, white or grey as the exporter pleased.
    stated = "kd" in getattr(material, "kwargs", {}) and image is None
    return (material.diffuse if stated else None), image


def _mean_of_corners(colours: Any, faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """(F, 4) mean of the colours (V, 4) of each face's corners."""
    mean: NDArray[np.float64] = np.asarray(colours, dtype=np.float64)[faces].mean(axis=1)
    return mean


def _to_bytes(colours: Any) -> NDArray[np.float64]:
    """Vertex colours (V, 3 | 4) of any kind of number as (V, 4) of 0 to 255."""
    values = np.asarray(colours)
    most = 1.0 if values.dtype.kind == "f" else float(np.iinfo(values.dtype).max)
    scaled = np.clip(values.astype(np.float64) / most, 0.0, 1.0) * 255.0
    if scaled.shape[1] == 3:
        return np.hstack([scaled, np.full((len(scaled), 1), 255.0)])
    return scaled


def _srgb_of(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(
        light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0.0031308) ** (1.0 / 2.4) - 0.055
    )


def _light_of(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4)


def _rounded(values: NDArray[np.float64]) -> Colours:
    finite = np.where(np.isfinite(values), values, 0.0)
    return np.floor(np.clip(finite, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
