"""What the loop must be given to train anything, and what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn


class Problem(Protocol):
    """A model, its examples and its losses: all that the loop sees of a task.

    The caller initialises the model from its own generator: `fit` seeds only what happens while it trains.
    """

    @property
    def model(self) -> nn.Module:
        """The network to train, already on the device; all its parameters that need gradients are trained."""

    @property
    def count(self) -> int:
        """How many training examples there are."""

    def enter_epoch(self, epoch: int, batches: Sequence[Tensor]) -> None:
        """Make ready for an epoch, counted from 0; the model is in train mode already.

        `batches` are those that `loss` will be asked for, in that order, so that they can be read ahead; only
        the rest of them where a training goes on in the middle of an epoch. What is drawn at random for an
        example must follow from seed, epoch and example alone, to be the same then.
        """

    def loss(self, batch: Tensor) -> Tensor:
        """Return the scalar to differentiate for a batch: (B,) int64 indices in [0, count) on the device.

        With micro batches it must be a mean over the examples.
        """

    def validate(self) -> dict[str, float]:
        """Measure errors after an epoch, in eval mode; `best` minimises the first. Keys never change.

        Gradients are left enabled, since a model may need them to predict; a model that does not should turn
        them off.
        """


@dataclass(frozen=True, slots=True)
class Fit:
    """A finished training: two state dicts on the CPU, the best one's epoch (from 1), one row per epoch."""

    last: dict[str, Tensor]
    best: dict[str, Tensor]
    best_epoch: int
    history: list[dict[str, float]]
