"""What a file must be: the digest in the source list, else the one recorded at its first use.

Records stand in one CSV file (`workflow/checksums.csv`), sorted and without times, to be committed: whoever
fetches the same file later gets the same bytes or an error.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.fetch.soundness import fault_of
from ige.fetch.source_list import SourceFile
from ige.storage.atomic import storage_error
from ige.storage.tables import read_csv, write_csv

_COLUMNS = ("source", "file", "sha256", "bytes")
_BLOCK_BYTES = 1 << 22
_one_thread = threading.Lock()  # temporary files are named by the process


@dataclass(frozen=True, slots=True)
class Content:
    """What a file is: its SHA-256 and its length; None where that is not known."""

    sha256: str | None
    bytes: int | None


class WrongContentError(InputError):
    """A file is another one than the list or the record of its first use says."""


def content_of(path: Path) -> Content:
    """Read a file through and return what it is.

    Raises:
        InputError: if it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        size = path.stat().st_size
        with path.open("rb") as stream, progress(f"checking {path.name}", size) as bar:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
                bar.advance(len(block))
    except OSError as error:
        raise InputError("cannot be read", where=path, found=error.strerror) from error
    return Content(digest.hexdigest(), size)


def known_content(file: SourceFile, checksums: Path) -> Content:
    """Return what a file must be, as far as that is known."""
    recorded = _recorded(checksums).get((file.source, file.file))
    if file.sha256 is not None or recorded is None:
        return Content(file.sha256, file.bytes)
    return Content(recorded.sha256, file.bytes if file.bytes is not None else recorded.bytes)


def confirm_file(file: SourceFile, found: Content, checksums: Path, path: Path) -> None:
    """Hold a file against what it must be, as `confirm` does; one that nobody knows must be sound.

    Args:
        file: the row of the source list.
        found: what the file is.
        checksums: the file of records.
        path: the file.

    Raises:
        WrongContentError: if it is another file, or is to be believed and is damaged.
        InputError: if it cannot be read.
        StorageError: if the record cannot be written.
    """
    if file.sha256 is None and known_content(file, checksums).sha256 != found.sha256:
        fault = fault_of(path, file.file)
        if fault:
            hint = f"Get it anew{f' at {file.register}' if file.register else ''}"
            raise WrongContentError("no sound file", where=path, found=fault, next_step=hint)
    confirm(file, found, checksums, path)


def confirm(file: SourceFile, found: Content, checksums: Path, where: Path | str) -> None:
    """Hold what a file is against what it must be; record it if this is its first use.

    Args:
        file: the row of the source list.
        found: what the file is.
        checksums: the file of records.
        where: what was read, for the error.

    Raises:
        WrongContentError: if it is another file.
        StorageError: if the record cannot be written.
    """
    if file.bytes is not None and file.bytes != found.bytes:
        lengths = f"{file.bytes:,} bytes", f"{found.bytes or 0:,}"
        raise _wrong("wrong length", where, *lengths, _LISTED)
    if file.sha256 is not None:
        if file.sha256 != found.sha256:
            raise _wrong("wrong checksum", where, f"sha256 {file.sha256}", str(found.sha256), _LISTED)
        return
    with _one_thread, _locked(checksums):
        records = _recorded(checksums)
        before = records.setdefault((file.source, file.file), found)
        if before != found:
            hint = (
                "It is another file than at its first use. If the new one is to be used from now on, "
                f"delete the line of {file.file} in {checksums} and run the same command again"
            )
            raise _wrong("wrong checksum", where, f"sha256 {before.sha256}", str(found.sha256), hint)
        if before is found:
            _write(checksums, records)


_LISTED = "It is not the file of the source list: delete it and get it anew, or correct the list"


def _wrong(what: str, where: Path | str, expected: str, found: str, hint: str) -> WrongContentError:
    return WrongContentError(what, where=where, expected=expected, found=found, next_step=hint)


def _recorded(path: Path) -> dict[tuple[str, str], Content]:
    if not path.exists() or path.stat().st_size == 0:
        return {}
    rows = read_csv(path)
    records = {}
    for line, row in enumerate(rows, start=2):
        if tuple(row) != _COLUMNS or not row["bytes"].isdecimal():
            expected = ",".join(_COLUMNS)
            raise InputError("no record of a checksum", where=f"{path}, line {line}", expected=expected)
        records[row["source"], row["file"]] = Content(row["sha256"], int(row["bytes"]))
    return records


def _write(path: Path, records: dict[tuple[str, str], Content]) -> None:
    rows = [
        {"source": source, "file": file, "sha256": content.sha256, "bytes": content.bytes}
        for (source, file), content in sorted(records.items())
    ]
    write_csv(path, _COLUMNS, rows)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the file of records itself, so that no lock file lies in the checkout."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = path.open("a")
        except OSError as error:
            raise storage_error(path, error) from error
        with stream:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
            # While we waited, its holder may have put a new file in its place.
            if path.exists() and os.fstat(stream.fileno()).st_ino == path.stat().st_ino:
                yield
                return
