"""Grids in three dimensions: the faces between occupied and empty cells, drawn by the renderer of the meshes.

A cell of a frustum grid is no cube: its faces lie in the world where the frustum puts them, so a grid drawn
from its own camera covers exactly the pixels that its silhouette covers.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Floats, Frustum, shape_view
from ige.grids.raster import render

Cells = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

MOST_CELLS = 128  # per side in a drawing; more would be smaller than its pixels
_CHECKED_CELLS = 64  # per side; up to here single cells can be told apart
_NEAR_COLOUR = np.array([236.0, 150.0, 40.0])
_FAR_COLOUR = np.array([20.0, 80.0, 160.0])
_DARKER = 0.9  # every other cell
_LIFT = 0.6
_OTHER_VIEW_DEGREES = 115.0
_FITTED_CELLS = 32  # per side; blocks as coarse as this say well enough how far a grid reaches
_DISTANCE = 2.4  # of the fitted camera, in radii of what it sees
_HALF_IMAGE = 0.48  # what is seen reaches this far from the image's middle, in widths of the image


def silhouette(occupancy: Cells) -> Cells:
    """Return (R, R) bool (row, column): where any cell along depth is occupied."""
    return np.asarray(occupancy.any(axis=2))


def coarsened(occupancy: Cells, most: int = MOST_CELLS) -> tuple[Cells, int]:
    """Join cells to blocks, at most `most` per side; a block is occupied if any of its cells is.

    Returns:
        The blocks (B, B, B), and how many cells a block has per side.
    """
    resolution = occupancy.shape[0]
    side = math.ceil(resolution / most)
    if side == 1:
        return occupancy, 1
    blocks = math.ceil(resolution / side)
    padded = np.pad(occupancy, [(0, blocks * side - resolution)] * 3)
    for axis in range(3):
        shape = padded.shape
        split = padded.reshape(*shape[:axis], blocks, side, *shape[axis + 1 :])
        padded = np.asarray(split.any(axis=axis + 1))
    return padded, side


def boundary(occupancy: Cells) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the faces that have an occupied cell on one side alone.

    Returns:
        corners: (Q, 4, 3) in cells (row, column, depth), in order around each face.
        cells: (Q, 3) the occupied cell of each face.
    """
    padded = np.pad(occupancy, 1)
    inside = padded[1:-1, 1:-1, 1:-1]
    corners, cells = [], []
    for axis in range(3):
        others = [other for other in range(3) if other != axis]
        for step in (-1, 1):
            neighbour = np.roll(padded, -step, axis=axis)[1:-1, 1:-1, 1:-1]
            owners = np.argwhere(inside & ~neighbour)
            faces = np.repeat(owners[:, None, :], 4, axis=1)
            faces[:, :, axis] += int(step == 1)
            faces[:, 1:3, others[0]] += 1
            faces[:, 2:4, others[1]] += 1
            corners.append(faces)
            cells.append(owners)
    return np.concatenate(corners), np.concatenate(cells)


def draw_grid(occupancy: Cells, frustum: Frustum, view: Frustum, pixels: int) -> Pixels:
    """Draw the occupied cells of a frustum's grid as another camera sees them.

    Near cells are orange, far ones blue, as seen from the grid's own camera; where cells are large enough,
    neighbours differ a little. Grids finer than `MOST_CELLS` are drawn in blocks.

    Args:
        occupancy: (R, R, R) bool (row, column, depth).
        frustum: where its cells lie.
        view: the camera of the drawing.
        pixels: per side of the drawing.

    Returns:
        (pixels, pixels, 3) uint8 on white.
    """
    if not occupancy.any():
        return np.full((pixels, pixels, 3), 255, dtype=np.uint8)
    resolution = occupancy.shape[0]
    blocks, side = coarsened(occupancy)
    corners, cells = boundary(blocks)
    points = np.minimum(corners * side, resolution).reshape(-1, 3).astype(np.float64)
    vertices = frustum.to_world(points, resolution)
    first = 4 * np.arange(len(corners), dtype=np.int32)[:, None]
    halves = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
    faces = np.concatenate([first + half for half in halves])
    colours = np.tile(_colours(cells, blocks.shape[0]), (2, 1))
    drawing = render(vertices, faces, colours, view, pixels, supersample=2, background=(255, 255, 255))
    return lifted()[drawing.rgba[..., :3]]


def lifted() -> Pixels:
    """(256,) brighter values of dark ones: steps between cells that face away would be black."""
    return np.asarray(np.rint(255.0 * (np.arange(256) / 255.0) ** _LIFT), dtype=np.uint8)


def _colours(cells: NDArray[np.int64], resolution: int) -> Pixels:
    depth = (cells[:, 2:] + 0.5) / resolution
    # Objects fill the middle of the range alone: spread the colours over it.
    weight = np.clip((depth - 0.2) / 0.6, 0.0, 1.0)
    colours = (1.0 - weight) * _NEAR_COLOUR + weight * _FAR_COLOUR
    if resolution <= _CHECKED_CELLS:
        odd = cells.sum(axis=1) % 2 == 1
        colours[odd] *= _DARKER
    return np.asarray(np.rint(colours), dtype=np.uint8)


def other_view(occupancy: Cells, frustum: Frustum) -> Frustum:
    """Choose a camera that sees what the frustum's own cannot: from behind, to the right, and all of it."""
    if frustum.projection == "orthographic":
        # A world grid is seen from the front, level: from above at an angle it shows more.
        view = shape_view(math.radians(-60.0), math.radians(28.0))
    else:
        view = turned(frustum, _OTHER_VIEW_DEGREES)
    if not occupancy.any():
        return view
    resolution = occupancy.shape[0]
    blocks, side = coarsened(occupancy, _FITTED_CELLS)
    corners = np.minimum(boundary(blocks)[0] * side, resolution).reshape(-1, 3)
    return _fitted(view, frustum.to_world(corners, resolution))


def _fitted(view: Frustum, points_world: Floats) -> Frustum:
    """Move a camera, but do not turn it, and choose its focal length: all points, as large as fits."""
    rotation = view.extrinsics[:, :3]
    points = points_world @ rotation.T
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    points = points - middle
    radius = float(np.linalg.norm(points, axis=1).max())
    away = _DISTANCE * radius
    offset = np.array([0.0, 0.0, away]) - middle
    focal = _HALF_IMAGE / float(np.abs(points[:, :2] / (points[:, 2:] + away)).max())
    return Frustum(np.hstack([rotation, offset[:, None]]), focal, away - radius, away + radius)


def turned(frustum: Frustum, degrees: float) -> Frustum:
    """Walk around the middle of a frustum about the world's vertical, against the clock as seen from above.

    Returns:
        The same camera from its new place.
    """
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    centre: Floats = frustum.to_world(np.array([0.5, 0.5, 0.5]), 1)
    rotation = frustum.extrinsics[:, :3] @ turn.T
    position = turn @ (frustum.position_world - centre) + centre
    extrinsics = np.hstack([rotation, -(rotation @ position)[:, None]])
    return Frustum(extrinsics, frustum.focal, frustum.near, frustum.far, frustum.projection)
