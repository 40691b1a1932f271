"""Stage `tabulate_poses`: scores to the table, beside published values.

| in | out |
| --- | --- |
| scores of all models and seeds | poses.csv, poses.md, poses.tex |
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from ige.params.stages import PoseTableSettings
from ige.report import table_text
from ige.report.data_notes import pose_data_note
from ige.report.long_table import Part, long_table
from ige.report.published import published_poses
from ige.report.rows import pose_rows, read_rows, write_rows
from ige.report.scores import read_scores
from ige.report.table_text import headline_table, notes, subject_table
from ige.storage.atomic import write_text

log = logging.getLogger(__name__)

TITLE = "Pose lifting: ours beside published"
_ALL = "All test subjects"


def tabulate_poses(
    *, scores: Sequence[Path], csv: Path, markdown: Path, latex: Path, settings: PoseTableSettings
) -> None:
    """Write the table of all models.

    Args:
        scores: of all models and seeds; their order is that of the table.
        csv: table to write, columns as in `rows.PoseRow`.
        markdown: the same for people, with the notes that it needs.
        latex: of all test subjects, for a paper, in landscape.
        settings: which part of the data was used.

    Raises:
        InputError: if a score is missing or damaged, or the scores do not belong together.
        StorageError: if a table cannot be written.
    """
    read, setting = read_scores(scores)
    write_rows(csv, pose_rows(read, setting.data, published_poses()))
    # What people read is rounded from the file, so that all tables and the page agree to the last digit.
    rows = read_rows(csv)
    lines, table = notes(setting, read, pose_data_note(settings)), headline_table(rows)
    sections = [(_ALL, table), ("By test subject", subject_table(rows))]
    write_text(markdown, table_text.markdown(TITLE, lines, sections))
    parts = [Part(_ALL, table.cells)]
    write_text(latex, long_table(f"{TITLE}.", lines, table.columns, parts, label="poses"))
    log.info("%d rows of %d scores", len(rows), len(read))
