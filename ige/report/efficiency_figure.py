"""Figure A: Procrustes error against multiply-adds, ours and the published points.

The poster's figure: the horizontal axis is logarithmic, the AREA of a marker is proportional to the kernel
parameters, each series is one kind of model. Ours is filled, published is hollow. A variant of a published
model stands beside its series, not on its line; models whose cost says nothing (nearest pose) are lines
across.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullFormatter

from ige.report import naming, style
from ige.report.labels import Disc, Label, place_labels
from ige.report.published import REFERENCE, Published
from ige.report.rows import PoseRow
from ige.report.scores import ALL, Score

_AREA_PER_PARAMETER = 3.4e-4  # square points; the smallest published model becomes 4.3 points wide
_LEGEND_PARAMETERS = {"100 k": 1e5, "1 M": 1e6, "4 M": 4e6}
_ROOM = 0.07  # share of the span that is left free above and below
_NEAR = 0.3  # a baseline above the points by more than this share of their span is not drawn but told


@dataclass(frozen=True, slots=True)
class Point:
    """A model with one number of steps, to be drawn.

    Attributes:
        name: how it is called.
        x: multiply-adds per pose.
        y: Procrustes error, mm.
        spread: standard deviation over seeds, mm; None for one seed.
        parameters: entries of all kernels.
        steps: T; None where there is no descent.
        trained_steps: T of its training.
        is_start: whether it is the T = 0 from which the line of IGE starts.
    """

    name: naming.Name
    x: float
    y: float
    spread: float | None
    parameters: float
    steps: int | None
    trained_steps: int | None
    is_start: bool

    @property
    def is_on_line(self) -> bool:
        """Whether its series' line goes through it: it has the published form and its trained steps."""
        return not self.name.is_variant and self.steps == self.trained_steps

    @property
    def label(self) -> str:
        """What stands beside it."""
        if self.steps == self.trained_steps:
            return self.name.label
        return f"{self.name.label} run with T={self.steps}"

    @property
    def area(self) -> float:
        """Of its marker, square points."""
        return _AREA_PER_PARAMETER * self.parameters


def efficiency_figure(
    rows: Sequence[PoseRow], models: Mapping[str, Score], published: Sequence[Published], data: str
) -> Figure:
    """Draw error against multiply-adds.

    Args:
        rows: of poses.csv, of one observation.
        models: a score of each model, for what it says of the model.
        published: the published points, or none.
        data: where our test poses come from.
    """
    rows = [row for row in rows if row.subject == ALL and row.pa_mpjpe_mm_by_frame is not None]
    named = [(naming.name_of(row.model, models[row.model].family), row) for row in rows]
    ours = [
        _our_point(name, row, models[row.model].trained_steps)
        for name, row in named
        if name.series != naming.BASELINE
    ]
    theirs = [_published_point(point) for point in published]
    figure = Figure(figsize=(7.2, 5.0), layout="constrained")
    axes = figure.subplots()
    baselines = [(name, row) for name, row in named if name.series == naming.BASELINE]
    _scales(axes, [*ours, *theirs], [float(row.pa_mpjpe_mm_by_frame or 0.0) for _, row in baselines])
    _draw_published(axes, theirs)
    _draw_ours(axes, ours)
    _draw_baselines(axes, baselines)
    _legends(figure, axes, {point.name.series for point in [*ours, *theirs]}, data, bool(theirs))
    place_labels(axes, _labels(ours, theirs), _discs([*ours, *theirs]))
    return figure


def _our_point(name: naming.Name, row: PoseRow, trained_steps: int | None) -> Point:
    return Point(
        name=name,
        x=float(row.multiply_adds or 0),
        y=float(row.pa_mpjpe_mm_by_frame or 0.0),
        spread=row.pa_mpjpe_mm_by_frame_std,
        parameters=float(row.parameters or 0),
        steps=row.steps,
        trained_steps=trained_steps,
        is_start=row.model == REFERENCE,
    )


def _published_point(point: Published) -> Point:
    family = "ige" if point.series == naming.IGE else "lifter"
    return Point(
        name=naming.name_of(point.model, family),
        x=float(point.multiply_adds),
        y=point.pa_mpjpe_mm,
        spread=None,
        parameters=float(point.parameters),
        steps=point.steps,
        trained_steps=point.steps,
        is_start=False,
    )


def _scales(axes: Axes, points: Sequence[Point], baselines: Sequence[float]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(min(point.x for point in points) / 2.7, max(point.x for point in points) * 1.9)
    low = min(point.y - (point.spread or 0.0) for point in points)
    high = max(point.y + (point.spread or 0.0) for point in points)
    room = _ROOM * (high - low) + 1.0
    high = max([high, *(error for error in baselines if error < high + _NEAR * (high - low))])
    axes.set_ylim(low - 2.0 * room, high + room)
    axes.set_xlabel("multiply-adds per pose")
    axes.set_ylabel("Procrustes error (mm)")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    style.light_grid(axes)


def _short(value: float) -> str:
    """Write 100000 as 100 k and 1000000 as 1 M."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g} {letter}"
    return f"{value:g}"


def _draw_published(axes: Axes, points: Sequence[Point]) -> None:
    for series in dict.fromkeys(point.name.series for point in points):
        colour = style.COLOURS[series]
        members = [point for point in points if point.name.series == series]
        line = ([point.x for point in members], [point.y for point in members])
        axes.plot(*line, color=colour, alpha=0.45, lw=0.9, ls=(0, (4, 3)), zorder=1)
        areas = [point.area for point in members]
        axes.scatter(
            *line, s=areas, facecolors="none", edgecolors=colour, linewidths=0.9, alpha=0.55, zorder=2
        )


def _draw_ours(axes: Axes, points: Sequence[Point]) -> None:
    for series in dict.fromkeys(point.name.series for point in points):
        colour = style.COLOURS[series]
        members = [point for point in points if point.name.series == series]
        line = [point for point in members if point.is_on_line]
        if series == naming.IGE:
            line += [point for point in points if point.is_start]
        line.sort(key=lambda point: point.x)
        axes.plot([point.x for point in line], [point.y for point in line], color=colour, lw=1.5, zorder=3)
        for point in members:
            _draw_point(axes, point, colour)
    _draw_other_steps(axes, points)


def _draw_point(axes: Axes, point: Point, colour: str) -> None:
    fill = colour if point.is_on_line else _paler(colour)
    axes.scatter(
        [point.x],
        [point.y],
        s=[point.area],
        color=fill,
        edgecolors="white",
        linewidths=0.6,
        alpha=0.9,
        zorder=4,
    )
    if point.spread is not None:
        axes.errorbar(point.x, point.y, yerr=point.spread, color=style.INK, lw=0.8, capsize=1.6, zorder=5)


def _draw_other_steps(axes: Axes, points: Sequence[Point]) -> None:
    """Join what one model reaches with other numbers of steps than it was trained with."""
    for name in dict.fromkeys(point.name for point in points if point.steps is not None):
        members = sorted((point for point in points if point.name == name), key=lambda point: point.x)
        if len(members) > 1:
            xs, ys = [point.x for point in members], [point.y for point in members]
            axes.plot(xs, ys, color=_paler(style.COLOURS[name.series]), lw=1.0, ls=(0, (1, 1.5)), zorder=2)


def _draw_baselines(axes: Axes, baselines: Sequence[tuple[naming.Name, PoseRow]]) -> None:
    """Draw a line across for each; what is off the scale is said, not drawn: it would flatten the rest."""
    top = axes.get_ylim()[1]
    beyond = []
    for name, row in baselines:
        error = float(row.pa_mpjpe_mm_by_frame or 0.0)
        if error > top:
            beyond.append(f"{name.full} {error:.0f} mm")
            continue
        axes.axhline(error, color=style.MUTED, lw=0.9, ls=(0, (6, 3)), zorder=1)
        axes.annotate(
            f"{name.full} {error:.0f} mm",
            (0.8, error),  # left of the largest marker, which stands at the right
            xycoords=("axes fraction", "data"),
            xytext=(-2, 3),
            textcoords="offset points",
            ha="right",
            color=style.MUTED,
            fontsize=8,
        )
    if beyond:
        text = "above the figure: " + ", ".join(beyond)
        axes.text(
            1.0, 1.0, text, transform=axes.transAxes, ha="right", va="top", color=style.MUTED, fontsize=8
        )


def _legends(figure: Figure, axes: Axes, series: set[str], data: str, with_published: bool) -> None:
    """One legend in two columns above the axes: what colours mean, what fill and size mean."""
    kinds = [
        Line2D([], [], color=style.COLOURS[each], marker="o", ms=5, lw=1.5, label=style.SERIES[each])
        for each in style.SERIES
        if each in series
    ]
    both = [_dot(f"ours ({data})", 6.0, filled=True), _dot("published (Human3.6M)", 6.0)]
    handles = [*kinds, *both[: 1 + with_published]]
    sizes = [
        _dot(text, 2.0 * _radius(_AREA_PER_PARAMETER * count)) for text, count in _LEGEND_PARAMETERS.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=2, handlelength=2.2)
    axes.legend(
        handles=sizes,
        loc="upper right",
        bbox_to_anchor=(1.0, 0.9),
        ncols=3,
        title="area of a marker: kernel parameters",
        title_fontsize=8.5,
        handlelength=5.0,
        handletextpad=0.4,
        columnspacing=1.0,
        labelspacing=2.2,
    )


def _dot(text: str, diameter: float, *, filled: bool = False) -> Line2D:
    """Make a grey marker for a legend, diameter in points."""
    fill = style.MUTED if filled else "none"
    return Line2D([], [], color=style.MUTED, lw=0, marker="o", ms=diameter, mfc=fill, label=text)


def _labels(ours: Sequence[Point], theirs: Sequence[Point]) -> list[Label]:
    """Name our points, and of the published ones those that no point of ours of the same form stands for."""
    named = {(point.name.series, point.label) for point in ours}
    others = sorted((each for each in ours if each.steps != each.trained_steps), key=lambda each: each.x)
    last_of = {point.name: point for point in others}
    labels = [_label(point, style.COLOURS[point.name.series], 8.5) for point in ours if point.is_on_line]
    # Of one model with other numbers of steps the last is named: the others stand above those of its series.
    labels += [
        _label(point, style.MUTED, 7.5)
        for point in ours
        if not point.is_on_line and (point.steps == point.trained_steps or last_of.get(point.name) is point)
    ]
    labels += [
        _label(point, style.MUTED, 7.5)
        for point in theirs
        if (point.name.series, point.label) not in named and point.steps != 0
    ]
    return labels


def _label(point: Point, colour: str, size: float) -> Label:
    return Label(point.label, point.x, point.y, _radius(point.area), colour, size)


def _discs(points: Sequence[Point]) -> list[Disc]:
    return [Disc(point.x, point.y, _radius(point.area)) for point in points]


def _radius(area: float) -> float:
    return math.sqrt(area / math.pi)


def _paler(colour: str) -> str:
    """Mix a colour with white."""
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{(channel + 255) // 2:02x}" for channel in channels)
