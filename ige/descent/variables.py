"""What is minimised and by what: the shapes and protocols that the rest of the layer shares.

The optimised variable `y` is one tensor (B, ...) or a tuple of tensors that share the batch axis. Inside the
layer it is always a tuple; `pack` and `unpack` convert at the border: an energy sees what its user gave.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable

from torch import Tensor

Y = TypeVar("Y", Tensor, tuple[Tensor, ...])
"""The optimised variable: a tensor (B, ...) or a tuple of such tensors."""

Tensors: TypeAlias = tuple[Tensor, ...]

Energy: TypeAlias = Callable[[Any, Any], Tensor]
"""`energy(y, x)` -> (B,): one value per sample, made of `y[i]` and `x[i]` only, twice differentiable."""


@runtime_checkable
class ClosedFormEnergy(Protocol):
    """An energy that also offers its own gradient, for `engine="closed"`."""

    def value_and_grad(self, y: Any, x: Any) -> tuple[Tensor, Any]:
        """Return the values (B,) and dE/dy in the form of `y`, both written in differentiable operations."""


def unpack(y: Tensor | Tensors) -> Tensors:
    """Return `y` as a tuple of tensors that share the leading axis; ValueError otherwise."""
    tensors = (y,) if isinstance(y, Tensor) else tuple(y)
    if not tensors or not all(isinstance(tensor, Tensor) for tensor in tensors):
        raise ValueError("y0 must be a tensor (B, ...) or a non-empty tuple of such tensors")
    shapes = [tuple(tensor.shape) for tensor in tensors]
    if any(len(shape) == 0 or shape[0] != shapes[0][0] for shape in shapes):
        raise ValueError(f"all tensors of y0 need the same leading batch axis, found the shapes {shapes}")
    if not all(tensor.is_floating_point() for tensor in tensors):
        raise ValueError(f"y0 must be floating point, found {[str(tensor.dtype) for tensor in tensors]}")
    return tensors


def pack(tensors: Tensors, like: Tensor | Tensors) -> Any:
    """Return `tensors` in the form of `like`: a bare tensor or a tuple."""
    return tensors[0] if isinstance(like, Tensor) else tensors


def per_sample(tensor: Tensor) -> Tensor:
    """Return a tensor (B, ...) as (B, n): all entries of a sample in a row."""
    return tensor.flatten(1) if tensor.ndim > 1 else tensor[:, None]
