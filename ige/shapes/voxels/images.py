"""What a network sees of an image."""

from __future__ import annotations

import torch
from torch import Tensor

_WHITE = 255.0


def network_input(rgba: Tensor) -> Tensor:
    """Lay images over white and standardise each by itself, as the published voxel code does.

    Args:
        rgba: (B, 4, P, P) uint8, straight alpha.

    Returns:
        (B, 3, P, P) float32 of mean 0 and variance 1 over an image's pixels and colours; an image of one
        colour, which shows nothing, is zero.
    """
    alpha = rgba[:, 3:].float() / _WHITE
    over_white = rgba[:, :3].float() * alpha + _WHITE * (1 - alpha)
    centred = over_white - over_white.mean((1, 2, 3), keepdim=True)
    deviation = centred.square().mean((1, 2, 3), keepdim=True).sqrt()
    # Below a thousandth of a grey level there is nothing but rounding.
    return torch.where(deviation > 1e-3, centred / deviation.clamp_min(1e-3), torch.zeros_like(centred))
