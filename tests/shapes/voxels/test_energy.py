from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from ige.descent import ClippedMomentum, Engine, check_energy, descend
from ige.params.shape_models import EnergySettings
from ige.shapes.voxels.energy import (
    VoxelEnergy,
    energy_multiply_adds,
    energy_parameters,
    softabs,
)
from ige.shapes.voxels.pooling import count_scales


def make_energy(
    resolution: int = 8, width: int = 8, kernel_scale: float | None = None, features: int = 8
) -> VoxelEnergy:
    settings = EnergySettings(pooling="average", width=width, kernel_scale=kernel_scale)
    channels = [max(features >> scale, 4) for scale in range(count_scales(resolution))]
    return VoxelEnergy(settings, channels, resolution, torch.Generator().manual_seed(0)).double()


def make_inputs(energy: VoxelEnergy, batch: int = 2) -> tuple[Tensor, list[Tensor]]:
    generator = torch.Generator().manual_seed(1)
    side = energy.resolution
    y = torch.randn(batch, side, side, side, generator=generator, dtype=torch.float64)
    sizes = [(scale.hidden.in_channels - scale.depth, 4 << i) for i, scale in enumerate(energy.scales)]
    features = [
        torch.randn(batch, channels, s, s, generator=generator, dtype=torch.float64) for channels, s in sizes
    ]
    return y, features


@pytest.mark.parametrize("resolution", [8, 16])
def test_closed_form_agrees_with_autograd(resolution: int) -> None:
    energy = make_energy(resolution)
    y, features = make_inputs(energy)
    y.requires_grad_()
    bound = energy.bind(features)
    values = energy(y, bound)
    (gradient,) = torch.autograd.grad(values.sum(), y)
    found_values, found = energy.value_and_grad(y, bound)
    assert float(gradient.abs().max()) > 1e-3
    torch.testing.assert_close(found_values, values, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(found, gradient, rtol=1e-12, atol=1e-14)


def test_closed_form_passes_gradcheck() -> None:
    energy = make_energy()
    y, features = make_inputs(energy, batch=1)
    bound = energy.bind(features)
    y.requires_grad_()
    assert torch.autograd.gradcheck(lambda y: energy.value_and_grad(y, bound), (y,), fast_mode=True)
    assert torch.autograd.gradgradcheck(lambda y: energy(y, bound), (y,), fast_mode=True)


def test_descents_by_both_engines_agree_in_all_derivatives() -> None:
    energy = make_energy()
    y, features = make_inputs(energy)
    rule = ClippedMomentum(1.0, 0.3, 0.01).double()
    inputs = [y.requires_grad_(), *(x.requires_grad_() for x in features)]
    parameters = [*inputs, *energy.parameters(), *rule.parameters()]

    def derivatives(engine: Engine) -> tuple[Tensor, ...]:
        path = descend(energy, y, energy.bind(features), steps=2, rule=rule, engine=engine)
        loss = path.last.sin().sum() + path.step_energies.sum() / 100
        return torch.autograd.grad(loss, parameters)

    for one, other in zip(derivatives("closed"), derivatives("autograd"), strict=True):
        assert bool(other.ne(0).any()), other.shape
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)


class Whole(torch.nn.Module):
    """An energy that binds the features each time."""

    def __init__(self, energy: VoxelEnergy) -> None:
        super().__init__()
        self.energy = energy

    def forward(self, y: Tensor, features: list[Tensor]) -> Tensor:
        values: Tensor = self.energy(y, self.energy.bind(features))
        return values

    def value_and_grad(self, y: Tensor, features: list[Tensor]) -> tuple[Tensor, Tensor]:
        return self.energy.value_and_grad(y, self.energy.bind(features))


def test_nothing_is_wrong_with_it() -> None:
    energy = make_energy()
    report = check_energy(Whole(energy), *make_inputs(energy), warn=False)
    assert report.ok, str(report)


def test_energy_is_as_it_is_defined() -> None:
    energy = make_energy()
    y, features = make_inputs(energy)
    expected = torch.zeros(2, dtype=torch.float64)
    averages = [
        y.view(2, 4, 2, 4, 2, 8).mean((2, 4)),
        y.view(2, 8, 8, 4, 2).mean(4),
    ]
    for scale, pool, x in zip(energy.scales, averages, features, strict=True):
        side, depth = pool.shape[1], pool.shape[3]
        outputs = scale.output(
            torch.nn.functional.softplus(scale.hidden(torch.cat([pool.permute(0, 3, 1, 2), x], 1)))
        )
        mean = softabs(outputs).mean((1, 2, 3))
        expected += mean * side**2 * (8 * 8 * 8 / (side * side * depth))
    torch.testing.assert_close(energy(y, energy.bind(features)), expected)


def test_energies_of_grids_do_not_mix() -> None:
    energy = make_energy()
    y, features = make_inputs(energy)
    together = energy.value_and_grad(y, energy.bind(features))
    alone = energy.value_and_grad(y[1:], energy.bind([x[1:] for x in features]))
    for both, one in zip(together, alone, strict=True):
        torch.testing.assert_close(both[1:], one)


def test_gradients_are_as_large_at_any_resolution() -> None:
    sizes = []
    for resolution in (8, 16, 32):
        energy = make_energy(resolution, width=16, features=16)
        y, features = make_inputs(energy)
        with torch.no_grad():
            sizes.append(float(energy.value_and_grad(y, energy.bind(features))[1].std()))
    for one, other in pairwise(sizes):
        assert 1 / 3 < other / one < 3


@pytest.mark.parametrize(
    ("resolution", "parameters", "multiply_adds"),
    [(32, 1.27e6, 61e6), (64, 1.37e6, 83e6), (128, 1.57e6, 113e6), (256, 1.97e6, 165e6)],
)
def test_full_width_has_the_size_of_the_poster(
    resolution: int, parameters: float, multiply_adds: float
) -> None:
    with torch.device("meta"):
        energy = make_energy(resolution, width=256, features=256)
    assert energy_parameters(energy) == pytest.approx(parameters, rel=0.01)
    assert energy_multiply_adds(energy) == pytest.approx(multiply_adds, rel=0.01)


def test_multiply_adds_are_those_that_torch_counts() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    energy = make_energy(16)
    y, features = make_inputs(energy, batch=1)
    with FlopCounterMode(display=False) as counter:
        energy(y, energy.bind(features))
    assert counter.get_total_flops() == 2 * energy_multiply_adds(energy)


def test_first_weights() -> None:
    small = make_energy(32, width=64, kernel_scale=1e-3, features=64)
    for scale in small.scales:
        weight = scale.hidden.weight
        fan = 9 * (weight.shape[0] + weight.shape[1]) / 2
        assert float(weight.detach().std()) == pytest.approx(math.sqrt(1e-3 / fan), rel=0.05)
        assert float(scale.hidden.bias.detach().abs().max()) == 0
    usual = make_energy(32, width=64, features=64).scales[0].hidden
    other = torch.nn.Conv2d(usual.in_channels, usual.out_channels, 3)
    for one, like in ((usual.weight, other.weight), (usual.bias, other.bias)):
        assert float(one.detach().abs().max()) == pytest.approx(float(like.detach().abs().max()), rel=0.05)
        assert float(one.detach().std()) == pytest.approx(float(like.detach().std()), rel=0.25)


def test_a_narrow_energy_stops_at_4_hidden_channels() -> None:
    energy = make_energy(64, width=16)
    assert [scale.hidden.out_channels for scale in energy.scales] == [16, 8, 4, 4, 4]
    assert [scale.output.out_channels for scale in energy.scales] == [8, 4, 2, 2, 2]


def test_features_of_another_number_of_scales_are_refused() -> None:
    settings = EnergySettings(pooling="average", width=8, kernel_scale=None)
    with pytest.raises(ValueError, match="3 scales, found features of 2"):
        VoxelEnergy(settings, [8, 8], 16, torch.Generator())


def test_it_can_be_compiled() -> None:
    energy = make_energy()
    y, features = make_inputs(energy, batch=1)
    y.requires_grad_()

    def slopes(y: Tensor) -> Tensor:
        found: Tensor = energy.value_and_grad(y, energy.bind(features))[1]
        return found

    inputs = [y, *energy.parameters()]
    expected = torch.autograd.grad(slopes(y).square().sum(), inputs, allow_unused=True)
    torch.compiler.reset()
    compiled = torch.compile(slopes, backend="aot_eager", fullgraph=True)
    found = torch.autograd.grad(compiled(y).square().sum(), inputs, allow_unused=True)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)
