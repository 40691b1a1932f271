"""Tables of one kind of row as CSV files: a column for each field of a dataclass, in its order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

from ige.base.errors import InputError
from ige.storage.tables import read_csv, write_csv

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class RowFile(Generic[Row]):
    """How rows are written and read: numbers with two decimals, published ones as published, None as nothing.

    Attributes:
        row: the dataclass.
        what: the table holds, for errors.
        texts: fields that are texts.
        counts: fields that are whole numbers; all others are numbers.
    """

    row: type[Row]
    what: str
    texts: Collection[str]
    counts: Collection[str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(field.name for field in fields(self.row))  # type: ignore[arg-type]

    def write(self, path: Path, rows: Iterable[Row]) -> None:
        """Write the rows.

        Raises:
            StorageError: if the file cannot be written.
        """
        values = (asdict(row) for row in rows)  # type: ignore[call-overload]
        cells = ({name: _cell(name, value) for name, value in each.items()} for each in values)
        write_csv(path, self.columns, cells)

    def read(self, path: Path) -> list[Row]:
        """Read the rows.

        Raises:
            InputError: if the file is missing or empty, or has other columns or a cell that is no number.
        """
        cells = read_csv(path)
        if not cells or tuple(cells[0]) != self.columns:
            raise InputError(
                f"is no table of {self.what}",
                where=path,
                expected=f"rows of the columns {', '.join(self.columns)}",
            )
        try:
            return [
                self.row(**{name: self._value(name, text) for name, text in row.items()}) for row in cells
            ]
        except ValueError as error:
            raise InputError("holds a cell that is no number", where=path, found=str(error)) from error

    def _value(self, name: str, text: str) -> Any:
        if name in self.texts:
            return text
        parse: Callable[[str], float] = int if name in self.counts else float
        return parse(text) if text else None


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}" if name.startswith("published") else f"{value:.2f}"
    return str(value)
