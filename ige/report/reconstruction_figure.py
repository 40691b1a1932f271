"""Figure C: reconstructions of test views, seen from the camera and from another side.

The poster's figure: image and inference of several categories; truth and other models stand beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ige.geometry.frustum import object_box
from ige.grids.resample import resample
from ige.report import fitted_text, style
from ige.report.contact_sheet import show
from ige.report.overlay import on_white
from ige.report.surface_drawing import draw_surface
from ige.report.voxel_drawing import Pixels, other_view
from ige.report.voxel_examples import VoxelExamples
from ige.report.voxel_scores import Key

# The poster shows these; others follow in their own order.
_FIRST = ("rifle", "lamp", "table", "bench", "chair", "plane", "car")
_EXAMPLES = 6
# Of each family, in the order of the tables; a start that was trained longer is the last of its family.
_SHOWN = {"nearest-image": slice(1), "deconv": slice(-1, None), "head": slice(1), "ige": slice(2)}
_PANEL_INCHES = 1.32
_GAP_INCHES = 0.05
_MARGIN_INCHES = 0.06
_TOP_INCHES = 0.3
_BELOW_INCHES = 0.26  # room for what stands below a row of panels
_ROOM = 0.82  # share of a panel that the truth fills, seen from the other side
_PIXELS = 300  # of a panel
_BEFORE_ANSWERS = 2  # columns of image and truth
_SIZES = (8.5, 7.5, 6.5, 6.0)  # points, of titles: the first that fits
_NAME_LINES = 4
_POINTS = 72.0  # in an inch
_NONE = "No models of this run answered the same test views."


def shown_models(examples: Sequence[VoxelExamples]) -> list[VoxelExamples]:
    """Choose models of each family: first or last of those of the frustum, and one of the world."""
    chosen = []
    for family, some in _SHOWN.items():
        members = [each for each in examples if each.family == family]
        chosen += [each for each in members if each.coordinates == "frustum"][some]
        chosen += [each for each in members if each.coordinates == "world"][:1]
    return chosen


def reconstruction_figure(models: Sequence[VoxelExamples], ious: Mapping[tuple[str, Key], float]) -> Figure:
    """Draw each example in two rows of panels: from the camera above, from another side below.

    Args:
        models: to be shown, in this order.
        ious: by model and example, shares; written below an answer.

    Raises:
        InputError: if the examples of a model are damaged.
    """
    keys = _keys(models)
    if not keys:
        return style.empty_figure(_NONE)
    layout = _Layout(len(keys), _BEFORE_ANSWERS + len(models))
    figure = Figure(figsize=(layout.width, layout.height))
    titles = ["image", "truth", *(each.model for each in models)]
    for number, key in enumerate(keys):
        below = ["", "", *(_below(ious.get((each.model, key))) for each in models)]
        for column, pictures in enumerate(_columns(models, key)):
            for place, picture in enumerate(pictures):
                axes = figure.add_axes(layout.panel(number, column, place))
                show(axes, picture, "")
                if number == 0 and place == 0:
                    _write_title(axes, titles[column])
                if place == 1:
                    axes.set_xlabel(below[column], fontsize=7.5, labelpad=3)
        _write_name(figure, layout.panel(number, 0, 1), key)
    return figure


def _keys(models: Sequence[VoxelExamples]) -> list[Key]:
    """Choose an example of each category that all models answered, more of them while there is room."""
    if not models:
        return []
    common = [key for key in models[0].places if all(key in each.places for each in models)]
    categories = dict.fromkeys(key[0] for key in common)
    order = sorted(categories, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    turns = [[key for key in common if key[0] == category] for category in order]
    deepest = max((len(turn) for turn in turns), default=0)
    keys = [turn[place] for place in range(deepest) for turn in turns if place < len(turn)][:_EXAMPLES]
    return sorted(keys, key=lambda key: order.index(key[0]))


def _columns(models: Sequence[VoxelExamples], key: Key) -> Iterator[list[Pixels]]:
    """Draw the pictures of each column: the image, and truth and answers from both sides."""
    shown = models[0].view(key)
    # One camera for a row, that sees the truth with room around it: a stray cell of one answer must not make
    # all others small.
    aside = other_view(shown.truth, shown.frustum)
    views = (shown.frustum, replace(aside, focal=_ROOM * aside.focal))
    yield [on_white(shown.image)]
    yield [draw_surface(shown.truth_fine, shown.frustum, view, _PIXELS) for view in views]
    for model in models:
        answer, frustum, truth = model.answer(key), shown.frustum, shown.truth
        if model.coordinates == "world":
            # The answer is drawn as it is; the truth, by which it is coloured, is carried to it.
            frustum = object_box()
            truth = resample(shown.truth_fine, shown.frustum, frustum, model.resolution)
        yield [draw_surface(answer, frustum, view, _PIXELS, truth) for view in views]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where panels are, in inches."""

    rows: int
    columns: int

    @property
    def step(self) -> float:
        return _PANEL_INCHES + _GAP_INCHES

    @property
    def width(self) -> float:
        return 2.0 * _MARGIN_INCHES - _GAP_INCHES + self.columns * self.step

    @property
    def row_height(self) -> float:
        return 2.0 * self.step + _BELOW_INCHES

    @property
    def height(self) -> float:
        return _TOP_INCHES + self.rows * self.row_height

    def panel(self, row: int, column: int, place: int) -> tuple[float, float, float, float]:
        """Return left, bottom, width, height of a panel, in parts of the figure."""
        left = _MARGIN_INCHES + column * self.step
        top = _TOP_INCHES + row * self.row_height + place * self.step
        return (
            left / self.width,
            1.0 - (top + _PANEL_INCHES) / self.height,
            _PANEL_INCHES / self.width,
            _PANEL_INCHES / self.height,
        )


def _write_title(axes: Axes, title: str) -> None:
    (line,), size = fitted_text.shrunk(title, _PANEL_INCHES * _POINTS, _SIZES, 1)
    axes.set_title(line, fontsize=size, pad=3)


def _below(iou: float | None) -> str:
    return "" if iou is None or math.isnan(iou) else f"IoU {100.0 * iou:.1f} %"


def _write_name(figure: Figure, box: tuple[float, float, float, float], key: Key) -> None:
    """Say which view of which shape it is, in the free place below the image."""
    category, id, view = key
    left, bottom, _, height = box
    common = {"ha": "left", "va": "top", "parse_math": False, "linespacing": 1.3}
    figure.text(left, bottom + height, category, fontsize=9, weight="bold", **common)  # type: ignore[arg-type]
    lines, size = fitted_text.shrunk(id, _PANEL_INCHES * _POINTS, (7.0, 6.5, 6.0), _NAME_LINES)
    text = "\n".join([*lines, f"view {view}"])
    down = 14.0 / _POINTS / float(figure.get_figheight())
    figure.text(left, bottom + height - down, text, fontsize=size, color=style.MUTED, **common)  # type: ignore[arg-type]
