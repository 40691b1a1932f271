"""What a descent leaves behind, and losses over all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic

import torch
from torch import Tensor

from ige.descent.variables import Y, pack, unpack


@dataclass(frozen=True, slots=True, eq=False)
class Trajectory(Generic[Y]):
    """All that a descent of `steps` steps computed, per sample; with several starts, (S, B) stands for (B).

    Every tensor carries gradients as the backward mode says, but for `gradient_norms`, which never does.
    """

    iterates: tuple[Y, ...]
    """y0 as it was given, then the iterate after each step: steps + 1 of them, each shaped as y0
    (only y0 and the last one after `Detached(keep_iterates=False)`)."""

    step_energies: Tensor
    """(steps, B): the energies of all iterates but the last, which cost nothing extra."""

    gradient_norms: Tensor
    """(steps, B): the Euclidean norm of dE/dy over all of a sample's entries, before each step."""

    evaluate: Callable[[Y], Tensor] = field(repr=False)
    """The energy (B,) of any y, at this descent's x."""

    _energies: list[Tensor] = field(default_factory=list, init=False, repr=False)

    @property
    def steps(self) -> int:
        """Return the number of steps taken."""
        return int(self.step_energies.shape[0])

    @property
    def last(self) -> Y:
        """Return the iterate after the last step."""
        return self.iterates[-1]

    @property
    def energies(self) -> Tensor:
        """Return the energies (steps + 1, B) of all iterates.

        The last one is not needed to descend, so the first access evaluates the energy once; training that
        does not ask for it pays nothing.
        """
        if not self._energies:
            self._energies.append(torch.cat([self.step_energies, self.evaluate(self.last)[None]]))
        return self._energies[0]

    @property
    def stacked(self) -> Y:
        """Return all iterates along a new leading axis: (steps + 1, B, ...)."""
        columns = zip(*(unpack(y) for y in self.iterates), strict=True)
        stacked: Y = pack(tuple(torch.stack(column) for column in columns), self.iterates[0])
        return stacked


def iterate_weights(steps: int, decay: float) -> tuple[float, ...]:
    """Return the weights of iterates 0 to `steps`: proportional to `decay ** -t`, with sum 1.

    A decay below 1 weighs later iterates more, 1 weighs all the same. ValueError unless `decay > 0`.
    """
    if steps < 0 or not decay > 0:
        raise ValueError(f"iterate_weights needs steps >= 0 and decay > 0, found {steps} and {decay}")
    # Counted from the heaviest end, so that no power overflows for many steps.
    powers = [decay ** (steps - t) if decay <= 1 else decay**-t for t in range(steps + 1)]
    total = sum(powers)
    return tuple(power / total for power in powers)


def loss_over_iterates(
    iterates: Trajectory[Y] | Sequence[Y], loss: Callable[[Y], Tensor], decay: float
) -> Tensor:
    """Return the sum of `loss(y_t)` over all iterates, y0 included, weighted by `iterate_weights`.

    `loss` may return a scalar or one value per sample. As y0 takes part, whatever estimated it trains too.
    ValueError for a trajectory that did not keep its iterates.
    """
    if isinstance(iterates, Trajectory):
        if len(iterates.iterates) != iterates.steps + 1:
            raise ValueError("this trajectory kept only its ends: descend with Detached(keep_iterates=True)")
        iterates = iterates.iterates
    weights = iterate_weights(len(iterates) - 1, decay)
    total = weights[0] * loss(iterates[0])
    for weight, y in zip(weights[1:], iterates[1:], strict=True):
        total = total + weight * loss(y)
    return total
