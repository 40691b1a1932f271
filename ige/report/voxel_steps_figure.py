"""What refining steps do to grids: IoU and energy after each step, against those of the first guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ige.report import style
from ige.report.labels import End, label_ends
from ige.report.voxel_examples import VoxelExamples
from ige.report.voxel_naming import shades_of
from ige.report.voxel_scores import VoxelScores

Floats = NDArray[np.float64]

_NONE = "No model of shapes of this run takes steps."
_HEIGHT_INCHES = 3.4
_POINTS = 72.0  # in an inch
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
    height = _POINTS * _HEIGHT_INCHES * _AXES_SHARE
    label_ends(left, _ends([each.ious - each.ious[0] for each in models], texts, shades), height)
    names = [each.model for each in models]
    label_ends(right, _ends([each.energies - each.energies[0] for each in models], names, shades), height)
    return figure


def _ends(
    curves: Sequence[Floats], texts: Sequence[str], shades: Sequence[tuple[float, float, float]]
) -> list[End]:
    """Name each curve at its last known step; one that says nothing beyond the first guess has no name."""
    ends = []
    for curve, text, shade in zip(curves, texts, shades, strict=True):
        known = np.flatnonzero(np.isfinite(curve))
        if len(known) > 1:
            ends.append(End(float(known[-1]), float(curve[known[-1]]), text, shade))
    return ends
