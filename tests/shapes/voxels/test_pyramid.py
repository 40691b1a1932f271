from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ige.shapes.voxels.pooling import count_scales
from ige.shapes.voxels.pyramid import Pyramid, feature_channels

TAPS = (16, 24, 32, 96, 320)
SIDES = (64, 32, 16, 8, 4)


def make(width: int = 32, count: int = 7, seed: int = 0) -> Pyramid:
    return Pyramid(TAPS, width, count, torch.Generator().manual_seed(seed))


def random_maps(count: int = 2) -> tuple[list[Tensor], Tensor]:
    generator = torch.Generator().manual_seed(1)
    taps = [
        torch.randn(count, channels, side, side, generator=generator)
        for channels, side in zip(TAPS, SIDES, strict=True)
    ]
    return taps, torch.randn(count, 3, 128, 128, generator=generator)


@pytest.mark.parametrize(("resolution", "count"), [(16, 3), (32, 4), (64, 5), (128, 6), (256, 7)])
def test_scales_are_as_fine_as_the_grid(resolution: int, count: int) -> None:
    assert count_scales(resolution) == count
    with torch.no_grad():
        features = make(count=count)(*random_maps())
    assert [each.shape[-1] for each in features] == [4 * 2**scale for scale in range(count)]
    assert features[-1].shape[-1] == resolution


def test_shapes_are_those_of_the_poster() -> None:
    pyramid = make(256)
    with torch.no_grad():
        features = pyramid(*random_maps())
    published = [(256, 4), (128, 8), (64, 16), (32, 32), (16, 64), (8, 128), (4, 256)]
    assert [(each.shape[1], each.shape[2]) for each in features] == published
    assert pyramid.channels == tuple(channels for channels, _ in published)


def test_no_scale_has_fewer_than_four_channels() -> None:
    assert feature_channels(16, 7) == (16, 8, 4, 4, 4, 4, 4)


def test_a_layer_is_convolutions_of_both_inputs_side_by_side() -> None:
    """As it is drawn: each input to the layer's channels, both beside each other to the layer's channels."""
    pyramid = make(16, count=2).double().eval()
    taps, images = random_maps()
    taps = [tap.double() for tap in taps]
    generator = torch.Generator().manual_seed(2)
    of_tap, of_coarser = torch.randn(2, 8, 8, 1, 1, generator=generator, dtype=torch.float64)
    own, below = torch.randn(8, 96, 1, 1, generator=generator).double(), pyramid.coarser[0].weight.detach()
    with torch.no_grad():
        coarsest, _ = pyramid(taps, images)
        up = functional.interpolate(coarsest, scale_factor=2.0, mode="bilinear", align_corners=False)
        both = torch.cat([functional.conv2d(taps[3], own), functional.conv2d(up, below)], 1)
        drawn = functional.conv2d(both, torch.cat([of_tap, of_coarser], 1))
        pyramid.taps[1].weight.copy_(torch.einsum("ijxy,jkxy->ikxy", of_tap, own))
        pyramid.coarser[0].weight.copy_(torch.einsum("ijxy,jkxy->ikxy", of_coarser, below))
        _, found = pyramid(taps, images)
    torch.testing.assert_close(found, (drawn * (1 + 1e-5) ** -0.5).relu())


def test_each_map_reaches_its_own_scale_and_finer_ones() -> None:
    pyramid = make().eval()
    taps, images = random_maps(1)
    with torch.no_grad():
        before = pyramid(taps, images)
        for place, tap in enumerate([*reversed(taps), images]):
            changed = [*reversed(taps), images]
            changed[place] = tap + 1.0
            after = pyramid(changed[4::-1], changed[5])
            equal = [torch.equal(a, b) for a, b in zip(after, before, strict=True)]
            assert equal == [scale < place for scale in range(7)]


@pytest.mark.parametrize("pixels", [64, 200])
def test_images_of_other_sizes_are_resized(pixels: int) -> None:
    taps, _ = random_maps(1)
    with torch.no_grad():
        features = make()(taps, torch.zeros(1, 3, pixels, pixels))
    assert features[5].shape[-1] == 128


def test_it_trains_on_a_single_image() -> None:
    pyramid = make().train()
    torch.stack([each.square().mean() for each in pyramid(*random_maps(1))]).sum().backward()
    for weight in pyramid.parameters():
        assert weight.grad is not None
        assert weight.grad.isfinite().all()
        assert weight.grad.any()


def test_weights_follow_the_generator_alone() -> None:
    torch.manual_seed(1)
    first = make(seed=3).state_dict()
    torch.manual_seed(2)
    again, other = make(seed=3).state_dict(), make(seed=4).state_dict()
    assert all(torch.equal(again[key], first[key]) for key in first)
    assert not torch.equal(other["taps.0.weight"], first["taps.0.weight"])
