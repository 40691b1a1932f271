"""Answers without learning, which every learned model must beat or none can exceed.

| model | answers |
| --- | --- |
| mean-shape | the share of training grids that fill each cell, whatever the image |
| visual-hull | all cells behind the image's silhouette, from the near plane to the far one |
| ceiling | the truth at this resolution |

Those that answer training grids stand in `retrieval`. All are in the frustum.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.base.errors import InputError
from ige.shapes.unpack import unpack_bits
from ige.shapes.voxels.query import Query, ViewSet, read_queries


class MeanShape(nn.Module):
    """The mean of all training grids."""

    mean: Tensor

    def __init__(self, resolution: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.register_buffer("mean", torch.zeros((resolution,) * 3))

    def fill(self, views: ViewSet) -> None:
        """Take the mean of training views."""
        total = torch.zeros(self.mean.shape, dtype=torch.int64)
        for batch in read_queries(views, range(len(views))):
            for bits in batch.bits:
                total += unpack_bits(bits, self.resolution, torch.uint8)
        self.mean.copy_(total.double() / len(views))

    def forward(self, query: Query) -> Tensor:
        """Answer (B, R, R, R); all grids share their memory."""
        return self.mean.expand(len(query), -1, -1, -1)


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
