"""First and second derivatives of an energy at a point, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ige.descent.variables import Energy, Tensors, pack, per_sample, unpack

_REMEDIES = {
    "cdist": "use torch.cdist(..., compute_mode='use_mm_for_euclid_dist'), or squared differences",
    "pdist": "use squared differences of explicit pairs",
    "scaled_dot_product": "run attention in torch.nn.attention.sdpa_kernel(SDPBackend.MATH)",
    "cudnn_rnn": "run the recurrent layer in torch.backends.cudnn.flags(enabled=False)",
}


@dataclass(frozen=True, slots=True, eq=False)
class Derivatives:
    """Derivatives at one point: of the energy, and of its gradient's product with a random direction."""

    inputs: Tensors
    """y, as leaves."""
    x: Any
    like: Tensor | Tensors
    parameters: Mapping[str, Tensor]
    values: Tensor
    """(B,)"""
    gradient: Tensors
    """dE/dy, with its graph."""
    direction: Tensors
    """Random, shaped as y."""
    second: tuple[Tensor | None, ...]
    """d(gradient . direction) for each of the inputs, then of the parameters; None where there is no path."""
    failure: str | None
    """What was not differentiable twice, and what to do about it."""

    def non_finite(self) -> str:
        """Return where numbers are not finite, in words; empty if all are."""
        curvature = tuple(t for t in self.second[: len(self.inputs)] if t is not None)
        samples = self.values.shape[0]
        of_parameters = zip(self.parameters, self.second[len(self.inputs) :], strict=False)
        found = [
            f"the {name} of {int(bad.sum())} of {samples} samples"
            for name, bad in (
                ("value", ~self.values.isfinite()),
                ("gradient", _bad_samples(self.gradient, samples)),
                ("second derivative", _bad_samples(curvature, samples)),
            )
            if bool(bad.any())
        ]
        found += [f"the gradient of {name}" for name, g in of_parameters if g is not None and not _finite(g)]
        return ", ".join(found)

    def flat(self) -> bool:
        """Return whether the energy has no curvature at all in y."""
        return all(_nothing(t) for t in self.second[: len(self.inputs)])

    def unreached(self) -> list[str]:
        """Return the names of the parameters that a loss on iterates does not reach."""
        of_parameters = zip(self.parameters, self.second[len(self.inputs) :], strict=True)
        return [name for name, gradient in of_parameters if _nothing(gradient)]


def differentiate_twice(
    energy: Energy, inputs: Tensors, x: Any, like: Tensor | Tensors, parameters: Mapping[str, Tensor]
) -> Derivatives:
    """Return the derivatives of `energy` at `inputs`, or what stopped them."""
    generator = torch.Generator().manual_seed(0)
    direction = tuple(torch.randn(t.shape, generator=generator, dtype=t.dtype).to(t.device) for t in inputs)
    values = energy(pack(inputs, like), x)
    gradient: Tensors = ()
    second: tuple[Tensor | None, ...] = (None,) * (len(inputs) + len(parameters))
    failure = None
    try:
        gradient = torch.autograd.grad(values.sum(), inputs, create_graph=True, materialize_grads=True)
        second = _second(gradient, direction, (*inputs, *parameters.values()))
    except RuntimeError as error:
        failure = _explain(error)
    return Derivatives(inputs, x, like, parameters, values, gradient, direction, second, failure)


def closed_form_problems(energy: Any, derivatives: Derivatives) -> Iterator[str]:
    """Yield how `energy.value_and_grad`, if there is one, departs from what autograd finds."""
    if not hasattr(energy, "value_and_grad") or derivatives.failure is not None:
        return
    values, gradient = energy.value_and_grad(pack(derivatives.inputs, derivatives.like), derivatives.x)
    for name, found, true in (
        ("values", (values,), (derivatives.values,)),
        ("gradients", unpack(gradient), derivatives.gradient),
    ):
        if not _agree(found, true):
            yield f"value_and_grad returns other {name} than the energy has by autograd"
            return
    targets = (*derivatives.inputs, *derivatives.parameters.values())
    second = _second(unpack(gradient), derivatives.direction, targets)
    pairs = list(zip(second, derivatives.second, targets, strict=True))
    found = tuple(torch.zeros_like(like) if t is None else t for t, _, like in pairs)
    true = tuple(torch.zeros_like(like) if t is None else t for _, t, like in pairs)
    if not _agree(found, true):
        yield (
            "the gradients of value_and_grad are right, their derivatives are not: write them in"
            " differentiable operations, without detach() or no_grad()"
        )


def _second(gradient: Tensors, direction: Tensors, targets: Tensors) -> tuple[Tensor | None, ...]:
    product = torch.stack([(g * v).sum() for g, v in zip(gradient, direction, strict=True)]).sum()
    if not product.requires_grad:
        return (None,) * len(targets)
    return torch.autograd.grad(product, targets, retain_graph=True, allow_unused=True)


def _agree(found: Tensors, true: Tensors) -> bool:
    """Return whether two tuples agree as well as their precision lets one expect."""
    if [t.shape for t in found] != [t.shape for t in true]:
        return False
    scale = max(float(t.detach().abs().max()) for t in true if t.numel())
    tolerance = scale * torch.finfo(true[0].dtype).eps ** 0.5
    return all(
        torch.allclose(a, b, rtol=0, atol=tolerance, equal_nan=True) for a, b in zip(found, true, strict=True)
    )


def _explain(error: RuntimeError) -> str:
    """Return what a failing second derivative means, with the operation's name where torch tells it."""
    text = str(error).strip().splitlines()[0]
    match = re.search(r"derivative for '?(?:aten::)?(\w+)'? is not implemented", text)
    remedy = next((remedy for part, remedy in _REMEDIES.items() if part in text), None)
    what = (
        f"{match[1]} has no derivative" if match else f"an operation cannot be differentiated twice ({text})"
    )
    return f"{what}: training through a descent needs one; {remedy or 'use another operation'}"


def _bad_samples(tensors: Tensors, samples: int) -> Tensor:
    """Return which samples (B,) hold a number that is not finite."""
    bad = torch.zeros(samples, dtype=torch.bool)
    for t in tensors:
        bad |= ~per_sample(t.detach()).isfinite().all(1).cpu()
    return bad


def _finite(t: Tensor) -> bool:
    return bool(t.isfinite().all())


def _nothing(t: Tensor | None) -> bool:
    return t is None or not bool(t.ne(0).any())
