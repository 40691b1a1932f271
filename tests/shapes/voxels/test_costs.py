from __future__ import annotations

import pytest
import torch
from torch import nn

from ige.params.params import Params
from ige.params.shape_models import DeconvSettings, HeadSettings, IgeShapeSettings
from ige.shapes.voxels.baselines import MeanShape, VisualHull
from ige.shapes.voxels.costs import (
    energy_multiply_adds,
    energy_parameters,
    forward_multiply_adds,
    multiply_adds,
    parameters,
)
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.head import Head
from ige.shapes.voxels.ige_net import VoxelIgeNet
from ige.shapes.voxels.models import Definition, build_voxel_model
from ige.shapes.voxels.retrieval import Oracle


@pytest.fixture(scope="module")
def deconv_settings(params: Params) -> DeconvSettings:
    settings = params.models.shapes["deconv"]
    assert isinstance(settings, DeconvSettings)
    return settings


@pytest.fixture(scope="module")
def ige_settings(params: Params) -> IgeShapeSettings:
    settings = params.models.shapes["ige"]
    assert isinstance(settings, IgeShapeSettings)
    return settings


def build_ige(settings: IgeShapeSettings, initial: DeconvSettings, resolution: int) -> VoxelIgeNet:
    model = build_voxel_model(Definition(settings, initial), resolution, torch.Generator())
    assert isinstance(model, VoxelIgeNet)
    return model


def test_multiply_adds_are_those_counted_by_hand() -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1),  # 64 x 64 outputs of 4 channels, 27 products each
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 6, 1, groups=2),  # 64 x 64 outputs of 6 channels, 2 products each
        nn.ConvTranspose2d(6, 2, 4, stride=2, padding=1),  # 64 x 64 inputs of 6 channels, 2 x 16 each
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Linear(32, 5),
    )
    expected = 64**2 * 4 * 27 + 64**2 * 6 * 2 + 64**2 * 6 * 32 + 32 * 5
    assert forward_multiply_adds(net) == expected
    assert net.training  # counting leaves a network as it is
    assert next(net.parameters()).device.type == "cpu"


# What the widths on the poster come to
@pytest.mark.parametrize(
    ("resolution", "weights", "products"),
    [(32, 1.27e6, 61e6), (64, 1.37e6, 83e6), (128, 1.57e6, 113e6), (256, 1.97e6, 165e6)],
)
def test_costs_of_the_energy_on_the_poster(
    ige_settings: IgeShapeSettings,
    deconv_settings: DeconvSettings,
    resolution: int,
    weights: float,
    products: float,
) -> None:
    energy = ige_settings.energy.model_copy(update={"width": 256})
    settings = ige_settings.model_copy(update={"pyramid": 256, "energy": energy})
    model = build_ige(settings, deconv_settings, resolution)
    assert energy_parameters(model) == pytest.approx(weights, rel=0.01)
    assert energy_multiply_adds(model) == pytest.approx(products, rel=0.01)


def test_a_step_costs_the_energy_twice(
    ige_settings: IgeShapeSettings, deconv_settings: DeconvSettings
) -> None:
    model = build_ige(ige_settings, deconv_settings, 16)
    none, some, trained = (multiply_adds(model, steps) for steps in (0, 3, None))
    energy = energy_multiply_adds(model)
    assert none is not None
    assert energy is not None
    assert some == none + 6 * energy
    assert trained == none + 2 * model.steps * energy
    first_guess = multiply_adds(model.deconv)
    assert first_guess is not None
    assert none > first_guess


def test_weights_of_all_parts_count(
    params: Params, ige_settings: IgeShapeSettings, deconv_settings: DeconvSettings
) -> None:
    deconv = build_voxel_model(Definition(deconv_settings, None), 16, torch.Generator())
    assert isinstance(deconv, Deconv)
    counted = sum(
        getattr(layer, kind).numel()
        for layer in deconv.modules()
        for kind in ("weight", "bias")
        if getattr(layer, kind, None) is not None
    )
    assert parameters(deconv) == counted
    frozen = ige_settings.model_copy(update={"start": "frozen"})
    model = build_ige(frozen, deconv_settings, 16)
    pyramid = sum(weight.numel() for weight in model.pyramid.parameters())
    energy = energy_parameters(model)
    assert energy is not None
    assert parameters(model) == counted + pyramid + energy + 3  # rate, momentum, clip


@pytest.mark.parametrize("resolution", [16, 32, 64, 128])
def test_head_has_as_many_weights_as_the_energy(
    params: Params, ige_settings: IgeShapeSettings, deconv_settings: DeconvSettings, resolution: int
) -> None:
    settings = params.models.shapes["head"]
    assert isinstance(settings, HeadSettings)
    head = build_voxel_model(Definition(settings, deconv_settings), resolution, torch.Generator())
    model = build_ige(ige_settings, deconv_settings, resolution)
    assert isinstance(head, Head)
    shared = sum(weight.numel() for part in (head.deconv, head.pyramid) for weight in part.parameters())
    total, energy = parameters(head), energy_parameters(model)
    assert total is not None
    assert energy is not None
    assert total - shared == pytest.approx(energy, rel=0.01)
    assert energy_parameters(head) is None
    assert multiply_adds(head) is not None


@pytest.mark.parametrize("model", [MeanShape(8), Oracle(2, 8), VisualHull(8)])
def test_baselines_have_no_costs(model: nn.Module) -> None:
    assert (parameters(model), multiply_adds(model), energy_parameters(model)) == (None, None, None)
    assert energy_multiply_adds(model) is None
