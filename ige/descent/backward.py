"""How gradients travel back through a descent, as records: what is kept, and what that costs in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Unrolled:
    """Through every step, all of it kept: the fastest; memory grows by a whole step's graph per step."""


@dataclass(frozen=True, slots=True)
class Checkpointed:
    """Through every step, each step computed again on the way back: the same gradients in less memory.

    Only the iterates and the rule's memory are kept between the steps; takes about 1.8 times as long.
    `preserve_rng_state=True` lets an energy with dropout draw the same mask twice; False saves a little time.
    """

    preserve_rng_state: bool = True


@dataclass(frozen=True, slots=True)
class Truncated:
    """Through the last `last` steps only; what came before is a constant.

    Iterates 1 to `steps - last` carry no gradient. With `last >= steps` this is `Unrolled`.
    """

    last: int

    def __post_init__(self) -> None:
        if self.last < 1:
            raise ValueError(
                f"Truncated(last={self.last}): at least one step is needed; Detached() keeps none"
            )


@dataclass(frozen=True, slots=True)
class Detached:
    """Through no step: the graph of a step is freed before the next one begins. For evaluation.

    `keep_iterates=False` also drops the iterates between the first and the last one, so that a step more
    costs two numbers a sample (its energy and gradient norm) and nothing else.
    """

    keep_iterates: bool = True


Backward: TypeAlias = Unrolled | Checkpointed | Truncated | Detached


def first_tracked_step(backward: Backward, steps: int) -> int:
    """Return the first step through which gradients travel (`steps` if there is none)."""
    match backward:
        case Truncated(last=last):
            return max(steps - last, 0)
        case Detached():
            return steps
        case _:
            return 0
