"""Image to grid by an encoder and a 3D deconvolution: the initial estimate as a model of its own."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ige.params.shape_models import DeconvSettings
from ige.shapes.voxels.backbones import make_backbone
from ige.shapes.voxels.estimate import Estimate
from ige.shapes.voxels.refinement import Refinement


class Deconv(nn.Module):
    """Images (B, 3, P, P), as `network_input` makes them, to one guess.

    Models that refine the guess call the parts themselves, as features are computed once per image:
    `taps = deconv.backbone(images)`, then `deconv.guess(taps)`.

    Attributes:
        coordinates: frustum or world: the axes of its grids.
        resolution: R.
    """

    def __init__(self, settings: DeconvSettings, resolution: int, generator: torch.Generator) -> None:
        super().__init__()
        self.coordinates = settings.coordinates
        self.resolution = resolution
        self.backbone = make_backbone(settings.backbone, generator)
        self.estimate = Estimate(self.backbone.channels[-1], settings.estimate, resolution, generator)

    def forward(self, images: Tensor) -> Refinement:
        """Return the guess, logits (B, R, R, R), as the only iterate."""
        return Refinement((self.guess(self.backbone(images)),))

    def guess(self, taps: tuple[Tensor, ...]) -> Tensor:
        """Return logits (B, R, R, R) of an encoder's maps."""
        logits: Tensor = self.estimate(taps[-1])
        return logits
