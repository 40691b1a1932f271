"""A picture of one reconstruction: what was given, what the model saw of it, and the mesh that came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ige.geometry.frustum import Floats, Frustum
from ige.grids.raster import render
from ige.report import fitted_text, style
from ige.report.contact_sheet import show
from ige.report.overlay import on_white, overlay
from ige.report.voxel_drawing import other_view, silhouette, turned

_PANEL_INCHES = 2.2
_GAP_INCHES = 0.1
_TOP_INCHES = 1.02
_BOTTOM_INCHES = 0.2
_BAR_INCHES = 0.55  # the bar and its numbers
_PIXELS = 440
_TITLE_SIZES = (12.0, 10.0, 8.0)
_FACT_SIZES = (8.0, 7.0, 6.0)
_POINTS = 72.0  # in an inch
_WORLD_TURN_DEGREES = 90.0  # between the two views of a mesh that has no camera

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Pictured:
    """One reconstruction.

    Attributes:
        title: what stands above it, in bold.
        facts: lines below the title.
        cutout: (H, W, 4) uint8, straight alpha: the given picture without its background.
        image: (P, P, 4) uint8, straight alpha: what the model saw.
        occupancy: (R, R, R) bool (row, column, depth).
        frustum: of the grid; an orthographic one has nothing to do with the image.
        vertices_world: (V, 3) of the mesh.
        faces: (F, 3).
        colours: (V, 4) uint8 sRGB of the vertices.
    """

    title: str
    facts: tuple[str, ...]
    cutout: Pixels
    image: Pixels
    occupancy: NDArray[np.bool_]
    frustum: Frustum
    vertices_world: Floats
    faces: NDArray[np.int64]
    colours: Pixels


def reconstruction_picture(made: Pictured, path: Path) -> None:
    """Draw a reconstruction.

    Raises:
        InputError: if the name ends in neither .png nor .svg.
        StorageError: if the picture cannot be written.
    """
    with style.styled():
        style.save_figure(_picture(made), path, dpi=150)


def _picture(made: Pictured) -> Figure:
    panels = _panels(made)
    step = _PANEL_INCHES + _GAP_INCHES
    width = _GAP_INCHES + len(panels) * step + _BAR_INCHES
    height = _TOP_INCHES + _PANEL_INCHES + _BOTTOM_INCHES
    figure = Figure(figsize=(width, height))
    _heading(figure, made)
    for place, (title, pixels) in enumerate(panels):
        left = (_GAP_INCHES + place * step) / width
        axes = figure.add_axes((left, _BOTTOM_INCHES / height, _PANEL_INCHES / width, _PANEL_INCHES / height))
        show(axes, pixels, "")
        axes.set_title(title, fontsize=9, pad=3)
    left = (_GAP_INCHES + len(panels) * step) / width
    box = (left, (_BOTTOM_INCHES + 0.1) / height, 0.09 / width, (_PANEL_INCHES - 0.2) / height)
    bar = figure.colorbar(ScalarMappable(cmap="viridis"), cax=figure.add_axes(box))
    bar.set_label("confidence", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    return figure


def _heading(figure: Figure, made: Pictured) -> None:
    width, height = figure.get_size_inches()
    left, room = _GAP_INCHES / width, (width - 2.0 * _GAP_INCHES) * _POINTS
    common: dict[str, Any] = {"ha": "left", "va": "top", "parse_math": False}
    (title,), size = fitted_text.shrunk(made.title, room, _TITLE_SIZES, 1, "bold")
    figure.text(left, 1.0 - 0.08 / height, title, fontsize=size, weight="bold", **common)
    facts = [fitted_text.shrunk(fact, room, _FACT_SIZES, 1) for fact in made.facts]
    text = "\n".join(line for fact, _ in facts for line in fact)
    smallest = min((size for _, size in facts), default=_FACT_SIZES[0])
    figure.text(left, 1.0 - 0.33 / height, text, fontsize=smallest, color=style.MUTED, **common)


def _panels(made: Pictured) -> list[tuple[str, Pixels]]:
    given = [("picture, cut out", on_white(_square(made.cutout)))]
    aside = other_view(made.occupancy, made.frustum)
    if made.frustum.projection == "orthographic":
        views = [("mesh, from one side", aside), ("mesh, from another", turned(aside, _WORLD_TURN_DEGREES))]
        given.append(("what the model saw", on_white(made.image)))
    else:
        views = [("mesh, same camera", made.frustum), ("mesh, from the side", aside)]
        given += [
            ("what the model saw", on_white(made.image)),
            ("grid over it", overlay(made.image, silhouette(made.occupancy))),
        ]
    return given + [(title, _drawn(made, view)) for title, view in views]


def _square(image: Pixels) -> Pixels:
    """Return an image (H, W, 4) in the middle of a transparent square."""
    height, width = image.shape[:2]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.zeros((side, side, 4), dtype=np.uint8)
    square[top : top + height, left : left + width] = image
    return square


def _drawn(made: Pictured, view: Frustum) -> Pixels:
    colours = made.colours[made.faces, :3].mean(axis=1)
    faces = np.asarray(np.rint(colours), dtype=np.uint8)
    white = (255, 255, 255)
    drawing = render(made.vertices_world, made.faces, faces, view, _PIXELS, supersample=2, background=white)
    return drawing.rgba[..., :3]
