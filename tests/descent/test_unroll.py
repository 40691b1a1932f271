"""The loop: what it returns, that engines and modes agree, what it refuses."""

from __future__ import annotations

import pytest
import torch

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

RULES = [
    lambda: GradientDescent(0.1),
    lambda: Momentum(0.1, 0.5),
    lambda: ClippedMomentum(0.1, 0.5, 0.5),
    lambda: Nesterov(0.1, 0.5),
    lambda: Adam(0.1, 0.5, 0.75, learn=True),
]
RULE_NAMES = ["gradient-descent", "momentum", "clipped", "nesterov", "adam"]
MODES = [Unrolled(), Checkpointed(), Truncated(2), Detached()]


def everything(problem, rule, backward, engine):
    """Return all results of a descent of four steps, and all gradients of a loss on its iterates."""
    trajectory = descend(
        problem.energy, problem.y0, problem.x, steps=4, rule=rule, backward=backward, engine=engine
    )
    stacked = trajectory.stacked
    parts = (stacked,) if isinstance(stacked, torch.Tensor) else stacked
    loss = sum(part[1:].square().sum() for part in parts) + trajectory.energies[1:].sum()
    targets = (*problem.tensors, *rule.parameters())
    gradients = ()
    if loss.requires_grad:
        gradients = torch.autograd.grad(loss, targets, materialize_grads=True)
    return *parts, trajectory.energies, trajectory.gradient_norms, *gradients


@pytest.mark.parametrize("backward", MODES, ids=lambda mode: type(mode).__name__)
@pytest.mark.parametrize("make_rule", RULES, ids=RULE_NAMES)
def test_engines_agree_in_values_and_gradients(problem, make_rule, backward):
    rule = make_rule().double()
    reference = everything(problem, rule, backward, "autograd")
    assert len(reference) > 3 or isinstance(backward, Detached)
    engines = ["closed"] if isinstance(backward, Checkpointed) else ["closed", "func"]
    for engine in engines:
        for found, expected in zip(everything(problem, rule, backward, engine), reference, strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("engine", ["autograd", "func", "closed"])
def test_every_mode_walks_the_same_path(problem, engine):
    rule = ClippedMomentum(0.25, 0.5, 0.5)
    paths = [
        descend(problem.energy, problem.y0, problem.x, steps=4, rule=rule, backward=mode, engine=engine)
        for mode in MODES
        if not (engine == "func" and isinstance(mode, Checkpointed))
    ]
    for path in paths[1:]:
        for y, expected in zip(path.iterates, paths[0].iterates, strict=True):
            torch.testing.assert_close(y, expected, rtol=0, atol=0)


def test_trajectory_holds_energies_and_norms_of_each_iterate(quadratic):
    trajectory = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=3, rule=GradientDescent(0.25))
    assert trajectory.iterates[0] is quadratic.y0
    assert trajectory.steps == 3
    assert trajectory.last is trajectory.iterates[3]
    values, gradients = zip(
        *(quadratic.energy.value_and_grad(y, quadratic.x) for y in trajectory.iterates), strict=True
    )
    torch.testing.assert_close(trajectory.energies, torch.stack(values))
    torch.testing.assert_close(trajectory.gradient_norms, torch.stack([g.norm(dim=1) for g in gradients[:3]]))
    assert (trajectory.energies.diff(dim=0) < 0).all()
    assert not trajectory.gradient_norms.requires_grad


def test_norms_of_a_tuple_run_over_all_its_tensors():
    y0 = (torch.zeros(2, 1), torch.zeros(2))
    trajectory = descend(lambda y, x: 3 * y[0].sum(1) + 4 * y[1], y0, None, steps=1, rule=GradientDescent())
    assert trajectory.gradient_norms.tolist() == [[5.0, 5.0]]


def test_the_last_energy_is_evaluated_only_when_asked_for(quadratic):
    calls = []

    def energy(y, x):
        calls.append(torch.is_grad_enabled())
        return quadratic.energy(y, x)

    trajectory = descend(energy, quadratic.y0, quadratic.x, steps=3, rule=GradientDescent(0.1))
    assert trajectory.step_energies.shape == (3, 2)
    assert len(calls) == 3
    assert trajectory.energies.shape == (4, 2)
    assert trajectory.energies is trajectory.energies
    assert len(calls) == 4


def test_no_steps_return_the_start(quadratic):
    trajectory = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=0, rule=Momentum())
    assert trajectory.last is quadratic.y0
    assert trajectory.energies.shape == (1, 2)
    assert trajectory.gradient_norms.shape == (0, 2)


@pytest.mark.parametrize(
    ("engine", "backward"),
    [
        (engine, mode)
        for engine in ("autograd", "func", "closed")
        for mode in MODES
        if not (engine == "func" and isinstance(mode, Checkpointed))
    ],
)
def test_no_grad_and_inference_mode_give_the_same_path_without_a_graph(problem, engine, backward):
    rule = ClippedMomentum(0.25, 0.5, 0.5)
    settings = {"steps": 3, "rule": rule, "backward": backward, "engine": engine}
    expected = descend(problem.energy, problem.y0, problem.x, **settings)
    for guard in (torch.no_grad, torch.inference_mode):
        with guard():
            found = descend(problem.energy, problem.y0, problem.x, **settings)
            for y, reference in zip(found.iterates[1:], expected.iterates[1:], strict=True):
                for t, other in zip(
                    *((y, reference) if isinstance(y, tuple) else ([y], [reference])), strict=True
                ):
                    assert not t.requires_grad
                    torch.testing.assert_close(t, other, rtol=1e-12, atol=1e-14)
            torch.testing.assert_close(found.energies, expected.energies, rtol=1e-12, atol=1e-14)


def test_inference_mode_takes_tensors_made_in_it():
    with torch.inference_mode():
        y0, x = torch.randn(4, 3), torch.randn(4, 3)
        trajectory = descend(
            lambda y, x: (y - x).square().sum(1), y0, x, steps=20, rule=GradientDescent(0.25)
        )
        torch.testing.assert_close(trajectory.last, x, rtol=0, atol=1e-4)


def test_no_gradient_is_left_behind_on_parameters(quadratic):
    descend(quadratic.energy, quadratic.y0, quadratic.x, steps=2, rule=Momentum(), backward=Detached())
    assert all(t.grad is None for t in quadratic.tensors)


@pytest.mark.parametrize("engine", ["autograd", "func"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e200])
def test_a_diverging_sample_leaves_the_others_alone(engine, bad):
    def energy(y, x):
        return y.pow(4).sum(1) * x

    y0 = torch.full((3, 2), 0.5, dtype=torch.float64)
    x = torch.ones(3, dtype=torch.float64)
    expected = descend(energy, y0, x, steps=5, rule=Momentum(0.1), engine=engine)
    y0[1] = bad
    found = descend(energy, y0, x, steps=5, rule=Momentum(0.1), engine=engine)
    assert not found.last[1].isfinite().any()
    for y, reference in zip(found.iterates, expected.iterates, strict=True):
        assert torch.equal(y[[0, 2]], reference[[0, 2]])
    assert torch.equal(found.energies[:, [0, 2]], expected.energies[:, [0, 2]])


def test_tolerance_rests_what_has_arrived_or_got_lost():
    x = torch.tensor([1.0, 0.1, float("nan")], dtype=torch.float64)
    y0 = torch.ones(3, 2, dtype=torch.float64)
    settings = {"steps": 500, "rule": GradientDescent(0.5), "backward": Detached()}

    def energy(y, x):
        return y.square().sum(1) * x / 2

    found = descend(energy, y0, x, tolerance=1e-3, **settings)
    free = descend(energy, y0, x, **settings)
    assert 10 < found.steps < 500
    assert found.energies.shape == (found.steps + 1, 3)
    assert (found.gradient_norms[-1, :2] <= 1e-3).all()
    first = int((free.gradient_norms[:, 0] <= 1e-3).int().argmax())
    assert torch.equal(found.last[0], free.iterates[first][0])
    assert torch.equal(found.last[2], y0[2])


def test_tolerance_is_refused_where_gradients_travel_back(quadratic):
    with pytest.raises(ValueError, match="tolerance is for evaluation"):
        descend(quadratic.energy, quadratic.y0, quadratic.x, steps=2, rule=Momentum(), tolerance=0.1)
    with torch.no_grad():
        descend(quadratic.energy, quadratic.y0, quadratic.x, steps=2, rule=Momentum(), tolerance=0.1)


@pytest.mark.parametrize("engine", ["autograd", "func"])
@pytest.mark.parametrize(
    "energy",
    [lambda y, x: y.sum(), lambda y, x: y, lambda y, x: y.square().sum(1, keepdim=True), lambda y, x: 3.0],
)
def test_an_energy_without_one_value_per_sample_is_refused(energy, engine):
    with pytest.raises(ValueError, match=r"one value per sample: expected a tensor of shape \(4,\), found"):
        descend(energy, torch.ones(4, 2), None, steps=1, rule=Momentum(), engine=engine)


@pytest.mark.parametrize("energy", [lambda y, x: x.sum(1), lambda y, x: y.detach().sum(1)])
def test_an_energy_that_does_not_depend_on_y_is_refused(energy):
    with pytest.raises(ValueError, match="does not depend on y"):
        descend(energy, torch.ones(4, 2), torch.ones(4, 2), steps=1, rule=Momentum())


@pytest.mark.parametrize(
    ("y0", "message"),
    [
        (torch.tensor(1.0), "same leading batch axis"),
        ((torch.ones(2, 3), torch.ones(3, 3)), "same leading batch axis"),
        ((), "a tensor .* or a non-empty tuple"),
        ((torch.ones(2), [1.0, 2.0]), "a tensor .* or a non-empty tuple"),
        (torch.ones(2, 3, dtype=torch.long), "floating point"),
    ],
)
def test_a_start_of_another_form_is_refused(y0, message):
    with pytest.raises(ValueError, match=message):
        descend(lambda y, x: y.sum(1), y0, None, steps=1, rule=Momentum())


@pytest.mark.parametrize("steps", [-1, 1.5, True])
def test_a_number_of_steps_that_is_none_is_refused(steps):
    with pytest.raises(ValueError, match="steps must be an integer"):
        descend(lambda y, x: y.sum(1), torch.ones(2, 3), None, steps=steps, rule=Momentum())


def test_func_cannot_be_checkpointed(quadratic):
    with pytest.raises(
        ValueError, match=r"cannot be checkpointed: torch\.func .* engine='autograd' or 'closed'"
    ):
        descend(
            quadratic.energy,
            quadratic.y0,
            quadratic.x,
            steps=1,
            rule=Momentum(),
            engine="func",
            backward=Checkpointed(),
        )


def test_an_unknown_engine_is_refused(quadratic):
    with pytest.raises(ValueError, match="unknown engine 'eager': use one of 'autograd', 'func', 'closed'"):
        descend(quadratic.energy, quadratic.y0, quadratic.x, steps=1, rule=Momentum(), engine="eager")
