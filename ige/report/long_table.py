"""Tables in LaTeX that may take several pages, in landscape: an upright page is too narrow for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ige.report import wording
from ige.report.table_text import Column, group_spans, sides

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


@dataclass(frozen=True, slots=True)
class Part:
    """Rows under a title of their own; a row whose first cell alone is not empty is a line of words."""

    title: str
    cells: tuple[tuple[str, ...], ...]


def long_table(
    title: str, notes: Sequence[str], columns: Sequence[Column], parts: Sequence[Part], label: str
) -> str:
    """Write parts that share their columns as one table; the notes follow as a paragraph.

    It needs the packages booktabs, longtable and pdflscape, and pages of one column. The head is repeated on
    each page. Script size and narrow gaps let 15 actions, two means and the names of models, or 14 columns of
    the headline table, fit the width of a page in landscape.
    """
    head = [
        r"    \toprule",
        *(f"    {line}" for line in _groups(columns)),
        f"    {' & '.join(latex_escaped(column.title) for column in columns)} \\\\",
        r"    \midrule",
    ]
    lines = [
        "% Needs \\usepackage{booktabs,longtable,pdflscape}; in two columns, \\onecolumn before it",
        r"\begin{landscape}",
        r"  \scriptsize",
        r"  \setlength{\tabcolsep}{1.5pt}",
        r"  \setlength{\LTcapwidth}{\linewidth}",
        f"  \\begin{{longtable}}{{@{{}}{''.join(sides(columns, 'l', 'r'))}@{{}}}}",
        f"    \\caption{{{latex_escaped(title)}}}\\label{{tab:{label}}}\\\\",
        *head,
        r"    \endfirsthead",
        *head,
        r"    \endhead",
        r"    \bottomrule",
        r"    \endfoot",
        *(line for number, part in enumerate(parts) for line in _part(part, len(columns), number == 0)),
        r"  \end{longtable}",
        *(f"  \\noindent {latex_escaped(note)}\\par" for note in notes),
        r"\end{landscape}",
    ]
    return "\n".join(lines) + "\n"


def _part(part: Part, width: int, is_first: bool) -> list[str]:
    lines = [] if is_first else [r"    \midrule"]
    # A star keeps the row with the next one, on one page.
    lines.append(f"    \\multicolumn{{{width}}}{{@{{}}l}}{{\\textbf{{{latex_escaped(part.title)}}}}} \\\\*")
    for first, *others in part.cells:
        if any(others):
            lines.append(f"    {' & '.join(latex_escaped(cell) for cell in (first, *others))} \\\\")
        else:
            lines += [
                f"    \\cmidrule{{1-{width}}}",
                f"    \\multicolumn{{{width}}}{{@{{}}l}}{{\\emph{{{latex_escaped(first)}}}}} \\\\*",
            ]
    return lines


def latex_escaped(text: str) -> str:
    """Escape what LaTeX would take for a command."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def _groups(columns: Sequence[Column]) -> list[str]:
    """Return the line of groups above the titles, and the rules below them."""
    cells, rules, first = [], [], 1
    for group, width in group_spans(columns):
        cells.append(f"\\multicolumn{{{width}}}{{c}}{{{latex_escaped(group)}}}")
        if group:
            rules.append(f"\\cmidrule(lr){{{first}-{first + width - 1}}}")
        first += width
    return [" & ".join(cells) + r" \\", " ".join(rules)]
