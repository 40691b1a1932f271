"""Pictures that users bring: which files are read, and which are refused in one line.

Read: PNG, JPEG, WebP, BMP and TIFF of 8 bits a channel or fewer: colour, grey, black and white, palettes,
with or without transparency. Turned as their EXIF orientation says; colour profiles are not looked at. A JPEG
with further pictures behind the first, as telephones write them, is read as its first.

Refused, because any reading of them would be a guess: 16 bits and more a channel (depth maps and raw data
look so), floating point, CMYK, LAB and HSV, animations and files of several pages.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ige.base.errors import InputError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
LEAST_SIDE = 16
MOST_PIXELS = 1 << 26
MOST_SIDE = 2048  # larger pictures are reduced as they are read: networks see a few hundred pixels

_MOST_BYTES = 1 << 29
_MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr")
_NAMES = "PNG, JPEG, WebP, BMP or TIFF"
_OTHER_FORMATS = {
    b"GIF8": "a GIF",
    b"%PDF": "a PDF",
    b"<svg": "an SVG drawing",
    b"<?xml": "XML",
    b"8BPS": "a Photoshop file",
    b"v/1\x01": "OpenEXR",
    b"#?RAD": "Radiance HDR",
}
_BOX_FORMATS = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF", b"avif": "AVIF", b"avis": "AVIF"}
_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"II*\0", b"MM\0*")  # of formats that are read
_BITS_PER_SAMPLE = 258  # of TIFF
_PNG_DEPTH = 24  # where a PNG says how many bits a channel has
_EXPORT = "Save it as an 8-bit RGB or RGBA PNG"

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture that was read.

    Attributes:
        rgba: (H, W, 4) uint8, straight alpha, upright; reduced by a whole number to at most 2048 pixels a
            side.
        width: of the file's picture when upright.
        height: likewise.
    """

    rgba: Pixels
    width: int
    height: int


def read_picture(path: Path) -> Picture:
    """Read a picture.

    Raises:
        InputError: if the file is missing, empty, of another format, damaged, truncated, animated, too small
            or too large, or of a kind that is refused.
    """
    data = _bytes_of(path)
    with warnings.catch_warnings(), _without_chatter():
        warnings.simplefilter("ignore")  # Pillow warns of what it then reads or refuses
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_kind(image, data, path)
                return _upright(image)
        except InputError:
            raise
        except UnidentifiedImageError as error:
            if data.startswith(_STARTS):
                raise _damaged(path, "what cannot be read behind its first bytes") from error
            raise InputError(
                "no image that can be read", where=path, expected=_NAMES, found=_kind_of(data)
            ) from error
        except Image.DecompressionBombError as error:
            raise _too_large(path, "more") from error
        except Exception as error:
            # A decoder meets damage in more ways than can be listed.
            raise _damaged(path, str(error) or type(error).__name__) from error


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep libraries in C from printing what they find wrong: the error says it in one line."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        kept = os.dup(2)
    except OSError:
        os.close(nowhere)  # no standard error to print to
        yield
        return
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _bytes_of(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError("no file", where=path, expected="an image")
        if size > _MOST_BYTES:
            raise InputError(
                "too large a file",
                where=path,
                expected=f"{_MOST_BYTES >> 20} MiB at most",
                found=f"{size >> 20} MiB",
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("no such file", where=path, expected="an image") from error
    except OSError as error:
        raise InputError("cannot be read", where=path, found=error.strerror or str(error)) from error
    if not data:
        raise InputError("an empty file", where=path, expected=_NAMES)
    return data


def _check_kind(image: Image.Image, data: bytes, path: Path) -> None:
    width, height = image.size
    if min(width, height) < LEAST_SIDE:
        raise InputError(
            "too small an image",
            where=path,
            expected=f"{LEAST_SIDE} pixels a side or more",
            found=f"{width} x {height}",
        )
    if width * height > MOST_PIXELS:
        raise _too_large(path, f"{width} x {height}")
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise InputError(
            "an animation or several pages",
            where=path,
            expected="one picture",
            found=f"{getattr(image, 'n_frames', 'several')} frames",
            next_step="Save one of them on its own",
        )
    bits = _bits(image, data)
    if bits > 8:
        raise InputError(
            "too many bits a channel", where=path, expected="8", found=str(bits), next_step=_EXPORT
        )
    if image.mode not in _MODES:
        raise InputError(
            "colours of a kind that is not read",
            where=path,
            expected="RGB, grey or a palette, of 8 bits",
            found=image.mode,
            next_step=_EXPORT,
        )


def _too_large(path: Path, found: str) -> InputError:
    return InputError(
        "too large an image",
        where=path,
        expected=f"{MOST_PIXELS >> 20} megapixels at most",
        found=found,
        next_step="Reduce it to about 1000 pixels a side: no more is used",
    )


def _damaged(path: Path, found: str) -> InputError:
    return InputError(
        "a damaged or truncated image", where=path, found=found, next_step="Download or save it again"
    )


def _bits(image: Image.Image, data: bytes) -> int:
    """Return the bits of a channel in the file; Pillow cuts some 16 to 8 in silence."""
    if image.mode.startswith(("I", "F")):
        return 16 if ";16" in image.mode else 32
    if image.format == "PNG":
        return data[_PNG_DEPTH]
    tags: Any = getattr(image, "tag_v2", None)
    if image.format == "TIFF" and tags is not None:
        found = tags.get(_BITS_PER_SAMPLE, (1,))
        return max(found) if isinstance(found, tuple) else int(found)
    return 8


def _upright(image: Image.Image) -> Picture:
    image.load()
    turned = ImageOps.exif_transpose(image)
    if turned.mode in ("RGBX", "YCbCr"):
        turned = turned.convert("RGB")
    elif turned.mode == "La":
        turned = turned.convert("LA")
    rgba = turned.convert("RGBA")
    factor = -(-max(rgba.size) // MOST_SIDE)
    reduced = rgba.reduce(factor) if factor > 1 else rgba
    return Picture(np.array(reduced), *rgba.size)


def _kind_of(data: bytes) -> str:
    for start, name in _OTHER_FORMATS.items():
        if data.startswith(start):
            return name
    if data[4:8] == b"ftyp":
        return _BOX_FORMATS.get(data[8:12], "another format")
    return "another format"
