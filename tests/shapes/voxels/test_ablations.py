from __future__ import annotations

from typing import Literal

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ige.descent import ClippedMomentum, descend
from ige.params.shape_models import EnergySettings, State
from ige.shapes.voxels.ablations import MaxEnergy, SilhouetteEnergy, make_energy
from ige.shapes.voxels.energy import PooledEnergy, VoxelEnergy, energy_parameters

Pooling = Literal["average", "max", "silhouette"]
FEATURES = (8, 4)


def energy_of(pooling: Pooling, state: State = "logits") -> PooledEnergy:
    settings = EnergySettings(pooling=pooling, width=8, kernel_scale=None)
    return make_energy(settings, FEATURES, 8, state, torch.Generator().manual_seed(0)).double()


def inputs() -> tuple[Tensor, list[Tensor]]:
    generator = torch.Generator().manual_seed(1)
    y = torch.randn(2, 8, 8, 8, generator=generator, dtype=torch.float64)
    return y, [
        torch.randn(2, channels, 4 << i, 4 << i, generator=generator, dtype=torch.float64)
        for i, channels in enumerate(FEATURES)
    ]


@pytest.mark.parametrize(
    ("pooling", "kind", "engine"),
    [
        ("average", VoxelEnergy, "closed"),
        ("max", MaxEnergy, "autograd"),
        ("silhouette", SilhouetteEnergy, "autograd"),
    ],
)
def test_settings_name_the_energy(pooling: Pooling, kind: type[PooledEnergy], engine: str) -> None:
    energy = energy_of(pooling)
    assert type(energy) is kind
    assert energy.engine == engine


@pytest.mark.parametrize("pooling", ["max", "silhouette"])
def test_descends_and_learns(pooling: Pooling) -> None:
    energy = energy_of(pooling)
    y, features = inputs()
    rule = ClippedMomentum(0.05, 0.1, 1.0).double()
    path = descend(energy, y, energy.bind(features), steps=2, rule=rule, engine=energy.engine)
    assert bool((path.energies[1:] < path.energies[:-1]).all())
    gradients = torch.autograd.grad(path.last.square().sum(), list(energy.parameters()))
    assert all(bool(g.isfinite().all()) and bool(g.ne(0).any()) for g in gradients)


def test_maxima_send_the_gradient_to_one_cell_per_window() -> None:
    energy = energy_of("max")
    y, features = inputs()
    y.requires_grad_()
    (gradient,) = torch.autograd.grad(energy(y, energy.bind(features)).sum(), y)
    windows = 4 * 4 * 8 + 8 * 8 * 4
    assert 0 < int(gradient[0].ne(0).sum()) <= windows
    assert energy_parameters(energy) == energy_parameters(energy_of("average"))


@pytest.mark.parametrize("state", ["logits", "squashed", "probabilities"])
def test_silhouette_is_what_no_cell_of_a_ray_leaves_empty(state: State) -> None:
    energy = energy_of("silhouette", state)
    y, _ = inputs()
    probabilities = y.sigmoid()
    coarse, fine = energy.pool(y if state == "logits" else probabilities)
    silhouette = 1 - (1 - probabilities).prod(-1)
    torch.testing.assert_close(fine[..., 0], silhouette)
    torch.testing.assert_close(coarse[..., 0], functional.avg_pool2d(silhouette, 2))


def test_silhouette_does_not_see_where_on_a_ray() -> None:
    energy = energy_of("silhouette")
    y, features = inputs()
    bound = energy.bind(features)
    torch.testing.assert_close(energy(y.flip(3), bound), energy(y, bound))
    assert float((energy(y.flip(2), bound) - energy(y, bound)).detach().abs().min()) > 1e-6


def test_silhouette_of_probabilities_outside_0_to_1_is_finite() -> None:
    energy = energy_of("silhouette", "probabilities")
    y, features = inputs()
    y = (3 * y).requires_grad_()
    value = energy(y, energy.bind(features)).sum()
    (gradient,) = torch.autograd.grad(value, y, create_graph=True)
    (second,) = torch.autograd.grad(gradient.square().sum(), y)
    assert bool(value.isfinite() & gradient.isfinite().all() & second.isfinite().all())
