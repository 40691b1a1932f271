"""Several starts: the same as one descent each, and the choice among them."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch

from ige.descent import (
    Detached,
    GradientDescent,
    Momentum,
    descend,
    descend_from_starts,
    repeat_samples,
    select_by_energy,
)


def double_well(y, x):
    """Two minima at +-1; x (B,) tilts one of them down."""
    return (y.square() - 1).square().sum(1) + x * y.sum(1)


def wells(starts):
    return (
        torch.tensor(starts, dtype=torch.float64)[:, None, None].expand(-1, 3, 1),
        torch.tensor([0.5, -0.5, 0.25], dtype=torch.float64),
    )


def test_starts_are_independent_descents(problem):
    shift = 0.1
    pair = isinstance(problem.y0, tuple)
    starts = tuple(torch.stack([t, t + shift]) for t in (problem.y0 if pair else (problem.y0,)))
    settings = {"steps": 3, "rule": Momentum(0.1, 0.5)}
    together = descend_from_starts(
        problem.energy,
        starts if pair else starts[0],
        problem.x,
        repeat=lambda x, s, b: tuple(t.repeat(s, *[1] * (t.ndim - 1)) if len(t) == b else t for t in x),
        **settings,
    )
    for index in range(2):
        y0 = tuple(t[index] for t in starts)
        alone = descend(problem.energy, y0 if pair else y0[0], problem.x, **settings)
        for found, expected in zip(together.iterates, alone.iterates, strict=True):
            for a, b in zip(found if pair else (found,), expected if pair else (expected,), strict=True):
                torch.testing.assert_close(a[index], b, rtol=1e-12, atol=1e-14)
        torch.testing.assert_close(together.energies[:, index], alone.energies)
        torch.testing.assert_close(together.gradient_norms[:, index], alone.gradient_norms)


def test_the_lowest_start_of_each_sample_is_chosen():
    y0, x = wells([0.8, -0.8])
    trajectory = descend_from_starts(
        double_well, y0, x, steps=40, rule=GradientDescent(0.05), backward=Detached()
    )
    chosen = select_by_energy(trajectory)
    assert chosen.start.tolist() == [1, 0, 1]
    assert chosen.y.shape == (3, 1)
    assert chosen.y.sign()[:, 0].tolist() == [-1, 1, -1]
    assert torch.equal(chosen.energy, trajectory.energies[-1].min(0).values)
    assert trajectory.iterates[0] is y0


def test_gradients_travel_through_the_chosen_start_alone():
    y0, x = wells([0.8, -0.8])
    y0 = y0.clone().requires_grad_()
    chosen = select_by_energy(descend_from_starts(double_well, y0, x, steps=5, rule=GradientDescent(0.05)))
    (gradient,) = torch.autograd.grad(chosen.y.sum(), y0)
    assert gradient[:, :, 0].ne(0).tolist() == [[False, True, False], [True, False, True]]


def test_a_start_that_diverges_loses():
    y0, x = wells([1e100, 0.8, float("nan")])
    trajectory = descend_from_starts(
        double_well, y0, x, steps=9, rule=GradientDescent(0.05), backward=Detached()
    )
    chosen = select_by_energy(trajectory)
    assert chosen.start.tolist() == [1, 1, 1]
    assert chosen.energy.isfinite().all()


def test_without_a_finite_start_the_energy_says_so():
    y0, x = wells([float("nan"), float("inf")])
    trajectory = descend_from_starts(double_well, y0, x, steps=1, rule=GradientDescent(0.05))
    chosen = select_by_energy(trajectory)
    assert chosen.start.tolist() == [0, 0, 0]
    assert chosen.energy.isnan().all()


class Seen(NamedTuple):
    points: torch.Tensor
    flags: dict


def test_repeat_samples_goes_through_containers():
    x = Seen(torch.arange(6).reshape(3, 2), {"a": [torch.arange(3)], "b": None})
    found = repeat_samples(x, 2, 3)
    assert isinstance(found, Seen)
    assert found.points.tolist() == [[0, 1], [2, 3], [4, 5]] * 2
    assert found.flags["a"][0].tolist() == [0, 1, 2, 0, 1, 2]
    assert found.flags["b"] is None


@pytest.mark.parametrize(
    ("x", "found"),
    [(torch.ones(4, 2), r"a tensor \(4, 2\)"), (torch.tensor(1.0), "a tensor"), (1.5, "type float")],
)
def test_repeat_samples_does_not_guess(x, found):
    with pytest.raises(ValueError, match=f"3 samples in front, found .*{found}"):
        descend_from_starts(double_well, torch.ones(2, 3, 1), x, steps=1, rule=GradientDescent())


@pytest.mark.parametrize("y0", [torch.ones(3), (torch.ones(2, 3), torch.ones(2, 4)), torch.ones(0, 3)])
def test_starts_need_both_axes(y0):
    with pytest.raises(ValueError, match="leading axes"):
        descend_from_starts(double_well, y0, None, steps=1, rule=GradientDescent())


def test_selection_needs_starts(quadratic):
    trajectory = descend(quadratic.energy, quadratic.y0, quadratic.x, steps=1, rule=GradientDescent())
    with pytest.raises(ValueError, match="descend_from_starts"):
        select_by_energy(trajectory)
