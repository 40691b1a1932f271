from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from ige.params.shape_models import (
    BackboneSettings,
    DeconvSettings,
    EnergySettings,
    EstimateSettings,
    ShapeLossSettings,
)
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.energy import VoxelEnergy
from ige.shapes.voxels.head import Head
from ige.shapes.voxels.pooling import count_scales
from ige.shapes.voxels.pyramid import Pyramid


def make(
    resolution: int = 16, width: int = 16, pyramid: int = 16, seed: int = 0, silhouette: bool = False
) -> Head:
    generator = torch.Generator().manual_seed(seed)
    loss = ShapeLossSettings(alpha=0.0, focal=0.0, iou_share=0.0, iou_weights="none", warm_up_epochs=0)
    settings = DeconvSettings(
        kind="deconv",
        scope="all",
        epochs=1,
        loss=loss,
        coordinates="frustum",
        backbone=BackboneSettings(name="small", pretrained=False),
        estimate=EstimateSettings(channels=8, side=16),
        initial=None,
    )
    deconv = Deconv(settings, resolution, generator)
    features = Pyramid(deconv.backbone.channels, pyramid, count_scales(resolution), generator)
    return Head(deconv, features, width, resolution, generator, silhouette=silhouette)


def count(*modules: nn.Module) -> int:
    return sum(weight.numel() for module in modules for weight in module.parameters())


def random_images(count: int) -> Tensor:
    return torch.randn(count, 3, 128, 128, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("resolution", [16, 32, 64, 128, 256])
@pytest.mark.parametrize("width", [16, 64, 256])
@pytest.mark.parametrize("silhouette", [False, True])
def test_it_has_as_many_weights_as_the_energy(resolution: int, width: int, silhouette: bool) -> None:
    head = make(resolution, width, width, silhouette=silhouette)
    settings = EnergySettings(pooling="average", width=width, kernel_scale=None)
    energy = VoxelEnergy(settings, head.pyramid.channels, resolution, torch.Generator())
    assert count(head.hidden, head.output) == pytest.approx(count(energy), rel=0.01)


def test_it_starts_as_the_first_guess() -> None:
    head = make().eval()
    with torch.no_grad():
        answer = head(random_images(2))
        guess = head.deconv(random_images(2)).last
    assert len(answer.iterates) == 2
    assert answer.energies is None
    assert torch.equal(answer.iterates[0], guess)
    assert torch.equal(answer.last, guess)


@pytest.mark.parametrize("silhouette", [False, True])
def test_a_correction_by_hand(silhouette: bool) -> None:
    head = make(silhouette=silhouette).double()
    for layer in head.output:
        nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(2))
        nn.init.normal_(layer.bias, generator=torch.Generator().manual_seed(3))
    generator = torch.Generator().manual_seed(4)
    guess = torch.randn(2, 16, 16, 16, generator=generator, dtype=torch.float64)
    features = tuple(
        torch.randn(2, channels, 4 << scale, 4 << scale, generator=generator, dtype=torch.float64)
        for scale, channels in enumerate(head.pyramid.channels)
    )
    expected = guess.clone()
    opaque = 1 - (1 - guess.sigmoid()).prod(3)[:, None]
    with torch.no_grad():
        for scale, feature in enumerate(features):
            window, depth = 4 >> scale, 1 << scale  # cells of a side and of the depth that are averaged
            pool = nn.functional.avg_pool3d(guess[:, None], (window, window, depth))[:, 0]
            rays = [nn.functional.avg_pool2d(opaque, window)] if silhouette else []
            seen = torch.cat([pool.permute(0, 3, 1, 2), *rays, feature], 1)
            answer = head.output[scale](head.hidden[scale](seen).relu()).permute(0, 2, 3, 1)
            for axis, times in ((1, window), (2, window), (3, depth)):
                answer = answer.repeat_interleave(times, axis)
            expected += answer
        torch.testing.assert_close(head.corrected(guess, features), expected)


@pytest.mark.parametrize("silhouette", [False, True])
def test_all_of_it_learns(silhouette: bool) -> None:
    head = make(silhouette=silhouette).train()
    optimiser = torch.optim.SGD(head.parameters(), lr=0.1)
    for _ in range(2):  # the first step moves what starts at zero
        optimiser.zero_grad()
        head(random_images(1)).last.square().mean().backward()
        optimiser.step()
    for weight in head.parameters():
        assert weight.grad is not None
        assert weight.grad.isfinite().all()
        assert weight.grad.any()


def test_it_tells_of_its_first_guess() -> None:
    head = make()
    assert (head.coordinates, head.resolution) == ("frustum", 16)


def test_the_correction_is_in_full_precision() -> None:
    head, kinds = make().eval(), []
    for layer in (*head.hidden, *head.output):
        layer.register_forward_hook(
            lambda layer, inputs, output: kinds.extend([inputs[0].dtype, output.dtype])
        )
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert head(random_images(1)).last.dtype == torch.float32
    assert len(kinds) == 12
    assert set(kinds) == {torch.float32}


def test_weights_follow_the_generator_alone() -> None:
    torch.manual_seed(1)
    first = make(seed=3).state_dict()
    torch.manual_seed(2)
    again, other = make(seed=3).state_dict(), make(seed=4).state_dict()
    assert all(torch.equal(again[key], first[key]) for key in first)
    assert not torch.equal(other["hidden.0.weight"], first["hidden.0.weight"])
