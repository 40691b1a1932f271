"""A first guess that stays as it is while what refines it is trained: `start: frozen`."""

from __future__ import annotations

from typing import Self

import torch

from ige.params.shape_models import DeconvSettings
from ige.shapes.voxels.deconv import Deconv


class FrozenDeconv(Deconv):
    """A deconvolution without anything to train: neither its weights change nor its batch statistics."""

    def __init__(self, settings: DeconvSettings, resolution: int, generator: torch.Generator) -> None:
        super().__init__(settings, resolution, generator)
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Self:
        """Stay in eval mode, whatever the model around it is told."""
        return super().train(False)
