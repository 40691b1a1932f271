"""Images as PNG: the same pixels, the same bytes, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ige.base.errors import InputError
from ige.storage.atomic import atomic_path


def check_picture(path: Path) -> None:
    """Tell early that an image cannot be written under this name.

    Raises:
        InputError: if the name does not end in .png.
    """
    if path.suffix.lower() != ".png":
        raise InputError("unknown suffix", where=path, expected=".png", found=path.suffix or "none")


def write_picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write an image (height, width, 3) or, with straight alpha, (height, width, 4).

    Raises:
        InputError: if the name does not end in .png.
        StorageError: if the file cannot be written.
    """
    check_picture(path)
    with atomic_path(path) as temporary:
        Image.fromarray(np.ascontiguousarray(pixels)).save(temporary, format="PNG")
