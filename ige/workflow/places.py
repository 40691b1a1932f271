"""Whether a run can write where its jobs will: told before the first of them, in our words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from ige.storage.atomic import storage_error


def require_writable(files: Iterable[str]) -> None:
    """Check that files can be written, made or replaced, without touching anything.

    Raises:
        StorageError: naming the first folder where that is not so.
    """
    for folder in sorted({_there(os.path.dirname(file)) for file in files}):
        if not os.access(folder, os.W_OK | os.X_OK):
            read_only = os.statvfs(folder).f_flag & os.ST_RDONLY
            raise storage_error(Path(folder), OSError(errno.EROFS if read_only else errno.EACCES, ""))


def _there(folder: str) -> str:
    """Return the folder that is there already and in which the others would be made."""
    while folder and not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return folder or os.curdir
