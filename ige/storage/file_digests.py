"""Digests of files that many jobs read: an archive of gigabytes is hashed once, not by each job.

A digest is kept as long as size, times and inode of its file stay what they were. The time of the last change
(ctime) is one of them, which no program can set back. A file that has just been written is not trusted: where
clocks are coarse, it could change once more without a change of its times.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ige.base.digests import digest_of_file, digest_of_json
from ige.base.errors import InputError, StorageError
from ige.storage.atomic import write_text

DIGEST_FOLDER = "IGE_DIGEST_FOLDER"
_BIG_BYTES = 1 << 24  # smaller files are hashed sooner than their digest is looked up
_SETTLED_NS = 2_000_000_000

State = tuple[int, int, int, int]
_of_this_process: dict[tuple[str, State], str] = {}
_noted: dict[Path, State] = {}


def known_digest(path: Path, folder: Path | None = None) -> str:
    """Return the SHA-256 of a file, without reading it again if it is known.

    Args:
        path: the file.
        folder: where digests of big files are kept for other processes; without it, the folder that the
            workflow names to its jobs. A folder that cannot be used costs time alone.

    Raises:
        OSError: if the file cannot be read.
    """
    real, state = os.path.realpath(path), state_of(path)
    known = _of_this_process.get((real, state))
    if known is not None:
        return known
    if folder is None:
        named = os.environ.get(DIGEST_FOLDER)
        folder = Path(named) if named else None
    note = None if folder is None or state[0] < _BIG_BYTES else folder / _name_of(real)
    digest = _read(note, state) if note is not None else None
    if digest is not None:
        return digest
    settled = is_settled(state)
    digest = digest_of_file(path)
    if settled and state_of(path) == state:
        _of_this_process[real, state] = digest
        if note is not None:
            _write(note, state, digest)
    return digest


def state_of(path: Path) -> State:
    """Return size, time of the last edit, time of the last change of anything, and inode of a file.

    Raises:
        OSError: if it cannot be looked at.
    """
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def note_states(files: Iterable[Path]) -> None:
    """Note what files are like before this process reads them; what is no file is passed over."""
    for file in files:
        if file.is_file():
            _noted[file] = state_of(file)


def require_unchanged(file: Path) -> None:
    """Check that a file is still what it was when it was noted, if it was.

    The time of the last change is not looked at: it moves when somebody links to the file.

    Raises:
        InputError: if the file was edited, replaced or removed since.
    """
    noted = _noted.get(file)
    if noted is None:
        return
    now = state_of(file) if file.is_file() else None
    if now is None or (now[:2], now[3]) != (noted[:2], noted[3]):
        raise InputError(
            "changed while it was read",
            where=file,
            next_step="Run the same command again, once nobody writes it",
        )


def is_settled(state: State) -> bool:
    """Whether a file was last changed long enough ago that one more change would show in its times."""
    return time.time_ns() - max(state[1:3]) > _SETTLED_NS


def _name_of(real: str) -> str:
    return hashlib.sha256(os.fsencode(real)).hexdigest()[:32] + ".json"


def _read(note: Path, state: State) -> str | None:
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        digest, check = str(content["sha256"]), content["check"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return digest if check == _check(state, digest) else None


def _write(note: Path, state: State, digest: str) -> None:
    with suppress(StorageError):
        write_text(note, json.dumps({"sha256": digest, "check": _check(state, digest)}) + "\n")


def _check(state: State, digest: str) -> str:
    return digest_of_json([state, digest])
