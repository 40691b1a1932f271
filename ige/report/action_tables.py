"""Stage `tabulate_poses_by_action`: scores to the table of errors by action, beside published values.

| in | out |
| --- | --- |
| scores of all models and seeds | poses_by_action.csv, poses_by_action.md, poses_by_action.tex |
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from ige.params.stages import PoseTableSettings
from ige.report import table_text, wording
from ige.report.action_rows import (
    METRICS,
    ActionRow,
    ActionTable,
    action_table,
    read_action_table,
    write_action_table,
)
from ige.report.data_notes import pose_data_note
from ige.report.long_table import Part, long_table
from ige.report.published import ACTIONS, published_actions
from ige.report.scores import Score, Setting, read_scores
from ige.report.table_text import OBSERVATION, Column, TextTable, missing_errors, test_notes
from ige.storage.atomic import write_text

log = logging.getLogger(__name__)

TITLE = "Pose lifting: errors by action"
TITLES = {
    "mpjpe_mm": "P1 (MPJPE), mm",
    "n_mpjpe_mm": "N-MPJPE, mm",
    "pa_mpjpe_mm": "P2 (PA-MPJPE), mm",
    "opt_scale_mm": "After the optimal scale, mm",
}
_SHORT = dict(
    zip(
        ACTIONS,
        (
            *("Dir", "Disc", "Eat", "Greet", "Phone", "Photo", "Pose", "Purch"),
            *("Sit", "SitD", "Smoke", "Wait", "WalkD", "Walk", "WalkT"),
        ),
        strict=True,
    )
)
_MEAN = "mean by"


def tabulate_poses_by_action(
    *, scores: Sequence[Path], csv: Path, markdown: Path, latex: Path, settings: PoseTableSettings
) -> None:
    """Write the table of all models by action.

    Args:
        scores: of all models and seeds; their order is that of the table.
        csv: table to write, columns as `action_rows` says.
        markdown: the same for people, one table for each error, with the notes that it needs.
        latex: the same for a paper: one table over as many pages, in landscape, as it takes.
        settings: which part of the data was used.

    Raises:
        InputError: if a score is missing or damaged, or the scores do not belong together.
        StorageError: if a table cannot be written.
    """
    read, setting = read_scores(scores)
    write_action_table(csv, action_table(read, setting.data, setting.joints, published_actions()))
    # What people read is rounded from the file, so that all tables and the page agree to the last digit.
    table = read_action_table(csv)
    lines = action_notes(table, setting, read, pose_data_note(settings))
    write_text(markdown, table_text.markdown(TITLE, lines, list(metric_tables(table, setting))))
    parts = [Part(title, text.cells) for title, text in metric_tables(table, setting)]
    write_text(latex, long_table(f"{TITLE}.", lines, _columns(table), parts, label="poses-by-action"))
    log.info("%d rows of %d scores", len(table.rows), len(read))


def metric_tables(table: ActionTable, setting: Setting) -> Iterable[tuple[str, TextTable]]:
    """Make a table for each error that has rows, with its title; published rows stand last, below a line."""
    columns = _columns(table)
    below = "Published:" if setting.is_published_data else "Published, of Human3.6M:"
    for metric in METRICS:
        rows = [row for row in table.rows if row.metric == metric]
        ours = [_cells(row, columns) for row in rows if not row.is_published]
        published = [_cells(row, columns) for row in rows if row.is_published]
        line = [(below, *("" for _ in columns[1:]))] if published else []
        if ours or published:
            yield TITLES[metric], TextTable(columns, (*ours, *line, *published))


def _columns(table: ActionTable) -> tuple[Column, ...]:
    several = len({row.observation for row in table.rows}) > 1
    return (
        Column("", "model", "model"),
        *((OBSERVATION,) if several else ()),
        Column("", "T", "T"),
        *(Column("", _SHORT.get(action, action), action) for action in table.actions),
        Column(_MEAN, "action", "mean by action"),
        Column(_MEAN, "frame", "mean by frame"),
    )


def _cells(row: ActionRow, columns: Sequence[Column]) -> tuple[str, ...]:
    return (
        row.model,
        *((row.observation,) if OBSERVATION in columns else ()),
        wording.count(row.steps),
        *(wording.error(error) for error in row.errors),
        wording.error(row.by_action),
        wording.error(row.by_frame),
    )


def action_notes(table: ActionTable, setting: Setting, scores: Sequence[Score], data: str) -> list[str]:
    """Say what the table shows: test, data, protocol, which errors are missing, and what was published."""
    *test, seeds = test_notes(setting, data)
    lines = [
        *test,
        seeds.replace("Mean and sample standard deviation (±)", "Mean"),
        f"{setting.joints} joints are scored: the 16 that models answer, and the midpoint of the hips, about "
        "which P1 and N-MPJPE are aligned and where they have no error. An action's error is the mean over "
        "its frames, of all test subjects and cameras.",
        *missing_errors(scores),
    ]
    if any(not score.has("mpjpe_mm") for score in scores):
        lines.append("A line that would be empty for this reason is left out.")
    published = [row for row in table.rows if row.is_published]
    return lines + (_published_notes(published, setting) if published else [])


def _published_notes(published: Sequence[ActionRow], setting: Setting) -> list[str]:
    lines = [
        "Published lines were trained on S1, S5, S6, S7 and S8 of Human3.6M and tested on S9 and S11, every "
        "frame of all cameras, one model for all actions; 17 joints are scored: 16 and the hip joint of the "
        "skeleton, about which P1 is aligned (ours: the midpoint of the two hips). Their mean is by action. "
        "SH: detections of the stacked hourglass network.",
        *(
            f"Source of {row.model}, {row.observation}, {TITLES[row.metric].split()[0]}: {row.source}."
            for row in published
        ),
    ]
    if not setting.is_published_data:
        lines.append(
            "The data of this run is not Human3.6M, only its actions have the same names: published errors "
            "do not compare in absolute terms."
        )
    return lines
