from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from ige.poses.energies import PoseEnergy, softabs
from ige.poses.folding import View

MakeEnergy = Callable[..., PoseEnergy]
PARTS: list[dict[str, Any]] = [
    {},
    {"consistency": False},
    {"feasibility": False},
    {"activation": "relu"},
]


@pytest.mark.parametrize("changes", PARTS)
def test_closed_form_agrees_with_autograd(
    make_energy: MakeEnergy, poses: Tensor, view: View, changes: dict[str, Any]
) -> None:
    energy = make_energy(**changes)
    poses = poses.requires_grad_()
    bound = energy.bind(view)
    values = energy(poses, bound)
    (gradient,) = torch.autograd.grad(values.sum(), poses)
    found_values, found_gradient = energy.value_and_grad(poses, bound)
    assert float(gradient.abs().max()) > 1e-3
    torch.testing.assert_close(found_values, values, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(found_gradient, gradient, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("changes", PARTS)
def test_closed_form_agrees_with_autograd_in_second_derivatives(
    make_energy: MakeEnergy, poses: Tensor, view: View, changes: dict[str, Any]
) -> None:
    energy = make_energy(**changes)
    poses = poses.requires_grad_()
    inputs = (poses, *energy.parameters())
    direction = torch.linspace(-1, 1, poses.numel(), dtype=poses.dtype).view_as(poses)

    def derivatives(gradient: Tensor) -> tuple[Tensor, ...]:
        along = (gradient * direction).sum()
        return torch.autograd.grad(along, inputs, allow_unused=True, materialize_grads=True)

    bound = energy.bind(view)
    by_autograd = torch.autograd.grad(energy(poses, bound).sum(), poses, create_graph=True)[0]
    expected = derivatives(by_autograd)
    found = derivatives(energy.value_and_grad(poses, energy.bind(view))[1])
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def test_energy_passes_gradcheck_and_gradgradcheck(
    make_energy: MakeEnergy, poses: Tensor, view: View
) -> None:
    energy = make_energy(hidden=3, outputs=2)
    one = View(view.observed[:1], view.distortion[:1])
    bound = energy.bind(one)
    pose = poses[:1].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda y: energy.value_and_grad(y, bound), (pose,))
    assert torch.autograd.gradgradcheck(lambda y: energy(y, bound), (pose,))


def test_energies_of_samples_do_not_mix(make_energy: MakeEnergy, poses: Tensor, view: View) -> None:
    energy = make_energy()
    together = energy.value_and_grad(poses, energy.bind(view))
    alone = energy.value_and_grad(poses[2:3], energy.bind(View(view.observed[2:3], view.distortion[2:3])))
    for all_of_them, one in zip(together, alone, strict=True):
        torch.testing.assert_close(all_of_them[2:3], one, rtol=1e-12, atol=1e-14)


def test_feasibility_does_not_feel_place_orientation_or_size(
    make_energy: MakeEnergy, poses: Tensor, view: View
) -> None:
    energy = make_energy(consistency=False)
    values = energy.value_and_grad(poses, energy.bind(view))[0]
    turn = torch.linalg.qr(torch.arange(9.0, dtype=torch.float64).view(3, 3).cos()).Q
    moved = 2.5 * poses @ turn + torch.tensor([3.0, -1.0, 8.0], dtype=torch.float64)
    torch.testing.assert_close(energy(moved, energy.bind(view)), values, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(
        energy.value_and_grad(moved, energy.bind(view))[0], values, rtol=1e-9, atol=1e-9
    )
    bent = poses.clone()
    bent[:, 5] += 0.3
    assert float((energy(bent, energy.bind(view)) - values).detach().abs().min()) > 1e-4


def test_feasibility_is_normalised_by_the_hips_of_the_same_pose(
    make_energy: MakeEnergy, poses: Tensor
) -> None:
    energy = make_energy(consistency=False)
    view = View(poses.new_zeros(4, 16, 2), poses.new_zeros(4, 5))
    sizes = torch.tensor([1.0, 2.0, 3.0, 0.5], dtype=torch.float64)[:, None, None]
    values = energy(poses * sizes, energy.bind(view))
    torch.testing.assert_close(values, energy(poses, energy.bind(view)), rtol=1e-9, atol=1e-9)


def test_consistency_uses_the_distortion(make_energy: MakeEnergy, poses: Tensor, view: View) -> None:
    energy = make_energy(feasibility=False)
    straight = View(view.observed, torch.zeros_like(view.distortion))
    for number in range(5):
        bent = View(view.observed, straight.distortion.clone())
        bent.distortion[:, number] = 0.1
        changed = energy(poses, energy.bind(bent)) - energy(poses, energy.bind(straight))
        assert bool((changed != 0).all())


def test_consistency_does_not_feel_a_size_about_the_camera(
    make_energy: MakeEnergy, poses: Tensor, view: View
) -> None:
    energy = make_energy(feasibility=False)
    bound = energy.bind(view)
    torch.testing.assert_close(energy(3 * poses, bound), energy(poses, bound))
    gradient = energy.value_and_grad(poses, bound)[1]
    assert float((gradient * poses).sum((1, 2)).detach().abs().max()) < 1e-12


def test_published_size(generator: torch.Generator) -> None:
    sizes: dict[str, Any] = {"hidden": 64, "outputs": 8, "activation": "softplus", "kernel_scale": 1e-3}
    energy = PoseEnergy(feasibility=True, consistency=True, generator=generator, **sizes)
    assert sum(parameter.numel() for parameter in energy.parameters()) == 40_592


def test_first_weights_are_cut_off_normal_and_biases_zero(generator: torch.Generator) -> None:
    sizes: dict[str, Any] = {"hidden": 64, "outputs": 8, "activation": "softplus", "kernel_scale": 1e-3}
    energy = PoseEnergy(feasibility=True, consistency=True, generator=generator, **sizes)
    assert energy.consistency is not None
    kernel = energy.consistency.hidden.weight.detach()
    deviation = math.sqrt(1e-3 / ((496 + 64) / 2))
    assert float(kernel.std()) == pytest.approx(deviation, rel=0.02)
    assert float(kernel.abs().max()) < 2.28 * deviation  # normal weights would reach 4 here
    assert all(not p.any() for name, p in energy.named_parameters() if name.endswith("bias"))


def test_a_new_energy_hardly_moves_a_pose(generator: torch.Generator, poses: Tensor, view: View) -> None:
    sizes: dict[str, Any] = {"hidden": 64, "outputs": 8, "activation": "softplus", "kernel_scale": 1e-3}
    energy = PoseEnergy(feasibility=True, consistency=True, generator=generator, **sizes).double()
    gradient = energy.value_and_grad(poses, energy.bind(view))[1]
    assert 0 < float(gradient.detach().abs().max()) < 0.02


def test_softabs() -> None:
    a = torch.tensor([0.0, 3.0, -3.0, 200.0], dtype=torch.float64)
    expected = [math.log(2), 1.5 + math.log1p(math.exp(-3)), 1.5 + math.log1p(math.exp(-3)), 100.0]
    torch.testing.assert_close(softabs(a), torch.tensor(expected, dtype=torch.float64))


def test_an_energy_needs_a_part(make_energy: MakeEnergy) -> None:
    with pytest.raises(ValueError, match="without parts"):
        make_energy(feasibility=False, consistency=False)
