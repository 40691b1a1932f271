"""What was left out on the way to a shape set: skipped.csv, with the reason for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.storage.tables import read_csv, write_csv

COLUMNS = ("id", "reason")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row of skipped.csv.

    Attributes:
        id: the model or the file, with its category's folder: "car/broken.obj".
        reason: one line.
    """

    id: str
    reason: str


def write_skipped(path: Path, rows: Sequence[Skipped]) -> None:
    """Write skipped.csv; an empty list gives a file with the header alone.

    Raises:
        StorageError: if the file cannot be written.
    """
    write_csv(path, COLUMNS, [{"id": row.id, "reason": row.reason} for row in rows])


def read_skipped(path: Path) -> list[Skipped]:
    """Read skipped.csv.

    Raises:
        InputError: if the file is missing or no list of what was skipped.
    """
    try:
        return [Skipped(row["id"], row["reason"]) for row in read_csv(path)]
    except KeyError as error:
        raise InputError(
            "is no list of what was skipped", where=path, expected=f"columns {', '.join(COLUMNS)}"
        ) from error
