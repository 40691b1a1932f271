"""What is there of the external files, at a glance: quick enough for every start of the workflow."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from ige.base.errors import InputError
from ige.fetch.finding import find_copies, find_extracted
from ige.fetch.soundness import glance
from ige.fetch.source_list import SourceFile

State: TypeAlias = Literal["present", "incomplete", "wrong", "downloadable", "missing"]

_WIDTH = 110
_MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Presence:
    """What is there of one file.

    `paths`: the file itself, or every path that the pattern of its extracted archive matches.
    `detail`: why it is not `present`, or which of several files is taken, for people.
    """

    file: SourceFile
    state: State
    paths: tuple[Path, ...]
    detail: str


def look(file: SourceFile, folder: Path, environment: Mapping[str, str]) -> Presence:
    """Say what is there of a file: itself, else its extracted archive, else whether it can be downloaded.

    Args:
        file: the file.
        folder: the folder of its source.
        environment: the environment variables, for the secret that a download may need.

    Raises:
        InputError: if a folder cannot be read.
    """
    try:
        copies = find_copies(folder, file.file)
        if copies:
            return _of_file(file, copies)
        matches = find_extracted(folder, file.extracted) if file.extracted else []
    except OSError as error:
        raise InputError(
            "cannot be read", where=error.filename or folder, found=str(error.strerror)
        ) from error
    if matches:
        return _of_extracted(file, tuple(matches))
    if not file.urls:
        return Presence(file, "missing", (), "not there, and has no public address")
    if file.secret and not environment.get(file.secret_variable):
        return Presence(file, "missing", (), f"not there, and {file.secret_variable} is not set")
    return Presence(file, "downloadable", (), "not there yet; the workflow downloads it")


def _of_file(file: SourceFile, copies: Sequence[Path]) -> Presence:
    path = copies[0]
    fault = glance(path, file.file)
    if fault:
        return Presence(file, "wrong", (path,), fault)
    size = path.stat().st_size
    if file.bytes is not None and size != file.bytes:
        return Presence(file, "wrong", (path,), f"expected {file.bytes:,} bytes, found {size:,}")
    others = ", ".join(str(other) for other in copies[1:])
    return Presence(file, "present", (path,), f"{path} is taken, not {others}" if others else "")


def _of_extracted(file: SourceFile, paths: tuple[Path, ...]) -> Presence:
    needed = file.extracted_files
    if needed is not None and len(paths) < needed:
        detail = f"expected {needed:,} of {file.extracted}, found {len(paths):,}"
        return Presence(file, "incomplete", paths, detail)
    return Presence(file, "present", paths, "")


def take_part(presences: Sequence[Presence]) -> list[Presence]:
    """Return what is to be used of a group of which a part is enough.

    An incomplete tree counts as present, and a missing file is left out. Where nothing is there of any file,
    nothing changes.

    Args:
        presences: looks at the files of the group.
    """
    there = [presence for presence in presences if presence.state != "missing"]
    return [
        replace(presence, state="present") if presence.state == "incomplete" else presence
        for presence in there or presences
    ]


def missing_screen(presences: Sequence[Presence], folder: Path) -> str:
    """Tell people on one screen what they must get, where from, and where to put it.

    Args:
        presences: looks at the files of all sources; what is present or downloadable is passed over.
        folder: the folder in which each source has a folder of its name.

    Returns:
        At most 40 lines; empty if nothing is missing.
    """
    blocks: dict[tuple[str, str, str], list[Presence]] = {}
    for presence in presences:
        file = presence.file
        if presence.state not in ("present", "downloadable"):
            blocks.setdefault((file.source, file.register, file.group), []).append(presence)
    if not blocks:
        return ""
    head = "Data are missing. Put the files where it says, then run the same command again."
    lines = [head] + [line for block in blocks.values() for line in _block(block, folder)]
    if len(lines) > _MOST_LINES:
        rest = len(lines) - _MOST_LINES + 1
        lines = [*lines[: _MOST_LINES - 1], f"... and {rest} more lines: `ige check-data` shows all"]
    return "\n".join(lines) + "\n"


def _block(presences: Sequence[Presence], folder: Path) -> list[str]:
    """Make the lines for the files of a group."""
    files = [presence.file for presence in presences]
    missing = [presence.file for presence in presences if presence.state == "missing"]
    place = folder / files[0].source
    name = f"{files[0].source}, {files[0].group}"
    lines = ["", f"{name}: {len(files)} {_plural('file', files)}{_size(files)}, into {place}/"]
    lines += _entry("get at", files[0].register)
    lines += _entry("files", compact([file.file for file in missing]))
    lines += _entry(
        "or tree", compact([file.extracted.removeprefix("**/") for file in missing if file.extracted])
    )
    for variable, kind in sorted(
        {(f.secret_variable, f.secret.partition(":")[0]) for f in missing if f.urls}
    ):
        if variable:
            lines += _entry("or set", f"{variable}=<your {_KINDS[kind]}>, then the workflow downloads them")
    for presence in presences:
        if presence.state != "missing":
            lines += _entry(presence.state, f"{presence.file.file}: {presence.detail}")
    lines += _entry("licence", "; ".join(dict.fromkeys(file.licence for file in files if file.licence)))
    lines += _entry("note", "; ".join(dict.fromkeys(file.note for file in files if file.note)))
    return lines


_KINDS = {"bearer": "access token", "cookie": "cookie of the page"}


def _entry(name: str, text: str) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"  {name:<11}",
        subsequent_indent=" " * 13,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _plural(word: str, things: Sequence[object]) -> str:
    return word if len(things) == 1 else f"{word}s"


def _size(files: Sequence[SourceFile]) -> str:
    known = [file.bytes for file in files if file.bytes is not None]
    if not known:
        return ", size unknown"
    least = "" if len(known) == len(files) else "at least "
    return f", {least}{readable_bytes(sum(known))}"


def readable_bytes(count: float) -> str:
    """Write a number of bytes for people: 1.2 GB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def compact(names: Sequence[str]) -> str:
    """Write names in one line, as a shell would: `S{1,5}.tgz`; names that share little stand side by side."""
    unique = list(dict.fromkeys(names))
    if len(unique) < 2:
        return "".join(unique)
    # Never inside a number: S1, S11 are S{1,11}, not S1{,1}.
    head = _common_head(unique).rstrip("0123456789")
    tails = [name[len(head) :] for name in unique]
    end = _common_head([tail[::-1] for tail in tails])[::-1].lstrip("0123456789")
    if len(head) + len(end) < 2:
        return ", ".join(unique)
    return f"{head}{{{','.join(tail[: len(tail) - len(end)] for tail in tails)}}}{end}"


def _common_head(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    same = 0
    while same < len(first) and first[same] == last[same]:
        same += 1
    return first[:same]
