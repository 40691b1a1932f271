from __future__ import annotations

import pytest
import torch

from ige.params.shape_models import (
    BackboneSettings,
    Coordinates,
    DeconvSettings,
    EstimateSettings,
    ShapeLossSettings,
)
from ige.shapes.voxels.deconv import Deconv


def make(coordinates: Coordinates = "frustum", seed: int = 0) -> Deconv:
    loss = ShapeLossSettings(alpha=0.0, focal=0.0, iou_share=0.0, iou_weights="none", warm_up_epochs=0)
    settings = DeconvSettings(
        kind="deconv",
        scope="all",
        epochs=1,
        loss=loss,
        coordinates=coordinates,
        backbone=BackboneSettings(name="small", pretrained=False),
        estimate=EstimateSettings(channels=8, side=16),
        initial=None,
    )
    return Deconv(settings, 16, torch.Generator().manual_seed(seed))


def random_images(count: int) -> torch.Tensor:
    return torch.randn(count, 3, 128, 128, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("coordinates", ["frustum", "world"])
def test_what_it_tells_of_itself(coordinates: Coordinates) -> None:
    deconv = make(coordinates)
    assert (deconv.coordinates, deconv.resolution) == (coordinates, 16)


def test_its_guess_is_its_only_iterate() -> None:
    deconv = make().eval()
    with torch.no_grad():
        answer = deconv(random_images(2))
        expected = deconv.estimate(deconv.backbone(random_images(2))[-1])
    assert len(answer.iterates) == 1
    assert answer.energies is None
    assert torch.equal(answer.last, expected)


def test_weights_follow_the_generator_alone() -> None:
    first, again, other = (make(seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(again[key], first[key]) for key in first)
    assert not torch.equal(other["estimate.spread.weight"], first["estimate.spread.weight"])


def test_it_learns_what_it_is_shown() -> None:
    deconv = make().train()
    images = random_images(2)
    truth = torch.zeros(2, 16, 16, 16)
    truth[0, :8], truth[1, :, 8:] = 1.0, 1.0
    optimiser = torch.optim.Adam(deconv.parameters(), lr=1e-2)
    for _ in range(60):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(deconv(images).last, truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert ((deconv(images).last > 0) == (truth > 0.5)).float().mean() > 0.97
