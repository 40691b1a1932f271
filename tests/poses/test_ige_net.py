from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ige.descent import ClippedMomentum
from ige.poses.energies import PoseEnergy
from ige.poses.folding import View
from ige.poses.ige_net import IgeNet
from ige.poses.lifters import Lifter


@pytest.fixture
def network(make_energy: Callable[..., PoseEnergy]) -> IgeNet:
    lifter = Lifter(8, 1, 0.0, depth_bias_m=5.0, generator=torch.Generator().manual_seed(0))
    return IgeNet(lifter, make_energy(), ClippedMomentum(0.5, 0.1, 1.0), steps=3).double().eval()


def test_iterates_by_hand(network: IgeNet, view: View) -> None:
    trajectory = network(view.observed, view.distortion)
    y, velocity = network.lifter.guess(view.observed), torch.zeros(4, 16, 3, dtype=torch.float64)
    bound = network.energy.bind(view)
    assert len(trajectory.iterates) == 4
    for found in trajectory.iterates[:-1]:
        torch.testing.assert_close(found, y)
        gradient = network.energy.value_and_grad(y, bound)[1].clamp(-1, 1)
        velocity = 0.1 * velocity + gradient
        y = y - 0.5 * velocity
    torch.testing.assert_close(trajectory.last, y)


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_any_number_of_steps(network: IgeNet, view: View, steps: int) -> None:
    with torch.inference_mode():
        found = network(view.observed, view.distortion, steps).stacked
        longest = network(view.observed, view.distortion, 7).stacked
    torch.testing.assert_close(found, longest[: steps + 1])


def test_engines_agree_on_the_gradient_of_all_weights(network: IgeNet, view: View) -> None:
    gradients = {}
    for engine in ("closed", "autograd", "func"):
        network.engine = engine
        network.zero_grad()
        network(view.observed, view.distortion).stacked.square().sum().backward()
        gradients[engine] = [p.grad for p in network.parameters()]
    assert all(g is not None and g.isfinite().all() for g in gradients["closed"])
    assert network.rule.rate.grad is not None
    for engine in ("autograd", "func"):
        for one, other in zip(gradients["closed"], gradients[engine], strict=True):
            torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-9)


def test_a_wrong_distortion_gives_another_answer(network: IgeNet, view: View) -> None:
    told = network(view.observed, view.distortion).last
    not_told = network(view.observed, torch.zeros_like(view.distortion)).last
    assert float((told - not_told).detach().abs().max()) > 1e-6


def test_descent_stays_in_full_precision_under_autocast(network: IgeNet, view: View) -> None:
    network = network.float()
    observed, distortion = view.observed.float(), view.distortion.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        trajectory = network(observed, distortion)
    guess = trajectory.iterates[0]
    assert trajectory.last.dtype == torch.float32
    bound = network.energy.bind(View(observed, distortion))
    torch.testing.assert_close(trajectory.step_energies[0], network.energy.value_and_grad(guess, bound)[0])


def test_samples_do_not_mix(network: IgeNet, view: View) -> None:
    together: Tensor = network(view.observed, view.distortion).last
    alone: Tensor = network(view.observed[1:2], view.distortion[1:2]).last
    torch.testing.assert_close(together[1:2], alone)
