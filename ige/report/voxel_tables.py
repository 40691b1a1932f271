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
from ige.report.table_text import markdown_head, markdown_section
from ige.report.voxel_comparisons import compare, read_comparisons, write_comparisons
from ige.report.voxel_notes import voxel_notes
from ige.report.voxel_poster_table import without_protocol
from ige.report.voxel_rows import read_rows, voxel_rows, write_rows
from ige.report.voxel_scores import read_voxel_scores
from ige.report.voxel_table_sections import POSTER, TableSection, table_sections
from ige.storage.atomic import write_text

log = logging.getLogger(__name__)

TITLE = "Voxel reconstruction from one image: ours beside published"


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
    write_rows(csv, voxel_rows(read, setting, settings, published_shapes()))
    write_comparisons(comparisons, compare(read, settings))
    # What people read is rounded from the files, so that all tables and the page agree to the last digit.
    rows, differences = read_rows(csv), read_comparisons(comparisons)
    notes = voxel_notes(setting, settings, read)
    sections = table_sections(rows, differences, read, setting, settings)
    write_text(markdown, _markdown(notes, sections))
    write_text(latex, _latex(notes, [section for section in sections if section.is_main]))
    log.info("%d rows of %d scores, %d comparisons", len(rows), len(scores), len(differences))


def _markdown(notes: Sequence[str], sections: Sequence[TableSection]) -> str:
    lines = markdown_head(TITLE, notes)
    for section in sections:
        lines += ["", *markdown_section(section.title, section.lines, section.table)]
    return "\n".join(lines) + "\n"


def _latex(notes: Sequence[str], sections: Sequence[TableSection]) -> str:
    """Write the tables one after another; the notes of all stand below the first."""
    texts = []
    for number, section in enumerate(sections, start=1):
        table = without_protocol(section.table) if section.title == POSTER else section.table
        # The notes begin with the line that stands above each table.
        below = [*notes, *section.lines[1:]] if number == 1 else section.lines
        part = Part(section.title, table.cells)
        texts.append(long_table(f"{TITLE}.", below, table.columns, [part], label=f"shapes-{number}"))
    return "\n".join(texts)
