"""Places that a run writes to beside its results; and whether it can write where its jobs will."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ige.base.errors import InputError
from ige.storage.atomic import storage_error

SETTINGS = "params.json"  # the copy of the parameters that a run's jobs read
RUN_LOCK = Path("locks/run.lock")  # held by the Snakemake that works on a run
# What is remembered of files that were read: losing it costs time and nothing else.
DIGESTS_OF_RUN = Path("locks/digests.json")
DIGESTS_OF_INPUTS = Path(".snakemake/ige-digests")


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


def bring_into_the_past(files: Iterable[str]) -> None:
    """Give files of the future the time of now, for Snakemake takes no result that is older than its inputs.

    Such files are there after a clock was set back. Their content decides, and no time.

    Raises:
        InputError: naming the first file whose time cannot be changed.
    """
    now = time.time()
    for file in sorted({file for file in files if os.path.lexists(file)}):
        try:
            for follow in {False, os.path.exists(file)}:
                if os.stat(file, follow_symlinks=follow).st_mtime > now:
                    os.utime(file, (now, now), follow_symlinks=follow)
        except OSError as error:
            raise InputError(
                "is of the future, and its time cannot be changed",
                where=file,
                found=error.strerror,
                next_step="Set the clock right or `touch` the file, then run the same command again",
            ) from error


def forget_digests(run: Path) -> None:
    """Let the next run read every file anew, whatever it remembers of them."""
    with suppress(OSError):
        (run / DIGESTS_OF_RUN).unlink(missing_ok=True)
    shutil.rmtree(DIGESTS_OF_INPUTS, ignore_errors=True)
