"""Where the files of a source lie below its folder.

Alone in its file: readers of data import it, and its code decides whether their results are made anew.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

DOWNLOADED = "downloaded"  # what we fetched, below a source's folder; everything else there is the user's
_WRAPPERS = 3  # folders that people put around a file or an extracted archive
_MOST_WRAPPERS = 500  # a folder with more entries holds data


def locate(folder: Path, name: str) -> Path | None:
    """Return where a file of a source lies: where the user put it, or where it was downloaded to.

    Raises:
        OSError: if a folder cannot be read.
    """
    return next(iter(find_copies(folder, name)), None)


def find_copies(folder: Path, name: str) -> list[Path]:
    """Return where a file lies, the first to be taken: up to three folders deep, the least deep ones alone.

    Several are equally deep: sorted. What was downloaded counts where the user put nothing.

    Raises:
        OSError: if a folder cannot be read.
    """
    bases = [folder] if folder.is_dir() else []
    for _ in range(_WRAPPERS + 1):
        found = [path for base in bases if (path := base / name).is_file()]
        if found:
            return sorted(found)
        # A search among very many folders would take long, and where they are there is data unpacked.
        bases = [child for base in bases for child in _wrappers(base)][:_MOST_WRAPPERS]
    downloaded = folder / DOWNLOADED / name
    return [downloaded] if downloaded.is_file() else []


def own_files(folder: Path) -> list[Path]:
    """List the files that people put below a folder, sorted: neither hidden ones nor what was downloaded."""
    found = (path for path in folder.rglob("*") if not path.is_dir())
    return sorted(path for path in found if _is_own(path.relative_to(folder).parts))


def _is_own(parts: Sequence[str]) -> bool:
    return parts[0] != DOWNLOADED and not any(part.startswith(".") for part in parts)


def find_extracted(folder: Path, pattern: str) -> list[Path]:
    """Return the paths below a folder that a pattern matches, sorted.

    A leading `**/` stands for up to three folders around the tree; the least deep tree counts, and of several
    equally deep ones the one with most matches, so that two halves do not make a whole.

    Raises:
        OSError: if a folder cannot be read.
    """
    parts = pattern.removeprefix("**/").split("/")
    bases = [folder] if folder.is_dir() else []
    for _ in range(_WRAPPERS + 1 if pattern.startswith("**/") else 1):
        trees = [list(_matches(str(base), parts)) for base in bases]
        best = max(trees, key=len, default=[])
        if best:
            return [Path(path) for path in sorted(best)]
        bases = [child for base in bases for child in _wrappers(base)]
    return []


def _matches(base: str, parts: Sequence[str]) -> Iterator[str]:
    """Yield what matches below a folder; on bare strings, for a set may have 100,000 files."""
    first, rest = parts[0], parts[1:]
    if not any(sign in first for sign in "*?["):
        path = f"{base}/{first}"
        if rest:
            yield from _matches(path, rest)
        elif os.path.exists(path):
            yield path
        return
    try:
        names = os.listdir(base)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in fnmatch.filter(names, first):
        if name.startswith("."):
            continue
        if rest:
            yield from _matches(f"{base}/{name}", rest)
        else:
            yield f"{base}/{name}"


def _wrappers(base: Path) -> list[Path]:
    with os.scandir(base) as entries:
        found = list(islice(entries, _MOST_WRAPPERS + 1))
    if len(found) > _MOST_WRAPPERS:
        return []
    return sorted(Path(entry.path) for entry in found if _may_wrap(entry))


def _may_wrap(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or entry.name == DOWNLOADED or not entry.is_dir():
        return False
    return os.access(entry.path, os.R_OK | os.X_OK)  # a disk's lost+found is nobody's data
