"""Grids drawn as smooth surfaces: objects are recognised where blocks of 32 cells a side are a riddle.

The surface parts exactly the filled cells from the empty ones: smoothing moves it between their centres, but
adds and loses no cell. An inference drawn with its truth shows in orange where it is wrong.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter
from skimage.measure import marching_cubes

from ige.geometry.frustum import Floats, Frustum
from ige.grids.raster import render
from ige.report.voxel_drawing import Cells, Pixels, coarsened, lifted

RIGHT = (150, 182, 214)
WRONG = (236, 140, 40)
TRUE = (176, 180, 186)
_SMOOTHING = 0.8  # cells
_LEVEL = 0.5
_REACH = 32.0  # so many lie within the side of a grid
_APART = 0.04  # of the level, at least, at the centres of cells


def draw_surface(
    occupancy: Cells, frustum: Frustum, view: Frustum, pixels: int, truth: Cells | None = None
) -> Pixels:
    """Draw the surface of a frustum's grid as another camera sees it.

    Args:
        occupancy: (R, R, R) bool (row, column, depth).
        frustum: where its cells lie.
        view: the camera of the drawing.
        pixels: per side of the drawing.
        truth: (R, R, R) of the same frustum: what is filled more than a 32nd of the grid's side (at least
            one cell) away from any true cell is orange, the rest blue; without it all is grey.

    Returns:
        (pixels, pixels, 3) uint8 on white.
    """
    if not occupancy.any():
        return np.full((pixels, pixels, 3), 255, dtype=np.uint8)
    cells, side = coarsened(occupancy)
    corners, faces = _surface(cells)
    colours = np.tile(np.array(TRUE, dtype=np.uint8), (len(faces), 1))
    if truth is not None:
        colours = _colours(corners[faces].mean(axis=1), coarsened(truth)[0])
    vertices = frustum.to_world(np.clip(corners * side, 0.0, len(occupancy)), len(occupancy))
    drawing = render(vertices, faces, colours, view, pixels, supersample=2, background=(255, 255, 255))
    return lifted()[drawing.rgba[..., :3]]


def _surface(cells: Cells) -> tuple[Floats, NDArray[np.int32]]:
    """Return the corners (V, 3) of the surface, in cells, and its triangles (F, 3)."""
    padded = np.pad(cells, 1)
    smooth = gaussian_filter(padded.astype(np.float32), _SMOOTHING)
    kept = np.where(padded, np.maximum(smooth, _LEVEL + _APART), np.minimum(smooth, _LEVEL - _APART))
    corners, faces, _, _ = marching_cubes(kept, _LEVEL)  # type: ignore[no-untyped-call]
    # Values stand at the centres of cells, the first of which was added.
    return np.asarray(corners, dtype=np.float64) - 0.5, np.asarray(faces, dtype=np.int32)


def _colours(middles: Floats, truth: Cells) -> Pixels:
    """Colour triangles by whether there is a true cell in or near theirs."""
    reach = max(1, round(len(truth) / _REACH))
    near = binary_dilation(truth, np.ones((3, 3, 3), dtype=bool), iterations=reach)
    places = np.clip(middles.astype(np.intp), 0, len(truth) - 1)
    right = near[tuple(places.T)][:, None]
    return np.where(right, np.array(RIGHT, np.uint8), np.array(WRONG, np.uint8))
