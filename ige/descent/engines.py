"""Three ways to the same inner gradient dE/dy, each usable where another one is not.

| engine     | inner gradient by     | use it for                                         | not with       |
|------------|-----------------------|----------------------------------------------------|----------------|
| `autograd` | torch.autograd.grad   | anything eager                                     | torch.compile  |
| `func`     | torch.func.grad       | torch.compile, inference mode                      | checkpointing  |
| `closed`   | energy.value_and_grad | energies with a hand-written gradient: the fastest | other energies |

All return values (B,) and gradients that carry a graph exactly if gradients are enabled around the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

import torch
from torch import Tensor

from ige.descent.variables import Energy, Tensors, pack, unpack

Engine: TypeAlias = Literal["autograd", "func", "closed"]

Differentiate: TypeAlias = Callable[[Tensors], tuple[Tensor, Tensors]]
"""From y to the values (B,) and the gradients, for a fixed energy and x."""


def differentiator(engine: Engine, energy: Energy, x: Any, like: Tensor | Tensors) -> Differentiate:
    """Return the function from y to values and gradients; ValueError for an unknown or impossible engine.

    `like` tells the form of y that the energy takes. Under inference mode no graph can be recorded, so
    `autograd` works through torch.func there: same numbers, nothing for the caller to do.
    """
    if engine not in get_args(Engine):
        raise ValueError(f"unknown engine {engine!r}: use one of {', '.join(map(repr, get_args(Engine)))}")
    if engine == "autograd":
        by = _by_func if torch.is_inference_mode_enabled() else _by_autograd
        return lambda y: by(energy, y, x, like)
    if engine == "func":
        return lambda y: _by_func(energy, y, x, like)
    method = getattr(energy, "value_and_grad", None)
    if method is None:
        raise ValueError(
            f"engine='closed' needs an energy with a method value_and_grad(y, x), which"
            f" {type(energy).__name__} has not: add it, or use engine='autograd' or 'func'"
        )
    return lambda y: _by_closed_form(method, y, x, like)


def check_values(values: Tensor, y: Tensors) -> None:
    """Raise ValueError unless an energy returned one value per sample."""
    expected = (y[0].shape[0],)
    found = tuple(getattr(values, "shape", ()))
    if found != expected:
        raise ValueError(
            f"an energy returns one value per sample: expected a tensor of shape {expected}, found {found}."
            " Sum over all axes but the first, and never over the batch"
        )


def _by_autograd(energy: Energy, y: Tensors, x: Any, like: Tensor | Tensors) -> tuple[Tensor, Tensors]:
    tracked = torch.is_grad_enabled()
    with torch.enable_grad():
        # A constant y becomes a leaf of its own; one that carries a graph keeps it when gradients travel on.
        inputs = tuple(t if tracked and t.requires_grad else t.detach().requires_grad_() for t in y)
        values = energy(pack(inputs, like), x)
        check_values(values, y)
        if not values.requires_grad:
            raise ValueError(
                "the energy does not depend on y in a differentiable way: look for detach(), no_grad(),"
                " .item() or numpy inside it"
            )
        gradients = torch.autograd.grad(values.sum(), inputs, create_graph=tracked, materialize_grads=True)
    return (values if tracked else values.detach()), gradients


def _by_func(energy: Energy, y: Tensors, x: Any, like: Tensor | Tensors) -> tuple[Tensor, Tensors]:
    def total(inputs: Tensors) -> tuple[Tensor, Tensor]:
        values = energy(pack(inputs, like), x)
        check_values(values, y)
        return values.sum(), values

    gradients, values = torch.func.grad(total, has_aux=True)(y)
    return values, gradients


def _by_closed_form(
    value_and_grad: Callable[[Any, Any], tuple[Tensor, Any]], y: Tensors, x: Any, like: Tensor | Tensors
) -> tuple[Tensor, Tensors]:
    values, gradients = value_and_grad(pack(y, like), x)
    check_values(values, y)
    found = unpack(gradients)
    if [t.shape for t in found] != [t.shape for t in y]:
        raise ValueError(
            f"value_and_grad returned gradients of the shapes {[tuple(t.shape) for t in found]}"
            f" for a y of the shapes {[tuple(t.shape) for t in y]}"
        )
    return values, found
