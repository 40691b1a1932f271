"""Image encoders: five maps of features, each half as large as the one before.

The poster's encoders are MobileNetV2, whose maps it names, and Inception-v4; timm has both, as
`mobilenetv2_100` and `inception_v4`. Ours for small experiments is `small`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.base.errors import InputError
from ige.params.shape_models import BackboneSettings
from ige.shapes.voxels.torchvision_operators import make_importable
from ige.shapes.voxels.weights import drawn_from

SIDES = (64, 32, 16, 8, 4)
"""Sides of the maps, of an image of 128 pixels."""

_PIXELS = 128
# Channels of the convolutions of each map; the first of each halves the side.
_SMALL = ((16,), (24,), (32, 32), (64, 64), (128, 128))


class Backbone(nn.Module):
    """An encoder whose maps come at the same five sides, whatever the image's size and the network's own.

    Args:
        network: images to maps.
        chosen: which of its maps stands at each side.
        channels: of those.
        layout: of images and weights in memory: what the network is fastest in.

    Attributes:
        channels: of the maps, largest map first.
    """

    def __init__(
        self,
        network: nn.Module,
        chosen: Sequence[int],
        channels: Sequence[int],
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        super().__init__()
        self.network = network.to(memory_format=layout)  # type: ignore[call-overload]
        self.chosen = tuple(chosen)
        self.channels = tuple(channels)
        self.layout = layout

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Return the maps (B, channels, side, side) of images (B, 3, P, P)."""
        maps = self.network(images.contiguous(memory_format=self.layout))
        return tuple(resized(maps[one], side) for one, side in zip(self.chosen, SIDES, strict=True))


def resized(maps: Tensor, side: int) -> Tensor:
    """Return maps (B, C, s, t) as (B, C, side, side): averaged if larger, interpolated if smaller."""
    if maps.shape[-2:] == (side, side):
        return maps
    if min(maps.shape[-2:]) >= side:
        return functional.adaptive_avg_pool2d(maps, side)
    return functional.interpolate(maps, (side, side), mode="bilinear", align_corners=False)


def make_backbone(settings: BackboneSettings, generator: torch.Generator) -> Backbone:
    """Build an encoder; its first weights are drawn from the generator, if they are not pretrained.

    Raises:
        InputError: if there is no encoder of this name, or its pretrained weights cannot be had.
    """
    with drawn_from(generator):
        if settings.name != "small":
            return _of_timm(settings)
        if settings.pretrained:
            raise InputError(
                "no pretrained weights for the encoder small",
                expected="pretrained: false (models.shapes, backbone)",
            )
        channels = [of_map[-1] for of_map in _SMALL]
        return Backbone(_Small(), range(len(SIDES)), channels)


class _Small(nn.Module):
    """Eight convolutions of 3 x 3, each with batch normalisation and ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.ModuleList()
        inputs = 3
        for of_map in _SMALL:
            layers: list[nn.Module] = []
            for number, outputs in enumerate(of_map):
                layers += _convolution(inputs, outputs, stride=2 if number == 0 else 1)
                inputs = outputs
            self.maps.append(nn.Sequential(*layers))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the maps of images (B, 3, P, P), largest first."""
        maps = [images]
        for layers in self.maps:
            maps.append(layers(maps[-1]))
        return maps[1:]


def _convolution(inputs: int, outputs: int, *, stride: int) -> list[nn.Module]:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
    nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]


def _of_timm(settings: BackboneSettings) -> Backbone:
    make_importable()
    import timm

    where = f"models.shapes, backbone {settings.name}"
    if not timm.is_model(settings.name):
        raise InputError(
            "no such encoder",
            where=where,
            expected="small, or a model of timm (mobilenetv2_100, inception_v4, resnet50, ...)",
        )
    network = _created(settings, where)
    reductions, channels = network.feature_info.reduction(), network.feature_info.channels()
    _check_maps(network, channels, where)
    chosen = [_nearest(reductions, _PIXELS // side) for side in SIDES]
    # Mobile networks take a fifth less time on a CPU than in torch's usual layout.
    return Backbone(network, chosen, [channels[one] for one in chosen], torch.channels_last)


def _created(settings: BackboneSettings, where: str) -> Any:
    import timm

    try:
        return timm.create_model(settings.name, pretrained=settings.pretrained, features_only=True)
    except Exception as error:
        # What fails to download, or has no weights or maps, raises whatever its own libraries raise.
        if settings.pretrained:
            raise InputError(
                "its pretrained weights cannot be had",
                where=where,
                found=_first_line(error),
                next_step="Set pretrained: false, or try again where there is a network.",
            ) from error
        raise InputError(
            "an encoder without maps of features", where=where, found=_first_line(error)
        ) from error


@torch.no_grad()
def _check_maps(network: nn.Module, channels: Sequence[int], where: str) -> None:
    """Raise InputError unless the maps of an image are (1, channels, side, side)."""
    network.eval()
    try:
        shapes = [tuple(of_map.shape) for of_map in network(torch.zeros(1, 3, _PIXELS, _PIXELS))]
    except (AssertionError, RuntimeError) as error:
        raise InputError(
            f"an encoder that takes no images of {_PIXELS} pixels", where=where, found=_first_line(error)
        ) from error
    network.train()
    if not all(len(shape) == 4 and shape[1] == own for shape, own in zip(shapes, channels, strict=True)):
        raise InputError(
            "an encoder whose features are no maps with channels first", where=where, found=str(shapes)
        )


def _nearest(reductions: Sequence[int], wanted: int) -> int:
    """Return the place of the map whose reduction is nearest to what is wanted, the deepest of equals."""
    return min(range(len(reductions)), key=lambda place: (abs(math.log2(reductions[place] / wanted)), -place))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
