"""A picture of lifted poses, from the camera and from the side, for people who lift their own keypoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ige.report import pose_drawing as drawing
from ige.report import style

_MOST = 12
_COLUMNS = 6
_PANEL_INCHES = 1.15
_LEFT, _LABEL, _BOTTOM = 0.3, 0.3, 0.25  # room for text, inches


def pose_picture(poses_cam: NDArray[Any], path: Path) -> None:
    """Draw up to twelve poses, evenly spaced over the frames.

    Args:
        poses_cam: (F, 16, 3) metres, camera frame, joints in the order of `H36M_16`.
        path: picture to write, .png or .svg.

    Raises:
        InputError: if the name ends otherwise.
        StorageError: if the picture cannot be written.
        ValueError: for another shape, no poses, or poses that are not finite.
    """
    if poses_cam.ndim != 3 or poses_cam.shape[1:] != (16, 3) or len(poses_cam) == 0:
        raise ValueError(f"expected poses of shape (F, 16, 3) with F > 0, found {poses_cam.shape}")
    if not np.isfinite(poses_cam).all():
        raise ValueError("poses that are not finite cannot be drawn")
    count = min(_MOST, len(poses_cam))
    frames = np.linspace(0, len(poses_cam) - 1, count).round().astype(int).tolist()
    with style.styled():
        style.save_figure(_picture(poses_cam[frames], frames), path)


def _picture(poses: NDArray[Any], frames: list[int]) -> Figure:
    views = (drawing.camera_view(poses, drawing.depth_of_hips(poses)), drawing.side_view(poses))
    lows, highs = zip(*(drawing.bounds(view) for view in views), strict=True)
    extent = np.max([high - low for low, high in zip(lows, highs, strict=True)], axis=(0, 1))
    columns = min(_COLUMNS, len(frames))
    bands = -(-len(frames) // columns)
    panel = _PANEL_INCHES * extent[1] / extent[0]
    band = 2 * panel + _LABEL
    width, height = _LEFT + columns * _PANEL_INCHES, bands * band + _BOTTOM
    figure = Figure(figsize=(width, height))
    for number, frame in enumerate(frames):
        down, column = divmod(number, columns)
        for row, view in enumerate(views):
            bottom = height - down * band - _LABEL - (row + 1) * panel
            left = _LEFT + column * _PANEL_INCHES
            box = (left / width, bottom / height, _PANEL_INCHES / width, panel / height)
            axes = figure.add_axes(box)
            drawing.draw_body(axes, view[number])
            drawing.frame(axes, lows[row][number], highs[row][number], extent)
            if row == 0:
                axes.set_title(f"frame {frame}", fontsize=8.5, color=style.MUTED, pad=3)
            if column == 0:
                axes.set_ylabel(("camera", "side")[row], color=style.MUTED, fontsize=8.5)
    drawing.scale_bar(figure.axes[1])
    for text, colour, inches in (("left", drawing.LEFT, 0.5), ("right", drawing.RIGHT, 0.1)):
        place = (1.0 - inches / width, 0.07 / height)
        figure.text(*place, text, color=colour, ha="right", va="bottom", fontsize=8.5)
    return figure
