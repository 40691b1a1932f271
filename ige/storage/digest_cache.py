"""Digests of files, remembered as long as nobody has touched a file: so that looking costs no reading."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from ige.base.digests import digest_of_file
from ige.storage.atomic import write_text

# Size, time of change of content and of the entry itself, number: what an edit cannot leave as it was.
Stamp = tuple[int, int, int, int]


class DigestCache:
    """SHA-256 of files, kept in one file of JSON; losing that file costs time and nothing else."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _read(path) if path else {}
        self._changed = False

    def digest(self, file: Path) -> str | None:
        """Return the digest of a file, or None if it is not there."""
        name = os.path.abspath(file)
        try:
            stamp = _stamp(file)
            known = self._known.get(name)
            if known is None or tuple(known[0]) != stamp:
                known = (stamp, digest_of_file(file))
                # One that is written while it is read is looked at again the next time.
                if _stamp(file) == stamp:
                    self._known[name], self._changed = known, True
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            self._changed |= self._known.pop(name, None) is not None
            return None
        return known[1]

    def save(self) -> None:
        """Keep what was learnt, if anything was."""
        if self._path and self._changed:
            write_text(self._path, json.dumps(self._known))
            self._changed = False


def _stamp(file: Path) -> Stamp:
    status = file.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _read(path: Path) -> dict[str, tuple[Stamp, str]]:
    with suppress(OSError, ValueError, TypeError, KeyError):
        return {
            str(name): (tuple(map(int, stamp)), str(digest))  # type: ignore[misc]
            for name, (stamp, digest) in json.loads(path.read_text(encoding="utf-8")).items()
        }
    return {}
