"""The rows of poses_by_action.csv: one per metric, model, observation and steps, and the published ones.

As with poses.csv, what people read is rounded from this file. Its columns are those of `ActionRow`, with one
column for each action in place of `errors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ige.base.errors import InputError
from ige.report.published import ACTIONS, PublishedActions
from ige.report.rows import by_model, mean, rows_alike
from ige.report.scores import ALL, PUBLISHED_DATA, Score, ScoreRow
from ige.storage.tables import read_csv, write_csv

OURS = "this run"  # the source of our rows
METRICS = ("mpjpe_mm", "n_mpjpe_mm", "pa_mpjpe_mm", "opt_scale_mm")


@dataclass(frozen=True, slots=True)
class ActionRow:
    """A row of the table; None is an empty cell, errors are in mm.

    Attributes:
        metric: one of `METRICS`.
        model: its name in params.yaml, or whose it is if it is published.
        observation: name in params.yaml of what it saw, or the published input in words.
        steps: T; None where there is no descent.
        source: `OURS`, or where the published numbers stand.
        data: where the test poses come from.
        seeds: how many were averaged; None for published rows.
        frames: test views; None for published rows.
        joints: how many are scored.
        errors: mean over the frames of each action, in the order of `ActionTable.actions`.
        by_action: the mean of the actions' means.
        by_frame: the mean over all frames; None for published rows.
    """

    metric: str
    model: str
    observation: str
    steps: int | None
    source: str
    data: str
    seeds: int | None
    frames: int | None
    joints: int
    errors: tuple[float | None, ...]
    by_action: float | None
    by_frame: float | None

    @property
    def is_published(self) -> bool:
        """Whether it was published, not measured here."""
        return self.source != OURS


@dataclass(frozen=True, slots=True)
class ActionTable:
    """The content of poses_by_action.csv."""

    actions: tuple[str, ...]
    rows: tuple[ActionRow, ...]


_NAMES = [field.name for field in fields(ActionRow)]
_BEFORE = _NAMES[: _NAMES.index("errors")]
_AFTER = _NAMES[_NAMES.index("errors") + 1 :]
_COUNTS = ("steps", "seeds", "frames", "joints")
_TEXTS = ("metric", "model", "observation", "source", "data")


def action_table(
    scores: Sequence[Score], data: str, joints: int, published: Sequence[PublishedActions]
) -> ActionTable:
    """Average the scores of all test subjects over seeds, by metric and then in the order of the scores.

    Errors that mean nothing for a model have no row. Published rows follow those of their metric, where the
    test has all actions of Human3.6M.

    Raises:
        InputError: if the seeds of a model do not have the same rows or counts.
    """
    actions = _actions_of(scores)
    groups = [
        (seeds[0], group)
        for seeds in by_model(scores)
        for group in zip(*rows_alike(seeds), strict=True)
        if group[0].subject == ALL
    ]
    shown = published if actions == ACTIONS else []
    rows: list[ActionRow] = []
    for metric in METRICS:
        rows += [
            _average(metric, score, group, actions, data, joints)
            for score, group in groups
            if score.has(metric)
        ]
        rows += [_of_published(line) for line in shown if line.metric == metric]
    return ActionTable(actions, tuple(rows))


def _actions_of(scores: Iterable[Score]) -> tuple[str, ...]:
    """Return the actions that were tested: those of Human3.6M in the usual order, others sorted."""
    found = {action for score in scores for row in score.rows for action in row.actions}
    return tuple(sorted(found, key=ACTIONS.index if found <= set(ACTIONS) else None))


def _average(
    metric: str,
    score: Score,
    group: Sequence[ScoreRow],
    actions: Sequence[str],
    data: str,
    joints: int,
) -> ActionRow:
    return ActionRow(
        metric=metric,
        model=score.model,
        observation=score.observation,
        steps=group[0].steps,
        source=OURS,
        data=data,
        seeds=len(group),
        frames=group[0].frames,
        joints=joints,
        errors=tuple(
            mean(getattr(row.actions[action], metric) if action in row.actions else None for row in group)
            for action in actions
        ),
        by_action=mean(getattr(row, f"{metric}_by_action") for row in group),
        by_frame=mean(getattr(row, f"{metric}_by_frame") for row in group),
    )


def _of_published(line: PublishedActions) -> ActionRow:
    return ActionRow(
        metric=line.metric,
        model=line.model,
        observation=line.observation,
        steps=None,
        source=line.source,
        data=PUBLISHED_DATA,
        seeds=None,
        frames=None,
        joints=line.joints,
        errors=line.errors_mm,
        by_action=line.by_action,
        by_frame=None,
    )


def write_action_table(path: Path, table: ActionTable) -> None:
    """Write poses_by_action.csv; errors with two decimals, published ones as they were published.

    Raises:
        StorageError: if the file cannot be written.
    """
    columns = [*_BEFORE, *table.actions, *_AFTER]
    write_csv(path, columns, (_cells(row, table.actions) for row in table.rows))


def read_action_table(path: Path) -> ActionTable:
    """Read poses_by_action.csv.

    Raises:
        InputError: if it is missing, empty, has other columns, or holds something that is no number.
    """
    cells = read_csv(path)
    columns = list(cells[0]) if cells else []
    actions = columns[len(_BEFORE) : -len(_AFTER)]
    if not actions or columns != [*_BEFORE, *actions, *_AFTER]:
        raise InputError(
            "is no table of poses by action",
            where=path,
            expected=f"rows of the columns {', '.join(_BEFORE)}, the actions, {', '.join(_AFTER)}",
        )
    try:
        return ActionTable(tuple(actions), tuple(_row(row, actions) for row in cells))
    except ValueError as error:
        raise InputError("holds a cell that is no number", where=path, found=str(error)) from error


def _cells(row: ActionRow, actions: Sequence[str]) -> dict[str, str]:
    values = {name: getattr(row, name) for name in (*_BEFORE, *_AFTER)}
    values |= dict(zip(actions, row.errors, strict=True))
    return {name: _cell(value, row.is_published) for name, value in values.items()}


def _cell(value: object, is_published: bool) -> str:
    if isinstance(value, float):
        return f"{value:.1f}" if is_published else f"{value:.2f}"
    return "" if value is None else str(value)


def _row(row: dict[str, str], actions: Sequence[str]) -> ActionRow:
    values: dict[str, Any] = {name: _value(name, row[name]) for name in (*_BEFORE, *_AFTER)}
    errors = (float(row[action]) if row[action] else None for action in actions)
    return ActionRow(**values, errors=tuple(errors))


def _value(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    if not text:
        return None
    return int(text) if name in _COUNTS else float(text)
