from __future__ import annotations

import copy

import torch

from ige.params.params import Params
from ige.params.shape_models import DeconvSettings
from ige.shapes.voxels.freezing import FrozenDeconv


def test_neither_weights_nor_batch_statistics_change(params: Params) -> None:
    settings = params.models.shapes["deconv"]
    assert isinstance(settings, DeconvSettings)
    around = torch.nn.Sequential(FrozenDeconv(settings, 8, torch.Generator().manual_seed(0)))
    before = copy.deepcopy(around.state_dict())
    around.train()
    assert around.training
    assert not any(module.training for module in around[0].modules())
    guess = around(torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))).last
    assert not guess.requires_grad
    assert all(torch.equal(value, before[name]) for name, value in around.state_dict().items())


def test_copies_are_frozen_too(params: Params) -> None:
    settings = params.models.shapes["deconv"]
    assert isinstance(settings, DeconvSettings)
    found = copy.deepcopy(FrozenDeconv(settings, 8, torch.Generator()))
    assert not found.train().training
    assert not any(weight.requires_grad for weight in found.parameters())
