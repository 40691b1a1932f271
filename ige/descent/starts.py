"""Several starts per sample: descend from all of them at once, keep the one that ends lowest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

import torch
from torch import Tensor

from ige.descent.backward import Backward, Unrolled
from ige.descent.engines import Engine
from ige.descent.rules import PerTensor, StepRule
from ige.descent.trajectory import Trajectory
from ige.descent.unroll import descend
from ige.descent.variables import Energy, Tensors, Y, pack, unpack


@dataclass(frozen=True, slots=True, eq=False)
class Selection(Generic[Y]):
    """The best start of each sample: its last iterate `y` (B, ...), `energy` (B,) and index `start` (B,)."""

    y: Y
    energy: Tensor
    start: Tensor


def repeat_samples(x: Any, starts: int, samples: int) -> Any:
    """Return `x` with every tensor (B, ...) in it repeated to (S * B, ...), start by start.

    Goes through tuples, lists and dicts. ValueError for anything else, and for tensors without B samples:
    whether such a thing belongs to a sample or to all of them cannot be seen from outside, so pass `repeat`
    to `descend_from_starts`, or keep what all samples share in the energy.
    """
    if x is None:
        return None
    if isinstance(x, Tensor) and x.shape[:1] == (samples,):
        return x.expand(starts, *x.shape).flatten(0, 1)
    if isinstance(x, dict):
        return {key: repeat_samples(value, starts, samples) for key, value in x.items()}
    if isinstance(x, tuple | list):
        parts = [repeat_samples(value, starts, samples) for value in x]
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
    found = f"a tensor {tuple(x.shape)}" if isinstance(x, Tensor) else f"an object of type {type(x).__name__}"
    raise ValueError(
        f"cannot repeat x for each start: expected tensors with {samples} samples in front, found {found}."
        " Pass repeat=..., or keep what all samples share in the energy"
    )


def descend_from_starts(
    energy: Energy,
    y0: Y,
    x: Any,
    *,
    steps: int,
    rule: StepRule | PerTensor,
    backward: Backward = Unrolled(),  # noqa: B008 (a frozen record)
    engine: Engine = "autograd",
    tolerance: float | None = None,
    repeat: Callable[[Any, int, int], Any] = repeat_samples,
) -> Trajectory[Y]:
    """Descend from S starts for each of B samples: `y0` is (S, B, ...), or a tuple of such tensors.

    The energy sees one batch of S * B samples, and `repeat(x, S, B)` gives it the x of each, start by start,
    as `repeat_samples` does. All else is as in `descend`; the trajectory holds iterates (S, B, ...), and
    energies and gradient norms (steps, S, B). ValueError as `descend`, and for a y0 without both axes.
    """
    starts, samples = _axes(y0)
    joined: Y = pack(tuple(t.flatten(0, 1) for t in unpack(y0)), y0)
    flat = descend(
        energy,
        joined,
        repeat(x, starts, samples),
        steps=steps,
        rule=rule,
        backward=backward,
        engine=engine,
        tolerance=tolerance,
    )
    return _with_starts(flat, y0)


def _axes(y0: Tensor | Tensors) -> tuple[int, int]:
    tensors = unpack(y0)
    axes = tuple(tensors[0].shape[:2])
    if len(axes) < 2 or axes[0] < 1 or any(t.shape[:2] != axes for t in tensors):
        found = [tuple(t.shape) for t in tensors]
        raise ValueError(f"y0 needs the leading axes (starts, samples) on every tensor, found {found}")
    return axes[0], axes[1]


def _with_starts(flat: Trajectory[Y], y0: Y) -> Trajectory[Y]:
    """Return a trajectory of S * B samples as one of (S, B)."""
    axes = _axes(y0)

    def split(tensor: Tensor, axis: int) -> Tensor:
        return tensor.reshape(*tensor.shape[:axis], *axes, *tensor.shape[axis + 1 :])

    def evaluate(y: Y) -> Tensor:
        together: Y = pack(tuple(t.flatten(0, 1) for t in unpack(y)), y)
        return split(flat.evaluate(together), 0)

    iterates: list[Y] = [y0]
    iterates.extend(pack(tuple(split(t, 0) for t in unpack(y)), y0) for y in flat.iterates[1:])
    return Trajectory(
        iterates=tuple(iterates),
        step_energies=split(flat.step_energies, 1),
        gradient_norms=split(flat.gradient_norms, 1),
        evaluate=evaluate,
    )


def select_by_energy(trajectory: Trajectory[Y]) -> Selection[Y]:
    """Return, for each sample, the last iterate of the start whose energy ended lowest.

    Non-finite energies lose against any finite one; a sample without a finite one gets start 0, and its
    energy says so. Gradients travel back through the chosen start. ValueError for a trajectory of `descend`.
    """
    energies = trajectory.energies[-1]
    if energies.ndim != 2:
        raise ValueError("select_by_energy needs a trajectory of descend_from_starts")
    ranked = torch.where(energies.isfinite(), energies, torch.inf)
    start = ranked.argmin(dim=0)
    sample = torch.arange(start.shape[0], device=start.device)
    chosen = tuple(t[start, sample] for t in unpack(trajectory.last))
    return Selection(y=pack(chosen, trajectory.last), energy=energies[start, sample], start=start)
