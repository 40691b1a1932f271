"""Stage `tabulate_shape_sets`: what the shape sets hold, and how good their grids are.

| in | out |
| --- | --- |
| shards and their skipped.csv | shape-sets.csv, shape-sets.md, shape-sets.tex |
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from ige.params.stages import ShapeTableSettings
from ige.report import table_text
from ige.report.data_notes import shape_data_note, shape_source, shape_splits
from ige.report.long_table import Part, long_table
from ige.report.shape_rows import ShapeRow, read_rows, shape_rows, write_rows
from ige.report.table_text import Column, TextTable
from ige.storage.atomic import write_text

log = logging.getLogger(__name__)

TITLE = "Shape sets"

_MODELS = "models"
_FILL = "grids filled by level, %"
_CARE = "grids, %"
_COLUMNS = (
    Column("", "category", "category"),
    Column(_MODELS, "train", "training models"),
    Column(_MODELS, "validation", "validation models"),
    Column(_MODELS, "test", "test models"),
    Column(_MODELS, "skipped", "skipped models"),
    Column("", "views", "views"),
    Column("", "cells per side", "cells per side"),
    Column(_FILL, "exact", "exact (%)"),
    Column(_FILL, "tolerant", "tolerant (%)"),
    Column(_FILL, "retried", "retried (%)"),
    Column(_FILL, "reference", "reference (%)"),
    Column(_CARE, "of closed meshes", "of closed meshes (%)"),
    Column(_CARE, "leaks", "leaks (%)"),
    Column(_CARE, "cut", "cut (%)"),
    Column(_CARE, "empty", "empty (%)"),
    Column(_CARE, "occupied cells", "occupied cells (%)"),
    Column("", "MB", "MB"),
)
_SPLIT_COLUMNS = (
    Column("", "category", "category"),
    Column("", "split", "split", text=True),
    Column(_MODELS, "used", "models"),
    *_COLUMNS[4:],
)
_BY_CATEGORY = "By category"
_SPLITS = ("train", "validation", "test")


def tabulate_shape_sets(
    *,
    shards: Sequence[Path],
    skipped: Sequence[Path],
    csv: Path,
    markdown: Path,
    latex: Path,
    settings: ShapeTableSettings,
) -> None:
    """Write the table of all shape sets.

    Args:
        shards: of all categories and splits, in the order of categories of the table.
        skipped: the skipped.csv of each shard, in the same order.
        csv: table to write, columns as in `shape_rows.ShapeRow`.
        markdown: the same for people, by category and by split.
        latex: by category, for a paper, in landscape.
        settings: where the models come from and how they were split.

    Raises:
        InputError: if a shard or a skipped.csv is missing or damaged.
        StorageError: if a table cannot be written.
    """
    write_rows(csv, shape_rows(shards, skipped, shape_source(settings), shape_splits(settings)))
    # What people read is rounded from the file, so that all tables and the page agree to the last digit.
    rows = read_rows(csv)
    table, lines = category_table(rows), notes(rows)
    sections = [(_BY_CATEGORY, table), ("By split", split_table(rows))]
    write_text(markdown, table_text.markdown(TITLE, lines, sections))
    parts = [Part(_BY_CATEGORY, table.cells)]
    write_text(latex, long_table(f"{TITLE}.", lines, table.columns, parts, label="shape-sets"))
    log.info("%d rows of %d shards", len(rows), len(shards))


def notes(rows: Sequence[ShapeRow]) -> list[str]:
    """Say where the models come from, how they were split, and what the columns mean."""
    data = dict.fromkeys((row.source, row.splits) for row in rows)
    return [
        *(shape_data_note(*each) for each in data),
        "A view of a model gives one image and one grid for each number of cells per side.",
        "Levels: exact, for closed meshes: what nothing reaches from outside; tolerant, for others: gaps "
        "below one cell are taken as closed; retried: gaps of 2 or 4 cells, because the grid leaked; "
        "reference: the published method.",
        "Leaks: the outside may still run into the inside; look at these before you train on them. Cut: the "
        "mesh reaches out of the frustum. Skipped: models that gave no grids; skipped.csv says why.",
        "MB: files with images and the grids of all resolutions (1 MB = 1,000,000 bytes). What does not "
        "depend on the cells per side stands once, in the line of the fewest.",
    ]


def category_table(rows: Sequence[ShapeRow]) -> TextTable:
    """Make the table with one line for each category and resolution, all splits together."""
    lines = []
    for category in dict.fromkeys(row.category for row in rows):
        of_category = [row for row in rows if row.category == category]
        for place, resolution in enumerate(sorted({row.resolution for row in of_category})):
            group = [row for row in of_category if row.resolution == resolution]
            models = {row.split: f"{row.models:,}" for row in group}
            cells = (category, *(models.get(split, "0") for split in _SPLITS), *_cells(group))
            # What does not depend on the resolution stands in the first line of a category alone.
            lines.append(cells if place == 0 else ("", "", "", "", "", "", *cells[6:-1], ""))
    return TextTable(_COLUMNS, tuple(lines))


def split_table(rows: Sequence[ShapeRow]) -> TextTable:
    """Make the table with one line for each category, split and resolution."""
    lines = []
    for category, split in dict.fromkeys((row.category, row.split) for row in rows):
        of_split = [row for row in rows if (row.category, row.split) == (category, split)]
        for place, row in enumerate(sorted(of_split, key=lambda each: each.resolution)):
            cells = (category, split, f"{row.models:,}", *_cells([row]))
            # Else a reader who adds up the column would count files twice.
            lines.append(cells if place == 0 else ("", "", "", "", "", *cells[5:-1], ""))
    return TextTable(_SPLIT_COLUMNS, tuple(lines))


def _cells(rows: Sequence[ShapeRow]) -> tuple[str, ...]:
    """Write skipped, views, resolution, levels, cautions, size of rows of one resolution."""
    first = rows[0]
    retried = ("tolerant_r2", "tolerant_r4")
    shares = [_percent(rows, name) for name in (("exact",), ("tolerant",), retried, ("reference",))]
    shares += [_percent(rows, (name,)) for name in ("closed", "leaks", "cut", "empty")]
    return (
        f"{sum(row.skipped for row in rows):,}",
        f"{sum(row.views for row in rows):,}",
        str(first.resolution),
        *shares,
        _percent(rows, ("occupied",), digits=2),
        f"{sum(row.bytes for row in rows) / 1e6:,.2f}",
    )


def _percent(rows: Sequence[ShapeRow], names: Sequence[str], digits: int = 1) -> str:
    """Write the mean over all views of a share, or of a sum of shares, in percent."""
    views = sum(row.views for row in rows)
    if not views:
        return ""
    total = sum(row.views * sum(getattr(row, name) or 0.0 for name in names) for row in rows)
    return f"{100.0 * total / views:.{digits}f}"
