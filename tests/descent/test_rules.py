"""Step rules against their formulas and against torch.optim."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ige.descent import (
    Adam,
    ClippedMomentum,
    Detached,
    GradientDescent,
    Momentum,
    Nesterov,
    PerTensor,
    StepRule,
    descend,
)

STEPS = 6


def by_torch(problem, make_optimiser) -> list[Tensor]:
    """Return the iterates of an optimiser of torch on the same problem."""
    y = problem.y0.detach().clone().requires_grad_()
    optimiser = make_optimiser([y])
    iterates = [y.detach().clone()]
    for _ in range(STEPS):
        optimiser.zero_grad()
        problem.energy(y, [t.detach() for t in problem.x]).sum().backward()
        optimiser.step()
        iterates.append(y.detach().clone())
    return iterates


def test_gradient_descent_on_a_quadratic_follows_the_power_of_its_iteration_matrix(quadratic):
    matrix, target = (t.detach() for t in quadratic.x)
    trajectory = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=STEPS, rule=GradientDescent(0.25))
    minimum = torch.linalg.solve(matrix, target)
    iteration = torch.eye(3, dtype=torch.float64) - 0.25 * matrix
    for t, y in enumerate(trajectory.iterates):
        away = torch.linalg.matrix_power(iteration, t) @ (quadratic.y0 - minimum)[..., None]
        torch.testing.assert_close(y, minimum + away[..., 0], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("rule", "make"),
    [
        (GradientDescent(0.25), lambda p: torch.optim.SGD(p, lr=0.25)),
        (Momentum(0.25, 0.5), lambda p: torch.optim.SGD(p, lr=0.25, momentum=0.5)),
        (Nesterov(0.25, 0.5), lambda p: torch.optim.SGD(p, lr=0.25, momentum=0.5, nesterov=True)),
        (Adam(0.25, 0.5, 0.75).double(), lambda p: torch.optim.Adam(p, lr=0.25, betas=(0.5, 0.75))),
        (Adam(0.25, epsilon=0.1).double(), lambda p: torch.optim.Adam(p, lr=0.25, eps=0.1)),
    ],
    ids=["gradient-descent", "momentum", "nesterov", "adam", "adam-epsilon"],
)
def test_rule_takes_the_steps_of_torch_optim(quadratic, rule, make):
    found = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=STEPS, rule=rule).iterates
    # Adam's default decays are not exact in float32, where the constants were made.
    rtol = 1e-5 if isinstance(rule, Adam) and rule.epsilon == 0.1 else 1e-12
    for y, expected in zip(found, by_torch(quadratic, make), strict=True):
        torch.testing.assert_close(y, expected, rtol=rtol, atol=1e-13)


def test_clipped_momentum_is_its_recurrence_and_clips(quadratic):
    rule = ClippedMomentum(0.5, -0.25, 0.125)
    found = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=STEPS, rule=rule)
    y, velocity, clipped = quadratic.y0, torch.zeros_like(quadratic.y0), 0
    for t in range(STEPS):
        gradient = quadratic.energy.value_and_grad(y, quadratic.x)[1]
        clipped += int((gradient.abs() > 0.125).sum())
        velocity = 0.25 * velocity + torch.clamp(gradient, -0.125, 0.125)
        y = y - 0.5 * velocity
        torch.testing.assert_close(found.iterates[t + 1], y, rtol=1e-12, atol=0)
    assert 0 < clipped < STEPS * y.numel()


def test_gradient_reaches_the_clip_through_what_it_clips():
    rule = ClippedMomentum(rate=0.5, momentum=0.0, clip=1.0)
    gradient = torch.tensor([[3.0, -3.0, 0.5, -7.0]])
    y, _ = rule(torch.zeros(1, 4), gradient, rule.init(torch.zeros(1, 4)))
    (y * torch.tensor([1.0, 10.0, 100.0, 1000.0])).sum().backward()
    # Clipped from above: -rate each; from below: +rate each; what is not clipped does not count.
    assert rule.clip.grad.item() == pytest.approx(-0.5 * 1 + 0.5 * 10 + 0.5 * 1000)


def test_a_negative_clip_follows_the_formula_too():
    rule = ClippedMomentum(rate=1.0, momentum=0.0, clip=-2.0)
    y, _ = rule(torch.zeros(1, 3), torch.tensor([[5.0, 0.0, -5.0]]), rule.init(torch.zeros(1, 3)))
    assert y.tolist() == [[-2.0, -2.0, -2.0]]


def test_defaults_of_the_igenet_rule():
    rule = ClippedMomentum()
    assert {name: p.item() for name, p in rule.named_parameters()} == pytest.approx(
        {"rate": 1.0, "momentum": 0.1, "clip": 1.0}
    )


@pytest.mark.parametrize("rule", [GradientDescent, Momentum, ClippedMomentum, Nesterov])
def test_constants_are_all_learned_by_default_and_get_gradients(quadratic, rule):
    made = rule(0.05).double()
    loss = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=3, rule=made).last.square().sum()
    loss.backward()
    assert all(p.grad is not None for p in made.parameters())
    assert made.rate.grad.item() != 0


def test_a_single_step_gives_every_constant_a_gradient(quadratic):
    rule = ClippedMomentum()
    descend(quadratic.energy, quadratic.y0, quadratic.x, steps=1, rule=rule).last.sum().backward()
    assert rule.momentum.grad.item() == 0


def test_learn_chooses_constants():
    assert not list(Momentum(learn=False).parameters())
    assert [name for name, _ in Momentum(learn=["momentum"]).named_parameters()] == ["momentum"]
    assert [name for name, _ in Adam().named_parameters()] == ["rate"]
    assert len(list(Adam(learn=True).parameters())) == 3
    with pytest.raises(ValueError, match=r"'speed'.*'momentum', 'rate'"):
        Momentum(learn=["speed"])


def test_learned_and_fixed_constants_share_a_state_dict():
    fixed = ClippedMomentum(learn=False)
    fixed.load_state_dict(ClippedMomentum(0.5, 0.25, 2.0).state_dict())
    assert (fixed.rate.item(), fixed.momentum.item(), fixed.clip.item()) == (0.5, 0.25, 2.0)


def test_adam_has_finite_gradients_where_the_energy_is_flat():
    y0 = torch.zeros(2, 3, requires_grad=True)
    rule = Adam(learn=True)
    last = descend(lambda y, x: y.pow(4).sum(1), y0, None, steps=3, rule=rule).last
    last.sum().backward()
    assert torch.isfinite(y0.grad).all()
    assert all(torch.isfinite(p.grad) for p in rule.parameters())


def test_per_tensor_gives_each_tensor_its_rule():
    y0 = (torch.ones(2, 3), torch.ones(2))
    rule = PerTensor(GradientDescent(0.5), Momentum(0.25))

    def energy(y, x):
        return y[0].sum(1) + 2 * y[1]

    last = descend(energy, y0, None, steps=1, rule=rule).last
    assert last[0].tolist() == [[0.5] * 3] * 2
    assert last[1].tolist() == [0.5] * 2
    assert len(list(rule.parameters())) == 3
    with pytest.raises(ValueError, match="holds 2 rules, but y has 1 tensor"):
        descend(lambda y, x: y.sum(1), y0[0], None, steps=1, rule=rule)


class Projected(StepRule):
    """What a user may write: any other rule, then back into the unit box."""

    def __init__(self, inner: StepRule) -> None:
        super().__init__({})
        self.inner = inner

    def init(self, y):
        return self.inner.init(y)

    def forward(self, y, gradient, memory):
        y, memory = self.inner(y, gradient, memory)
        return y.clamp(-1, 1), memory


def test_a_rule_of_the_users_own():
    y0 = torch.zeros(2, 3)
    last = descend(
        lambda y, x: (y - 5).square().sum(1),
        y0,
        None,
        steps=9,
        rule=Projected(Momentum(0.1)),
        backward=Detached(),
    ).last
    assert last.tolist() == [[1.0] * 3] * 2
