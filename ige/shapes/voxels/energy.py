"""What makes a grid good for an image: a learned energy of its anisotropic averages beside image features.

At each scale (`pooling`), two 3 x 3 convolutions look at the averages, whose depth cells are channels, and at
the image features of equal size (poster; widths: 256 / 2^i features, hidden units twice the outputs):

    averages | features -> convolution, softplus -> convolution, softabs -> mean over outputs and positions

No convolution runs along depth. The energy is the sum over scales, each times its positions (s^2) and times
the cells that an average is of: a gradient by a cell is then of the size of a weight, at any resolution and
scale.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.descent import Engine
from ige.params.shape_models import EnergySettings
from ige.shapes.voxels.pooling import (
    as_grid,
    as_image,
    count_scales,
    pool_pyramid,
    pool_volume,
    scale_shape,
    unpool_pyramid,
)

NARROWEST = 4
"""Fewest hidden channels of a scale."""

# Standard deviation of a standard normal distribution cut off at two standard deviations.
_TRUNCATED_DEVIATION = 0.87962566103423978
# From here on softplus is the identity in double precision as well.
_SOFTPLUS_THRESHOLD = 40.0


@dataclass(frozen=True, slots=True, eq=False)
class BoundScale:
    """One scale of the energy for a batch of images: all that does not change during a descent.

    Attributes:
        image: (B, hidden, s, s) what the first convolution makes of the image, with its bias.
        kernel: (hidden, d, 3, 3) the rest of the first convolution: of the averages.
        output: (outputs, hidden, 3, 3) the second convolution.
        bias: (outputs,) of the second convolution.
        factor: one over the number of outputs.
    """

    image: Tensor
    kernel: Tensor
    output: Tensor
    bias: Tensor
    factor: float

    def outputs(self, pool: Tensor) -> tuple[Tensor, Tensor]:
        """Return what both convolutions make, before their activations, of averages (B, s, s, d)."""
        hidden = functional.conv2d(as_image(pool), self.kernel, padding=1).add_(self.image)
        return hidden, functional.conv2d(_softplus(hidden), self.output, self.bias, padding=1)


Bound = tuple[BoundScale, ...]


class ScaleEnergy(nn.Module):
    """Both convolutions of one scale."""

    def __init__(self, depth: int, features: int, hidden: int) -> None:
        super().__init__()
        self.depth = depth
        self.hidden = nn.Conv2d(depth + features, hidden, 3, padding=1)
        self.output = nn.Conv2d(hidden, hidden // 2, 3, padding=1)

    def bind(self, features: Tensor) -> BoundScale:
        """Convolve features (B, C, s, s) and lay the kernels out for the descent."""
        of_averages, of_features = self.hidden.weight.tensor_split((self.depth,), 1)
        features = features.to(self.hidden.weight.dtype).contiguous(memory_format=torch.channels_last)
        return BoundScale(
            image=functional.conv2d(features, of_features, self.hidden.bias, padding=1),
            kernel=of_averages.contiguous(memory_format=torch.channels_last),
            output=self.output.weight.contiguous(memory_format=torch.channels_last),
            bias=_bias(self.output),
            factor=1 / self.output.out_channels,
        )


class PooledEnergy(nn.Module, ABC):
    """An energy of grids (B, R, R, R), of what is pooled of them beside image features; one per grid.

    For `ige.descent`: `descend(energy, y0, energy.bind(features), ..., engine=energy.engine)`.

    Args:
        settings: sizes and first weights; how it pools is the affair of the subclass.
        features: channels of the image features of each scale, coarsest first.
        resolution: R.
        generator: of the first weights, on the CPU.

    Raises:
        ValueError: if the scales of the features are not those of the grid.
    """

    engine: Engine = "autograd"
    """The engine of `ige.descent` that suits it."""

    def __init__(
        self,
        settings: EnergySettings,
        features: Sequence[int],
        resolution: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        if len(features) != count_scales(resolution):
            raise ValueError(
                f"an energy of {resolution}^3 cells has {count_scales(resolution)} scales, found features of"
                f" {len(features)}"
            )
        self.resolution = resolution
        self.scales = nn.ModuleList(
            ScaleEnergy(self.channels(scale), channels, max(settings.width >> scale, NARROWEST))
            for scale, channels in enumerate(features)
        )
        for layer in _convolutions(self):
            _initialise(layer, settings.kernel_scale, generator)

    @abstractmethod
    def channels(self, scale: int) -> int:
        """Return how many channels of the grid a scale sees."""

    @abstractmethod
    def volume(self, scale: int) -> int:
        """Return how many entries of what is pooled one entry of a scale stands for."""

    @abstractmethod
    def pool(self, y: Tensor) -> tuple[Tensor, ...]:
        """Return what each scale sees, (B, s_i, s_i, channels), of grids (B, R, R, R)."""

    def bind(self, features: Sequence[Tensor]) -> Bound:
        """Convolve the image features (B, C_i, s_i, s_i) of all scales; once per image."""
        return tuple(
            scale.bind(x)
            for scale, x in zip(self.scales, features, strict=True)
            if isinstance(scale, ScaleEnergy)
        )

    def forward(self, y: Tensor, bound: Bound) -> Tensor:
        """Return the energies (B,) of grids (B, R, R, R), computed as they are defined."""
        pairs = zip(bound, self.pool(y), strict=True)
        return self.total([part.outputs(pool)[1] for part, pool in pairs], bound)

    def total(self, outputs: Sequence[Tensor], bound: Bound) -> Tensor:
        """Return the energies (B,) of the outputs (B, C_i, s_i, s_i) of all scales."""
        parts = [
            softabs(each).sum((1, 2, 3)) * (part.factor * self.volume(scale))
            for scale, (each, part) in enumerate(zip(outputs, bound, strict=True))
        ]
        return torch.stack(parts).sum(0)


class VoxelEnergy(PooledEnergy):
    """The energy of averages, with its gradient in closed form."""

    engine: Engine = "closed"

    def channels(self, scale: int) -> int:
        """Return the depth cells of a scale."""
        return scale_shape(self.resolution, scale)[1]

    def volume(self, scale: int) -> int:
        """Return how many cells an average is of."""
        return pool_volume(self.resolution, scale)

    def pool(self, y: Tensor) -> tuple[Tensor, ...]:
        """Return the averages (B, s_i, s_i, d_i)."""
        return pool_pyramid(y)

    def value_and_grad(self, y: Tensor, bound: Bound) -> tuple[Tensor, Tensor]:
        """Return the energies (B,) of grids (B, R, R, R) and their gradients (B, R, R, R)."""
        values, slopes = self.value_and_slopes(pool_pyramid(y), bound)
        return values, unpool_pyramid(slopes)

    def value_and_slopes(self, pools: tuple[Tensor, ...], bound: Bound) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the energies (B,) of averages and their gradients by the sums that were averaged.

        By a sum and by each cell in it the gradient is the same: `unpool_pyramid` adds up those of a cell.
        """
        all_outputs, slopes = [], []
        for part, pool in zip(bound, pools, strict=True):
            hidden, outputs = part.outputs(pool)
            # The slope of softabs is tanh(a / 2) / 2.
            slope = torch.tanh(outputs / 2) * (part.factor / 2)
            slope = functional.conv_transpose2d(slope, part.output, padding=1) * torch.sigmoid(hidden)
            slopes.append(as_grid(functional.conv_transpose2d(slope, part.kernel, padding=1)))
            all_outputs.append(outputs)
        return self.total(all_outputs, bound), tuple(slopes)


def softabs(a: Tensor) -> Tensor:
    """Return (softplus(a) + softplus(-a)) / 2: even, smooth, ln 2 at 0, nearly |a| / 2 far out."""
    return _softplus(a) - a / 2


def energy_parameters(energy: PooledEnergy) -> int:
    """Count the kernel weights of an energy, without biases, as the poster's sizes are counted."""
    return sum(conv.weight.numel() for conv in _convolutions(energy))


def energy_multiply_adds(energy: PooledEnergy) -> int:
    """Count the multiply-adds of one evaluation for one image: convolutions alone, borders as if inside."""
    return sum(
        (scale_shape(energy.resolution, index)[0] ** 2)
        * sum(conv.weight.numel() for conv in _convolutions(scale))
        for index, scale in enumerate(energy.scales)
    )


def _convolutions(module: nn.Module) -> list[nn.Conv2d]:
    return [layer for layer in module.modules() if isinstance(layer, nn.Conv2d)]


def _softplus(a: Tensor) -> Tensor:
    return functional.softplus(a, threshold=_SOFTPLUS_THRESHOLD)


def _bias(layer: nn.Conv2d) -> Tensor:
    if layer.bias is None:
        raise ValueError("the convolutions of an energy have biases")
    return layer.bias


def _initialise(layer: nn.Conv2d, scale: float | None, generator: torch.Generator) -> None:
    """Draw first weights: torch's own distributions, or of variance `scale` over the mean of both fans."""
    outputs, inputs = (count * layer.weight[0, 0].numel() for count in layer.weight.shape[:2])
    if scale is None:
        bound = 1 / math.sqrt(inputs)
        nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
        nn.init.uniform_(_bias(layer), -bound, bound, generator=generator)
        return
    deviation = math.sqrt(scale / ((outputs + inputs) / 2)) / _TRUNCATED_DEVIATION
    nn.init.trunc_normal_(layer.weight, std=deviation, a=-2 * deviation, b=2 * deviation, generator=generator)
    nn.init.zeros_(_bias(layer))
