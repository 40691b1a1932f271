"""Engines: what is particular to one of them (that all agree is in test_unroll)."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

from ige.descent import ClippedMomentum, GradientDescent, Momentum, descend, loss_over_iterates


def test_closed_needs_a_closed_form():
    with pytest.raises(ValueError, match=r"a method value_and_grad\(y, x\), which function has not"):
        descend(lambda y, x: y.sum(1), torch.ones(2, 3), None, steps=1, rule=Momentum(), engine="closed")


def test_a_closed_gradient_of_another_shape_is_refused():
    class Energy:
        def value_and_grad(self, y, x):
            return y.sum(1), torch.ones(3)

    with pytest.raises(ValueError, match=r"shapes \[\(3,\)\] for a y of the shapes \[\(2, 3\)\]"):
        descend(Energy(), torch.ones(2, 3), None, steps=1, rule=Momentum(), engine="closed")


@pytest.mark.parametrize("engine", ["autograd", "func"])
def test_a_tensor_that_the_energy_does_not_use_stays(engine):
    y0 = (torch.ones(2, 3), torch.ones(2))
    last = descend(
        lambda y, x: y[0].square().sum(1), y0, None, steps=2, rule=GradientDescent(0.1), engine=engine
    ).last
    assert torch.equal(last[1], y0[1])
    assert not torch.equal(last[0], y0[0])


@pytest.mark.parametrize("engine", ["autograd", "func"])
def test_a_start_without_gradient_keeps_none(engine):
    y0 = torch.ones(2, 3)
    weight = torch.ones(3, requires_grad=True)
    last = descend(
        lambda y, x: (y * weight).square().sum(1), y0, None, steps=2, rule=GradientDescent(), engine=engine
    ).last
    last.sum().backward()
    assert y0.grad is None
    assert not y0.requires_grad
    assert weight.grad.ne(0).all()


class Small(nn.Module):
    """A module with a closed form, as a user would write one."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(5, 8)
        self.second = nn.Linear(8, 1, bias=False)

    def forward(self, y, x):
        return self.second(functional.softplus(self.first(torch.cat([y, x], 1))))[:, 0]

    def value_and_grad(self, y, x):
        hidden = self.first(torch.cat([y, x], 1))
        gradient = (torch.sigmoid(hidden) * self.second.weight) @ self.first.weight
        return self.second(functional.softplus(hidden))[:, 0], gradient[:, : y.shape[1]]


@pytest.mark.parametrize("engine", ["func", "closed"])
def test_compiles_as_one_graph_with_equal_gradients(engine):
    torch.manual_seed(0)
    energy, rule = Small().double(), ClippedMomentum(0.5, 0.1, 0.05).double()
    y0, x = torch.randn(4, 3, dtype=torch.float64), torch.randn(4, 2, dtype=torch.float64)

    def loss(y0, x):
        trajectory = descend(energy, y0, x, steps=3, rule=rule, engine=engine)
        return loss_over_iterates(trajectory, lambda y: y.square().sum(), 0.9) + trajectory.energies.sum()

    parameters = (*energy.parameters(), *rule.parameters())
    torch.compiler.reset()
    compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
    found, expected = compiled(y0, x), loss(y0, x)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=0)
    for a, b in zip(
        torch.autograd.grad(found, parameters), torch.autograd.grad(expected, parameters), strict=True
    ):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-14)
