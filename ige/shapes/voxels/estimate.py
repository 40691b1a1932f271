"""The initial estimate: a 3D deconvolution from the deepest features to a grid of logits.

After the talk and the published voxel code: features spread over 4 x 4 x 4 cells, then, per doubling, batch
normalisation, ReLU and a transposed convolution (4 cells wide, stride 2) that halves the channels, up to 32
cells per side at most; finer grids are interpolated. The last doubling goes to the logits at once, where
the published code has one more layer of channels and a sum over them: that layer, of the most cells by far,
takes half of the time.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.params.shape_models import EstimateSettings
from ige.shapes.voxels.weights import drawn_from

_FIRST_SIDE = 4
# Of the cells of a frustum 3 to 10 in 100 are filled, by category: where the logits begin.
_FILLED_SHARE = 0.05


class Estimate(nn.Module):
    """Deepest features (B, C, 4, 4) to logits (B, R, R, R), (row, column, depth).

    Rows and columns of the features are those of the grid. What all cells must know, such as the azimuth for
    a grid in the object's box, comes from the features' mean: three vectors per cell, added along the three
    axes.

    Args:
        channels: of the features.
        settings: width, and where deconvolution ends.
        resolution: R; 4 times a power of two.
        generator: of the first weights.
    """

    finer: Tensor

    def __init__(
        self, channels: int, settings: EstimateSettings, resolution: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.resolution = resolution
        self.width = settings.channels
        side = min(settings.side, resolution)
        doublings = (side // _FIRST_SIDE).bit_length() - 1
        with drawn_from(generator):
            self.spread = nn.Conv2d(channels, _FIRST_SIDE * self.width, 1)
            self.axes = nn.Linear(channels, 3 * _FIRST_SIDE * self.width)
            widths = [self.width >> doubling for doubling in range(doublings)]
            self.norms = nn.ModuleList(nn.BatchNorm3d(width) for width in widths)
            self.doublings = nn.ModuleList(
                nn.ConvTranspose3d(inputs, outputs, 4, 2, 1, bias=False)
                for inputs, outputs in pairwise(widths)
            )
            self.logits = nn.ConvTranspose3d(widths[-1], 1, 4, 2, 1)
        self.register_buffer("finer", _interpolation(side, resolution), persistent=False)
        nn.init.constant_(_bias(self.logits), math.log(_FILLED_SHARE / (1 - _FILLED_SHARE)))
        self.doublings.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
        self.logits.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]

    def forward(self, features: Tensor) -> Tensor:
        """Return logits (B, R, R, R) of features (B, C, 4, 4); float32 of features in lower precision."""
        cells = self._cells(features)
        for norm, doubling in zip(self.norms, [*self.doublings, self.logits], strict=True):
            cells = doubling(functional.relu_(norm(cells)))
        logits = cells[:, 0].contiguous()
        logits = logits.float() if logits.dtype in (torch.bfloat16, torch.float16) else logits
        if logits.shape[-1] == self.resolution:
            return logits
        with torch.autocast(logits.device.type, enabled=False):
            return _resampled(logits, self.finer.to(logits.dtype))

    def _cells(self, features: Tensor) -> Tensor:
        """Spread features (B, C, 4, 4) over cells (B, width, 4, 4, 4)."""
        side, width = _FIRST_SIDE, self.width
        spread = self.spread(features).permute(0, 2, 3, 1).reshape(-1, side, side, side, width)
        axes = self.axes(features.mean((2, 3))).view(-1, 3, side, width)
        rows, columns, depths = axes.unbind(1)
        cells = spread + rows[:, :, None, None] + columns[:, None, :, None] + depths[:, None, None]
        grid: Tensor = cells.permute(0, 4, 1, 2, 3)
        return grid


def _interpolation(side: int, resolution: int) -> Tensor:
    """Return the matrix (R, side) that interpolates linearly between the centres of cells."""
    cells = torch.eye(side)[None]
    return functional.interpolate(cells, resolution, mode="linear", align_corners=False)[0].T


def _resampled(grid: Tensor, finer: Tensor) -> Tensor:
    """Interpolate a grid (B, s, s, s) trilinearly to (B, R, R, R), axis by axis.

    The same as torch's own, whose version for the CPU takes twice as long.
    """
    resolution, side = finer.shape
    by_columns = finer @ (grid @ finer.T)
    by_rows: Tensor = finer @ by_columns.view(-1, side, resolution * resolution)
    return by_rows.view(-1, resolution, resolution, resolution)


def _bias(layer: nn.ConvTranspose3d) -> Tensor:
    assert layer.bias is not None
    return layer.bias
