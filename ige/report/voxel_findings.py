"""What the tables of reconstructions say, in sentences: which model is best, and does the energy help."""

from __future__ import annotations

from collections.abc import Sequence

from ige.report import wording
from ige.report.rows import mean
from ige.report.voxel_comparisons import Comparison
from ige.report.voxel_rows import VoxelRow, percent
from ige.report.voxel_scores import ALL, VoxelScores
from ige.report.voxel_text import signed

_UNLEARNED = {
    "nearest-image": "the grid of the nearest training image",
    "mean-shape": "the mean of the training grids",
    "visual-hull": "all that the silhouette admits",
    "oracle": "the nearest training grid, which needs the truth,",
}


def voxel_findings(
    rows: Sequence[VoxelRow], comparisons: Sequence[Comparison], scores: Sequence[VoxelScores]
) -> list[str]:
    """Say of the finest resolution what is best, what needs no net, what descent gains, what is wrong.

    The best is one of those that were tested on most views: means over other views do not compare.
    """
    finest = max(score.resolution for score in scores)
    shown = {
        score.model: score
        for score in scores
        if score.resolution == finest and score.coordinates == "frustum"
    }
    all_learned = [score for score in shown.values() if score.learns]
    whole = max((frozenset(score.keys) for score in all_learned), key=len, default=frozenset())
    ours = {
        row.model: row
        for row in rows
        if row.resolution == finest
        and row.category == ALL
        and row.model in shown
        and frozenset(shown[row.model].keys) == whole
        and _iou(row) is not None
    }
    learned = [row for row in ours.values() if shown[row.model].learns]
    if not learned:
        return []
    best = max(learned, key=lambda row: _iou(row) or 0.0)
    return [
        _best(best, ours, shown, are_all=all(frozenset(score.keys) == whole for score in all_learned)),
        *_unlearned(ours, shown),
        *energy_gains([each for each in comparisons if each.resolution == finest]),
        _errors(best, shown[best.model]),
    ]


def _iou(row: VoxelRow) -> float | None:
    return row.iou_frustum_weighted


def _best(best: VoxelRow, ours: dict[str, VoxelRow], shown: dict[str, VoxelScores], are_all: bool) -> str:
    tested = "" if are_all else f" and were tested on all {wording.count(best.n)} views"
    text = (
        f"At {best.resolution} cells per side {best.model} reconstructs best of the models that learn"
        f"{tested}: {wording.error(_iou(best))} % mean IoU (cells by volume) and "
        f"{wording.error(best.silhouette_iou)} % of the silhouettes."
    )
    ceiling = next((row for name, row in ours.items() if shown[name].family == "ceiling"), None)
    if ceiling is not None:
        text += f" The truth itself, at so many cells, has {wording.error(_iou(ceiling))} %."
    return text


def _unlearned(ours: dict[str, VoxelRow], shown: dict[str, VoxelScores]) -> list[str]:
    words = [
        f"{text} gives {wording.error(_iou(row))} % ({name})"
        for family, text in _UNLEARNED.items()
        for name, row in ours.items()
        if shown[name].family == family
    ]
    return [f"Without a net: {wording.listed(words)}."] if words else []


def energy_gains(comparisons: Sequence[Comparison]) -> list[str]:
    """Say whether the energy helps: each model that has one beside its controls, at the finest resolution.

    Args:
        comparisons: of shapes-comparisons.csv; over all categories they count.
    """
    finest = max((each.resolution for each in comparisons), default=0)
    pairs: dict[tuple[str, str], dict[str, Comparison]] = {}
    for each in comparisons:
        if each.control and (each.category, each.resolution) == (ALL, finest):
            pairs.setdefault((each.model, each.reference), {})[each.metric] = each
    return [
        _gain(found["iou_frustum_weighted"], found["silhouette_iou"])
        for found in pairs.values()
        if len(found) == 2
    ]


def _gain(iou: Comparison, silhouette: Comparison) -> str:
    shapes = wording.some(iou.shapes, "test shape")
    return (
        f"Does the energy help? On {shapes} {iou.model} {_verdict(iou)} {iou.reference}: "
        f"{_difference(iou)} points of IoU; of silhouettes {_difference(silhouette)}."
    )


def _verdict(comparison: Comparison) -> str:
    if comparison.low > 0.0:
        return "is better than"
    if comparison.high < 0.0:
        return "is worse than"
    return "cannot be told apart from"


def _difference(comparison: Comparison) -> str:
    interval = f"{signed(comparison.low)} to {signed(comparison.high)}"
    return f"{signed(comparison.difference)} (95 %: {interval})"


def _errors(row: VoxelRow, score: VoxelScores) -> str:
    missed, hidden, seen = (
        percent(mean(score.means(name))) for name in ("missed", "false_inside", "false_outside")
    )
    return (
        f"What is wrong in {row.model}, in parts of the union of answer and truth: {wording.error(missed)} % "
        f"missed, {wording.error(hidden)} % false but hidden along the rays of the object, "
        f"{wording.error(seen)} % false where the image shows nothing."
    )
