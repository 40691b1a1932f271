"""The list of external files (`workflow/sources.csv`): what each is called, comes from, and must be.

One row per file. Cells that are not known are empty: a file without `sha256` is trusted at its first use,
and what it was then is enforced ever after. `urls` are mirrors in order, with blanks between them. `secret`
says what a download needs: `bearer:NAME` or `cookie:NAME`, with the name of an environment variable; it
goes to the host of the first url alone. `extracted` is a pattern below the source's folder that the
extracted archive matches, `extracted_files` how many matches make it complete.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from ige.base.errors import InputError
from ige.storage.tables import read_csv

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SECRET = re.compile(r"(bearer|cookie):[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_PART = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+ -]*")
_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One external file: a row of the list."""

    source: str
    group: str
    file: str
    version: str = ""
    urls: tuple[str, ...] = ()
    sha256: str | None = None
    bytes: int | None = None
    access: str = "open"
    secret: str = ""
    licence: str = ""
    citation: str = ""
    register: str = ""
    extracted: str = ""
    extracted_files: int | None = None
    note: str = ""

    @property
    def secret_variable(self) -> str:
        """The environment variable that holds the secret of the download; empty if none is needed."""
        return self.secret.partition(":")[2]


COLUMNS = tuple(field.name for field in fields(SourceFile))


def read_source_list(path: Path) -> list[SourceFile]:
    """Read the list of external files, in the order of its rows.

    Raises:
        InputError: if the list is missing, has other columns, or a cell cannot be what it says.
    """
    rows = read_csv(path)
    if rows and tuple(rows[0]) != COLUMNS:
        raise InputError(
            "other columns than a list of sources has",
            where=path,
            expected=",".join(COLUMNS),
            found=",".join(rows[0]),
        )
    files = [_source_file(row, f"{path}, line {line}") for line, row in enumerate(rows, start=2)]
    seen: set[tuple[str, str]] = set()
    for file in files:
        if (file.source, file.file) in seen:
            raise InputError(f"{file.file} of {file.source} stands there twice", where=path)
        seen.add((file.source, file.file))
    return files


def select_files(
    files: Sequence[SourceFile], source: str, groups: Sequence[str] | None = None
) -> list[SourceFile]:
    """Return the files of a source, or of some groups of it.

    Raises:
        InputError: if there is no such source or group.
    """
    chosen = [file for file in files if file.source == source]
    if not chosen:
        known = ", ".join(sorted({file.source for file in files})) or "none"
        raise InputError(f"no source is called {source!r}", expected=known, found=source)
    if groups is None:
        return chosen
    known_groups = sorted({file.group for file in chosen})
    for group in groups:
        if group not in known_groups:
            raise InputError(
                f"source {source} has no such group", expected=", ".join(known_groups), found=group
            )
    return [file for file in chosen if file.group in groups]


def find_file(files: Sequence[SourceFile], source: str, name: str) -> SourceFile:
    """Return the file of a source by its name.

    Raises:
        InputError: if there is no such source or file.
    """
    chosen = select_files(files, source)
    for file in chosen:
        if file.file == name:
            return file
    names = ", ".join(file.file for file in chosen)
    raise InputError(f"source {source} has no such file", expected=names, found=name)


def _source_file(row: dict[str, str], where: str) -> SourceFile:
    cell = {name: row[name].strip() for name in COLUMNS}
    _check(where, "source", cell["source"], bool(_NAME.fullmatch(cell["source"])), "a plain name")
    _check(where, "group", cell["group"], bool(_NAME.fullmatch(cell["group"])), "a plain name")
    plain = all(_PART.fullmatch(part) for part in cell["file"].split("/"))
    _check(where, "file", cell["file"], plain, "the name of a file below the source's folder")
    sha256 = cell["sha256"]
    _check(
        where, "sha256", sha256, not sha256 or bool(_SHA256.fullmatch(sha256)), "64 small hexadecimal digits"
    )
    access = cell["access"]
    _check(where, "access", access, access in ("open", "registration"), "open or registration")
    pattern = cell["extracted"]
    safe = not pattern or (pattern[0] != "/" and ".." not in pattern.split("/"))
    _check(where, "extracted", pattern, safe, "a pattern below the source's folder")
    return SourceFile(
        source=cell["source"],
        group=cell["group"],
        file=cell["file"],
        version=cell["version"],
        urls=_urls(where, cell["urls"], cell["secret"]),
        sha256=sha256 or None,
        bytes=_count(where, "bytes", cell["bytes"]),
        access=access,
        secret=cell["secret"],
        licence=cell["licence"],
        citation=cell["citation"],
        register=cell["register"],
        extracted=pattern,
        extracted_files=_count(where, "extracted_files", cell["extracted_files"]),
        note=cell["note"],
    )


def _urls(where: str, text: str, secret: str) -> tuple[str, ...]:
    _check(
        where, "secret", secret, not secret or bool(_SECRET.fullmatch(secret)), "bearer:NAME or cookie:NAME"
    )
    urls = tuple(text.split())
    for url in urls:
        parts = urlsplit(url)
        fit = parts.scheme == "file" or (parts.scheme in ("http", "https") and bool(parts.hostname))
        _check(where, "urls", url, fit, "http://..., https://... or file://...")
    if secret and urls:
        first = urlsplit(urls[0])
        safe = first.scheme == "https" or first.hostname in _OWN_MACHINE
        _check(where, "urls", urls[0], safe, "https://... first, since a secret is sent there")
    return urls


def _count(where: str, name: str, text: str) -> int | None:
    _check(where, name, text, not text or (text.isdecimal() and int(text) > 0), "a whole number above 0")
    return int(text) if text else None


def _check(where: str, name: str, found: str, fits: bool, expected: str) -> None:
    if not fits:
        raise InputError(f"the cell {name} cannot be", where=where, expected=expected, found=repr(found))
