"""Jobs that end with the workflow that started them, and never run twice at once.

A workflow that is killed (`kill -9`, a closed laptop) cannot tidy up. So a job watches the workflow and ends
when it does, and holds a lock that the kernel frees on any death: the next run waits for a straggler instead
of racing with it.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ige.base.errors import IgeError

log = logging.getLogger(__name__)

WORKFLOW_PID = "IGE_WORKFLOW_PID"
LOCK_FOLDER = "IGE_LOCK_FOLDER"
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.2


class LockedError(IgeError):
    """Another process holds a lock."""


def in_workflow() -> bool:
    """Whether this process is a job of the workflow, and not called by hand."""
    return WORKFLOW_PID in os.environ


def end_with_workflow() -> None:
    """End this process as soon as the workflow named by the environment has ended; do nothing without one."""
    pid = os.environ.get(WORKFLOW_PID)
    if pid is not None:
        threading.Thread(target=_wait_and_end, args=(int(pid),), daemon=True).start()


def _wait_and_end(pid: int) -> None:
    try:
        # A handle on the process, not its number: it also tells of a dead process that waits to be reaped.
        poller = select.poll()
        poller.register(os.pidfd_open(pid), select.POLLIN)
        poller.poll()
    except ProcessLookupError:
        pass
    except (OSError, AttributeError):  # an old kernel, or another system: ask from time to time
        while _is_alive(pid):
            time.sleep(_POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def only_job_for(output: Path) -> Iterator[None]:
    """Hold the lock of an output while it is made; do nothing outside a workflow.

    Raises:
        LockedError: if another process still holds it after half a minute.
    """
    folder = os.environ.get(LOCK_FOLDER)
    if folder is None:
        yield
        return
    name = hashlib.sha256(str(output.resolve()).encode()).hexdigest()[:16]
    with only_holder(Path(folder) / f"{name}.lock", f"the job for {output}", _PATIENCE_SECONDS):
        yield


@contextmanager
def only_holder(lock: Path, what: str, patience_seconds: float) -> Iterator[None]:
    """Hold a lock file that the kernel frees when this process dies.

    Args:
        lock: the lock file; it stays, empty.
        what: what holds it, for the error.
        patience_seconds: how long to wait for another holder.

    Raises:
        LockedError: if another process holds it for longer.
    """
    with _open(lock) as stream:
        deadline = time.monotonic() + patience_seconds
        while not _take(stream.fileno()):
            if time.monotonic() > deadline:
                raise LockedError(
                    f"{what} is still running in another process",
                    where=lock,
                    next_step="Wait for it or end it, then run the same command again",
                )
            time.sleep(_POLL_SECONDS)
        yield


def _open(lock: Path) -> TextIO:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        return lock.open("w")
    except OSError as error:
        raise IgeError(
            "the lock cannot be written",
            where=lock,
            found=error.strerror,
            next_step="Mend that and run the same command again",
        ) from error


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
