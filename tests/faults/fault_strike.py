"""What a fault was, how it was met, and the moment at which it strikes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fault_stand import Failure, Missed, Part, Said, Stand, Started


@dataclass
class Struck:
    """What a fault was, and how it was met.

    Attributes:
        command: what the user runs again.
        drawn: what was drawn.
        said: the end of the run that met the fault; None if it was killed.
        line: what this run must have told in a line if it failed.
    """

    command: Sequence[str]
    drawn: dict[str, Any] = field(default_factory=dict)
    said: Said | None = None
    line: str | None = None

    def judge(self) -> bool:
        """Whether the user was told; raises if a failed run did not tell in its way."""
        if self.said is None or self.said.code == 0:
            return False
        if self.line is not None and not self.said.tells(self.line):
            raise Failure(f"the run that met the fault does not say, in a line: {self.line}")
        return True


Strike = Callable[[Stand, random.Random], Struck]


def struck_during(
    stand: Stand, rng: random.Random, part: Part, command: Sequence[str], *, keep: bool = False
) -> tuple[Started, dict[str, Any]]:
    """Start a command and wait for a drawn moment; try an earlier one where the command ends before it."""
    jobs = rng.randint(0, part.jobs)
    seconds = rng.uniform(0.0, 3.5 if jobs == 0 else 2.5)
    for moment in ((jobs, seconds), (jobs, 0.0), (jobs // 2, 0.0), (0, 0.5)):
        stand.lose(part, with_checkpoints=not keep)
        started = stand.start(command)
        if started.wait_for_job(*moment):
            return started, {"jobs begun": moment[0], "seconds more": round(moment[1], 2)}
        started.ended()
    raise Missed("the command always ended before the fault")
