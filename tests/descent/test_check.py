"""Each finding of check_energy on an energy that has just that fault, and none on one that is sound."""

from __future__ import annotations

import functools
import re
import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional

from ige.descent import EnergyWarning, check_energy


class Layers(nn.Module):
    """The given layers on (y, x), summed."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.net = nn.Sequential(nn.Linear(10, 8), *layers)

    def forward(self, y, x):
        return self.net(torch.cat([y, x], 1)).sum(1)


class Squared(torch.autograd.Function):
    """A square whose author did not think of second derivatives."""

    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a * a

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        (a,) = ctx.saved_tensors
        return 2 * a * gradient


class ClosedForm:
    """The energy |y|^4 with a gradient that a test may spoil."""

    def __init__(self, spoil):
        self.spoil = spoil

    def __call__(self, y, x):
        return y.pow(4).sum(1)

    def value_and_grad(self, y, x):
        return self(y, x), self.spoil(4 * y**3)


def inputs():
    generator = torch.Generator().manual_seed(1)
    return torch.randn(5, 6, generator=generator), torch.randn(5, 4, generator=generator)


def points(y):
    return y.unflatten(1, (3, 2))


def attention(y, x):
    tokens = points(y)[:, None]
    return functional.scaled_dot_product_attention(tokens, tokens, tokens).sum((1, 2, 3))


def rooted(y, x):
    return (points(y)[:, :, None] - points(y)[:, None]).square().sum(-1).sqrt().sum((1, 2))


FAULTS = {
    "mean over the batch": (
        lambda y, x: y.square().mean(),
        {"shape"},
        r"expected the shape \(5,\), found \(\)",
    ),
    "detached": (lambda y, x: y.detach().square().sum(1), {"constant"}, r"detach\(\)"),
    "rounded": (lambda y, x: y.round().sum(1), {"constant"}, "rounding"),
    "batch norm": (
        Layers(nn.BatchNorm1d(8), nn.Softplus(), nn.Linear(8, 3, bias=False)),
        {"batch-norm", "coupling"},
        r"\(net\.1\).*LayerNorm",
    ),
    "dropout": (
        Layers(nn.Dropout(0.5), nn.Softplus(), nn.Linear(8, 3, bias=False)),
        {"dropout", "random"},
        r"\(net\.1\).*\.eval\(\)",
    ),
    "random": (lambda y, x: (y + torch.rand_like(y)).square().sum(1), {"random"}, "pass them in x"),
    "coupled": (lambda y, x: (y - y.mean(0)).square().sum(1), {"coupling"}, "4 of the 4 others"),
    "coupled to the one before": (
        lambda y, x: (y[1:] * y[:-1]).sum(1).pow(2).cumsum(0)[[0, 0, 1, 2, 3]] + y.square().sum(1),
        {"coupling"},
        "others",
    ),
    "cdist": (
        lambda y, x: torch.cdist(points(y), points(x[:, :4].repeat(1, 2)[:, :6])).sum((1, 2)),
        {"double-backward"},
        "_cdist_backward has no derivative.*use_mm_for_euclid_dist",
    ),
    "attention": (attention, {"double-backward"}, "_scaled_dot_product.*SDPBackend.MATH"),
    "once differentiable": (
        lambda y, x: Squared.apply(y).exp().sum(1),
        {"curvature"},
        "exactly 0.*once_differentiable",
    ),
    "root at zero": (rooted, {"non-finite"}, "gradient of 5 of 5 samples.*epsilon under the root"),
    "one sample divides by zero": (
        lambda y, x: y.square().sum(1) / torch.tensor([1.0, 1, 0, 1, 1]),
        {"non-finite"},
        "value of 1 of 5 samples",
    ),
    "relu": (
        Layers(nn.ReLU(), nn.Linear(8, 3, bias=False)),
        {"curvature", "unreached"},
        "exactly 0.*Softplus",
    ),
    "last bias": (Layers(nn.Softplus(), nn.Linear(8, 3)), {"unreached"}, r"net\.2\.bias.*bias=False"),
    "closed form of another energy": (
        ClosedForm(lambda gradient: gradient * 1.01),
        {"closed-form"},
        "returns other gradients",
    ),
    "closed form of another shape": (
        ClosedForm(lambda gradient: gradient[:, :1]),
        {"closed-form"},
        "returns other gradients",
    ),
    "closed form without derivatives": (
        ClosedForm(torch.Tensor.detach),
        {"closed-form"},
        "differentiable operations",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_named_and_warned_of(fault):
    energy, kinds, message = FAULTS[fault]
    with warnings.catch_warnings(record=True, action="always") as caught:
        report = check_energy(energy, *inputs())
    assert report.kinds == kinds
    assert not report.ok
    assert re.search(message, str(report))
    assert [(w.category, str(w.message)) for w in caught] == [
        (EnergyWarning, line) for line in str(report).splitlines()
    ]


@pytest.mark.parametrize(
    "energy",
    [
        Layers(nn.Softplus(), nn.LayerNorm(8), nn.Linear(8, 3, bias=False), nn.Softplus()),
        Layers(nn.BatchNorm1d(8), nn.Dropout(), nn.Softplus(), nn.Linear(8, 1, bias=False)).eval(),
        ClosedForm(lambda gradient: gradient),
        lambda y, x: torch.cosh(y).sum(1),
        lambda y, x: (
            torch.cdist(points(y), points(x.repeat(1, 2)[:, :6]), compute_mode="use_mm_for_euclid_dist")
            .square()
            .sum((1, 2))
        ),
    ],
    ids=["layers", "evaluating", "closed form", "function", "cdist by products"],
)
def test_nothing_is_found_in_a_sound_energy(energy):
    with warnings.catch_warnings(action="error"):
        report = check_energy(energy, *inputs())
    assert report.ok
    assert str(report) == "nothing found"


def test_modules_are_found_behind_functions():
    module = Layers(nn.Dropout(0.5), nn.Softplus(), nn.Linear(8, 3))
    for energy in (
        module.forward,
        functools.partial(module),
        lambda y, x: module(y, x) + y.square().sum(1),
    ):
        assert {"dropout", "unreached"} <= check_energy(energy, *inputs(), warn=False).kinds


def test_tuples_single_samples_and_flat_samples():
    y = (torch.randn(1, 3), torch.randn(1))
    report = check_energy(lambda y, x: y[0].pow(4).sum(1) + y[1].square(), y, None, warn=False)
    assert report.kinds == {"single-sample"}


def test_check_leaves_everything_as_it_was():
    energy = Layers(nn.BatchNorm1d(8), nn.Dropout(), nn.Softplus(), nn.Linear(8, 3))
    y, x = inputs()
    before = {name: value.clone() for name, value in energy.state_dict().items()}
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with torch.no_grad():
        check_energy(energy, y, x, warn=False)
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(value, before[name]) for name, value in energy.state_dict().items())
    assert all(p.grad is None for p in energy.parameters())
    assert not y.requires_grad
    assert energy.training
