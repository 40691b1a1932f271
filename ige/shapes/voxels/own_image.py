"""A user's picture, made like the training images of a model: cut out, moved and scaled into their frame.

An object in a training image is seen from a fixed distance, the middle of its bounding box at the image's.
How large it then is depends on its proportions and on the view, which a picture does not tell: the picture is
scaled until the box about the object's mask is as large as the median box of the training views, and moved to
where that box lies. On generated shapes the median is 0.81 of the image's width and 8 in 10 objects lie
between 0.64 and 0.91, so the size of an answer is uncertain by about an eighth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ige.base.errors import InputError
from ige.shapes.voxels.image_file import LEAST_SIDE, read_picture
from ige.shapes.voxels.own_mask import Background, Cutout, cut_out
from ige.shapes.voxels.view_facts import OPAQUE, ViewFacts, box_of

Pixels = NDArray[np.uint8]

_MOST_REDUCED = 4  # times the image's side: what is larger is reduced by a whole number first


@dataclass(frozen=True, slots=True, eq=False)
class OwnImage:
    """A picture and the image that a model gets of it.

    Attributes:
        file: where it was read.
        width: of the picture, pixels.
        height: of the picture, pixels.
        cutout: the object without its background, at most 2048 pixels a side.
        rgba: (P, P, 4) uint8, straight alpha: in the frame of the training images.
        background: "alpha" or "plain": by what the object was cut out.
        object_side: longer side of the box about the object, pixels of the picture.
        cut: whether the object reaches the picture's edge, so that it may be cut off there.
        specks: parts of the picture that were too small to be the object's.
    """

    file: Path
    width: int
    height: int
    cutout: Pixels
    rgba: Pixels
    background: Literal["alpha", "plain"]
    object_side: int
    cut: bool
    specks: int

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(P, P) where the object is."""
        return self.rgba[..., 3] >= OPAQUE


def load_own_image(file: Path, *, views: ViewFacts, background: Background, keep_framing: bool) -> OwnImage:
    """Read a picture and bring it into the frame of the training images.

    Args:
        file: PNG, JPEG, WebP, BMP or TIFF; `image_file` tells which of them.
        views: of the model's training images.
        background: "auto", "alpha" or "plain", as `own_mask.cut_out` takes it.
        keep_framing: scale the picture as a whole, made square, and do not move the object.

    Raises:
        InputError: if the picture cannot be read, or the object in it not be found.
    """
    picture = read_picture(file)
    cutout = cut_out(picture.rgba, background, file)
    box = box_of(cutout.mask)
    if box is None:
        raise ValueError("cut_out refuses pictures without an object")
    top, left, bottom, right = box
    height, width = cutout.mask.shape
    scale = picture.width / width
    side = round(max(bottom - top, right - left) * scale)
    if side < LEAST_SIDE:
        raise InputError(
            "too small an object",
            where=file,
            expected=f"{LEAST_SIDE} pixels or more",
            found=f"{side} of {picture.width} x {picture.height}",
            next_step="Crop the image to the object",
        )
    window = _whole(height, width) if keep_framing else _window(box, views)
    own = OwnImage(
        file=file,
        width=picture.width,
        height=picture.height,
        cutout=cutout.rgba,
        rgba=_seen_through(cutout, window, views.pixels),
        background=cutout.by,
        object_side=side,
        cut=top == 0 or left == 0 or bottom == height or right == width,
        specks=cutout.specks,
    )
    if not own.mask.any():
        raise InputError(
            "too thin an object", where=file, found=f"nothing left of it at {views.pixels} pixels a side"
        )
    return own


@dataclass(frozen=True, slots=True)
class _Window:
    """A square in a picture, pixels from its upper left corner; it may reach out of the picture."""

    top: float
    left: float
    side: float


def _whole(height: int, width: int) -> _Window:
    side = max(height, width)
    return _Window((height - side) / 2.0, (width - side) / 2.0, side)


def _window(box: tuple[int, int, int, int], views: ViewFacts) -> _Window:
    top, left, bottom, right = box
    side = max(bottom - top, right - left) / views.box_side
    return _Window((top + bottom) / 2.0 - views.box_row * side, (left + right) / 2.0 - 0.5 * side, side)


def _seen_through(cutout: Cutout, window: _Window, pixels: int) -> Pixels:
    """Return what a window shows, (P, P, 4): the mean over the area of each pixel, transparent outside."""
    image = Image.fromarray(cutout.rgba)
    factor = max(1, int(window.side) // (_MOST_REDUCED * pixels))
    if factor > 1:
        image = image.reduce(factor)
    top, left, side = window.top / factor, window.left / factor, window.side / factor
    first_row, first_column = min(0, math.floor(top)), min(0, math.floor(left))
    last_row, last_column = max(image.height, math.ceil(top + side)), max(image.width, math.ceil(left + side))
    canvas = Image.new("RGBA", (last_column - first_column, last_row - first_row))
    canvas.paste(image, (-first_column, -first_row))
    corner = (left - first_column, top - first_row)
    # Averaging over areas that are smaller than a pixel would show the pixels.
    kind = Image.Resampling.BOX if side >= pixels else Image.Resampling.BILINEAR
    seen = canvas.resize((pixels, pixels), kind, box=(*corner, corner[0] + side, corner[1] + side))
    return np.array(seen)
