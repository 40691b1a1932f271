"""The descent itself: one loop for every energy, step rule, backward mode and engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from ige.descent.backward import Backward, Checkpointed, Detached, Unrolled, first_tracked_step
from ige.descent.engines import Differentiate, Engine, check_values, differentiator
from ige.descent.rules import Memory, PerTensor, StepRule, rules_for
from ige.descent.trajectory import Trajectory
from ige.descent.variables import Energy, Tensors, Y, pack, per_sample, unpack

State: TypeAlias = tuple[Tensors, tuple[Memory, ...]]
"""The iterate, and the memory of each tensor's rule."""


def descend(
    energy: Energy,
    y0: Y,
    x: Any,
    *,
    steps: int,
    rule: StepRule | PerTensor,
    backward: Backward = Unrolled(),  # noqa: B008 (a frozen record)
    engine: Engine = "autograd",
    tolerance: float | None = None,
) -> Trajectory[Y]:
    """Take `steps` steps of `rule` down `energy(y, x)` from `y0` and return every iterate.

    `y0` is a tensor (B, ...) or a tuple of such tensors, `x` whatever the energy takes beside y. The energy
    returns one value per sample (B,), so that samples do not spoil each other: one that diverges leaves the
    iterates of the others alone. Gradients reach the parameters of energy and rule, `x` and `y0` as
    `backward` says; where gradients are off (no_grad, inference mode) every mode runs in constant memory.

    With a `tolerance`, for evaluation, samples rest once the norm of their gradient is at most that (or not
    finite), and the descent ends when all of them do.

    Raises ValueError for shapes that do not fit, for an energy that does not return one value per sample or
    does not depend on y, and for combinations that cannot work: `engine="func"` with `Checkpointed`,
    `engine="closed"` without `value_and_grad`, a tolerance where gradients travel back.
    """
    tensors = unpack(y0)
    first_tracked = first_tracked_step(backward, steps) if torch.is_grad_enabled() else steps
    _check_arguments(steps, backward, engine, tolerance, first_tracked)
    step = _Step(
        differentiator(engine, energy, x, y0),
        rules_for(rule, len(tensors)),
        backward,
        tolerance,
        first_tracked,
    )
    path, values, norms = step.walk(tensors, steps)
    iterates: list[Y] = [y0]
    iterates.extend(pack(y, y0) for y in path)
    return Trajectory(tuple(iterates), values, norms, _evaluator(energy, x, backward))


def _check_arguments(
    steps: int, backward: Backward, engine: Engine, tolerance: float | None, first_tracked: int
) -> None:
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise ValueError(f"steps must be an integer of at least 0, found {steps!r}")
    if engine == "func" and isinstance(backward, Checkpointed):
        raise ValueError(
            "engine='func' cannot be checkpointed: torch.func does not support the hooks on saved tensors"
            " that torch.utils.checkpoint relies on. Use engine='autograd' or 'closed', or Unrolled()"
        )
    if tolerance is not None and first_tracked < steps:
        raise ValueError(
            "a tolerance is for evaluation: use backward=Detached(), or descend under torch.no_grad()"
        )


def _evaluator(energy: Energy, x: Any, backward: Backward) -> Callable[[Any], Tensor]:
    def evaluate(y: Any) -> Tensor:
        with torch.set_grad_enabled(torch.is_grad_enabled() and not isinstance(backward, Detached)):
            values = energy(y, x)
        check_values(values, unpack(y))
        return values

    return evaluate


@dataclass(frozen=True, slots=True)
class _Step:
    """One step, from a state to the next: what stays the same over all steps of a descent."""

    differentiate: Differentiate
    rules: tuple[StepRule, ...]
    backward: Backward
    tolerance: float | None
    first_tracked: int

    def walk(self, y: Tensors, steps: int) -> tuple[list[Tensors], Tensor, Tensor]:
        """Return the iterates after each step, and the energies and gradient norms (steps, B) before it."""
        state: State = (y, tuple(rule.init(t) for rule, t in zip(self.rules, y, strict=True)))
        keep_all = not isinstance(self.backward, Detached) or self.backward.keep_iterates
        path: list[Tensors] = []
        values, norms = [], []
        for index in range(steps):
            state, value, norm, finished = self(state, index >= self.first_tracked)
            if not keep_all:
                path.clear()
            path.append(state[0])
            values.append(value)
            norms.append(norm)
            if finished:
                break
        nothing = y[0].new_empty((0, len(y[0])))
        return path, torch.stack(values) if values else nothing, torch.stack(norms) if norms else nothing

    def __call__(self, state: State, tracked: bool) -> tuple[State, Tensor, Tensor, bool]:
        """Return the next state, energies (B,) and gradient norms (B,) before the step, whether all rest."""
        with torch.set_grad_enabled(tracked):
            if tracked and isinstance(self.backward, Checkpointed):
                following, values, norms = checkpoint(
                    self.take,
                    state,
                    use_reentrant=False,
                    preserve_rng_state=self.backward.preserve_rng_state,
                )
            else:
                following, values, norms = self.take(state)
        if self.tolerance is None:
            return following, values, norms, False
        resting = (norms <= self.tolerance) | ~norms.isfinite()
        held = _hold(resting, state[0], following[0]), following[1]
        return held, values, norms, bool(resting.all())

    def take(self, state: State) -> tuple[State, Tensor, Tensor]:
        """Take the step for all samples."""
        y, memories = state
        values, gradients = self.differentiate(y)
        parts = zip(self.rules, y, gradients, memories, strict=True)
        moved = [rule(t, gradient, memory) for rule, t, gradient, memory in parts]
        following = tuple(t for t, _ in moved), tuple(memory for _, memory in moved)
        return following, values, _norms(gradients)


@torch.no_grad()
def _norms(gradients: Tensors) -> Tensor:
    """Return each sample's Euclidean norm (B,) over all tensors."""
    flat = [per_sample(g) for g in gradients]
    norms: Tensor = torch.linalg.vector_norm(flat[0] if len(flat) == 1 else torch.cat(flat, 1), dim=1)
    return norms


def _hold(resting: Tensor, y: Tensors, following: Tensors) -> Tensors:
    """Return `following`, but `y` for the samples at rest."""
    return tuple(
        torch.where(resting.reshape(-1, *[1] * (t.ndim - 1)), t, moved)
        for t, moved in zip(y, following, strict=True)
    )
