"""What is wrong with reconstructions: missed, hidden from the camera, or seen; and IoU of silhouettes.

The paper's talk calls inference a kind of space carving: few wrong cells beside the silhouette, errors along
the rays behind it (the depth shadow).
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ige.report import style
from ige.report.labels import Disc, Label, place_labels
from ige.report.rows import mean
from ige.report.voxel_naming import colour_of
from ige.report.voxel_rows import percent
from ige.report.voxel_scores import VoxelScores

_SHARES = {
    "iou_frustum_weighted": ("right (IoU)", "#b9c4ce"),
    "missed": ("missed", "#56b4e9"),
    "false_inside": ("false, hidden in the silhouette", "#e69f00"),
    "false_outside": ("false, seen beside it", "#a63603"),
}
_LEAST_WRITTEN = 6.0  # percent; a narrower part has no room for its number
_BAR_INCHES = 0.27
_AROUND_INCHES = 1.25
_LEAST_INCHES = 3.2
_RADIUS = 3.2  # of a marker, points


def depth_shadow_figure(scores: Sequence[VoxelScores]) -> Figure:
    """Draw the shares of the union for each model, left, and the two IoUs, right.

    Args:
        scores: of the models to show, in the order of the table.
    """
    height = max(_LEAST_INCHES, _AROUND_INCHES + _BAR_INCHES * len(scores))
    figure = Figure(figsize=(9.4, height), layout="constrained")
    bars, points = figure.subplots(1, 2, width_ratios=(1.35, 1.0))
    _draw_bars(bars, scores)
    figure.legend(
        *bars.get_legend_handles_labels(),
        loc="outside upper left",
        ncols=4,
        handlelength=1.2,
        columnspacing=1.2,
    )
    _draw_points(points, scores)
    return figure


def _draw_bars(axes: Axes, scores: Sequence[VoxelScores]) -> None:
    places = list(range(len(scores)))
    starts = [0.0] * len(scores)
    for name, (label, colour) in _SHARES.items():
        widths = [percent(mean(score.means(name))) or 0.0 for score in scores]
        axes.barh(places, widths, left=starts, color=colour, height=0.72, label=label, lw=0)
        ink = "white" if name == "false_outside" else style.INK
        for place, start, width in zip(places, starts, widths, strict=True):
            if width >= _LEAST_WRITTEN:
                axes.text(
                    start + width / 2,
                    place,
                    f"{width:.0f}",
                    ha="center",
                    va="center",
                    color=ink,
                    fontsize=7.5,
                )
        starts = [start + width for start, width in zip(starts, widths, strict=True)]
    axes.set_yticks(places, [score.model for score in scores])
    for tick, score in zip(axes.get_yticklabels(), scores, strict=True):
        tick.set_color(colour_of(score.family))
    axes.set_ylim(len(scores) - 0.5, -0.5)
    axes.set_xlim(0.0, 100.0)
    axes.set_xlabel("parts of the union of answer and truth (%, by volume)")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _draw_points(axes: Axes, scores: Sequence[VoxelScores]) -> None:
    labels, discs = [], []
    for score in scores:
        x = percent(mean(score.means("iou_frustum_weighted")))
        y = percent(mean(score.means("silhouette_iou")))
        if x is None or y is None:
            continue
        colour = colour_of(score.family)
        axes.plot([x], [y], marker="o", ms=2 * _RADIUS, mfc=colour, mec="white", mew=0.6, lw=0)
        labels.append(Label(score.model, x, y, _RADIUS, colour, 8.0))
        discs.append(Disc(x, y, _RADIUS))
    axes.margins(0.14)
    low, high = (end(*axes.get_xlim(), *axes.get_ylim()) for end in (min, max))
    axes.plot([low, high], [low, high], color=style.GRID, lw=1.0, zorder=0, scalex=False, scaley=False)
    axes.set_xlabel("IoU in 3D (%, by volume)")
    axes.set_ylabel("silhouette IoU (%)")
    style.light_grid(axes, "both")
    place_labels(axes, labels, discs)
