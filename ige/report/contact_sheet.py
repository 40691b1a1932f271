"""Contact sheets: of each example its image, the grid laid over it, slices, and the grid drawn in 3D.

To be looked at: whether shapes stand upright, whether grids are filled, and whether images and grids agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum
from ige.report import fitted_text, style
from ige.report.overlay import agreement, on_white, overlay
from ige.report.voxel_drawing import draw_grid, other_view, silhouette

TITLES = (
    "image",
    "grid over image",
    "mask and grid",
    "slice of a row",
    "slice of a column",
    "slice of a depth",
    "grid, same camera",
    "grid, from the side",
)

SHARP_DPI = 200

_PANEL_INCHES = 1.3
_GAP_INCHES = 0.06
_LEFT_INCHES = 1.75  # room for what stands beside an example
_MARGIN_INCHES = 0.06
_TOP_INCHES = 0.75
_SLICE_INCHES = 0.2  # room for what stands below a row of panels
_BOTTOM_INCHES = 0.08
_DRAWING_PIXELS = 320
_TITLE_SIZES = (7.5, 7.0, 6.5, 6.0, 5.5)  # points, the first in which a title fits
_TITLE_LINES = 3
_FACT_SIZES = (7.0, 6.5, 6.0, 5.5)
_NOTE_SIZE = 6.5
_POINTS = 72.0  # in an inch
_NEAR_MIDDLE = 8  # slices within this part of what is filled are near its middle
_FILLED = np.array([38, 66, 94], dtype=np.uint8)
_EMPTY = np.array([238, 241, 244], dtype=np.uint8)
NOTE = (
    "Over the image: the grid's silhouette in blue. Mask and grid: grey where both say object, magenta where "
    "the image alone does, blue where the grid alone does. Each slice is the fullest of those near the "
    "middle of the occupied cells. Drawn in 3D: near cells orange, far ones blue; from the side as large as "
    "fits."
)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One view of one shape.

    Attributes:
        title: what stands beside it, in bold.
        facts: lines below the title.
        image: (P, P, 4) uint8, straight alpha.
        occupancy: (R, R, R) bool (row, column, depth).
        frustum: of both.
        flagged: whether the facts need care; they are coloured then.
    """

    title: str
    facts: tuple[str, ...]
    image: NDArray[np.uint8]
    occupancy: NDArray[np.bool_]
    frustum: Frustum
    flagged: bool = False


def contact_sheet(examples: Sequence[Example], heading: str, path: Path, dpi: int = SHARP_DPI) -> None:
    """Draw one row of panels for each example.

    Args:
        examples: one for each row; without any, the heading stands alone.
        heading: stands above them.
        path: picture to write, .png or .svg.
        dpi: of a .png; a panel is 1.3 inches wide.

    Raises:
        InputError: if the name ends otherwise.
        StorageError: if the picture cannot be written.
    """
    with style.styled():
        style.save_figure(_sheet(examples, heading), path, dpi=dpi)


def _sheet(examples: Sequence[Example], heading: str) -> Figure:
    step = _PANEL_INCHES + _GAP_INCHES
    row_height = _PANEL_INCHES + _SLICE_INCHES
    width = _LEFT_INCHES + len(TITLES) * step
    height = _TOP_INCHES + len(examples) * row_height + _BOTTOM_INCHES
    figure = Figure(figsize=(width, height))
    left = _MARGIN_INCHES / width
    common = {"ha": "left", "va": "top", "parse_math": False}
    figure.text(left, 1.0 - 0.08 / height, heading, fontsize=11, weight="bold", **common)  # type: ignore[arg-type]
    room = (width - 2.0 * _MARGIN_INCHES) * _POINTS
    note = "\n".join(fitted_text.balanced(NOTE, room, _NOTE_SIZE))
    figure.text(left, 1.0 - 0.3 / height, note, fontsize=_NOTE_SIZE, color=style.MUTED, **common)  # type: ignore[arg-type]
    for number, example in enumerate(examples):
        bottom = height - _TOP_INCHES - number * row_height - _PANEL_INCHES
        _label(figure, example, (left, (bottom + _PANEL_INCHES) / height))
        for column, (picture, below) in enumerate(panels(example)):
            corner = ((_LEFT_INCHES + column * step) / width, bottom / height)
            axes = figure.add_axes((*corner, _PANEL_INCHES / width, _PANEL_INCHES / height))
            show(axes, picture, below)
            if number == 0:
                axes.set_title(TITLES[column], fontsize=8, pad=3)
    return figure


def _label(figure: Figure, example: Example, place: tuple[float, float]) -> None:
    left, top = place
    room = (_LEFT_INCHES - 2.0 * _MARGIN_INCHES) * _POINTS
    lines, size = fitted_text.shrunk(example.title, room, _TITLE_SIZES, _TITLE_LINES, "bold")
    common = {"ha": "left", "va": "top", "linespacing": 1.25, "parse_math": False}
    figure.text(left, top, "\n".join(lines), fontsize=size, weight="bold", **common)  # type: ignore[arg-type]
    down = (len(lines) * size * 1.35 + 2.0) / _POINTS / float(figure.get_figheight())
    colour = style.VERMILION if example.flagged else style.MUTED
    facts = [fitted_text.shrunk(fact, room, _FACT_SIZES, 1) for fact in example.facts]
    text = "\n".join(line for fact, _ in facts for line in fact)
    smallest = min((size for _, size in facts), default=_FACT_SIZES[0])
    figure.text(left, top - down, text, fontsize=smallest, color=colour, **common)  # type: ignore[arg-type]


def panels(example: Example) -> list[tuple[NDArray[np.uint8], str]]:
    """Draw the pictures of an example, in the order of `TITLES`, each with what stands below it."""
    occupancy, frustum = example.occupancy, example.frustum
    outline = silhouette(occupancy)
    row, column, depth = (_slice(occupancy, axis) for axis in range(3))
    return [
        (on_white(example.image), ""),
        (overlay(example.image, outline), ""),
        (agreement(example.image, outline), ""),
        # The far end of a slice seen from above is up, as on a map.
        (_filled(occupancy[row].T[::-1]), f"row {row}: column →, depth ↑"),
        (_filled(occupancy[:, column]), f"column {column}: depth →, row ↓"),
        (_filled(occupancy[:, :, depth]), f"depth {depth}: column →, row ↓"),
        (draw_grid(occupancy, frustum, frustum, _DRAWING_PIXELS), ""),
        (draw_grid(occupancy, frustum, other_view(occupancy, frustum), _DRAWING_PIXELS), ""),
    ]


def _slice(occupancy: NDArray[np.bool_], axis: int) -> int:
    """Choose the fullest slice near the mean of the occupied cells; the middle of an empty grid.

    Near, so that a hollow object shows that it is hollow; the fullest, because the mean may fall between
    parts. Near is an eighth of the object, or up to the nearest slice that holds anything.
    """
    counts = np.count_nonzero(occupancy, axis=tuple(other for other in range(3) if other != axis))
    occupied = np.flatnonzero(counts)
    if not len(occupied):
        return len(counts) // 2
    away = np.abs(occupied - int(np.average(np.arange(len(counts)), weights=counts)))
    reach = max(int(np.ptp(occupied)) // _NEAR_MIDDLE, int(away.min()))
    near = occupied[away <= reach]
    return int(near[np.lexsort((away[away <= reach], -counts[near]))[0]])


def _filled(cells: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.where(cells[..., None], _FILLED, _EMPTY)


def show(axes: Axes, picture: NDArray[np.uint8], below: str) -> None:
    """Put a picture on axes of its own, framed."""
    axes.imshow(picture, interpolation="nearest" if len(picture) <= _DRAWING_PIXELS else "antialiased")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color=style.GRID, linewidth=0.6)
    if below:
        axes.set_xlabel(below, fontsize=6, labelpad=2, color=style.MUTED)
