"""Table 1 of the poster: IoU of cars, planes and tables by resolution, published and ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ige.params.stages import VoxelTableSettings
from ige.report import wording
from ige.report.published_shapes import CATEGORIES, RESOLUTIONS, published_shapes
from ige.report.table_text import Column, TextTable
from ige.report.voxel_rows import VoxelRow, is_comparable
from ige.report.voxel_scores import VoxelSetting

_Values = Mapping[tuple[str, int], float | None]  # by category and resolution, percent


def poster_table(rows: Sequence[VoxelRow], setting: VoxelSetting, settings: VoxelTableSettings) -> TextTable:
    """Make the poster's table: its values, ours of the same models below them, then our other models.

    Differences stand where ours is measured on the same shapes at the same resolution (`is_comparable`).
    """
    ours: dict[str, list[VoxelRow]] = {}
    for row in rows:
        if row.n is not None:
            ours.setdefault(row.model, []).append(row)
    sizes = sorted({*RESOLUTIONS, *(row.resolution for row in rows)})
    lines: list[tuple[str, ...]] = []
    published = published_shapes()
    lists = "" if settings.splits.lists == "none" else f" ({settings.splits.lists})"
    protocol = f"{setting.data}{lists}, in the frustum by volume, at {setting.resolution} cells per side"
    for label in dict.fromkeys(each.label for each in published):
        of_label = [each for each in published if each.label == label]
        theirs = {(each.category, each.resolution): each.iou for each in of_label}
        model = of_label[0].model
        value = "published, other protocol" if model is None else "published"
        lines.append((label, value, *_cells(theirs, sizes), "", of_label[0].protocol))
        if model in ours:
            beside = theirs if is_comparable(setting, settings) else {}
            lines += _lines_of(model, ours.pop(model), beside, sizes, protocol)
    lines += [line for model, found in ours.items() for line in _lines_of(model, found, {}, sizes, protocol)]
    return TextTable(_columns(sizes), tuple(lines))


def without_protocol(table: TextTable) -> TextTable:
    """Leave out the last column, for a page too narrow for it: notes say the same."""
    return TextTable(table.columns[:-1], tuple(line[:-1] for line in table.cells))


def _columns(sizes: Sequence[int]) -> tuple[Column, ...]:
    return (
        Column("", "model", "model"),
        Column("", "value", "value", text=True),
        *(Column(category, str(size), f"{category} {size}") for category in CATEGORIES for size in sizes),
        Column("", "n", "n", text=True),
        Column("", "data and protocol", "data and protocol", text=True),
    )


def _lines_of(
    model: str, rows: Sequence[VoxelRow], theirs: _Values, sizes: Sequence[int], protocol: str
) -> list[tuple[str, ...]]:
    values = {(row.category, row.resolution): row.iou_frustum_weighted for row in rows}
    lines = [(model, "ours", *_cells(values, sizes), _counts(rows), protocol)]
    if theirs:
        cells = [
            wording.difference(values.get((category, size)), theirs.get((category, size)))
            for category in CATEGORIES
            for size in sizes
        ]
        lines.append((model, "difference", *cells, "", ""))
    return lines


def _cells(values: _Values, sizes: Sequence[int]) -> list[str]:
    return [wording.error(values.get((category, size))) for category in CATEGORIES for size in sizes]


def _counts(rows: Sequence[VoxelRow]) -> str:
    """Write the number of test views of each category of the table."""
    counts = {row.category: row.n for row in rows}
    return "/".join(wording.count(counts.get(category)) or "0" for category in CATEGORIES)
