from __future__ import annotations

from typing import Any

import pytest
import torch

from ige.doctor.voxel_costs import (
    asking_ms,
    energy_multiply_adds,
    gpu_batch_ms,
    learning_memory,
    training_ms,
    weights,
)
from ige.params.params import Params
from ige.params.shape_models import DeconvSettings, HeadSettings, IgeShapeSettings
from ige.shapes.voxels import costs as counted
from ige.shapes.voxels.models import Definition, build_voxel_model


def deconv(params: Params, *, name: str = "small", channels: int = 64, side: int = 32) -> DeconvSettings:
    model = params.models.shapes["deconv"]
    assert isinstance(model, DeconvSettings)
    changes: dict[str, Any] = {
        "backbone": model.backbone.model_copy(update={"name": name}),
        "estimate": model.estimate.model_copy(update={"channels": channels, "side": side}),
    }
    return model.model_copy(update=changes)


def ige(params: Params, width: int = 64, **over: Any) -> IgeShapeSettings:
    model = params.models.shapes["ige"]
    assert isinstance(model, IgeShapeSettings)
    energy = model.energy.model_copy(update={"width": width})
    return model.model_copy(update={"pyramid": width, "energy": energy, **over})


@pytest.mark.parametrize(
    ("options", "resolution", "measured_ms"),
    [
        ({}, 32, 5.1),
        ({}, 64, 6.5),
        ({}, 128, 37.1),
        ({"channels": 128}, 32, 8.3),
        ({"channels": 32}, 32, 3.5),
        ({"side": 16}, 32, 2.8),
        ({"name": "mobilenetv2_100"}, 32, 18.8),
    ],
)
def test_deconvolutions_take_what_was_measured(
    params: Params, options: dict[str, Any], resolution: int, measured_ms: float
) -> None:
    model = deconv(params, **options)
    assert training_ms(model, model, resolution) == pytest.approx(measured_ms, rel=0.35)


@pytest.mark.parametrize(
    ("width", "steps", "resolution", "measured_ms"),
    [
        *((64, 1, 32, 8.0), (64, 4, 32, 12.5), (256, 1, 32, 12.1), (256, 4, 32, 21.5)),
        *((64, 1, 64, 16.6), (64, 4, 64, 34.0), (256, 1, 64, 25.1), (256, 4, 64, 51.2)),
        *((64, 1, 128, 99.1), (64, 4, 128, 298.5)),
    ],
)
def test_energies_take_what_was_measured(
    params: Params, width: int, steps: int, resolution: int, measured_ms: float
) -> None:
    model = ige(params, width, steps=steps)
    assert training_ms(model, deconv(params), resolution) == pytest.approx(measured_ms, rel=0.35)


def test_heads_and_frozen_starts_take_less(params: Params) -> None:
    head, first = params.models.shapes["head"], deconv(params)
    assert isinstance(head, HeadSettings)
    assert training_ms(head, first, 32) == pytest.approx(6.1, rel=0.35)
    assert training_ms(head, first, 64) == pytest.approx(9.2, rel=0.35)
    joint, frozen = (ige(params, start=start) for start in ("joint", "frozen"))
    assert training_ms(frozen, first, 32) == pytest.approx(6.3, rel=0.35)
    assert training_ms(frozen, first, 32) < training_ms(joint, first, 32)
    assert asking_ms(joint, first, 32) < training_ms(joint, first, 32) / 2
    assert asking_ms(params.models.shapes["mean-shape"], None, 32) < asking_ms(head, first, 32)


@pytest.mark.parametrize(("width", "resolution"), [(64, 32), (256, 32), (256, 64), (32, 16)])
def test_multiply_adds_and_weights_are_those_of_the_networks(
    params: Params, width: int, resolution: int
) -> None:
    model, first = ige(params, width), deconv(params)
    built = build_voxel_model(Definition(model, first), resolution, torch.Generator().manual_seed(0))
    assert energy_multiply_adds(width, width, resolution) == counted.energy_multiply_adds(built)
    assert weights(model, first) == pytest.approx(counted.parameters(built), rel=0.5)


@pytest.mark.parametrize(
    ("steps", "resolution", "batch", "measured_gb"),
    [(1, 128, 2, 0.77), (4, 128, 2, 1.20), (4, 64, 8, 0.86)],
)
def test_memory_is_what_was_measured(
    params: Params, steps: int, resolution: int, batch: int, measured_gb: float
) -> None:
    found = learning_memory(ige(params, steps=steps), deconv(params), resolution, batch)
    assert found == pytest.approx(1e9 * measured_gb, rel=0.3)


def test_checkpointed_steps_take_longer_and_less_memory(params: Params) -> None:
    first = deconv(params)
    plain, checkpointed = (ige(params, steps=4, backward=way) for way in ("unrolled", "checkpointed"))
    assert training_ms(checkpointed, first, 64) > 1.1 * training_ms(plain, first, 64)
    assert learning_memory(checkpointed, first, 256, 1) < 0.6 * learning_memory(plain, first, 256, 1)


def test_a_gpu_waits_for_launches_where_grids_are_small(params: Params) -> None:
    first = deconv(params)
    small, large = (gpu_batch_ms(ige(params, steps=4), first, size, 8) for size in (32, 256))
    assert small > 8 * training_ms(ige(params, steps=4), first, 32) / 100
    assert small < large
    assert gpu_batch_ms(first, first, 32, 8) < small
