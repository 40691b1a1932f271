"""What the page is put together from: tables and figures as its template shows them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.report.table_text import TextTable, group_spans

_NON_BREAKING_HYPHEN = "\N{NON-BREAKING HYPHEN}"
_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}


@dataclass(frozen=True, slots=True)
class PageFigure:
    """A figure as the page shows it: a data URI, what it shows in words, and how to read it."""

    uri: str
    alt: str
    caption: str
    title: str


@dataclass(frozen=True, slots=True)
class TableLine:
    """A line of a table: its cells, and the series that gives its colour in the figures."""

    series: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table: groups of columns with their widths, titles of columns, lines.

    `words` are the numbers of columns that hold words, beside the first.
    """

    groups: tuple[tuple[str, int], ...]
    titles: tuple[str, ...]
    lines: tuple[TableLine, ...]
    words: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ActionSection:
    """Errors by action: a table for each error, by its title, and what they mean."""

    tables: Mapping[str, PageTable]
    notes: tuple[str, ...]


def page_table(table: TextTable, series: Mapping[str, str]) -> PageTable:
    """Make a table for the page; `series` gives that of a line by its first cell, if it has one."""
    lines = tuple(TableLine(series.get(cells[0], ""), cells) for cells in table.cells)
    # A title may break between words, but not as N- MPJPE.
    titles = tuple(column.title.replace("-", _NON_BREAKING_HYPHEN) for column in table.columns)
    words = frozenset(number for number, column in enumerate(table.columns) if column.text)
    return PageTable(tuple(group_spans(table.columns)), titles, lines, words)


def data_uri(path: Path) -> str:
    """Return a figure, .svg or .png, as a URI that holds it.

    Raises:
        InputError: if it cannot be read or is neither.
    """
    if path.suffix not in _KINDS:
        raise InputError("no figure for a page", where=path, expected=" or ".join(_KINDS))
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("cannot be read", where=path, expected="a figure", found=str(error)) from error
    return f"data:{_KINDS[path.suffix]};base64,{base64.b64encode(content).decode('ascii')}"
