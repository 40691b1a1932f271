"""What refining steps do to grids: IoU and energy after each step, against those of the first guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ige.report import style
from ige.report.labels import moved_apart
from ige.report.voxel_examples import VoxelExamples
from ige.report.voxel_naming import shades_of
from ige.report.voxel_scores import VoxelScores

Floats = NDArray[np.float64]

_NONE = "No model of shapes of this run takes steps."
_HEIGHT_INCHES = 3.4
_LABEL_POINTS = 10.5
_AXES_SHARE = 0.74  # of the figure's height that the axes take


@dataclass(frozen=True, slots=True, eq=False)
class Refined:
    """What the steps of a model do.

    Attributes:
        model: its name.
        family: its kind.
        ious: (T + 1,) mean over test views and seeds, percent, at the resolution of the model.
        energies: (T + 1,) mean; NaN where it is not known.
        of_categories: (T + 1,) IoU, percent, mean over the kept examples of each category.
    """

    model: str
    family: str
    ious: Floats
    energies: Floats
    of_categories: Mapping[str, Floats]


def read_refined(scores: Sequence[VoxelScores], examples: Sequence[VoxelExamples]) -> list[Refined]:
    """Gather what the steps of models do.

    Args:
        scores: of models of one resolution.
        examples: of the same models.
    """
    examples_of = {each.model: each for each in examples}
    return [
        Refined(
            model=score.model,
            family=score.family,
            ious=100.0 * _mean(score, "iou"),
            energies=_mean(score, "energy"),
            of_categories=_of_categories(examples_of.get(score.model)),
        )
        for score in scores
        if all(part.steps for part in score.parts)
    ]


def _mean(score: VoxelScores, name: str) -> Floats:
    """Return (T + 1,) the mean over all examples and seeds."""
    values = [[getattr(step, name) for step in part.steps] for part in score.parts]
    numbers = np.array([[np.nan if value is None else value for value in row] for row in values], np.float64)
    return np.asarray(np.average(numbers, axis=0, weights=[len(part.keys) for part in score.parts]))


def _of_categories(examples: VoxelExamples | None) -> dict[str, Floats]:
    found: dict[str, list[list[float]]] = {}
    if examples is not None and examples.coordinates == "frustum":
        for key, shown in examples.shown.items():
            found.setdefault(key[0], []).append(shown.ious())
    return {category: 100.0 * np.mean(ious, axis=0) for category, ious in found.items()}


def voxel_steps_figure(models: Sequence[Refined]) -> Figure:
    """Draw the change of IoU, left, and of the energy, right, since the first guess."""
    if not models:
        return style.empty_figure(_NONE)
    figure = Figure(figsize=(9.4, _HEIGHT_INCHES), layout="constrained")
    left, right = figure.subplots(1, 2)
    shades = shades_of([each.family for each in models])
    for model, shade in zip(models, shades, strict=True):
        for ious in model.of_categories.values():
            left.plot(ious - ious[0], color=shade, lw=0.6, alpha=0.4)
        left.plot(model.ious - model.ious[0], color=shade, lw=1.6, marker="o", ms=3)
        right.plot(model.energies - model.energies[0], color=shade, lw=1.6, marker="o", ms=3)
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
    _label_ends(left, [each.ious - each.ious[0] for each in models], texts, shades)
    names = [each.model for each in models]
    _label_ends(right, [each.energies - each.energies[0] for each in models], names, shades)
    return figure


def _label_ends(
    axes: Axes,
    curves: Sequence[Floats],
    texts: Sequence[str],
    shades: Sequence[tuple[float, float, float]],
) -> None:
    ends = []
    for curve, text, shade in zip(curves, texts, shades, strict=True):
        known = curve[np.isfinite(curve)]
        if len(known) > 1:
            ends.append((float(known[-1]), text, shade))
    ends.sort(key=lambda end: -end[0])
    low, high = axes.get_ylim()
    per_point = (high - low) / (72.0 * _HEIGHT_INCHES * _AXES_SHARE)
    places = moved_apart([end[0] for end in ends], _LABEL_POINTS * per_point)
    for (_, text, shade), place in zip(ends, places, strict=True):
        axes.annotate(
            text,
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=shade,
            fontsize=8,
            annotation_clip=False,
        )
