"""CSV tables: fixed columns, fixed line ends, the same bytes for the same rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ige.base.errors import InputError
from ige.storage.atomic import write_text


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows under exactly these columns; `None` and a missing value become an empty cell.

    Raises:
        ValueError: if a row holds a name that is no column.
        StorageError: if the file cannot be written.
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(columns), lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, stream.getvalue())


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with a header line as one mapping per row.

    Raises:
        InputError: if the file is missing, has no header, or has a row of another length.
    """
    columns, rows = _read(path)
    for number, row in enumerate(rows, start=2):
        if "\0more" in row or "\0less" in row.values():
            raise InputError(
                f"line {number} has another number of cells than the header",
                where=path,
                expected=f"{len(columns)} cells: {', '.join(columns)}",
            )
    return rows


def read_columns(path: Path) -> tuple[str, ...]:
    """Read the names of the columns of a CSV file: its header line.

    Raises:
        InputError: if the file is missing or has no header.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    if not path.is_file():
        raise InputError("no such file", where=path, expected="a CSV file")
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), restkey="\0more", restval="\0less")
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError("no CSV file", where=path, expected="text in UTF-8", found=str(error)) from error
    if not reader.fieldnames:
        raise InputError("an empty file", where=path, expected="a CSV file with a header line")
    return tuple(reader.fieldnames), rows
