"""A grid laid over its image, to see whether the two agree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

GRID_COLOUR = (0, 114, 178)
IMAGE_COLOUR = (204, 0, 120)  # unlike the orange of near cells and of warnings
_BOTH_COLOUR = (205, 210, 214)
_TINT = 0.25
_SIDE = 512  # pixels of an overlay at least, so that outlines are thin
_SEEN = 128  # alpha from which a pixel belongs to the object


def on_white(image: Pixels) -> Pixels:
    """Lay an image (P, P, 4) with straight alpha on white: (P, P, 3)."""
    alpha = image[..., 3:].astype(np.float64) / 255.0
    return np.asarray(np.rint(alpha * image[..., :3] + (1.0 - alpha) * 255.0), dtype=np.uint8)


def mask_of(image: Pixels) -> Cells:
    """Return (P, P) bool: the pixels that the object covers by half or more."""
    return np.asarray(image[..., 3] >= _SEEN)


def at_pixels(cells: NDArray[Any], pixels: int) -> NDArray[Any]:
    """Sample an array (R, R, ...) over the image at the centres of (pixels, pixels) pixels."""
    nearest = ((np.arange(pixels) + 0.5) * len(cells) / pixels).astype(np.intp)
    return cells[nearest[:, None], nearest[None, :]]


def overlay(image: Pixels, outline_of: Cells) -> Pixels:
    """Draw the silhouette of a grid (R, R) over its image (P, P, 4): tinted, with an outline.

    Returns:
        (Q, Q, 3) uint8, Q a multiple of P.
    """
    size = len(image) * max(1, _SIDE // len(image))
    picture = at_pixels(on_white(image), size).astype(np.float64)
    covered = at_pixels(outline_of, size)
    picture[covered] += _TINT * (np.array(GRID_COLOUR) - picture[covered])
    picture[covered & ~_shrunk(_shrunk(covered))] = GRID_COLOUR
    return np.asarray(np.rint(picture), dtype=np.uint8)


def _shrunk(cells: Cells) -> Cells:
    padded = np.pad(cells, 1, mode="edge")
    centre = padded[1:-1, 1:-1]
    return np.asarray(
        centre & padded[2:, 1:-1] & padded[:-2, 1:-1] & padded[1:-1, 2:] & padded[1:-1, :-2], dtype=np.bool_
    )


def agreement(image: Pixels, outline_of: Cells) -> Pixels:
    """Compare the mask of an image (P, P, 4) with the silhouette of a grid (R, R), pixel by pixel.

    Returns:
        (P, P, 3) uint8: grey where both say object, magenta where the image alone does, blue where the grid
        alone does, white elsewhere.
    """
    mask, covered = mask_of(image), at_pixels(outline_of, len(image))
    picture = np.full((*mask.shape, 3), 255, dtype=np.uint8)
    picture[mask & covered] = _BOTH_COLOUR
    picture[mask & ~covered] = IMAGE_COLOUR
    picture[covered & ~mask] = GRID_COLOUR
    return picture
