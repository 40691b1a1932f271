"""Whose turn it is: one Snakemake works on a run at a time, and none works by a plan that is out of date.

Snakemake plans when it reads the Snakefile, and works some seconds later. Whoever plans takes a look:
records and files are compared while nobody works and nobody else looks. Whoever begins must still be the
first to do so since that look. Both are locks of the kernel, which die with their holder.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ige.base.jobs import LockedError, only_holder
from ige.storage.atomic import write_text
from ige.workflow.places import RUN_LOCK

LOOK_LOCK = Path("locks/look.lock")
STARTED = Path("locks/started")
_WHAT = "this run"
_SHORT_SECONDS = 1.0
_LONG_SECONDS = 3600.0


@contextmanager
def looking(run: Path) -> Iterator[int]:
    """Let nobody else look at a run or begin to work on it; yield how often work has begun so far.

    Args:
        run: the folder `runs/<run>`.

    Raises:
        LockedError: if somebody works on it.
    """
    with _only_looker(run):
        require_idle(run)
        yield _started(run)


def require_idle(run: Path) -> None:
    """Check that nobody works on a run.

    Raises:
        LockedError: if somebody does.
    """
    with only_holder(run / RUN_LOCK, _WHAT, patience_seconds=0.0):
        pass


@contextmanager
def working(run: Path, seen: int) -> Iterator[None]:
    """Hold a run while its jobs are made.

    Args:
        run: the folder `runs/<run>`.
        seen: how often work had begun when the plan was made.

    Raises:
        LockedError: if somebody works on it, or has begun to since then.
    """
    with ExitStack() as held:
        with _only_looker(run):
            held.enter_context(only_holder(run / RUN_LOCK, _WHAT, _SHORT_SECONDS))
            if _started(run) != seen:
                raise LockedError(
                    "another run has begun since this one was planned",
                    where=run,
                    next_step="Run the same command again",
                )
            write_text(run / STARTED, f"{seen + 1}\n")
        yield


@contextmanager
def _only_looker(run: Path) -> Iterator[None]:
    with ExitStack() as held:
        try:
            held.enter_context(only_holder(run / LOOK_LOCK, _WHAT, _SHORT_SECONDS))
        except LockedError:
            logging.getLogger("snakemake").warning(
                "Another Snakemake compares %s with its records: waiting for it", run
            )
            held.enter_context(only_holder(run / LOOK_LOCK, "a look at this run", _LONG_SECONDS))
        yield


def _started(run: Path) -> int:
    try:
        return int((run / STARTED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
