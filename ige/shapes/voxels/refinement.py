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
        step_energies: (T, B) energies of all iterates but the last; None for a model without an energy.
    """

    iterates: tuple[Tensor, ...]
    step_energies: Tensor | None = None

    @property
    def last(self) -> Tensor:
        """Return the logits (B, R, R, R) of the last guess."""
        return self.iterates[-1]
