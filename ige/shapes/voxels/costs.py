"""What a model of shapes costs: its weights, and the multiply-adds of one image.

As the poster counts poses: a step of descent costs its energy twice, forward and its gradient by the grid. An
energy counts whole each time, though the image's part of its first convolutions is computed once. Poolings,
interpolations, normalisation and activations do not count.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.energy import energy_multiply_adds as of_energy
from ige.shapes.voxels.head import Head
from ige.shapes.voxels.ige_net import VoxelIgeNet

# Of the poster's images.
_PIXELS = 128
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear, *_TRANSPOSED)


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
        return forward_multiply_adds(_Features(model)) + 2 * taken * of_energy(model.energy)
    return forward_multiply_adds(model) if isinstance(model, Deconv | Head) else None


class _Features(nn.Module):
    """What IGE-Net computes once per image: the first guess and the features."""

    def __init__(self, model: VoxelIgeNet) -> None:
        super().__init__()
        self.deconv, self.pyramid = model.deconv, model.pyramid

    def forward(self, images: Tensor) -> None:
        """Compute both and drop them."""
        taps = self.deconv.backbone(images)
        self.deconv.guess(taps)
        self.pyramid(taps, images)


@torch.no_grad()
def forward_multiply_adds(model: nn.Module) -> int:
    """Count the multiply-adds of all convolutions and dense layers for one image (1, 3, 128, 128)."""
    counted = copy.deepcopy(model).eval()
    products: list[int] = []
    for layer in counted.modules():
        if isinstance(layer, _LAYERS):
            layer.register_forward_hook(lambda *call: products.append(_products(*call)))
    counted(torch.zeros(1, 3, _PIXELS, _PIXELS, device=next(model.parameters()).device))
    return sum(products)


def _products(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> int:
    """Count the multiply-adds of a layer, those with the zeros around a map included."""
    kernel = layer.get_parameter("weight")
    # A kernel (a, b, ...) is laid on each of a's channels: outputs, but inputs where it is transposed.
    across = inputs[0] if isinstance(layer, _TRANSPOSED) else output
    return across.numel() * kernel[0].numel()


def _weights(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())
