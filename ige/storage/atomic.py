"""Files appear whole or not at all: written under a temporary name, then renamed."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ige.base.errors import StorageError

_ADVICE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "no permission to write here",
    errno.EPERM: "no permission to write here",
    errno.EROFS: "the file system is read-only",
    errno.ENOTDIR: "a part of this path is a file, not a folder",
    errno.EISDIR: "this path is a folder",
    errno.EEXIST: "a part of this path is a file, not a folder",
    errno.EFBIG: "the file system or a limit refuses a file of this size",
}
_NEXT_STEP = "Mend that and run the same command again: finished files are kept"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it becomes `path`, on failure it is removed.

    The temporary file is synced before it is renamed, so that a crash of the machine leaves the old file or
    the new one. Missing folders are made.

    Raises:
        StorageError: if the disk is full or the place cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(path)
        # Tells an unwritable place before a library of someone else does it in its own words.
        temporary.touch()
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise storage_error(path, error) from error
    except RuntimeError as error:
        # A library that closes a file after a failed write raises anew; what failed stands before.
        if isinstance(error.__context__, OSError):
            raise storage_error(path, error.__context__) from error
        raise
    finally:
        with suppress(OSError):  # the first error is the one to tell
            temporary.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what a killed process left of an earlier attempt to write the same file."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.partial"):
        number = leftover.name.split(".")[-2]
        if not (number.isdigit() and Path(f"/proc/{number}").exists()):
            leftover.unlink(missing_ok=True)


def storage_error(path: Path, error: OSError) -> StorageError:
    """Say in one line why a file could not be written."""
    reason = _ADVICE.get(error.errno, str(error)) if error.errno else str(error)
    return StorageError("cannot be written", where=path, found=reason, next_step=_NEXT_STEP)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole (UTF-8)."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a binary file whole."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
