"""The table as people read it: headline columns with the published value beside ours, and what they mean.

Markdown, LaTeX and the page print the same cells. Ours stands beside published, and because absolute errors
of other data than Human3.6M do not compare, both also stand relative to T = 0 of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ige.report import wording
from ige.report.published import REFERENCE
from ige.report.rows import PoseRow, mean
from ige.report.scores import ALL, Score, Setting


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        group: what it has in common with its neighbours, printed above them; may be empty.
        title: below the group.
        alone: its title where there is no room for groups.
        text: whether its cells are words, not numbers; those of the first column always are.
    """

    group: str
    title: str
    alone: str
    text: bool = False


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of cells, ready to print; the first column is text."""

    columns: tuple[Column, ...]
    cells: tuple[tuple[str, ...], ...]


# What n counts: a view is a frame that was taken, in one turn of its clip, seen by one camera.
VIEWS = "views of frames (frames × turns × cameras that were kept)"

_PA = "Procrustes error, mm"
_RELATIVE = "relative to T = 0"
_OTHER = "other errors, mm"
OBSERVATION = Column("", "observation", "observation", text=True)
HEADLINE = (
    Column("", "model", "model"),
    Column("", "T", "T"),
    Column("", "multiply-adds", "multiply-adds"),
    Column("", "parameters", "parameters"),
    Column(_PA, "ours", "Procrustes error (mm)"),
    Column(_PA, "published", "published (mm)"),
    Column(_PA, "difference", "difference (mm)"),
    Column(_RELATIVE, "ours", "error / T = 0"),
    Column(_RELATIVE, "published", "published / T = 0"),
    Column(_OTHER, "optimal scale", "optimal scale (mm)"),
    Column(_OTHER, "N-MPJPE", "N-MPJPE (mm)"),
    Column(_OTHER, "P1", "P1 (mm)"),
    Column(_OTHER, "Procrustes by action", "Procrustes by action (mm)"),
)


def headline_table(rows: Sequence[PoseRow]) -> TextTable:
    """Make the headline table from the rows of all subjects together.

    Relative errors are relative to T = 0 of the same observation, which has a column where there are several.
    """
    rows = [row for row in rows if row.subject == ALL]
    starts = {row.observation: row for row in rows if row.model == REFERENCE}
    several = len({row.observation for row in rows}) > 1
    columns = (HEADLINE[0], OBSERVATION, *HEADLINE[1:]) if several else HEADLINE
    return TextTable(columns, tuple(_cells(row, starts.get(row.observation), several) for row in rows))


def _cells(row: PoseRow, start: PoseRow | None, several: bool) -> tuple[str, ...]:
    error, published = row.pa_mpjpe_mm_by_frame, row.published_pa_mpjpe_mm
    ours = start.pa_mpjpe_mm_by_frame if start else None
    theirs = start.published_pa_mpjpe_mm if start else None
    return (
        *((row.model, row.observation) if several else (row.model,)),
        wording.count(row.steps),
        wording.count(row.multiply_adds),
        wording.count(row.parameters),
        wording.error(error, row.pa_mpjpe_mm_by_frame_std),
        wording.published(published),
        wording.difference(error, published),
        wording.ratio(error, ours),
        wording.ratio(published, theirs),
        wording.error(row.opt_scale_mm_by_frame),
        wording.error(row.n_mpjpe_mm_by_frame),
        wording.error(row.mpjpe_mm_by_frame),
        wording.error(row.pa_mpjpe_mm_by_action),
    )


def subject_table(rows: Sequence[PoseRow]) -> TextTable:
    """Make the table of Procrustes errors with one column per test subject.

    The number of views stands in a subject's title, unless observations differ in it.
    """
    several = len({row.observation for row in rows}) > 1
    frames: dict[str, set[int]] = {}
    lines: dict[tuple[str, str, int | None], dict[str, str]] = {}
    for row in rows:
        error = wording.error(row.pa_mpjpe_mm_by_frame, row.pa_mpjpe_mm_by_frame_std)
        lines.setdefault((row.model, row.observation, row.steps), {})[row.subject] = error
        frames.setdefault(row.subject, set()).add(row.frames)
    titles = [
        f"{subject} (n = {min(counts):,})" if len(counts) == 1 else subject
        for subject, counts in frames.items()
    ]
    of_model = (HEADLINE[0], OBSERVATION, HEADLINE[1]) if several else HEADLINE[:2]
    columns = [*of_model, *(Column(_PA, title, title) for title in titles)]
    cells = [
        (
            *((model, observation) if several else (model,)),
            wording.count(steps),
            *(errors.get(subject, "") for subject in frames),
        )
        for (model, observation, steps), errors in lines.items()
    ]
    return TextTable(tuple(columns), tuple(cells))


def notes(setting: Setting, scores: Sequence[Score], data: str) -> list[str]:
    """Say what the table shows: test, data, protocol, seeds, published values, and what needs care."""
    lines = [
        *test_notes(setting, data),
        "Published: Procrustes errors on Human3.6M, from the poster of IGE-Net (CVPR 2019), measured from "
        "its vector graphics; shown for models of the published form, run with the steps they were trained "
        "with, that see the observation projection: the poster does not name its 2D input, and exact "
        f"projections fit its errors best (our reading). Difference: ours {wording.MINUS} published.",
        f"T = 0: {REFERENCE}, as published; IGE models start from its weights. Multiply-adds (per pose) and "
        "parameters count the kernels of dense layers, as published.",
    ]
    return [*lines, *missing_errors(scores), *_cautions(setting, scores)]


def test_notes(setting: Setting, data: str) -> list[str]:
    """Say on what was tested, how errors are measured, and how many seeds there are.

    Args:
        setting: what the scores share.
        data: which part of the data was used, as `data_notes.pose_data_note` says it.
    """
    test = f"Test: {wording.data_in_words(setting.data)}, subjects {wording.listed(setting.subjects)}, "
    if len(setting.observations) == 1:
        (seen,) = setting.observations
        test += f"n = {seen.frames:,} {VIEWS}, observation: {seen.text}, {setting.joints} joints."
    else:
        counts = "; ".join(f"{seen.text}, n = {seen.frames:,}" for seen in setting.observations)
        test += f"{setting.joints} joints. Observations, and n {VIEWS}: {counts}."
    seeds = wording.listed([str(seed) for seed in setting.seeds])
    return [
        test,
        data,
        f"Protocol: {setting.protocol.rstrip('.')}.",
        f"Mean and sample standard deviation (±) over seeds {seeds}."
        if len(setting.seeds) > 1
        else f"One seed ({seeds}).",
    ]


def missing_errors(scores: Sequence[Score]) -> list[str]:
    """Say which models lack an error because it would mean nothing."""
    metric = list(dict.fromkeys(score.model for score in scores if score.has("mpjpe_mm")))
    relative = list(dict.fromkeys(score.model for score in scores if not score.has("opt_scale_mm")))
    lines = []
    if len(metric) < len({score.model for score in scores}):
        of = f"the models that answer poses in metres ({wording.listed(metric)})" if metric else "no model"
        others = "the other models" if metric else "all"
        lines.append(f"P1 is given for {of}: {others} answer poses that are free in scale, which have no P1.")
    if relative:
        lines.append(
            f"No error after the optimal scale: {wording.listed(relative)}; these poses lie about the hips, "
            "nowhere before the camera."
        )
    return lines


def caution_on_data(setting: Setting) -> str | None:
    """Say that the published errors do not compare, unless the data is theirs."""
    if setting.is_published_data:
        return None
    return (
        "The data of this run is not Human3.6M: published errors and differences are not comparable in "
        "absolute terms. Compare the columns relative to T = 0."
    )


def _cautions(setting: Setting, scores: Sequence[Score]) -> Iterable[str]:
    on_data = caution_on_data(setting)
    if on_data:
        yield on_data
    shares = [f"{name} {100 * share:.2g} %" for name, share in negative_shares(scores)]
    if shares:
        yield f"Share of poses whose optimal scale is negative, where it is not 0: {', '.join(shares)}."
    if any(row.pa_mpjpe_mm_by_frame is None for score in scores for row in score.rows):
        yield "Where an error is missing, some answers of the model were not finite."


def negative_shares(scores: Sequence[Score]) -> list[tuple[str, float]]:
    """Return model (with its steps) and share of negative scales, mean over seeds, where it is above 0."""
    by_row: dict[str, list[float | None]] = {}
    for score in scores:
        for row in score.rows:
            if row.subject == ALL:
                name = score.trained if row.steps is None else f"{score.trained} (T = {row.steps})"
                by_row.setdefault(name, []).append(row.negative_scale_share)
    means = {name: mean(shares) for name, shares in by_row.items()}
    return [(name, share) for name, share in means.items() if share]


def markdown(title: str, lines: Sequence[str], tables: Sequence[tuple[str, TextTable]]) -> str:
    """Write tables as Markdown: title, notes as a list, then each table under its own title."""
    sections = [
        section for heading, table in tables for section in ("", *markdown_section(heading, [], table))
    ]
    return "\n".join([*markdown_head(title, lines), *sections]) + "\n"


def markdown_head(title: str, lines: Sequence[str]) -> list[str]:
    """Return the lines of a title and of notes as a list."""
    return [f"# {title}", "", *(f"- {_escaped_markdown(line)}" for line in lines)]


def markdown_section(heading: str, lines: Sequence[str], table: TextTable) -> list[str]:
    """Return the lines of a table under its title, below paragraphs of its own."""
    text = [f"## {heading}", ""]
    for line in lines:
        text += [_escaped_markdown(line), ""]
    titles = [column.alone for column in table.columns]
    text += [_pipes(titles), _pipes(sides(table.columns, "---", "---:"))]
    return text + [_pipes([_escaped_markdown(cell) for cell in cells]) for cells in table.cells]


def sides(columns: Sequence[Column], left: str, right: str) -> list[str]:
    """Say for each column whether it stands left, as words do, or right, as numbers do."""
    return [left, *(left if column.text else right for column in columns[1:])]


def _pipes(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped_markdown(text: str) -> str:
    return re.sub(r"([\\`*_|<>])", r"\\\1", text)


def group_spans(columns: Sequence[Column]) -> list[tuple[str, int]]:
    """Return each run of columns of one group, as group and number of columns."""
    spans: list[tuple[str, int]] = []
    for column in columns:
        if spans and spans[-1][0] == column.group:
            spans[-1] = (column.group, spans[-1][1] + 1)
        else:
            spans.append((column.group, 1))
    return spans
