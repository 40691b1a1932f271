"""A first guess corrected once by convolutions: what the energy's sight is worth without its descent.

At each scale it sees what the energy sees, the same averages of the guess beside the same image features,
through two 3 x 3 convolutions with about as many weights; but these answer a correction, in one pass. With
`silhouette` it also sees what the energy of silhouettes sees.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.energy import NARROWEST, ScaleEnergy
from ige.shapes.voxels.pooling import (
    as_grid,
    as_image,
    opacity_pyramid,
    pool_pyramid,
    scale_shape,
    unpool_pyramid,
)
from ige.shapes.voxels.pyramid import Pyramid
from ige.shapes.voxels.refinement import Refinement
from ige.shapes.voxels.weights import drawn_from


class Head(nn.Module):
    """Images (B, 3, P, P), as `network_input` makes them, to a first guess and its correction.

    The last convolutions start at zero: so does the correction.

    Args:
        deconv: encoder and first guess.
        pyramid: image features of each scale.
        energy_width: it has as many weights as an energy of averages of this width, but for half a hidden
            channel of its finest scale.
        resolution: R, that of the first guess.
        generator: of the first weights.
        silhouette: whether it sees how opaque each ray of the guess is, too.
    """

    def __init__(
        self,
        deconv: Deconv,
        pyramid: Pyramid,
        energy_width: int,
        resolution: int,
        generator: torch.Generator,
        *,
        silhouette: bool = False,
    ) -> None:
        super().__init__()
        self.deconv = deconv
        self.pyramid = pyramid
        self.silhouette = silhouette
        depths = [scale_shape(resolution, scale)[1] for scale in range(len(pyramid.channels))]
        extra = int(silhouette)
        widths = _widths(depths, pyramid.channels, energy_width, extra)
        with drawn_from(generator):
            self.hidden = nn.ModuleList(
                nn.Conv2d(depth + extra + features, width, 3, padding=1)
                for depth, features, width in zip(depths, pyramid.channels, widths, strict=True)
            )
            self.output = nn.ModuleList(
                nn.Conv2d(width, depth, 3, padding=1) for depth, width in zip(depths, widths, strict=True)
            )
        for weight in self.output.parameters():
            nn.init.zeros_(weight)

    @property
    def coordinates(self) -> str:
        """Return the axes of the grids: frustum or world."""
        return self.deconv.coordinates

    @property
    def resolution(self) -> int:
        """Return R."""
        return self.deconv.resolution

    def forward(self, images: Tensor) -> Refinement:
        """Return logits (B, R, R, R): the first guess, and the corrected one."""
        taps = self.deconv.backbone(images)
        guess = self.deconv.guess(taps)
        features = self.pyramid(taps, images)
        # In full precision, as the descent is that it is compared with.
        with torch.autocast(guess.device.type, enabled=False):
            return Refinement((guess, self.corrected(guess, features)))

    def corrected(self, guess: Tensor, features: tuple[Tensor, ...]) -> Tensor:
        """Return a guess (B, R, R, R) plus its correction, for image features (B, C_i, s_i, s_i)."""
        corrections = []
        layers = zip(self.hidden, self.output, self._seen(guess), features, strict=True)
        for hidden, output, seen, feature in layers:
            feature = feature.to(guess.dtype).contiguous(memory_format=torch.channels_last)
            answer = output(functional.relu(hidden(torch.cat([as_image(seen), feature], 1))))
            corrections.append(as_grid(answer))
        return guess + unpool_pyramid(tuple(corrections))

    def _seen(self, guess: Tensor) -> tuple[Tensor, ...]:
        averages = pool_pyramid(guess)
        if not self.silhouette:
            return averages
        opacities = opacity_pyramid(-functional.softplus(guess))
        return tuple(torch.cat(pair, -1) for pair in zip(averages, opacities, strict=True))


def _widths(depths: list[int], features: tuple[int, ...], energy_width: int, extra: int) -> list[int]:
    """Return the hidden channels of each scale; what rounding leaves over goes to the next finer scale."""
    widths, left = [], 0
    for scale, (depth, channels) in enumerate(zip(depths, features, strict=True)):
        with torch.device("meta"):
            of_energy = ScaleEnergy(depth, channels, max(energy_width >> scale, NARROWEST))
        left += sum(weight.numel() for weight in of_energy.parameters()) - depth
        per_channel = 9 * (depth + extra + channels) + 1 + 9 * depth
        widths.append(max(round(left / per_channel), 1))
        left -= widths[-1] * per_channel
    return widths
