"""Look an energy over before training on it: what commonly goes wrong, found in one call and explained.

Learning through a descent asks more of an energy than a loss does: derivatives of derivatives, samples that
do not see each other, the same function at every step. What violates that often runs without an error and
just does not learn, so `check_energy` tries it on real inputs.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor, nn

from ige.descent.check_derivatives import Derivatives, closed_form_problems, differentiate_twice
from ige.descent.variables import Energy, Tensors, pack, per_sample, unpack

Kind: TypeAlias = Literal[
    "shape",
    "constant",
    "batch-norm",
    "dropout",
    "random",
    "coupling",
    "single-sample",
    "double-backward",
    "non-finite",
    "curvature",
    "unreached",
    "closed-form",
]
"""What a finding is about; docs/descent.md has a line on each."""


class EnergyWarning(UserWarning):
    """A finding of `check_energy`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with an energy: what it is, what it does to training, what to do about it."""

    kind: Kind
    message: str


@dataclass(frozen=True, slots=True)
class EnergyReport:
    """What `check_energy` found; `print(report)` lists it."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Return whether nothing was found."""
        return not self.findings

    @property
    def kinds(self) -> frozenset[Kind]:
        """Return the kinds of what was found."""
        return frozenset(finding.kind for finding in self.findings)

    def __str__(self) -> str:
        lines = [f"{finding.kind}: {finding.message}" for finding in self.findings]
        return "\n".join(lines) or "nothing found"


def check_energy(energy: Energy, y: Tensor | Tensors, x: Any, *, warn: bool = True) -> EnergyReport:
    """Try `energy` at `y` (B, ...), `x` and report what would spoil a descent or its training.

    Give a typical batch of at least two samples. Looks at the layers, at one value per sample, repeatability,
    batch coupling, finite first and second derivatives, curvature, parameters without gradient, and at the
    closed form if there is one. Leaves buffers, gradients and random state as they were. With `warn`, each
    finding is also issued as an `EnergyWarning`. Raises what the energy raises.
    """
    tensors = tuple(t.detach().clone().requires_grad_() for t in unpack(y))
    modules = _modules_of(energy)
    with _undisturbed(modules, tensors), torch.enable_grad():
        findings = [*_layer_findings(modules), *_value_findings(energy, tensors, x, y)]
        if not {finding.kind for finding in findings} & {"shape", "constant"}:
            parameters = _learned_parameters(modules)
            derivatives = differentiate_twice(energy, tensors, x, y, parameters)
            findings += _derivative_findings(derivatives)
            findings += [
                Finding("closed-form", problem) for problem in closed_form_problems(energy, derivatives)
            ]
    if warn:
        for finding in findings:
            warnings.warn(f"{finding.kind}: {finding.message}", EnergyWarning, stacklevel=2)
    return EnergyReport(tuple(findings))


def _modules_of(energy: Any) -> list[nn.Module]:
    """Return the modules that an energy is, is a method of, or names as a function."""
    if isinstance(energy, nn.Module):
        return [energy]
    if isinstance(energy, functools.partial):
        return _modules_of(energy.func)
    if inspect.ismethod(energy):
        return _modules_of(energy.__self__)
    if not inspect.isfunction(energy):
        return []
    named = inspect.getclosurevars(energy)
    held = [*named.nonlocals.values(), *named.globals.values()]
    return [value for value in held if isinstance(value, nn.Module)]


def _learned_parameters(modules: list[nn.Module]) -> dict[str, nn.Parameter]:
    return {
        name if len(modules) == 1 else f"{index}.{name}": parameter
        for index, module in enumerate(modules)
        for name, parameter in module.named_parameters()
        if parameter.requires_grad
    }


@contextmanager
def _undisturbed(modules: list[nn.Module], tensors: Tensors) -> Iterator[None]:
    """Put buffers (running statistics) and random state back afterwards."""
    buffers = [(buffer, buffer.clone()) for module in modules for buffer in module.buffers()]
    devices = sorted({t.device.index or 0 for t in tensors if t.is_cuda})
    with torch.random.fork_rng(devices=devices):
        try:
            yield
        finally:
            with torch.no_grad():
                for buffer, before in buffers:
                    buffer.copy_(before)


def _layer_findings(modules: list[nn.Module]) -> Iterator[Finding]:
    layers = [(name or "itself", m) for module in modules for name, m in module.named_modules() if m.training]
    if norms := [name for name, m in layers if isinstance(m, nn.modules.batchnorm._BatchNorm)]:
        yield Finding(
            "batch-norm",
            f"batch norm in training mode ({', '.join(norms)}): a sample's energy then depends on the rest of"
            " its batch, and every step moves the running statistics. Use LayerNorm or GroupNorm, or call"
            " .eval() on these layers",
        )
    if drops := [name for name, m in layers if isinstance(m, nn.modules.dropout._DropoutNd) and m.p > 0]:
        yield Finding(
            "dropout",
            f"dropout in training mode ({', '.join(drops)}): each step would descend another energy. Leave it"
            " out, call .eval() on these layers, or pass one mask per descent in x",
        )


def _value_findings(energy: Energy, tensors: Tensors, x: Any, like: Tensor | Tensors) -> Iterator[Finding]:
    values = energy(pack(tensors, like), x)
    samples = tensors[0].shape[0]
    if tuple(values.shape) != (samples,):
        yield Finding(
            "shape",
            f"one value per sample is needed: expected the shape ({samples},), found {tuple(values.shape)}."
            " Sum over all axes but the first, and never over the batch",
        )
        return
    if not _depends_on(values, tensors):
        yield Finding(
            "constant",
            "the gradient with respect to y is exactly 0 everywhere: no step would move. Look for detach(),"
            " no_grad(), argmax, rounding or a saturated activation on the way from y to the values",
        )
        return
    if not torch.allclose(values, energy(pack(tensors, like), x), rtol=1e-3, equal_nan=True):
        yield Finding(
            "random",
            "two evaluations at the same y and x differ: each step would descend another energy. Draw random"
            " numbers once per descent and pass them in x",
        )
    yield from _coupling_findings(values, tensors)


def _depends_on(values: Tensor, tensors: Tensors) -> bool:
    if not values.requires_grad:
        return False
    gradients = torch.autograd.grad(values.sum(), tensors, retain_graph=True, materialize_grads=True)
    return any(bool(g.ne(0).any()) for g in gradients)


def _coupling_findings(values: Tensor, tensors: Tensors) -> Iterator[Finding]:
    samples = values.shape[0]
    if samples < 2:
        yield Finding(
            "single-sample", "batch coupling shows only with two samples or more: give a larger batch"
        )
        return
    for chosen in (0, samples - 1):
        gradients = torch.autograd.grad(values[chosen], tensors, retain_graph=True, materialize_grads=True)
        # 0 times an infinite local derivative is not a number, but no coupling either.
        touched = torch.stack([per_sample(g.nan_to_num()).ne(0).any(1) for g in gradients]).any(0)
        touched[chosen] = False
        if bool(touched.any()):
            yield Finding(
                "coupling",
                f"the energy of sample {chosen} depends on {int(touched.sum())} of the {samples - 1} others:"
                " results would change with the batch, and one diverging sample would spoil all. Look for"
                " batch norm, means or norms over the batch axis, and (B, 1) that broadcasts against (B,)",
            )
            return


def _derivative_findings(derivatives: Derivatives) -> Iterator[Finding]:
    if derivatives.failure is not None:
        yield Finding("double-backward", derivatives.failure)
        return
    if bad := derivatives.non_finite():
        yield Finding(
            "non-finite",
            f"infinite or not a number: {bad}. Usual causes: the root or norm of something that is 0 (use the"
            " square, or add an epsilon under the root), a division by 0, an overflow of exp",
        )
    elif derivatives.flat():
        yield Finding(
            "curvature",
            "the second derivative with respect to y is exactly 0: a step hardly depends on where it is"
            " taken, and biases do not learn. Usual causes: ReLU (use Softplus, SiLU or GELU), or an"
            " autograd.Function marked once_differentiable (write its backward in"
            " differentiable operations)",
        )
    if names := derivatives.unreached():
        yield Finding(
            "unreached",
            f"no gradient reaches {', '.join(names)}: dE/dy does not depend on it. The bias of a last layer"
            " is of this kind: build that layer with bias=False. Else leave it out of the optimiser;"
            " DistributedDataParallel needs find_unused_parameters=True",
        )
