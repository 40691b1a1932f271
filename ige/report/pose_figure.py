"""Figure B: what the steps of descent do to a pose, seen from the camera and from the side.

The poster's figure: columns are T = 0, 1, 2, ...; inferred poses are solid, the truth is dotted. Inferred
poses are drawn after their optimal scale, which one view cannot give; under each stands its own Procrustes
error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from ige.geometry.alignment import optimal_scale
from ige.geometry.skeletons import with_hip_midpoint
from ige.metrics.poses import pa_mpjpe_mm
from ige.report import pose_drawing as drawing
from ige.report import style
from ige.report.fitted_text import shrunk, width_of
from ige.storage.arrays import read_arrays

Floats = NDArray[np.float64]

KIND = "pose-examples"
_PREFERRED_STEPS = 4  # the poster's main model
_SHOWN = (0, 1, 2, 4, 8, 16)  # and the last step, whatever it is
_EXAMPLES = 2
_PANEL_INCHES = 0.95
_LEFT, _GAP, _TOP, _BOTTOM = 0.3, 0.25, 0.5, 0.62  # room for labels, inches
_LINE = 0.17  # more room for each more line of text, inches
_POINTS_PER_INCH = 72.0
_TITLE_SIZES = (8.5, 7.5, 6.5)
_TITLE_LINES = 2
_LEGEND_INCHES = 4.2  # of a legend in one line


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A test pose and what became of its inference.

    Attributes:
        text: subject, action, camera and frame.
        truth: (16, 3) metres, camera frame.
        iterates: (T + 1, 16, 3), each after its optimal scale.
        errors_mm: (T + 1,) Procrustes errors.
    """

    text: str
    truth: Floats
    iterates: Floats
    errors_mm: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """The examples of one model.

    Attributes:
        model: its name.
        steps: T.
        examples: K of them.
    """

    model: str
    steps: int
    examples: tuple[Example, ...]


def read_descent(predictions: Sequence[Path], observation: str) -> Descent | None:
    """Read the examples of the model to show: of those that descend, the one nearest to the poster's T = 4.

    Args:
        predictions: of all models.
        observation: name of what the model to show saw.

    Returns:
        The model's descent, without examples whose iterates are not finite; None if no model takes steps.

    Raises:
        InputError: if a file is missing, damaged or of another kind.
    """
    best: Descent | None = None
    for path in predictions:
        content = read_arrays(path, KIND)
        facts, steps = content.attributes, content.attributes["steps"]
        if facts["observation_name"] != observation:
            continue
        if steps is None or (best is not None and _distance(best.steps) <= _distance(steps)):
            continue
        best = Descent(str(facts["model"]), int(steps), tuple(_examples(content.arrays, facts)))
    return best


def _distance(steps: int) -> int:
    return abs(steps - _PREFERRED_STEPS)


def _examples(arrays: dict[str, NDArray[Any]], facts: dict[str, Any]) -> list[Example]:
    examples = []
    for number, truth in enumerate(arrays["truth"].astype(np.float64)):
        iterates = arrays["iterates"][:, number].astype(np.float64)
        if not np.isfinite(iterates).all():
            continue
        names = [str(facts[name][number]) for name in ("subject", "action", "camera", "frame")]
        examples.append(_example(_in_words(*names), truth, iterates))
    return examples


def _in_words(subject: str, action: str, camera: str, frame: str) -> str:
    # Recorded cameras are those of a subject, and named so.
    return f"{subject}, {action}, camera {camera.removeprefix(f'{subject}/')}, frame {frame}"


def _example(text: str, truth: Floats, iterates: Floats) -> Example:
    joints = with_hip_midpoint(iterates)
    true = np.broadcast_to(with_hip_midpoint(truth), joints.shape)
    scale = optimal_scale(joints, true)
    return Example(text, truth, scale[:, None, None] * iterates, pa_mpjpe_mm(joints, true))


def chosen_examples(examples: Sequence[Example]) -> list[Example]:
    """Choose what to show: a third and two thirds through the list, not by their errors."""
    count = min(_EXAMPLES, len(examples))
    return [examples[(number + 1) * len(examples) // (count + 1)] for number in range(count)]


def pose_figure(descent: Descent | None) -> Figure:
    """Draw the descent of two examples; without any, a figure that says so."""
    examples = chosen_examples(descent.examples) if descent is not None else []
    if descent is None or not examples:
        return style.empty_figure("No model of this run takes steps of descent.")
    shown = sorted({step for step in _SHOWN if step < descent.steps} | {descent.steps})
    layout = _layout(examples, len(shown))
    figure = Figure(figsize=(layout.width, layout.height))
    for block, example in enumerate(examples):
        _draw_example(figure, layout, block, example, shown)
        _write_above(figure, layout, block)
    _legend(figure, 4 // layout.legend_lines)
    return figure


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things are, in inches: an example is a block of two rows of panels, blocks stand side by side.

    All panels have the same scale, so that bodies can be compared across the figure.
    """

    titles: tuple[tuple[str, float], ...]  # of each block, broken into lines, and its size in points
    columns: int
    panel_metres: tuple[float, float, float]  # width, height of the camera's row, height of the side's row

    @property
    def scale(self) -> float:
        """Inches per metre."""
        return _PANEL_INCHES / self.panel_metres[0]

    @property
    def blocks(self) -> int:
        return len(self.titles)

    @property
    def top(self) -> float:
        return _TOP + _LINE * max(text.count("\n") for text, _ in self.titles)

    @property
    def legend_lines(self) -> int:
        return 1 if self.width >= _LEGEND_INCHES else 2

    @property
    def bottom(self) -> float:
        return _BOTTOM + _LINE * (self.legend_lines - 1)

    @property
    def block_width(self) -> float:
        return self.columns * _PANEL_INCHES + _GAP

    @property
    def width(self) -> float:
        return _LEFT + self.blocks * self.block_width

    @property
    def height(self) -> float:
        return self.bottom + self.scale * (self.panel_metres[1] + self.panel_metres[2]) + self.top

    def panel(self, figure: Figure, block: int, row: int, column: int) -> Axes:
        """Add the axes of a panel."""
        left = _LEFT + block * self.block_width + column * _PANEL_INCHES
        bottom = self.bottom + (self.scale * self.panel_metres[2] if row == 0 else 0.0)
        height = self.scale * self.panel_metres[1 + row]
        box = (left / self.width, bottom / self.height, _PANEL_INCHES / self.width, height / self.height)
        return figure.add_axes(box)


def _layout(examples: Sequence[Example], columns: int) -> _Layout:
    sizes = np.array([[_size(*views) for views in _views(example)] for example in examples])
    largest = sizes.max(axis=0)
    metres = (float(largest[:, 0].max()), float(largest[0, 1]), float(largest[1, 1]))
    width = _POINTS_PER_INCH * columns * _PANEL_INCHES
    return _Layout(tuple(_title(example.text, width) for example in examples), columns, metres)


def _title(text: str, width: float) -> tuple[str, float]:
    """Fit a title into so many points: in one line, or broken before the camera, else where it must be."""
    for size in _TITLE_SIZES:
        for broken in (text, text.replace(", camera ", ",\ncamera ")):
            if all(width_of(line, size) <= width for line in broken.split("\n")):
                return broken, size
    lines, size = shrunk(text, width, _TITLE_SIZES, _TITLE_LINES)
    return "\n".join(lines), size


def _bounds(truth: Floats, iterates: Floats) -> tuple[Floats, Floats]:
    """Return the corners (2,) of the box around a body (17, 2) and its inferences (T + 1, 17, 2)."""
    return drawing.bounds(np.concatenate([truth, iterates.reshape(-1, 2)]))


def _size(truth: Floats, iterates: Floats) -> Floats:
    low, high = _bounds(truth, iterates)
    return high - low


def _views(example: Example) -> list[tuple[Floats, Floats]]:
    """Return truth (17, 2) and iterates (T + 1, 17, 2) from the camera and from the side."""
    depth = drawing.depth_of_hips(example.truth)
    return [
        (drawing.camera_view(example.truth, depth), drawing.camera_view(example.iterates, depth)),
        (drawing.side_view(example.truth), drawing.side_view(example.iterates)),
    ]


def _draw_example(
    figure: Figure, layout: _Layout, block: int, example: Example, shown: Sequence[int]
) -> None:
    for row, (truth, iterates) in enumerate(_views(example)):
        low, high = _bounds(truth, iterates)
        extent = np.array([layout.panel_metres[0], layout.panel_metres[1 + row]])
        for column, step in enumerate(shown):
            axes = layout.panel(figure, block, row, column)
            drawing.draw_body(axes, iterates[step])
            drawing.draw_truth(axes, truth)
            drawing.frame(axes, low, high, extent)
            if row == 0:
                axes.set_title(f"T = {step}", fontsize=9, pad=3)
            else:
                axes.set_xlabel(f"{example.errors_mm[step]:.0f} mm", labelpad=3)
            if column == 0 and block == 0:
                axes.set_ylabel(("camera", "side")[row], color=style.MUTED, labelpad=4)
    if block == 0:
        drawing.scale_bar(figure.axes[len(shown)])


def _write_above(figure: Figure, layout: _Layout, block: int) -> None:
    text, size = layout.titles[block]
    middle = _LEFT + block * layout.block_width + layout.columns * _PANEL_INCHES / 2
    place = (middle / layout.width, 1.0 - 0.06 / layout.height)
    figure.text(*place, text, ha="center", va="top", color=style.MUTED, fontsize=size)


def _legend(figure: Figure, columns: int) -> None:
    handles = [
        Line2D([], [], color=drawing.MIDDLE, lw=1.7, label="inferred"),
        Line2D([], [], color=drawing.MIDDLE, lw=1.2, ls=drawing.TRUTH_DOTS, label="truth"),
        Line2D([], [], color=drawing.LEFT, lw=1.7, label="left limbs"),
        Line2D([], [], color=drawing.RIGHT, lw=1.7, label="right limbs"),
    ]
    figure.legend(handles=handles, loc="lower center", ncols=columns, handlelength=1.8, borderaxespad=0.2)
