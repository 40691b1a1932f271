"""The U-net adapter: an encoder's maps become the image features of the energy, coarse to fine.

As the poster draws it: x_i has 4 * 2^i pixels per side and half the channels of x_(i-1). x_0 comes from the
deepest map; x_1 to x_4 from x_(i-1), upsampled, and the map of the same side; x_5, whose map is the image
itself, likewise; x_6 from x_5 alone. A layer is a 1 x 1 convolution of either input, their sum (which is
the 1 x 1 convolution of both, one after the other), batch normalisation and ReLU. Upsampling is bilinear and
aligns pixels, not corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.shapes.voxels.backbones import resized
from ige.shapes.voxels.pooling import COARSEST
from ige.shapes.voxels.weights import drawn_from

_FEWEST_CHANNELS = 4


def side(scale: int) -> int:
    """Return the pixels per side of scale i."""
    return COARSEST << scale


def feature_channels(width: int, count: int) -> tuple[int, ...]:
    """Return the channels of x_0 .. x_(count - 1): width, halved with each, 4 at least."""
    return tuple(max(width >> scale, _FEWEST_CHANNELS) for scale in range(count))


class Pyramid(nn.Module):
    """An encoder's maps and the image to features x_i (B, channels[i], 4 * 2^i, 4 * 2^i).

    Args:
        taps: channels of the encoder's maps, largest map first.
        width: channels of x_0.
        count: number of scales.
        generator: of the first weights.

    Attributes:
        channels: of x_0 .. x_(count - 1).
    """

    def __init__(self, taps: Sequence[int], width: int, count: int, generator: torch.Generator) -> None:
        super().__init__()
        self.channels = feature_channels(width, count)
        inputs = [*reversed(taps), 3][:count]
        with drawn_from(generator):
            self.taps = nn.ModuleList(
                nn.Conv2d(own, outputs, 1, bias=False)
                for own, outputs in zip(inputs, self.channels, strict=False)
            )
            self.coarser = nn.ModuleList(
                nn.Conv2d(below, outputs, 1, bias=False) for below, outputs in pairwise(self.channels)
            )
            self.norms = nn.ModuleList(nn.BatchNorm2d(outputs) for outputs in self.channels)

    def forward(self, taps: Sequence[Tensor], images: Tensor) -> tuple[Tensor, ...]:
        """Return the features of an encoder's maps (largest first) and images (B, 3, P, P)."""
        sources = [*reversed(taps), images]
        features: list[Tensor] = []
        for scale, norm in enumerate(self.norms):
            parts = []
            if scale:
                parts.append(_doubled(self.coarser[scale - 1](features[-1])))
            if scale < len(self.taps):
                parts.append(self.taps[scale](resized(sources[scale], side(scale))))
            features.append(functional.relu(norm(sum(parts[1:], parts[0]))))
        return tuple(features)


def _doubled(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)
