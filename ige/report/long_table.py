"""A table in LaTeX that may take several pages, in landscape: for many columns and many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ige.report.table_text import Column, latex_escaped, latex_groups, sides


@dataclass(frozen=True, slots=True)
class Part:
    """Rows under a title of their own; a row whose first cell alone is not empty is a line of words."""

    title: str
    cells: tuple[tuple[str, ...], ...]


def long_table(
    title: str, notes: Sequence[str], columns: Sequence[Column], parts: Sequence[Part], label: str
) -> str:
    """Write parts that share their columns as one table; the notes follow as a paragraph.

    It needs the packages booktabs, longtable and pdflscape. The head is repeated on each page. Script size
    and narrow gaps let 15 actions, two means and the names of models fit the width of a page in landscape.
    """
    head = [
        r"    \toprule",
        *(f"    {line}" for line in latex_groups(columns)),
        f"    {' & '.join(latex_escaped(column.title) for column in columns)} \\\\",
        r"    \midrule",
    ]
    lines = [
        "% Needs \\usepackage{booktabs,longtable,pdflscape}",
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
