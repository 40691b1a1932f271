"""Where in a user's picture the object is: by its transparency, or by a plain background.

A background is plain if the picture's edge has one colour: 9 in 10 of its pixels lie within 24 of 255 levels
of their median, in every channel. Background is what can be reached from the edge through pixels of that
colour, where 8 levels more than the edge itself varies are still that colour. So white parts of an object
before white stay the object's, as long as something darker surrounds them; and so do holes through which the
background shows. Make holes transparent where they matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.shapes.voxels.view_facts import OPAQUE

Background = Literal["auto", "alpha", "plain"]
Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

_EDGE = 0.01  # of the shorter side
_AGREEING = 90.0  # per cent of the edge's pixels
_MOST_SPREAD = 24.0  # levels of 255
_MORE = 8.0  # levels beyond the spread of the edge
_SPECK = 0.005  # of the object's largest part
_REMOVE = "Remove the background in an image editor and save the object with transparency (PNG)"


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """An object without its background.

    Attributes:
        rgba: (H, W, 4) uint8, straight alpha; the background has none.
        mask: (H, W) where the object is.
        by: "alpha" or "plain".
        colour: of a plain background, sRGB.
        specks: parts of the picture that were too small to be the object's.
    """

    rgba: Pixels
    mask: Mask
    by: Literal["alpha", "plain"]
    colour: tuple[int, int, int] | None
    specks: int


def cut_out(rgba: Pixels, background: Background, path: Path) -> Cutout:
    """Part an object from its background.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        background: "alpha": transparent | "plain": of one colour | "auto": transparent if any pixel is, to
            more than a half.
        path: for errors.

    Raises:
        InputError: if there is no such background, or nothing else.
    """
    transparent = bool((rgba[..., 3] < OPAQUE).any())
    if background == "alpha" and not transparent:
        raise InputError(
            "no pixel is transparent", where=path, found="the object everywhere", next_step=_REMOVE
        )
    if background == "alpha" or (background == "auto" and transparent):
        cutout = Cutout(rgba, rgba[..., 3] >= OPAQUE, "alpha", None, 0)
    else:
        cutout = _before_plain(rgba, path)
    if not cutout.mask.any():
        raise InputError(
            "nothing but background",
            where=path,
            expected="an object",
            found="an image that is transparent everywhere" if cutout.by == "alpha" else "one colour",
        )
    return cutout


def _before_plain(rgba: Pixels, path: Path) -> Cutout:
    from scipy import ndimage

    rgb = _on_white(rgba)
    colour, tolerance = _plain_colour(rgb, path)
    alike = np.abs(rgb - colour).max(axis=-1) <= tolerance
    labels, count = ndimage.label(alike)
    outside = np.zeros(count + 1, dtype=np.bool_)
    for line in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        outside[line] = True
    outside[0] = False
    mask, specks = _without_specks(~outside[labels])
    cut = np.dstack([np.rint(rgb).astype(np.uint8), np.where(mask, 255, 0).astype(np.uint8)])
    red, green, blue = (int(value) for value in np.rint(colour))
    return Cutout(cut, mask, "plain", (red, green, blue), specks)


def _on_white(rgba: Pixels) -> NDArray[np.float32]:
    alpha = rgba[..., 3:].astype(np.float32) / 255.0
    return np.asarray(alpha * rgba[..., :3] + (1.0 - alpha) * 255.0, dtype=np.float32)


def _plain_colour(rgb: NDArray[np.float32], path: Path) -> tuple[NDArray[np.float32], float]:
    """Return the colour (3,) of the edge, and by how much the background may differ from it."""
    width = max(1, round(_EDGE * min(rgb.shape[:2])))
    parts = (rgb[:width], rgb[-width:], rgb[width:-width, :width], rgb[width:-width, -width:])
    edge = np.concatenate([part.reshape(-1, 3) for part in parts])
    colour = np.median(edge, axis=0)
    spread = float(np.percentile(np.abs(edge - colour).max(axis=-1), _AGREEING))
    if spread > _MOST_SPREAD:
        raise InputError(
            "no plain background",
            where=path,
            expected=f"{_AGREEING:.0f} % of the edge within {_MOST_SPREAD:.0f} of 255 levels of one colour",
            found=f"within {spread:.0f}",
            next_step=_REMOVE,
        )
    return colour, spread + _MORE


def _without_specks(mask: Mask) -> tuple[Mask, int]:
    """Return a mask without parts that are much smaller than its largest, and how many these were."""
    from scipy import ndimage

    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    if not count:
        return mask, 0
    sizes = np.bincount(labels.ravel())[1:]
    kept = np.concatenate([[False], sizes >= _SPECK * sizes.max()])
    return np.asarray(kept[labels]), int(count - kept.sum())
