"""Labels beside points, placed so that they hide neither points nor each other."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

_ANGLES_DEGREES = (0, 90, 270, 180, 40, 320, 140, 220)
_GAPS = (3.0, 6.0, 11.0, 17.0)  # points between marker and text
_COST_OF_DISTANCE = 3.0  # square points of overlap that a point of gap is worth
_COST_OUTSIDE = 1e6
_ROOM_OF_DISCS = 2.0  # points around a marker that labels leave free
_LINE_POINTS = 10.5  # height of a label's line
_LINE_STEP = 4.0  # points between the boxes that stand for a line


@dataclass(frozen=True, slots=True)
class Label:
    """A text that belongs to a point.

    Attributes:
        text: may hold matplotlib's mathematics.
        x: of the point, data.
        y: of the point, data.
        radius: of its marker, points.
        colour: of the text.
        size: of the text, points.
    """

    text: str
    x: float
    y: float
    radius: float
    colour: str
    size: float


@dataclass(frozen=True, slots=True)
class Disc:
    """A marker that labels keep clear of: a point in data, and a radius in points."""

    x: float
    y: float
    radius: float


def place_labels(axes: Axes, labels: Sequence[Label], discs: Sequence[Disc]) -> None:
    """Write the labels, the first ones where they like best.

    Greedy and without randomness: each label takes, among places around its marker, the one that overlaps
    least with markers, lines and the labels before it, inside the axes.

    Args:
        axes: with its lines, final limits and size.
        labels: in order of importance.
        discs: all markers.
    """
    canvas = FigureCanvasAgg(axes.figure.get_figure(root=True))
    canvas.draw()  # type: ignore[no-untyped-call]
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    scale = axes.figure.dpi / 72.0
    frame = axes.get_window_extent(renderer)
    taken = [_box_of_disc(axes, disc, scale) for disc in discs] + list(_boxes_of_lines(axes, scale))
    for label in labels:
        text = axes.annotate(
            label.text,
            (label.x, label.y),
            xytext=(0.0, 0.0),
            textcoords="offset points",
            ha="center",
            va="center",
            color=label.colour,
            fontsize=label.size,
            zorder=6,
            path_effects=[withStroke(linewidth=1.5, foreground="white")],
        )
        box = text.get_window_extent(renderer)
        offset, placed = _best_place(box, label, scale, taken, frame)
        text.xyann = offset
        taken.append(placed)


def _best_place(
    box: Bbox, label: Label, scale: float, taken: Sequence[Bbox], frame: Bbox
) -> tuple[tuple[float, float], Bbox]:
    width, height = box.width / scale, box.height / scale
    best = (math.inf, (0.0, 0.0), box)
    for gap, angle in itertools.product(_GAPS, _ANGLES_DEGREES):
        offset = _offset(math.radians(angle), label.radius + gap, width, height)
        moved = box.translated(offset[0] * scale, offset[1] * scale)
        cost = _COST_OF_DISTANCE * gap * scale**2 + sum(_overlap(moved, other) for other in taken)
        if not (
            frame.x0 <= moved.x0 and moved.x1 <= frame.x1 and frame.y0 <= moved.y0 and moved.y1 <= frame.y1
        ):
            cost += _COST_OUTSIDE
        if cost < best[0]:
            best = (cost, offset, moved)
    return best[1], best[2]


def _offset(angle: float, distance: float, width: float, height: float) -> tuple[float, float]:
    """Move a box's centre so that its edge is `distance` from the point, seen at `angle`."""
    x, y = math.cos(angle), math.sin(angle)
    # Rounded so that the text itself, not its corner, lies in that direction.
    return x * distance + round(x, 1) * width / 2, y * distance + round(y, 1) * height / 2


def _overlap(one: Bbox, other: Bbox) -> float:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return width * height if width > 0.0 and height > 0.0 else 0.0


def _box_of_disc(axes: Axes, disc: Disc, scale: float) -> Bbox:
    x, y = axes.transData.transform((disc.x, disc.y))
    # The square of a disc's area: its corners are free.
    half = (disc.radius * math.sqrt(math.pi) / 2 + _ROOM_OF_DISCS) * scale
    return Bbox.from_extents(x - half, y - half, x + half, y + half)


def _boxes_of_lines(axes: Axes, scale: float) -> Iterator[Bbox]:
    for line in axes.get_lines():
        corners = line.get_transform().transform(line.get_xydata())
        for (x0, y0), (x1, y1) in itertools.pairwise(corners.tolist()):
            steps = max(2, math.ceil(math.hypot(x1 - x0, y1 - y0) / (_LINE_STEP * scale)))
            half = _LINE_STEP * scale / 2
            for x, y in zip(np.linspace(x0, x1, steps), np.linspace(y0, y1, steps), strict=True):
                yield Bbox.from_extents(x - half, y - half, x + half, y + half)


def moved_apart(values: Sequence[float], least: float) -> list[float]:
    """Move falling values apart to at least `least`, as little as possible around their middle."""
    groups: list[list[float]] = []
    for value in values:
        groups.append([value])
        while len(groups) > 1 and _bottom(groups[-2], least) - _top(groups[-1], least) < least:
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_top(group, least) - least * position for group in groups for position in range(len(group))]


def _top(group: Sequence[float], least: float) -> float:
    return sum(group) / len(group) + least * (len(group) - 1) / 2


def _bottom(group: Sequence[float], least: float) -> float:
    return sum(group) / len(group) - least * (len(group) - 1) / 2


@dataclass(frozen=True, slots=True)
class End:
    """Where a curve ends, data, and what stands beside it."""

    x: float
    y: float
    text: str
    colour: tuple[float, float, float]


def label_ends(axes: Axes, ends: Sequence[End], height: float) -> None:
    """Write texts right of the axes, moved apart where they would touch, joined to their curves by dots.

    Args:
        axes: with their final limits.
        ends: of curves, in any order.
        height: of the axes, points; it may be a guess.
    """
    low, high = axes.get_ylim()
    right = axes.get_xlim()[1]
    falling = sorted(ends, key=lambda end: -end.y)
    places = moved_apart([end.y for end in falling], _LINE_POINTS * (high - low) / height)
    for end, place in zip(falling, places, strict=True):
        axes.plot([end.x, right], [end.y, place], color=end.colour, lw=0.6, ls=":", clip_on=False)
        axes.annotate(
            end.text,
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=end.colour,
            fontsize=8,
            annotation_clip=False,
        )
    axes.set_ylim(low, high)
