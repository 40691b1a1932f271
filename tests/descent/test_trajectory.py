"""Weights of iterates and losses over them."""

from __future__ import annotations

import pytest
import torch

from ige.descent import Detached, GradientDescent, descend, iterate_weights, loss_over_iterates


def test_weights_are_those_of_the_published_system():
    assert iterate_weights(4, 0.9) == pytest.approx((0.160, 0.178, 0.198, 0.220, 0.244), abs=5e-4)


@pytest.mark.parametrize("decay", [0.5, 0.9, 1.0, 1.25])
@pytest.mark.parametrize("steps", [0, 1, 7, 5000])
def test_weights_follow_the_powers_and_sum_to_one(steps, decay):
    weights = iterate_weights(steps, decay)
    assert len(weights) == steps + 1
    assert sum(weights) == pytest.approx(1)
    for t in range(min(steps, 7)):
        first = steps - 7 if decay < 1 and steps > 7 else 0
        assert weights[first + t + 1] / weights[first + t] == pytest.approx(1 / decay)


@pytest.mark.parametrize(("steps", "decay"), [(-1, 0.9), (3, 0.0), (3, -0.9), (3, float("nan"))])
def test_weights_without_meaning_are_refused(steps, decay):
    with pytest.raises(ValueError, match="steps >= 0 and decay > 0"):
        iterate_weights(steps, decay)


def test_loss_over_iterates_weighs_each_and_reaches_the_start(quadratic):
    trajectory = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=2, rule=GradientDescent(0.1))
    loss = loss_over_iterates(trajectory, lambda y: y.square().sum(1), 0.5)
    each = torch.stack([y.square().sum(1) for y in trajectory.iterates])
    torch.testing.assert_close(loss, (each * torch.tensor([1, 2, 4])[:, None] / 7).sum(0))
    assert torch.equal(loss_over_iterates(trajectory.iterates, lambda y: y.square().sum(1), 0.5), loss)
    assert torch.autograd.grad(loss.sum(), quadratic.y0)[0].ne(0).all()


def test_loss_over_iterates_needs_all_of_them(quadratic):
    trajectory = descend(
        quadratic.energy,
        quadratic.y0,
        quadratic.x,
        steps=3,
        rule=GradientDescent(0.1),
        backward=Detached(keep_iterates=False),
    )
    with pytest.raises(ValueError, match="kept only its ends"):
        loss_over_iterates(trajectory, lambda y: y.sum(), 0.9)


def test_stacked_holds_all_iterates_along_a_new_axis():
    y0 = (torch.ones(2, 3), torch.ones(2))
    trajectory = descend(lambda y, x: y[0].sum(1) + y[1], y0, None, steps=4, rule=GradientDescent(0.5))
    points, scales = trajectory.stacked
    assert points.shape == (5, 2, 3)
    assert scales[:, 0].tolist() == [1.0, 0.5, 0.0, -0.5, -1.0]
