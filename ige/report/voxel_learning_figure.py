"""Learning curves of models of shapes: validation IoU after each epoch, a panel for each resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.report import style
from ige.report.labels import End, label_ends
from ige.report.learning_figure import whole_epochs
from ige.report.voxel_naming import shades_of
from ige.report.voxel_scores import Part, VoxelScores
from ige.storage.tables import read_csv

Floats = NDArray[np.float64]

_COLUMN = "one_minus_iou"
_NONE = "No model of shapes of this run learns."
_POINTS = 72.0  # in an inch
_ACROSS = 2  # panels
_PANEL_INCHES = (3.6, 3.4)
_AXES_SHARE = 0.74  # of a panel's height that its axes take


@dataclass(frozen=True, slots=True, eq=False)
class VoxelCurve:
    """Validation IoUs of one model.

    Attributes:
        model: its name.
        family: its kind.
        resolution: of its grids.
        ious: (seeds, epochs) percent, mean over its parts by category; NaN after the end of a training.
    """

    model: str
    family: str
    resolution: int
    ious: Floats


def read_voxel_curves(scores: Sequence[VoxelScores], histories: Sequence[Path]) -> list[VoxelCurve]:
    """Read the histories of the models that learn.

    Args:
        scores: of all models.
        histories: one for each score file of a model that learns, in the same order.

    Raises:
        InputError: if their number is another, one cannot be read, or lacks the validation error.
    """
    learning = [score for score in scores if score.learns]
    parts = sorted((part for score in learning for part in score.parts), key=lambda part: part.place)
    if len(parts) != len(histories):
        raise InputError(
            "histories that do not belong to the scores",
            expected=f"{len(parts)}, one for each score of a model that learns",
            found=str(len(histories)),
        )
    path_of = {part.place: path for part, path in zip(parts, histories, strict=True)}
    return [
        VoxelCurve(score.model, score.family, score.resolution, _of_seeds(score, path_of))
        for score in learning
    ]


def _of_seeds(score: VoxelScores, path_of: dict[int, Path]) -> Floats:
    """Return (seeds, epochs): the mean over the parts of each seed."""
    by_seed = [[part for part in score.parts if part.seed == seed] for seed in score.seeds]
    return _stack([_of_parts(parts, path_of) for parts in by_seed])


def _of_parts(parts: Sequence[Part], path_of: dict[int, Path]) -> Floats:
    return np.asarray(_stack([_ious(path_of[part.place]) for part in parts]).mean(axis=0))


def _ious(path: Path) -> Floats:
    rows = read_csv(path)
    if not rows or _COLUMN not in rows[0]:
        raise InputError(
            "a history without a validation error", where=path, expected=f"rows with a column {_COLUMN}"
        )
    try:
        return 100.0 * (1.0 - np.array([float(row[_COLUMN]) for row in rows]))
    except ValueError as error:
        raise InputError("holds an error that is no number", where=path, found=str(error)) from error


def _stack(rows: Sequence[Floats]) -> Floats:
    """Stack rows; one that is shorter ends in NaN."""
    epochs = max(len(each) for each in rows)
    return np.stack([np.pad(each, (0, epochs - len(each)), constant_values=np.nan) for each in rows])


def voxel_learning_figure(curves: Sequence[VoxelCurve]) -> Figure:
    """Draw the mean over seeds of each model, and a faint line for each seed where there are several."""
    if not curves:
        return style.empty_figure(_NONE)
    sizes = sorted({curve.resolution for curve in curves})
    across = min(_ACROSS, len(sizes))
    down = -(-len(sizes) // across)
    width = 7.2 if across == 1 else _PANEL_INCHES[0] * across + 2.4
    figure = Figure(figsize=(width, _PANEL_INCHES[1] * down), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes, size in zip(panels, sizes, strict=False):
        _draw(axes, [curve for curve in curves if curve.resolution == size])
        axes.set_title(f"{size} cells per side", loc="left", color=style.MUTED)
    for axes in panels[len(sizes) :]:
        axes.set_axis_off()
    return figure


def _draw(axes: Axes, curves: Sequence[VoxelCurve]) -> None:
    epochs = max(curve.ious.shape[1] for curve in curves)
    axes.set_xlim(0.8, epochs + 0.2)
    axes.set_xticks(whole_epochs(epochs))
    axes.set_xlabel("epoch")
    axes.set_ylabel("validation IoU (%)")
    style.light_grid(axes)
    shades = shades_of([curve.family for curve in curves])
    for curve, shade in zip(curves, shades, strict=True):
        steps = np.arange(1, curve.ious.shape[1] + 1)
        if len(curve.ious) > 1:
            for seed in curve.ious:
                axes.plot(steps, seed, color=shade, lw=0.6, alpha=0.45)
        axes.plot(steps, curve.ious.mean(axis=0), color=shade, lw=1.5, marker="o", ms=2.5)
    label_ends(axes, _ends(curves, shades), _POINTS * _PANEL_INCHES[1] * _AXES_SHARE)


def _ends(curves: Sequence[VoxelCurve], shades: Sequence[tuple[float, float, float]]) -> list[End]:
    """Name each model at the last epoch that all its seeds reached, with its IoU there."""
    ends = []
    for curve, shade in zip(curves, shades, strict=True):
        mean = curve.ious.mean(axis=0)
        known = np.flatnonzero(np.isfinite(mean))
        if len(known):
            value = float(mean[known[-1]])
            ends.append(End(float(known[-1] + 1), value, f"{curve.model}: {value:.1f}", shade))
    return ends
