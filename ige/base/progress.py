"""Progress of long work: a bar on a terminal, plain log lines with the time left elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

log = logging.getLogger(__name__)

Fact = float | int | str
_SECONDS_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """What a stage tells while it works."""

    def advance(self, amount: float = 1.0, **facts: Fact) -> None:
        """Say that `amount` of the total is done; `facts` (such as `loss=0.2`) are shown beside."""


@contextmanager
def progress(title: str, total: float) -> Iterator[Progress]:
    """Show how far work is and how long is left, in whatever way standard error allows."""
    if sys.stderr.isatty():
        with _bar(title, total) as bar:
            yield bar
    else:
        lines = _Lines(title, total)
        yield lines
        lines.finish()


class _Lines:
    """Log lines, at most one every ten seconds and one at the end."""

    def __init__(self, title: str, total: float) -> None:
        self._title = title
        self._total = total
        self._done = 0.0
        self._facts: dict[str, Fact] = {}
        self._started = self._last = time.monotonic()

    def advance(self, amount: float = 1.0, **facts: Fact) -> None:
        self._done += amount
        self._facts.update(facts)
        now = time.monotonic()
        if now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            elapsed = now - self._started
            left = elapsed * (self._total - self._done) / self._done if self._done else float("nan")
            log.info("%s: %s, %s left%s", self._title, self._share(), _clock(left), _tail(self._facts))

    def finish(self) -> None:
        elapsed = time.monotonic() - self._started
        log.info("%s: done in %s%s", self._title, _clock(elapsed), _tail(self._facts))

    def _share(self) -> str:
        return f"{100 * self._done / self._total:.0f} %" if self._total else "100 %"


@contextmanager
def _bar(title: str, total: float) -> Iterator[Progress]:
    # rich costs 0.1 s to import: only where there is a terminal to draw on.
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[facts]}"),
    )
    with RichProgress(*columns, console=Console(stderr=True)) as rich_progress:
        yield _RichBar(rich_progress, rich_progress.add_task(title, total=total, facts=""))


class _RichBar:
    def __init__(self, rich_progress: RichProgress, task: TaskID) -> None:
        self._progress = rich_progress
        self._task = task
        self._facts: dict[str, Fact] = {}

    def advance(self, amount: float = 1.0, **facts: Fact) -> None:
        self._facts.update(facts)
        self._progress.update(self._task, advance=amount, facts=_tail(self._facts).strip())


def _tail(facts: dict[str, Fact]) -> str:
    return "".join(
        f" {name}={value:.4g}" if isinstance(value, float) else f" {name}={value}"
        for name, value in facts.items()
    )


def _clock(seconds: float) -> str:
    if seconds != seconds:
        return "unknown time"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
