"""Stage `check_source`: what is there of a source, read through and held against the list.

| in | out |
| --- | --- |
| the source list, the source's folder | a record: digest and size of each file, or how much is extracted |
| | checksums.csv: a line for a file without a digest in the list, at its first use |
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ige.base.errors import InputError
from ige.fetch.checksums import confirm_file, content_of
from ige.fetch.presence import Presence, look, take_part
from ige.fetch.source_list import read_source_list, select_files
from ige.storage.records import write_record

log = logging.getLogger(__name__)

KIND = "source"


def check_source(
    *,
    source_list: Path,
    source: str,
    folder: Path,
    groups: Sequence[str],
    out: Path,
    checksums: Path,
    part: bool = False,
) -> None:
    """Check the files of some groups and record what they are; same data, same record, wherever they lie.

    Args:
        source_list: sources.csv.
        source: the source.
        folder: its folder.
        groups: the groups to check.
        out: the record (JSON).
        checksums: checksums.csv.
        part: whether a part of each group is enough: then what is missing or incomplete is a warning as long
            as something of the group is there.

    Raises:
        InputError: if a file is missing, incomplete, wrong or damaged: the first one, by name.
        StorageError: if a file cannot be written.
    """
    files = select_files(read_source_list(source_list), source, groups)
    presences = [look(file, folder, os.environ) for file in files]
    if part:
        presences = [taken for group in dict.fromkeys(groups) for taken in _part_of(presences, group)]
    for presence in presences:
        _refuse(presence, folder)
    rows = [_describe(presence, checksums) for presence in presences]
    rows.sort(key=lambda row: str(row["file"]))
    write_record(out, KIND, {"source": source, "groups": sorted(set(groups)), "files": rows})
    log.info("%s: %d files are what they must be", source, len(rows))


def _part_of(presences: Sequence[Presence], group: str) -> list[Presence]:
    """Return what of a group is used, and tell what is not there."""
    mine = [presence for presence in presences if presence.file.group == group]
    taken = take_part(mine)
    for presence in mine:
        if presence not in taken:
            log.warning("%s is %s: %s; a part is enough", presence.file.file, presence.state, presence.detail)
    return taken


def _refuse(presence: Presence, folder: Path) -> None:
    if presence.state == "present":
        return
    file = presence.file
    where = presence.paths[0] if presence.state == "wrong" else folder
    steps = {
        "wrong": "Get it anew",
        "incomplete": "Extract the archive again, or put the archive itself there",
        "downloadable": f"Run `ige fetch-file --source {file.source} --file {file.file} ...`",
        "missing": f"Get it at {file.register}" if file.register else "Put it there",
    }
    what = f"{file.file} is {presence.state}: {presence.detail}"
    raise InputError(what, where=where, next_step=steps[presence.state])


def _describe(presence: Presence, checksums: Path) -> dict[str, Any]:
    file = presence.file
    row: dict[str, Any] = {"file": file.file, "group": file.group}
    first = presence.paths[0]
    if len(presence.paths) == 1 and first.parts[-len(Path(file.file).parts) :] == Path(file.file).parts:
        found = content_of(first)
        confirm_file(file, found, checksums, first)
        return row | {"sha256": found.sha256, "bytes": found.bytes}
    return row | {"extracted": len(presence.paths), "bytes": _bytes_of(presence.paths)}


def _bytes_of(paths: Sequence[Path]) -> int:
    try:
        return sum(path.stat().st_size for path in paths if path.is_file())
    except OSError as error:
        raise InputError("cannot be read", where=error.filename, found=error.strerror) from error
