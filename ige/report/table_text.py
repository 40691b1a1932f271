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
VIEWS = "views of frames (frames × turns × cameras, all joints in the image)"

_PA = "Procrustes error, mm"
_RELATIVE = "relative to T = 0"
_OTHER = "other errors, mm"
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
    Column(_OTHER, "Procrustes by action", "Procrustes by action (mm)"),
)


def headline_table(rows: Sequence[PoseRow]) -> TextTable:
    """Make the headline table from the rows of all subjects together."""
    rows = [row for row in rows if row.subject == ALL]
    start = next((row for row in rows if row.model == REFERENCE), None)
    ours = start.pa_mpjpe_mm_by_frame if start else None
    theirs = start.published_pa_mpjpe_mm if start else None
    return TextTable(HEADLINE, tuple(_cells(row, ours, theirs) for row in rows))


def _cells(row: PoseRow, ours: float | None, theirs: float | None) -> tuple[str, ...]:
    error, published = row.pa_mpjpe_mm_by_frame, row.published_pa_mpjpe_mm
    return (
        row.model,
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
        wording.error(row.pa_mpjpe_mm_by_action),
    )


def subject_table(rows: Sequence[PoseRow]) -> TextTable:
    """Make the table of Procrustes errors with one column per test subject, n of its views in the title."""
    subjects = list(dict.fromkeys(row.subject for row in rows))
    frames = {row.subject: row.frames for row in rows}
    lines: dict[tuple[str, int | None], dict[str, str]] = {}
    for row in rows:
        error = wording.error(row.pa_mpjpe_mm_by_frame, row.pa_mpjpe_mm_by_frame_std)
        lines.setdefault((row.model, row.steps), {})[row.subject] = error
    titles = [f"{subject} (n = {frames[subject]:,})" for subject in subjects]
    columns = [*HEADLINE[:2], *(Column(_PA, title, title) for title in titles)]
    cells = [
        (model, wording.count(steps), *(errors.get(subject, "") for subject in subjects))
        for (model, steps), errors in lines.items()
    ]
    return TextTable(tuple(columns), tuple(cells))


def notes(setting: Setting, scores: Sequence[Score]) -> list[str]:
    """Say what the table shows: test, protocol, seeds, published values, and what needs care."""
    seeds = wording.listed([str(seed) for seed in setting.seeds])
    lines = [
        f"Test: {wording.data_in_words(setting.data)}, subjects {wording.listed(setting.subjects)}, "
        f"n = {setting.frames:,} {VIEWS}, observation: {setting.observation}, {setting.joints} joints.",
        f"Protocol: {setting.protocol.rstrip('.')}.",
        f"Mean and sample standard deviation (±) over seeds {seeds}."
        if len(setting.seeds) > 1
        else f"One seed ({seeds}).",
        "Published: Procrustes errors on Human3.6M, from the poster of IGE-Net (CVPR 2019), measured from "
        "its vector graphics; shown for models of the published form, run with the steps they were trained "
        f"with. Difference: ours {wording.MINUS} published.",
        f"T = 0: {REFERENCE}, as published; IGE models start from its weights. Multiply-adds (per pose) and "
        "parameters count the kernels of dense layers, as published.",
    ]
    return [*lines, *_cautions(setting, scores)]


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
                name = score.model if row.steps is None else f"{score.model} (T = {row.steps})"
                by_row.setdefault(name, []).append(row.negative_scale_share)
    means = {name: mean(shares) for name, shares in by_row.items()}
    return [(name, share) for name, share in means.items() if share]


def markdown(title: str, lines: Sequence[str], tables: Sequence[tuple[str, TextTable]]) -> str:
    """Write tables as Markdown: title, notes as a list, then each table under its own title."""
    text = [f"# {title}", "", *(f"- {_escaped_markdown(line)}" for line in lines)]
    for heading, table in tables:
        titles = [column.alone for column in table.columns]
        text += ["", f"## {heading}", "", _pipes(titles), _pipes(_sides(table, "---", "---:"))]
        text += [_pipes([_escaped_markdown(cell) for cell in cells]) for cells in table.cells]
    return "\n".join(text) + "\n"


def _sides(table: TextTable, left: str, right: str) -> list[str]:
    """Say for each column whether it stands left, as words do, or right, as numbers do."""
    return [left, *(left if column.text else right for column in table.columns[1:])]


def _pipes(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped_markdown(text: str) -> str:
    return re.sub(r"([\\`*_|<>])", r"\\\1", text)


_LATEX = {
    **{letter: f"\\{letter}" for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    wording.MINUS: "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
}


def latex_escaped(text: str) -> str:
    """Escape what LaTeX would take for a command."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def latex(caption: Sequence[str], table: TextTable, label: str = "poses") -> str:
    """Write a table as a LaTeX float; it needs the package booktabs."""
    groups = _latex_groups(table.columns)
    titles = " & ".join(latex_escaped(column.title) for column in table.columns)
    lines = [
        "% Needs \\usepackage{booktabs}",
        r"\begin{table*}",
        r"  \centering",
        r"  \footnotesize",
        r"  \setlength{\tabcolsep}{4pt}",
        f"  \\caption{{{' '.join(latex_escaped(line) for line in caption)}}}",
        f"  \\label{{tab:{label}}}",
        f"  \\begin{{tabular}}{{@{{}}{''.join(_sides(table, 'l', 'r'))}@{{}}}}",
        r"    \toprule",
        *(f"    {line}" for line in groups),
        f"    {titles} \\\\",
        r"    \midrule",
        *(f"    {' & '.join(latex_escaped(cell) for cell in cells)} \\\\" for cells in table.cells),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def group_spans(columns: Sequence[Column]) -> list[tuple[str, int]]:
    """Return each run of columns of one group, as group and number of columns."""
    spans: list[tuple[str, int]] = []
    for column in columns:
        if spans and spans[-1][0] == column.group:
            spans[-1] = (column.group, spans[-1][1] + 1)
        else:
            spans.append((column.group, 1))
    return spans


def _latex_groups(columns: Sequence[Column]) -> list[str]:
    cells, rules, first = [], [], 1
    for group, width in group_spans(columns):
        cells.append(f"\\multicolumn{{{width}}}{{c}}{{{latex_escaped(group)}}}")
        if group:
            rules.append(f"\\cmidrule(lr){{{first}-{first + width - 1}}}")
        first += width
    return [" & ".join(cells) + r" \\", " ".join(rules)]
