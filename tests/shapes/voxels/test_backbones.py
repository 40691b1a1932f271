from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.base.errors import InputError
from ige.params.shape_models import BackboneSettings
from ige.shapes.voxels.backbones import SIDES, Backbone, make_backbone, resized
from ige.shapes.voxels.torchvision_operators import make_importable

CHANNELS = {
    "small": (16, 24, 32, 64, 128),
    "mobilenetv2_100": (16, 24, 32, 96, 320),  # of the poster's figure
    "inception_v4": (64, 160, 384, 1024, 1536),
    "resnet50": (64, 256, 512, 1024, 2048),
    "mobilenetv4_conv_small": (32, 32, 64, 96, 960),
    "convnext_atto": (40, 40, 80, 160, 320),  # has no map of half the image's side
}


def make(name: str, seed: int = 0) -> Backbone:
    return make_backbone(BackboneSettings(name=name, pretrained=False), torch.Generator().manual_seed(seed))


def random_images(count: int, pixels: int = 128) -> Tensor:
    return torch.randn(count, 3, pixels, pixels, generator=torch.Generator().manual_seed(1))


LARGE = ("inception_v4", "resnet50")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LARGE)) for name in CHANNELS]
)
def test_maps_have_the_nominal_sides(name: str) -> None:
    backbone = make(name)
    assert backbone.channels == CHANNELS[name]
    with torch.no_grad():
        maps = backbone(random_images(2))
    expected = [(2, channels, side, side) for channels, side in zip(CHANNELS[name], SIDES, strict=True)]
    assert [tuple(each.shape) for each in maps] == expected


@pytest.mark.parametrize("name", ["small", "mobilenetv2_100"])
def test_maps_of_128_pixels_are_the_network_s_own(name: str) -> None:
    backbone = make(name).eval()
    with torch.no_grad():
        own = backbone.network(random_images(1))
        for found, expected in zip(backbone(random_images(1)), own, strict=True):
            torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_mobilenet_has_the_poster_s_layers() -> None:
    # Up to layer 18: torchvision's own MobileNetV2 without its last convolution and classifier.
    make_importable()
    from torchvision.models import mobilenet_v2

    published = sum(weight.numel() for weight in mobilenet_v2().features[:18].parameters())
    assert sum(weight.numel() for weight in make("mobilenetv2_100").parameters()) == published


@pytest.mark.parametrize("pixels", [32, 100, 256])
def test_images_of_other_sizes_give_the_same_sides(pixels: int) -> None:
    with torch.no_grad():
        maps = make("small").eval()(random_images(1, pixels))
    assert [each.shape[-1] for each in maps] == list(SIDES)


@pytest.mark.parametrize("name", ["small", "mobilenetv4_conv_small"])
def test_weights_follow_the_generator_alone(name: str) -> None:
    torch.manual_seed(1)
    first = make(name, seed=3).state_dict()
    torch.manual_seed(2)
    again, other = make(name, seed=3).state_dict(), make(name, seed=4).state_dict()
    assert all(torch.equal(again[key], first[key]) for key in first)
    assert any(not torch.equal(other[key], first[key]) for key in first)


def test_the_small_one_trains_on_a_single_image() -> None:
    backbone = make("small").train()
    torch.stack([each.square().mean() for each in backbone(random_images(1))]).sum().backward()
    for weight in backbone.parameters():
        assert weight.grad is not None
        assert weight.grad.isfinite().all()
        assert weight.grad.any()


def test_the_small_one_normalises_before_it_rectifies() -> None:
    backbone = make("small").train()
    largest = backbone(random_images(4))[0]
    convolution, norm = backbone.network.maps[0][0], backbone.network.maps[0][1]
    by_hand = functional.batch_norm(
        convolution(random_images(4)), None, None, norm.weight, norm.bias, training=True
    )
    torch.testing.assert_close(largest, by_hand.relu(), atol=1e-5, rtol=1e-5)


def test_evaluation_does_not_depend_on_the_batch() -> None:
    backbone = make("small").eval()
    images = random_images(3)
    with torch.no_grad():
        torch.testing.assert_close(backbone(images)[-1][:1], backbone(images[:1])[-1])


def test_resizing_keeps_means_and_constants() -> None:
    maps = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    assert resized(maps, 8) is maps
    torch.testing.assert_close(resized(maps, 4), functional.avg_pool2d(maps, 2))
    for side in (3, 5, 16):
        torch.testing.assert_close(
            resized(torch.full((1, 1, 8, 8), 2.5), side), torch.full((1, 1, side, side), 2.5)
        )


@pytest.mark.parametrize("name", ["nonsense", "resnet", "../small"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"no such encoder: expected small, or a model of timm"):
        make(name)


def test_an_encoder_of_a_fixed_size_is_refused() -> None:
    with pytest.raises(InputError, match=r"takes no images of 128 pixels.*224"):
        make("vit_tiny_patch16_224")


def test_the_small_one_has_no_pretrained_weights() -> None:
    with pytest.raises(InputError, match="no pretrained weights for the encoder small"):
        make_backbone(BackboneSettings(name="small", pretrained=True), torch.Generator())


@pytest.mark.parametrize(
    ("pretrained", "told"),
    [(True, "cannot be had: found no network. Set"), (False, "without maps of features")],
)
def test_what_timm_cannot_make_is_one_line(
    monkeypatch: pytest.MonkeyPatch, pretrained: bool, told: str
) -> None:
    make_importable()
    import timm

    def fail(name: str, **settings: bool) -> nn.Module:
        assert settings == {"pretrained": pretrained, "features_only": True}
        raise OSError("no network\nmany\nlines")

    monkeypatch.setattr(timm, "create_model", fail)
    settings = BackboneSettings(name="mobilenetv2_100", pretrained=pretrained)
    with pytest.raises(InputError) as caught:
        make_backbone(settings, torch.Generator())
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_features_that_are_no_maps_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    make_importable()
    import timm

    class ChannelsLast(nn.Module):
        feature_info = timm.create_model("resnet10t", features_only=True).feature_info

        def forward(self, images: Tensor) -> list[Tensor]:
            sides = zip((64, 32, 16, 8, 4), self.feature_info.channels(), strict=True)
            return [images.new_zeros(1, side, side, channels) for side, channels in sides]

    monkeypatch.setattr(timm, "create_model", lambda name, **settings: ChannelsLast())
    with pytest.raises(InputError, match="no maps with channels first"):
        make("resnet50")
