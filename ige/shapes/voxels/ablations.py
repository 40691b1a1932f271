"""Energies that see less than the whole depth: what anisotropic averages are compared with.

`MaxEnergy` takes the largest entry of each window, the projection that was tried first and dropped (talk):
its gradient reaches one cell per window. `SilhouetteEnergy` sees how opaque the grid is along each ray of
its depth axis and nothing of where. Both have the convolutions of `VoxelEnergy`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ige.params.shape_models import EnergySettings, State
from ige.shapes.voxels.energy import PooledEnergy, VoxelEnergy
from ige.shapes.voxels.pooling import max_pool_pyramid, opacity_pyramid, pool_volume, scale_shape

# Keeps the logarithm of an empty share finite; probabilities on their way down an energy may pass 1.
_EMPTIEST = 1e-6


def make_energy(
    settings: EnergySettings,
    features: Sequence[int],
    resolution: int,
    state: State,
    generator: torch.Generator,
) -> PooledEnergy:
    """Build the energy that the settings name, for grids in this state.

    Args:
        settings: of `models.shapes`.
        features: channels of the image features of each scale, coarsest first.
        resolution: R.
        state: what descends; the energy sees logits or probabilities accordingly.
        generator: of the first weights, on the CPU.
    """
    match settings.pooling:
        case "average":
            return VoxelEnergy(settings, features, resolution, generator)
        case "max":
            return MaxEnergy(settings, features, resolution, generator)
        case "silhouette":
            energy = SilhouetteEnergy(settings, features, resolution, generator)
            energy.sees_logits = state == "logits"
            return energy


class MaxEnergy(PooledEnergy):
    """The energy of the largest entries of all windows."""

    def channels(self, scale: int) -> int:
        """Return the depth cells of a scale."""
        return scale_shape(self.resolution, scale)[1]

    def volume(self, scale: int) -> int:
        """Return how many cells a maximum is of."""
        return pool_volume(self.resolution, scale)

    def pool(self, y: Tensor) -> tuple[Tensor, ...]:
        """Return the maxima (B, s_i, s_i, d_i)."""
        return max_pool_pyramid(y)


class SilhouetteEnergy(PooledEnergy):
    """The energy of the soft silhouette: one minus the product of all empty shares along a ray.

    Attributes:
        sees_logits: whether it is asked about logits; else about probabilities.
    """

    sees_logits = True

    def channels(self, scale: int) -> int:
        """Return 1: an image without depth."""
        return 1

    def volume(self, scale: int) -> int:
        """Return how many rays an entry of a scale stands for."""
        return (self.resolution // scale_shape(self.resolution, scale)[0]) ** 2

    def pool(self, y: Tensor) -> tuple[Tensor, ...]:
        """Return the silhouette at each scale, (B, s_i, s_i, 1)."""
        empty = -functional.softplus(y) if self.sees_logits else (1 - y).clamp(_EMPTIEST, 1).log()
        return opacity_pyramid(empty)
