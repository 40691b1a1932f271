"""A picture of one grid, for people who voxelise their own mesh: the panels of a contact sheet, larger."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from ige.report import fitted_text, style
from ige.report.contact_sheet import NOTE, TITLES, Example, panels, show

_COLUMNS = 4
_PANEL_INCHES = 2.3
_GAP_INCHES = 0.08
_TEXT_INCHES = 0.42  # above and below each panel
_TOP_INCHES = 1.05
_BOTTOM_INCHES = 0.2  # the note below stands apart from what is said below the panels
_TITLE_SIZES = (12.0, 10.0, 8.0)
_FACT_SIZES = (8.0, 7.0, 6.0)
_NOTE_SIZE = 6.5
_POINTS = 72.0  # in an inch


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
    width, height = _GAP_INCHES + _COLUMNS * step, _TOP_INCHES + rows * down + _BOTTOM_INCHES
    figure = Figure(figsize=(width, height))
    left, room = _GAP_INCHES / width, (width - 2.0 * _GAP_INCHES) * _POINTS
    common = {"ha": "left", "va": "top", "parse_math": False}
    (title,), size = fitted_text.shrunk(example.title, room, _TITLE_SIZES, 1, "bold")
    figure.text(left, 1.0 - 0.08 / height, title, fontsize=size, weight="bold", **common)  # type: ignore[arg-type]
    colour = style.VERMILION if example.flagged else style.INK
    facts = [fitted_text.shrunk(fact, room, _FACT_SIZES, 1) for fact in example.facts]
    text = "\n".join(line for fact, _ in facts for line in fact)
    smallest = min((size for _, size in facts), default=_FACT_SIZES[0])
    figure.text(left, 1.0 - 0.33 / height, text, fontsize=smallest, color=colour, **common)  # type: ignore[arg-type]
    for place, (picture, below) in enumerate(panels(example)):
        row, column = divmod(place, _COLUMNS)
        bottom = height - _TOP_INCHES - row * down - _PANEL_INCHES
        corner = ((_GAP_INCHES + column * step) / width, bottom / height)
        axes = figure.add_axes((*corner, _PANEL_INCHES / width, _PANEL_INCHES / height))
        show(axes, picture, below)
        axes.set_title(TITLES[place], fontsize=9, pad=3)
    note = "\n".join(fitted_text.balanced(NOTE, room, _NOTE_SIZE))
    figure.text(left, 0.06 / height, note, ha="left", va="bottom", fontsize=_NOTE_SIZE, color=style.MUTED)
    return figure
