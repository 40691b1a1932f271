"""What refining steps do to grids: IoU and energy after each step, against those of the first guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ige.report import style
from ige.report.labels import End, label_ends
from ige.report.voxel_naming import shades_of
from ige.report.voxel_scores import StepScore, VoxelScores

Floats = NDArray[np.float64]

_NONE = "No model of shapes of this run takes steps."
_NO_ENERGIES = "No energy is known after a step."
_HEIGHT_INCHES = 3.4
_POINTS = 72.0  # in an inch
_LEAST_VALUES = 2  # of a curve
_GAP = 0.06  # between the names at the left curves and the right axes, of the width of axes
_AXES_SHARE = 0.74  # of the figure's height that the axes take


@dataclass(frozen=True, slots=True, eq=False)
class Refined:
    """What the steps of a model do: means over test views and seeds.

    Attributes:
        model: its name.
        family: its kind.
        ious: (T + 1,) percent, at the resolution of the model.
        energies: (T + 1,); NaN where it is not known.
        ious_of: by category, (T + 1,) of its test views alone.
        energies_of: the same of the energies.
    """

    model: str
    family: str
    ious: Floats
    energies: Floats
    ious_of: Mapping[str, Floats]
    energies_of: Mapping[str, Floats]


def read_refined(scores: Sequence[VoxelScores]) -> list[Refined]:
    """Gather what the steps of models do.

    Args:
        scores: of models of one resolution.
    """
    return [_refined(score) for score in scores if all(part.steps for part in score.parts)]


def _refined(score: VoxelScores) -> Refined:
    weights = [len(part.keys) for part in score.parts]
    of_parts = [part.steps for part in score.parts]
    # Seeds of a category have the same views, so their means count alike.
    of_categories = {
        category: [part.steps_of[category] for part in score.parts if category in part.steps_of]
        for category in dict.fromkeys(name for part in score.parts for name in part.steps_of)
    }
    return Refined(
        model=score.model,
        family=score.family,
        ious=100.0 * _mean(of_parts, "iou", weights),
        energies=_mean(of_parts, "energy", weights),
        ious_of={name: 100.0 * _mean(steps, "iou") for name, steps in of_categories.items()},
        energies_of={name: _mean(steps, "energy") for name, steps in of_categories.items()},
    )


def _mean(parts: Sequence[Sequence[StepScore]], name: str, weights: Sequence[int] | None = None) -> Floats:
    """Return (T + 1,) the mean over parts; NaN where one is not known."""
    values = [[getattr(step, name) for step in steps] for steps in parts]
    numbers = np.array([[np.nan if value is None else value for value in row] for row in values], np.float64)
    return np.asarray(np.average(numbers, axis=0, weights=weights))


def voxel_steps_figure(models: Sequence[Refined]) -> Figure:
    """Draw the change of IoU, left, and of the energy, right, since the first guess."""
    if not models:
        return style.empty_figure(_NONE)
    figure = Figure(figsize=(9.4, _HEIGHT_INCHES))
    figure.set_layout_engine("constrained", wspace=_GAP)
    left, right = figure.subplots(1, 2)
    shades = shades_of([each.family for each in models])
    for model, shade in zip(models, shades, strict=True):
        _draw(left, model.ious, model.ious_of, shade)
        _draw(right, model.energies, model.energies_of, shade)
    left.set_ylabel("IoU, points above the first guess")
    right.set_ylabel("energy, above that of the first guess")
    for axes in (left, right):
        axes.set_xlabel("step")
        last = max(len(each.ious) for each in models) - 1
        axes.set_xticks(range(last + 1))
        axes.set_xlim(-0.1, last + 0.1)
        axes.axhline(0.0, color=style.MUTED, lw=0.7, zorder=0)
        style.light_grid(axes)
    texts = [f"{each.model}: {each.ious[0]:.1f} to {each.ious[-1]:.1f} %" for each in models]
    height = _POINTS * _HEIGHT_INCHES * _AXES_SHARE
    label_ends(left, _ends([each.ious - each.ious[0] for each in models], texts, shades), height)
    names = [each.model for each in models]
    ends = _ends([each.energies - each.energies[0] for each in models], names, shades)
    label_ends(right, ends, height)
    if not ends:
        right.text(0.5, 0.5, _NO_ENERGIES, transform=right.transAxes, ha="center", color=style.MUTED)
    return figure


def _draw(
    axes: Axes, mean: Floats, of_categories: Mapping[str, Floats], shade: tuple[float, float, float]
) -> None:
    """Draw a curve and, thin, those of single categories; one of a single known value says nothing."""
    if np.isfinite(mean).sum() < _LEAST_VALUES:
        return
    for curve in of_categories.values():
        axes.plot(curve - curve[0], color=shade, lw=0.6, alpha=0.4)
    axes.plot(mean - mean[0], color=shade, lw=1.6, marker="o", ms=3)


def _ends(
    curves: Sequence[Floats], texts: Sequence[str], shades: Sequence[tuple[float, float, float]]
) -> list[End]:
    """Name each curve at its last known step; one that says nothing beyond the first guess has no name."""
    ends = []
    for curve, text, shade in zip(curves, texts, shades, strict=True):
        known = np.flatnonzero(np.isfinite(curve))
        if len(known) >= _LEAST_VALUES:
            ends.append(End(float(known[-1]), float(curve[known[-1]]), text, shade))
    return ends
