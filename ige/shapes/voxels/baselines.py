"""Answers without learning: what every learned model must beat, and the truth itself at a coarse resolution.

| model | answers |
| --- | --- |
| mean-shape | the share of training grids that fill each cell, whatever the image |
| visual-hull | all cells behind the image's silhouette, from the near plane to the far one |
| ceiling | the truth at this resolution |

Those that answer training grids stand in `retrieval`. All are in the frustum. The ceiling is no
bound: thin parts thicken in a truth of few cells, and other grids of as many agree better with a finer one.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.base.errors import InputError
from ige.shapes.unpack import unpack_bits
from ige.shapes.voxels.query import Query, ViewSet, read_queries, spread

# Views that the mean is taken of: more of them move no cell by a hundredth and take time.
_MEAN_OF = 20_000
# So many grids can be summed up in bytes, which is four times as fast.
_BYTE = 255


class MeanShape(nn.Module):
    """The mean of all training grids."""

    mean: Tensor

    def __init__(self, resolution: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.register_buffer("mean", torch.zeros((resolution,) * 3))

    def fill(self, views: ViewSet) -> None:
        """Take the mean of training views, of 20,000 evenly spaced ones if there are more."""
        chosen = spread(len(views), min(len(views), _MEAN_OF))
        total = torch.zeros(self.mean.shape, dtype=torch.int32)
        for batch in read_queries(views, chosen):
            for part in torch.tensor_split(batch.bits, -(-len(batch) // _BYTE)):
                total += sum_of_bits(part, self.resolution)
        self.mean.copy_(total.double() / len(chosen))

    def forward(self, query: Query) -> Tensor:
        """Answer (B, R, R, R); all grids share their memory."""
        return self.mean.expand(len(query), -1, -1, -1)


def sum_of_bits(bits: Tensor, resolution: int) -> Tensor:
    """Count for each cell how many of at most 255 packed grids (N, R, R, ceil(R / 8)) fill it.

    Returns:
        (R, R, R) uint8.
    """
    total = torch.zeros((resolution,) * 3, dtype=torch.uint8)
    for grid in bits:
        total += unpack_bits(grid, resolution, torch.uint8)
    return total


class VisualHull(nn.Module):
    """All that the image's silhouette admits: a cell is filled if more than half of its image is covered."""

    def __init__(self, resolution: int) -> None:
        super().__init__()
        self.resolution = resolution

    def fill(self, views: ViewSet) -> None:
        """Learn nothing."""

    def forward(self, query: Query) -> Tensor:
        """Answer (B, R, R, R), float32 of 0 and 1; the cells of a ray share their memory."""
        alpha = query.rgba[:, 3:].float() / 255
        share = functional.adaptive_avg_pool2d(alpha, self.resolution)[:, 0]
        return (share > 0.5).float()[..., None].expand(-1, -1, -1, self.resolution)


class Ceiling(nn.Module):
    """The truth at the resolution of training, which is not that of evaluation."""

    def __init__(self, resolution: int) -> None:
        super().__init__()
        self.resolution = resolution

    def fill(self, views: ViewSet) -> None:
        """Learn nothing."""

    def forward(self, query: Query) -> Tensor:
        """Answer (B, R, R, R), float32 of 0 and 1.

        Raises:
            InputError: if the truth is given at another resolution.
        """
        if query.resolution != self.resolution:
            raise InputError(
                "the truth at another resolution", expected=str(self.resolution), found=str(query.resolution)
            )
        return query.truth()
