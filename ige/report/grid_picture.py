"""A picture of one grid, for people who voxelise their own mesh: the panels of a contact sheet, larger."""

from __future__ import annotations

import textwrap
from pathlib import Path

from matplotlib.figure import Figure

from ige.report import style
from ige.report.contact_sheet import NOTE, TITLES, Example, panels, show

_COLUMNS = 4
_PANEL_INCHES = 2.3
_GAP_INCHES = 0.08
_TEXT_INCHES = 0.42  # above and below each panel
_TOP_INCHES = 1.05
_LINE_LETTERS = 170


def grid_picture(example: Example, path: Path) -> None:
    """Draw a grid: its image, the grid laid over it, slices, and the grid in 3D.

    Args:
        example: title and facts stand above the panels.
        path: picture to write, .png or .svg.

    Raises:
        InputError: if the name ends otherwise.
        StorageError: if the picture cannot be written.
    """
    with style.styled():
        style.save_figure(_picture(example), path, dpi=150)


def _picture(example: Example) -> Figure:
    step, down = _PANEL_INCHES + _GAP_INCHES, _PANEL_INCHES + _TEXT_INCHES
    rows = -(-len(TITLES) // _COLUMNS)
    width, height = _GAP_INCHES + _COLUMNS * step, _TOP_INCHES + rows * down
    figure = Figure(figsize=(width, height))
    left = _GAP_INCHES / width
    figure.text(left, 1.0 - 0.08 / height, example.title, ha="left", va="top", fontsize=12, weight="bold")
    colour = style.VERMILION if example.flagged else style.INK
    facts = "\n".join(example.facts)
    figure.text(left, 1.0 - 0.33 / height, facts, ha="left", va="top", fontsize=8, color=colour)
    for place, (picture, below) in enumerate(panels(example)):
        row, column = divmod(place, _COLUMNS)
        bottom = height - _TOP_INCHES - row * down - _PANEL_INCHES
        corner = ((_GAP_INCHES + column * step) / width, bottom / height)
        axes = figure.add_axes((*corner, _PANEL_INCHES / width, _PANEL_INCHES / height))
        show(axes, picture, below)
        axes.set_title(TITLES[place], fontsize=9, pad=3)
    note = textwrap.fill(NOTE, _LINE_LETTERS)
    figure.text(left, 0.06 / height, note, ha="left", va="bottom", fontsize=6.5, color=style.MUTED)
    return figure
