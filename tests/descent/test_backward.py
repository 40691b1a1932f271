"""Backward modes: gradients against finite differences, against each other and against the implicit one."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from ige.descent import (
    Adam,
    Checkpointed,
    ClippedMomentum,
    Detached,
    GradientDescent,
    Momentum,
    Nesterov,
    Truncated,
    Unrolled,
    descend,
)

RULES = {
    "gradient-descent": lambda: GradientDescent(0.1),
    "momentum": lambda: Momentum(0.1, 0.5),
    "clipped": lambda: ClippedMomentum(0.1, 0.5, 0.5),
    "nesterov": lambda: Nesterov(0.1, 0.5),
    "adam": lambda: Adam(0.1, 0.5, 0.75, epsilon=0.1, learn=True),
}
FULL = [Unrolled(), Checkpointed()]


def name(mode):
    return type(mode).__name__


def function_of_all(problem, rule, backward, engine, steps=2):
    """Return the descent as a function of every differentiable tensor, and those tensors.

    The rule's constants are moved in place by gradcheck, so they need not be passed on.
    """
    tuple_y = isinstance(problem.y0, tuple)
    count = len(problem.y0) if tuple_y else 1

    def run(*inputs):
        y0 = inputs[:count] if tuple_y else inputs[0]
        x = inputs[count : count + len(problem.x)]
        trajectory = descend(problem.energy, y0, x, steps=steps, rule=rule, backward=backward, engine=engine)
        last = trajectory.last if tuple_y else (trajectory.last,)
        return *last, trajectory.energies[-1]

    return run, (*problem.tensors, *rule.parameters())


@pytest.mark.parametrize("backward", FULL, ids=name)
@pytest.mark.parametrize("rule", RULES)
def test_gradients_agree_with_finite_differences(problem, rule, backward):
    for engine in ("autograd", "closed", "func"):
        if engine == "func" and isinstance(backward, Checkpointed):
            continue
        run, inputs = function_of_all(problem, RULES[rule]().double(), backward, engine)
        assert torch.autograd.gradcheck(run, inputs, fast_mode=True)


@pytest.mark.parametrize("backward", FULL, ids=name)
@pytest.mark.parametrize("rule", RULES)
def test_second_derivatives_agree_with_finite_differences(problem, rule, backward):
    run, inputs = function_of_all(problem, RULES[rule]().double(), backward, "autograd")
    assert torch.autograd.gradgradcheck(run, inputs, fast_mode=True)


@pytest.mark.parametrize("engine", ["autograd", "func", "closed"])
def test_truncated_gradients_agree_with_finite_differences_of_its_last_steps(quadratic, engine):
    settings = {"rule": GradientDescent(0.25).double(), "engine": engine}
    middle = descend(
        quadratic.energy, quadratic.y0, quadratic.x, steps=3, backward=Detached(), **settings
    ).last.clone()

    def end(*x):
        # The same path, but what lies before the last two steps does not move with x.
        return descend(quadratic.energy, middle, x, steps=2, **settings).last

    assert torch.autograd.gradcheck(end, quadratic.x, fast_mode=True)
    expected = torch.autograd.grad(end(*quadratic.x).square().sum(), quadratic.x)
    whole = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=5, backward=Truncated(2), **settings)
    found = torch.autograd.grad(whole.last.square().sum(), quadratic.x)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kept", [1, 2, 5, 9])
def test_truncated_is_the_loop_that_cuts_by_hand(quadratic, kept):
    rule = Momentum(0.25, 0.5).double()
    found = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=5, rule=rule, backward=Truncated(kept))
    y, velocity = quadratic.y0, torch.zeros_like(quadratic.y0)
    for t in range(5):
        if 0 < t == 5 - kept:
            y, velocity = y.detach(), velocity.detach()
        gradient = quadratic.energy.value_and_grad(y, quadratic.x)[1]
        velocity = rule.momentum.abs() * velocity + gradient
        y = y - rule.rate * velocity
    targets = (*quadratic.tensors, *rule.parameters())
    settings = {"materialize_grads": True}
    for a, b in zip(
        torch.autograd.grad(found.last.square().sum(), targets, **settings),
        torch.autograd.grad(y.square().sum(), targets, **settings),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-14)
    assert [t.requires_grad for t in found.iterates[1:]] == [t >= 5 - kept for t in range(5)]


def test_truncated_needs_a_step():
    with pytest.raises(ValueError, match=r"Truncated\(last=0\)"):
        Truncated(0)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("engine", ["autograd", "closed"])
def test_checkpointed_is_unrolled_bit_for_bit(problem, rule, engine):
    made = RULES[rule]().double()
    results = []
    for backward in FULL:
        run, inputs = function_of_all(problem, made, backward, engine, steps=4)
        outputs = run(*inputs)
        results.append(outputs + torch.autograd.grad(sum(t.square().sum() for t in outputs), inputs))
    for a, b in zip(*results, strict=True):
        assert torch.equal(a, b)


def test_checkpointed_draws_the_same_dropout_again():
    torch.manual_seed(0)
    dropout = nn.Dropout(0.5)
    weight = torch.ones(16, requires_grad=True)

    def gradient(backward):
        torch.manual_seed(1)
        last = descend(
            lambda y, x: (dropout(y) * weight).square().sum(1),
            torch.ones(4, 16),
            None,
            steps=3,
            rule=GradientDescent(0.1),
            backward=backward,
        ).last
        return torch.autograd.grad(last.sum(), weight)[0]

    assert torch.equal(gradient(Unrolled()), gradient(Checkpointed()))


def test_detached_holds_no_more_after_many_steps_than_after_one(quadratic, peak_saved):
    def held(steps, backward):
        return peak_saved(
            lambda: descend(
                quadratic.energy,
                quadratic.y0,
                quadratic.x,
                steps=steps,
                rule=Momentum(0.1),
                backward=backward,
            )
        )

    assert held(1, Detached()) == held(32, Detached()) > 0
    with torch.no_grad():
        assert held(32, Unrolled()) == held(1, Unrolled()) > 0
    assert held(32, Unrolled()) > 20 * held(1, Unrolled())
    assert held(32, Checkpointed()) < held(32, Unrolled()) / 2
    assert held(32, Truncated(2)) == held(8, Truncated(2)) < held(8, Unrolled())


def test_detached_can_forget_the_path(quadratic):
    settings = {"steps": 6, "rule": Momentum(0.1)}
    whole = descend(quadratic.energy, quadratic.y0, quadratic.x, backward=Detached(), **settings)
    ends = descend(
        quadratic.energy, quadratic.y0, quadratic.x, backward=Detached(keep_iterates=False), **settings
    )
    assert len(ends.iterates) == 2
    assert ends.iterates[0] is quadratic.y0
    assert torch.equal(ends.last, whole.last)
    assert torch.equal(ends.energies, whole.energies)
    assert ends.steps == 6


def test_detached_carries_no_gradient_but_that_of_the_start(quadratic):
    trajectory = descend(
        quadratic.energy, quadratic.y0, quadratic.x, steps=2, rule=Momentum(), backward=Detached()
    )
    assert [y.requires_grad for y in trajectory.iterates] == [True, False, False]
    assert not trajectory.energies.requires_grad


def test_unrolled_gradient_tends_to_the_implicit_one():
    """At a minimum y*(b), dy*/db = -H^-1 d2E/dy db; here E = y A y / 2 + sum log cosh(y - b)."""
    generator = torch.Generator().manual_seed(2)
    factor = torch.randn(4, 4, generator=generator, dtype=torch.float64)
    matrix = factor @ factor.T / 4
    target = torch.randn(1, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    direction = torch.randn(1, 4, generator=generator, dtype=torch.float64)

    def energy(y, x):
        return (y @ matrix * y).sum(1) / 2 + torch.log(torch.cosh(y - x)).sum(1)

    def gradient(steps):
        start = torch.zeros_like(target)
        last = descend(energy, start, target, steps=steps, rule=GradientDescent(0.3)).last
        return torch.autograd.grad((last * direction).sum(), target)[0], last.detach()

    _, minimum = gradient(400)
    curvature = torch.diag(torch.cosh(minimum - target.detach())[0] ** -2)
    implicit = direction @ torch.linalg.solve(matrix + curvature, curvature)
    errors = [float((gradient(steps)[0] - implicit).norm()) for steps in (2, 10, 50, 250)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 1e-2
    assert errors[-1] < 1e-9
