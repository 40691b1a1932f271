"""What a model of shapes costs: its weights, and the multiply-adds of one image.

As the poster counts poses: a step of descent costs its energy twice, forward and its gradient by the grid. An
energy counts whole each time, though the image's part of its first convolutions is computed once.
"""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.energy import energy_multiply_adds as of_energy
from ige.shapes.voxels.head import Head
from ige.shapes.voxels.ige_net import VoxelIgeNet

# Of the poster's images.
_PIXELS = 128


def parameters(model: nn.Module) -> int | None:
    """Count all weights, with biases and those of normalisation, of encoder and first guess, too.

    None for models that do not learn.
    """
    return _weights(model) if isinstance(model, Deconv | Head | VoxelIgeNet) else None


def energy_parameters(model: nn.Module) -> int | None:
    """Count the weights of the energy alone; None for models without one."""
    return _weights(model.energy) if isinstance(model, VoxelIgeNet) else None


def energy_multiply_adds(model: nn.Module) -> int | None:
    """Count the multiply-adds of one evaluation of the energy; None for models without one."""
    return of_energy(model.energy) if isinstance(model, VoxelIgeNet) else None


def multiply_adds(model: nn.Module, steps: int | None = None) -> int | None:
    """Count the multiply-adds of one image of 128 pixels: convolutions and dense layers.

    None for models that do not learn.

    Args:
        model: any.
        steps: of descent; None for as many as the model was made for.
    """
    if isinstance(model, VoxelIgeNet):
        taken = model.steps if steps is None else steps
        return _forward(_Features(model)) + 2 * taken * of_energy(model.energy)
    return _forward(model) if isinstance(model, Deconv | Head) else None


class _Features(nn.Module):
    """What IGE-Net computes once per image: the first guess and the features."""

    def __init__(self, model: VoxelIgeNet) -> None:
        super().__init__()
        self.deconv, self.pyramid = model.deconv, model.pyramid

    def forward(self, images: torch.Tensor) -> None:
        taps = self.deconv.backbone(images)
        self.deconv.guess(taps)
        self.pyramid(taps, images)


@torch.no_grad()
def _forward(model: nn.Module) -> int:
    """Count without computing: on a device that knows shapes alone."""
    shapes = copy.deepcopy(model).to("meta").eval()
    with FlopCounterMode(display=False) as counter:
        shapes(torch.empty(1, 3, _PIXELS, _PIXELS, device="meta"))
    return counter.get_total_flops() // 2


def _weights(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())
