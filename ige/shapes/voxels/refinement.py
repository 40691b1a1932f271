"""What a model of shapes answers: its first guess, and each guess that came of it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Refinement:
    """The guesses of a model for a batch of images.

    Attributes:
        iterates: logits (B, R, R, R) of filled cells, (row, column, depth), the first guess first; a model
            that does not refine has it alone.
        energies: (T + 1, B) of all iterates, (T, B) without the last in training; None for a model without.
    """

    iterates: tuple[Tensor, ...]
    energies: Tensor | None = None

    @property
    def last(self) -> Tensor:
        """Return the logits (B, R, R, R) of the last guess."""
        return self.iterates[-1]
