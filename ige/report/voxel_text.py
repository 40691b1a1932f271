"""The tables of reconstructions as people read them: all models, categories, comparisons.

Values are rounded from shapes.csv and shapes-comparisons.csv; what these do not hold (spread over seeds,
kinds of errors, costs) comes from the scores.
"""

from __future__ import annotations

from collections.abc import Sequence

from ige.report import wording
from ige.report.rows import mean, spread
from ige.report.table_text import Column, TextTable
from ige.report.voxel_comparisons import Comparison
from ige.report.voxel_rows import VoxelRow, percent
from ige.report.voxel_scores import ALL, ERRORS, METRICS, VoxelScores

_IOU = "IoU, %"
_OTHER = "%"
_SHARES = "errors, % of the union"
_COST = "millions"
_MODEL = Column("", "model", "model")
_CELLS = Column("", "cells", "cells per side")
_ALL_COLUMNS = (
    _MODEL,
    _CELLS,
    Column("", "T", "T"),
    Column(_IOU, "by volume", "IoU by volume (%)"),
    Column(_IOU, "by cell", "IoU by cell (%)"),
    Column(_IOU, "world", "IoU in the world (%)"),
    Column(_OTHER, "silhouette", "silhouette IoU (%)"),
    Column(_OTHER, "F-score", "F-score (%)"),
    Column(_SHARES, "missed", "missed (%)"),
    Column(_SHARES, "hidden", "false, hidden (%)"),
    Column(_SHARES, "seen", "false, seen (%)"),
    Column("", "threshold", "threshold"),
    Column(_COST, "parameters", "parameters (M)"),
    Column(_COST, "multiply-adds", "multiply-adds (M)"),
    Column("", "n", "n"),
)
_DIFFERENCE = ("difference", "95 % interval", "by seed")
_COMPARED = {"iou_frustum_weighted": "IoU by volume, points", "silhouette_iou": "silhouette IoU, points"}


def models_table(rows: Sequence[VoxelRow], scores: Sequence[VoxelScores]) -> TextTable:
    """Make the table of all models, over all categories."""
    found = {(row.model, row.resolution): row for row in rows if row.category == ALL}
    cells = [_model_cells(found[score.model, score.resolution], score) for score in scores]
    return TextTable(_ALL_COLUMNS, tuple(cells))


def _model_cells(row: VoxelRow, score: VoxelScores) -> tuple[str, ...]:
    return (
        row.model,
        str(row.resolution),
        wording.count(score.trained_steps),
        *(wording.error(getattr(row, name), _spread(score, name)) for name in METRICS),
        *(wording.error(percent(mean(score.means(name)))) for name in ERRORS),
        _thresholds(score),
        _millions(score.parameters),
        _millions(score.multiply_adds),
        wording.count(row.n),
    )


def _spread(score: VoxelScores, name: str, category: str = ALL) -> float | None:
    """Return the standard deviation over seeds of the mean, percent; None for models that do not learn."""
    return percent(spread(score.means(name, category))) if score.learns else None


def _thresholds(score: VoxelScores) -> str:
    """Write the threshold, or the least and the greatest of those of seeds and parts."""
    known = [f"{part.threshold:.2f}" for part in score.parts if part.threshold is not None]
    ends = sorted({min(known), max(known)}) if known else []
    return " to ".join(ends)


def _millions(count: int | None) -> str:
    return "" if count is None else f"{count / 1e6:,.2f}"


def category_table(rows: Sequence[VoxelRow], metric: str) -> TextTable:
    """Make the table of one metric with a column for each category, whose title holds its number of views.

    Args:
        rows: of shapes.csv.
        metric: one of `METRICS`.
    """
    ours = [row for row in rows if row.n is not None]
    counts: dict[str, int] = {}
    lines: dict[tuple[str, int], dict[str, str]] = {}
    for row in ours:
        counts[row.category] = max(counts.get(row.category, 0), row.n or 0)
        line = lines.setdefault((row.model, row.resolution), {})
        line[row.category] = wording.error(getattr(row, metric))
    titles = [f"{category} (n = {count:,})" for category, count in counts.items()]
    columns = (_MODEL, _CELLS, *(Column("", title, title) for title in titles))
    cells = [
        (model, str(resolution), *(values.get(category, "") for category in counts))
        for (model, resolution), values in lines.items()
    ]
    return TextTable(columns, tuple(cells))


def comparison_table(comparisons: Sequence[Comparison]) -> TextTable:
    """Make the table of paired differences over all categories, one line for each pair of models."""
    lines: dict[tuple[str, str, int], dict[str, Comparison]] = {}
    for each in comparisons:
        if each.category == ALL:
            line = lines.setdefault((each.model, each.reference, each.resolution), {})
            line[each.metric] = each
    columns = [
        _MODEL,
        Column("", "minus", "minus", text=True),
        _CELLS,
        *(
            Column(group, title, f"{group.removesuffix(', points')}: {title}")
            for group in _COMPARED.values()
            for title in _DIFFERENCE
        ),
        Column("", "n", "n"),
        Column("", "shapes", "shapes"),
    ]
    cells = []
    for (model, reference, resolution), found in lines.items():
        some = next(iter(found.values()))
        values = [cell for metric in _COMPARED for cell in _difference_cells(found.get(metric))]
        cells.append((model, reference, str(resolution), *values, f"{some.n:,}", f"{some.shapes:,}"))
    return TextTable(tuple(columns), tuple(cells))


def _difference_cells(comparison: Comparison | None) -> tuple[str, str, str]:
    """Write difference, interval, and the least and the greatest difference of a pair of seeds."""
    if comparison is None:
        return "", "", ""
    seeds = ""
    if comparison.seeds > 1 and comparison.lowest_seed is not None and comparison.highest_seed is not None:
        seeds = f"{signed(comparison.lowest_seed)} to {signed(comparison.highest_seed)}"
    interval = f"{signed(comparison.low)} to {signed(comparison.high)}"
    return signed(comparison.difference), interval, seeds


def signed(points: float) -> str:
    """Write percentage points with sign and two decimals: differences may be small."""
    text = f"{points:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text.replace("-", wording.MINUS)
