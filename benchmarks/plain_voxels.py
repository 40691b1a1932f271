"""IGE-Net for voxels as people write it: what `voxel_step` compares with.

Encoder, first guess and image features are ours. Every step pools the whole grid for each scale, joins
averages and image features, runs both convolutions of them, and takes the gradient by `autograd.grad` with
`create_graph`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.pyramid import Pyramid


class PlainVoxelIge(nn.Module):
    """Images (B, 3, P, P) to all iterates, logits (B, R, R, R)."""

    def __init__(self, deconv: Deconv, pyramid: Pyramid, width: int, steps: int) -> None:
        super().__init__()
        self.deconv, self.pyramid, self.steps = deconv, pyramid, steps
        self.hidden, self.output = nn.ModuleList(), nn.ModuleList()
        for scale, channels in enumerate(pyramid.channels):
            hidden = max(width >> scale, 4)
            self.hidden.append(nn.Conv2d((deconv.resolution >> scale) + channels, hidden, 3, padding=1))
            self.output.append(nn.Conv2d(hidden, hidden // 2, 3, padding=1))
        self.rate, self.momentum, self.clip = (nn.Parameter(torch.tensor(v)) for v in (1.0, 0.1, 1.0))

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the first guess and the iterate after each step."""
        taps = self.deconv.backbone(images)
        y, features = self.deconv.guess(taps), self.pyramid(taps, images)
        with torch.autocast(images.device.type, enabled=False):
            features = [x.float() for x in features]
            iterates, velocity = [y], torch.zeros_like(y)
            for _ in range(self.steps):
                gradient = torch.autograd.grad(self.energy(y, features).sum(), y, create_graph=True)[0]
                gradient = torch.maximum(torch.minimum(gradient, self.clip), -self.clip)
                velocity = self.momentum.abs() * velocity + gradient
                y = y - self.rate * velocity
                iterates.append(y)
        return iterates

    def energy(self, y: Tensor, features: list[Tensor]) -> Tensor:
        """Return the energies (B,) of grids (B, R, R, R) with image features of each scale."""
        total = y.new_zeros(len(y))
        cells = y[0].numel()
        for scale, (hidden, output, x) in enumerate(zip(self.hidden, self.output, features, strict=True)):
            pool = average(y, scale)
            a = output(functional.softplus(hidden(torch.cat([pool, x], 1))))
            mean = ((functional.softplus(a) + functional.softplus(-a)) / 2).mean((1, 2, 3))
            total = total + mean * (pool.shape[-1] ** 2 * (cells / pool[0].numel()))
        return total


def average(y: Tensor, scale: int) -> Tensor:
    """Return the averages (B, d, s, s) of grids (B, R, R, R) at a scale."""
    resolution, side = y.shape[-1], 4 << scale
    window = (resolution // side, resolution // side, 1 << scale)
    return functional.avg_pool3d(y[:, None], window)[:, 0].permute(0, 3, 1, 2)


def plain_loss(iterates: list[Tensor], truth: Tensor, decay: float) -> Tensor:
    """Return the mean cross-entropy of all iterates, later ones weighted more."""
    weights = [decay**-t for t in range(len(iterates))]
    losses = [functional.binary_cross_entropy_with_logits(y, truth) for y in iterates]
    return sum(w * loss for w, loss in zip(weights, losses, strict=True)) / sum(weights)
