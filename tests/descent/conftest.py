"""A bank of small float64 problems with everything that a gradient may reach, and measuring fixtures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ige.descent import Energy


@dataclass(frozen=True)
class Problem:
    """An energy whose parameters travel in x, so that gradcheck can move each of them."""

    energy: Energy
    y0: Any
    x: tuple[Tensor, ...]

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All differentiable inputs."""
        return (*((self.y0,) if isinstance(self.y0, Tensor) else self.y0), *self.x)


class Quadratic:
    """`y A y / 2 - b y` per sample: x is (A, b); for a symmetric A the minimum is at A^-1 b."""

    def __call__(self, y: Tensor, x: tuple[Tensor, Tensor]) -> Tensor:
        return self.value_and_grad(y, x)[0]

    def value_and_grad(self, y: Tensor, x: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        matrix, target = x
        product = ((matrix + matrix.mT) @ y[..., None])[..., 0] / 2
        return (y * (product / 2 - target)).sum(1), product - target


class Network:
    """One softplus layer of (y, x), with its gradient by hand: a small version of the pose energies."""

    def __call__(self, y: Tensor, x: tuple[Tensor, ...]) -> Tensor:
        return self.value_and_grad(y, x)[0]

    def value_and_grad(self, y: Tensor, x: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        seen, weight, bias, outputs = x
        hidden = torch.cat([y, seen], 1) @ weight + bias
        values = (functional.softplus(hidden) @ outputs).square().sum(1)
        back = 2 * (functional.softplus(hidden) @ outputs) @ outputs.T * torch.sigmoid(hidden)
        return values, back @ weight[: y.shape[1]].T


class Pair:
    """A tuple (points (B, 2, 2), scale (B,)) that interact."""

    def __call__(self, y: tuple[Tensor, Tensor], x: tuple[Tensor]) -> Tensor:
        points, scale = y
        return (points * scale[:, None, None] - x[0]).square().sum((1, 2)) + torch.cosh(scale)

    def value_and_grad(self, y: tuple[Tensor, Tensor], x: tuple[Tensor]) -> tuple[Tensor, Any]:
        points, scale = y
        rest = 2 * (points * scale[:, None, None] - x[0])
        gradients = rest * scale[:, None, None], (rest * points).sum((1, 2)) + torch.sinh(scale)
        return self(y, x), gradients


def _leaf(value: Tensor) -> Tensor:
    return value.double().requires_grad_()


def _quadratic(random: Callable[..., Tensor]) -> Problem:
    factor = random(2, 3, 3)
    matrix = factor @ factor.mT / 3 + 0.5 * torch.eye(3)
    return Problem(Quadratic(), _leaf(random(2, 3)), (_leaf(matrix), _leaf(random(2, 3))))


def _network(random: Callable[..., Tensor]) -> Problem:
    x = (random(2, 2), random(5, 4) / 2, random(4), random(4, 2) / 2)
    return Problem(Network(), _leaf(random(2, 3)), tuple(_leaf(t) for t in x))


def _pair(random: Callable[..., Tensor]) -> Problem:
    return Problem(Pair(), (_leaf(random(2, 2, 2)), _leaf(random(2) + 1)), (_leaf(random(2, 2, 2)),))


@pytest.fixture(params=[_quadratic, _network, _pair], ids=["quadratic", "network", "pair"])
def problem(request: pytest.FixtureRequest) -> Problem:
    """Each problem of the bank in turn: two samples in float64, all leaves require gradients."""
    generator = torch.Generator().manual_seed(3)
    made: Problem = request.param(
        lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)
    )
    return made


@pytest.fixture
def quadratic() -> Problem:
    """The quadratic alone."""
    generator = torch.Generator().manual_seed(5)
    return _quadratic(lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64))


@pytest.fixture
def peak_saved() -> Callable[[Callable[[], object]], int]:
    """Measure the largest number of tensors that graphs held at once while something ran."""

    def measure(run: Callable[[], object]) -> int:
        counts = {"now": 0, "peak": 0}

        class Held:
            def __init__(self, tensor: Tensor) -> None:
                self.tensor = tensor
                counts["now"] += 1
                counts["peak"] = max(counts.values())

            def __del__(self) -> None:
                counts["now"] -= 1

        with torch.autograd.graph.saved_tensors_hooks(Held, lambda held: held.tensor):
            kept = run()
        del kept
        return counts["peak"]

    return measure
