"""Learning curves: validation error after each epoch, lifters left, models with descent right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.report import naming, style
from ige.report.labels import moved_apart
from ige.report.scores import Score
from ige.storage.tables import read_csv

Floats = NDArray[np.float64]

_COLUMN = "pa_mm"
_LABEL_POINTS = 10.5  # height of a label's line
_STRETCH = 1.7  # most that the error of the first epochs may stretch the axis, times the largest last error
_LEAST_EPOCHS = 8  # each has its tick
_DASHES = (0, (5, 1.5))  # of a variant


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Validation errors of one model.

    Attributes:
        name: how it is called.
        errors_mm: (seeds, epochs); NaN where the model's answers were not finite.
    """

    name: naming.Name
    errors_mm: Floats


def read_curves(scores: Sequence[Score], histories: Sequence[Path], observation: str) -> list[Curve]:
    """Read the histories of the models that learn from an observation.

    Args:
        scores: of all models and seeds.
        histories: one for each of the scores of a model that learns, in the same order.
        observation: its name.

    Raises:
        InputError: if their number is another, one cannot be read, or lacks the validation error.
    """
    learning = [score for score in scores if score.learns]
    if len(learning) != len(histories):
        raise InputError(
            "histories that do not belong to the scores",
            expected=f"{len(learning)}, one for each score of a model that learns",
            found=str(len(histories)),
        )
    by_model: dict[str, list[Floats]] = {}
    families: dict[str, str] = {}
    for score, path in zip(learning, histories, strict=True):
        if score.observation != observation:
            continue
        by_model.setdefault(score.model, []).append(_errors_mm(path))
        families[score.model] = score.family
    return [
        Curve(naming.name_of(model, families[model]), _stack(errors)) for model, errors in by_model.items()
    ]


def _errors_mm(path: Path) -> Floats:
    rows = read_csv(path)
    if not rows or _COLUMN not in rows[0]:
        raise InputError(
            "a history without a validation error", where=path, expected=f"rows with a column {_COLUMN}"
        )
    try:
        return np.array([float(row[_COLUMN]) for row in rows])
    except ValueError as error:
        raise InputError("holds an error that is no number", where=path, found=str(error)) from error


def _stack(errors: Sequence[Floats]) -> Floats:
    """Stack the seeds; one that is shorter ends in NaN."""
    epochs = max(len(each) for each in errors)
    return np.stack([np.pad(each, (0, epochs - len(each)), constant_values=np.nan) for each in errors])


def learning_figure(curves: Sequence[Curve]) -> Figure:
    """Draw the mean over seeds of each model, and a faint line for each seed where there are several."""
    sides = [
        ("MLP, width-blocks", [curve for curve in curves if curve.name.series != naming.IGE]),
        (
            "IGE, T descent steps",
            [curve for curve in curves if curve.name.series == naming.IGE],
        ),
    ]
    sides = [(title, members) for title, members in sides if members]
    figure = Figure(figsize=(7.2, 3.6), layout="constrained")
    if not sides:
        figure.text(0.5, 0.5, "No model of this run learns.", ha="center", va="center")
        return figure
    panels = figure.subplots(1, len(sides), sharey=True, squeeze=False)[0]
    panels[0].set_ylim(*_limits(curves))
    panels[0].set_ylabel("Procrustes error on\nvalidation clips (mm)")
    for axes, (title, members) in zip(panels, sides, strict=True):
        axes.set_title(title, loc="left", color=style.MUTED)
        _draw_side(axes, members)
    return figure


def _limits(curves: Sequence[Curve]) -> tuple[float, float]:
    """Choose the span of errors to show: all, but for first epochs that are far above the rest."""
    everything = np.concatenate([curve.errors_mm[np.isfinite(curve.errors_mm)] for curve in curves])
    if not len(everything):
        return 0.0, 1.0
    last = [curve.errors_mm[:, -1] for curve in curves]
    worst = float(np.nanmax(np.concatenate([*last, [everything.min()]])))
    high = min(float(everything.max()), _STRETCH * worst)
    low = float(everything.min())
    room = 0.05 * (high - low) + 0.5
    return low - room, high + room


def _draw_side(axes: Axes, curves: Sequence[Curve]) -> None:
    epochs = max(curve.errors_mm.shape[1] for curve in curves)
    axes.set_xlim(0.8, epochs + 0.2)
    axes.set_xticks(whole_epochs(epochs))
    axes.set_xlabel("epoch")
    style.light_grid(axes)
    shades = _shades(curves)
    for number, curve in enumerate(curves):
        steps = np.arange(1, curve.errors_mm.shape[1] + 1)
        if len(curve.errors_mm) > 1:
            for seed in curve.errors_mm:
                axes.plot(steps, seed, color=shades[number], lw=0.6, alpha=0.45)
        mean = curve.errors_mm.mean(axis=0)
        axes.plot(
            steps,
            mean,
            color=shades[number],
            lw=1.5,
            ls=_DASHES if curve.name.is_variant else "-",
            marker="o",
            ms=2.5,
        )
    _label_ends(axes, curves, shades)


def whole_epochs(epochs: int) -> list[int]:
    """Choose the epochs to write below the axis: each of a few, else round ones."""
    # Asked for fewer, the locator would answer fractions of epochs.
    ticks = MaxNLocator(integer=True, nbins=8).tick_values(1, max(epochs, _LEAST_EPOCHS))
    return [round(tick) for tick in ticks if 1 <= tick <= epochs]


def _shades(curves: Sequence[Curve]) -> list[tuple[float, float, float]]:
    """Give the models of a series shades of its colour, from light to dark."""
    shades = []
    for number, curve in enumerate(curves):
        series = [each for each in curves if each.name.series == curve.name.series]
        place = sum(each.name.series == curve.name.series for each in curves[:number])
        strength = 1.0 if len(series) == 1 else 0.7 + 0.7 * place / (len(series) - 1)
        shades.append(style.shade(style.COLOURS[curve.name.series], strength))
    return shades


def _label_ends(axes: Axes, curves: Sequence[Curve], shades: Sequence[tuple[float, float, float]]) -> None:
    """Write each model's name and last error beside its end, moved apart where they would touch."""
    ends = [(float(curve.errors_mm[:, -1].mean()), curve, shades[at]) for at, curve in enumerate(curves)]
    ends = sorted((end for end in ends if np.isfinite(end[0])), key=lambda end: -end[0])
    low, high = axes.get_ylim()
    height_points = 72.0 * axes.figure.get_figure(root=True).get_size_inches()[1] * 0.72
    per_point = (high - low) / height_points
    places = moved_apart([end[0] for end in ends], _LABEL_POINTS * per_point)
    for (error, curve, shade), place in zip(ends, places, strict=True):
        axes.annotate(
            f"{curve.name.full.removeprefix('MLP ').removeprefix('IGE, ')}: {error:.0f} mm",
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=shade,
            fontsize=8,
            annotation_clip=False,
        )
