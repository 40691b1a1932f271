"""Digests of a run's results in one file, so that what has not been touched is not read again."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from ige.storage.atomic import write_text
from ige.storage.file_digests import State, is_settled, known_digest, state_of


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
            state = state_of(file)
            known = self._known.get(name)
            if known is not None and known[0] == state:
                return known[1]
            settled, digest = is_settled(state), known_digest(file)
            if settled and state_of(file) == state:
                self._known[name], self._changed = (state, digest), True
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            self._changed |= self._known.pop(name, None) is not None
            return None
        return digest

    def save(self) -> None:
        """Keep what was learnt, if anything was."""
        if self._path and self._changed:
            write_text(self._path, json.dumps(self._known))
            self._changed = False


def _read(path: Path) -> dict[str, tuple[State, str]]:
    with suppress(OSError, ValueError, TypeError, AttributeError):
        known = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: ((size, edited, changed, inode), digest)
            for name, ((size, edited, changed, inode), digest) in known.items()
        }
    return {}
