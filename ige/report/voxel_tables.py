"""Stage `tabulate_shapes`: scores of reconstructions to tables, beside published values.

| in | out |
| --- | --- |
| scores of all models and seeds | shapes.csv, shapes-comparisons.csv, shapes.md, shapes.tex |
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from ige.params.stages import VoxelTableSettings
from ige.report.long_table import Part, long_table
from ige.report.published_shapes import published_shapes
from ige.report.table_text import TextTable, markdown_head, markdown_section
from ige.report.voxel_comparisons import compare, read_comparisons, write_comparisons
from ige.report.voxel_notes import comparison_notes, head, voxel_notes
from ige.report.voxel_poster_table import poster_table, without_protocol
from ige.report.voxel_rows import read_rows, voxel_rows, write_rows
from ige.report.voxel_scores import read_voxel_scores
from ige.report.voxel_text import category_table, comparison_table, models_table
from ige.storage.atomic import write_text

log = logging.getLogger(__name__)

TITLE = "Voxel reconstruction from one image: ours beside published"
MODELS = "All models"
POSTER = "Mean IoU (%) by category and resolution, as in the poster"
COMPARED = "Differences between models on the same test views"


def tabulate_shapes(
    *,
    scores: Sequence[Path],
    csv: Path,
    comparisons: Path,
    markdown: Path,
    latex: Path,
    settings: VoxelTableSettings,
) -> None:
    """Write the tables of all models.

    Args:
        scores: of all models and seeds; their order is that of the tables.
        csv: table to write, columns as in `voxel_rows.VoxelRow`.
        comparisons: table to write, columns as in `voxel_comparisons.Comparison`.
        markdown: the same for people, with the notes that they need.
        latex: the poster's table, all models and their differences, for a paper, in landscape.
        settings: how the data was split, and what models are compared with.

    Raises:
        InputError: if a score is missing or damaged, or the scores do not belong together.
        StorageError: if a table cannot be written.
    """
    read, setting = read_voxel_scores(scores)
    write_rows(csv, voxel_rows(read, setting, published_shapes()))
    write_comparisons(comparisons, compare(read, settings))
    # What people read is rounded from the files, so that all tables and the page agree to the last digit.
    rows, differences = read_rows(csv), read_comparisons(comparisons)
    notes = voxel_notes(setting, settings, read)
    above = head(setting, settings, read)
    main = [
        (MODELS, [above], models_table(rows, read)),
        (POSTER, [above], poster_table(rows, setting)),
    ]
    if differences:
        lines = [above, *comparison_notes(settings, read, differences)]
        main.append((COMPARED, lines, comparison_table(differences)))
    by_category = [
        (title, [above], category_table(rows, metric))
        for title, metric in (
            ("IoU by volume (%), by category", "iou_frustum_weighted"),
            ("Silhouette IoU (%), by category", "silhouette_iou"),
        )
    ]
    sections = [section for each in (*main, *by_category) for section in ("", *markdown_section(*each))]
    write_text(markdown, "\n".join([*markdown_head(TITLE, notes), *sections]) + "\n")
    tables = [
        (heading, lines, without_protocol(table) if heading == POSTER else table)
        for heading, lines, table in main
    ]
    write_text(latex, "\n".join(_latex(number, notes, *each) for number, each in enumerate(tables)))
    log.info("%d rows of %d scores, %d comparisons", len(rows), len(scores), len(differences))


def _latex(number: int, notes: Sequence[str], heading: str, lines: Sequence[str], table: TextTable) -> str:
    """Write one table; the notes of all stand below the first."""
    below = notes if number == 0 else lines
    label = f"shapes-{number + 1}"
    return long_table(f"{TITLE}.", below, table.columns, [Part(heading, table.cells)], label=label)
