"""What is minimised: weighted cross-entropy and one minus a continuous intersection over union.

Grids are (B, R, R, R), (row, column, depth). With the truth y in {0, 1} and p = sigmoid(logit) of each cell:

    cross-entropy   sum(w c) / sum(w),  w = 1 + alpha where y = 1, 1 - alpha where y = 0,
                    c = -log q (1 - q)^gamma,  q the probability of the truth
    IoU             sum(v p [y = 1]) / (sum(v [y = 1]) + sum(v p [y = 0])),  v = 1 or the cell's volume

Sources: the author's unfinished voxel code for both forms; their mixture, and a start with cross-entropy
alone, are ours.

Grids of millions of cells make memory the bottleneck: all sums of one grid are taken by one function, whose
gradient is written down, in less memory and time than plain operations take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ige.params.shape_models import ShapeLossSettings

_TINY = 1e-12  # an example whose truth is empty has an IoU all the same


def refinement_loss(
    iterates: Sequence[Tensor],
    weights: Sequence[float],
    truth: Tensor,
    settings: ShapeLossSettings,
    volumes: Tensor | None,
    epoch: int,
) -> Tensor:
    """Return the losses (B,) of several guesses, weighted.

    Args:
        iterates: logits (B, R, R, R) each.
        weights: of the iterates (`ige.descent.iterate_weights`).
        truth: (B, R, R, R) of 0 and 1, of the type of the logits.
        settings: of the loss.
        volumes: of the cells at each depth, (R,) or (B, R), in any unit; None: all alike.
        epoch: from 0.

    Raises:
        ValueError: if there are not as many weights as iterates, or as `voxel_loss`.
    """
    pairs = zip(weights, iterates, strict=True)
    losses = [weight * voxel_loss(logits, truth, settings, volumes, epoch) for weight, logits in pairs]
    return torch.stack(losses).sum(0)


def voxel_loss(
    logits: Tensor, truth: Tensor, settings: ShapeLossSettings, volumes: Tensor | None, epoch: int
) -> Tensor:
    """Return the loss (B,) of each example.

    Args:
        logits: (B, R, R, R).
        truth: (B, R, R, R) of 0 and 1, of the type of the logits.
        settings: which losses, in which mixture; the IoU has no share in the first `warm_up_epochs`.
        volumes: of the cells at each depth, (R,) or (B, R), in any unit; needed where the IoU is weighted by
            them and the grid is in a frustum. None: all alike, as in a grid of the world.
        epoch: from 0.

    Raises:
        ValueError: if shapes or types do not agree.
    """
    if logits.shape != truth.shape or logits.dtype != truth.dtype:
        raise ValueError(
            f"logits {logits.dtype} {tuple(logits.shape)} and truth {truth.dtype} {tuple(truth.shape)}"
        )
    share = 0.0 if epoch < settings.warm_up_epochs else settings.iou_share
    focal = settings.focal > 0 and share < 1
    if settings.iou_weights == "none":
        volumes = None
    sums = _sums(logits, truth, settings.alpha, volumes, entropy=share < 1 and not focal, overlap=share > 0)
    parts = []
    if share < 1:
        occupied = truth.sum((1, 2, 3))
        cells = truth[0].numel()
        total = (1 - settings.alpha) * cells + 2 * settings.alpha * occupied
        summed = _focal_sum(logits, truth, settings) if focal else sums[0]
        parts.append((1 - share) * (summed / total))
    if share > 0:
        _, inside, outside = sums
        filled = (truth.sum((1, 2)) * _weights(truth, volumes)).sum(1)
        parts.append(share * (1 - inside / (filled + outside).clamp(min=_TINY)))
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def _weights(truth: Tensor, volumes: Tensor | None) -> Tensor:
    """Return the weights of depths, (B or 1, R), with mean 1."""
    if volumes is None:
        return truth.new_ones(1, truth.shape[-1])
    rows = volumes.to(truth).reshape(-1, truth.shape[-1])
    return rows / rows.mean(1, keepdim=True)


def _focal_sum(logits: Tensor, truth: Tensor, settings: ShapeLossSettings) -> Tensor:
    """Sum weighted cross-entropies (B,) that are small where the answer is sure and right."""
    entropy = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    # exp(-entropy) is the probability of the truth; expm1 keeps 1 minus it exact where it is nearly 1.
    focused = entropy * (-torch.expm1(-entropy)).clamp(min=_TINY) ** settings.focal
    summed: Tensor = (focused * (1 - settings.alpha + 2 * settings.alpha * truth)).sum((1, 2, 3))
    return summed


def _sums(
    logits: Tensor, truth: Tensor, alpha: float, volumes: Tensor | None, *, entropy: bool, overlap: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return sums (B,) over cells: weighted cross-entropies, v p [y = 1], v p [y = 0]; zeros if not asked."""
    weights = None if volumes is None else _weights(truth, volumes)
    apply: Callable[..., tuple[Tensor, Tensor, Tensor]] = _Sums.apply
    return apply(logits, truth, alpha, weights, entropy, overlap)


class _Sums(torch.autograd.Function):
    """The three sums in few passes over the grids; nothing but the logits and the truth is kept."""

    @staticmethod
    def forward(
        context: Any,
        logits: Tensor,
        truth: Tensor,
        alpha: float,
        weights: Tensor | None,
        entropy: bool,
        overlap: bool,
    ) -> tuple[Tensor, Tensor, Tensor]:
        context.save_for_backward(logits, truth, weights)
        context.alpha, context.asked = alpha, (entropy, overlap)
        nothing = logits.new_zeros(len(logits))
        ce = _entropy_sum(logits, truth, alpha) if entropy else nothing
        inside, outside = _overlap_sums(logits, truth, weights) if overlap else (nothing, nothing.clone())
        return ce, inside, outside

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        logits, truth, weights = context.saved_tensors
        ce, inside, outside = (_per_example(tensor) for tensor in upstream)
        entropy, overlap = context.asked
        p = torch.sigmoid(logits)
        gradient = None
        if overlap:
            # d p / d logit = p (1 - p)
            gradient = torch.lerp(outside, inside, truth).mul_(p).mul_(1 - p)
            if weights is not None:
                gradient.mul_(weights[:, None, None, :])
        if entropy:
            step = p.sub_(truth)
            if context.alpha:
                step.mul_(truth.mul(2 * context.alpha).add_(1 - context.alpha))
            step.mul_(ce)
            gradient = step if gradient is None else gradient.add_(step)
        return gradient, None, None, None, None, None


def _per_example(tensor: Tensor) -> Tensor:
    return tensor[:, None, None, None]


def _entropy_sum(logits: Tensor, truth: Tensor, alpha: float) -> Tensor:
    """Sum weighted cross-entropies: of an occupied cell softplus(x) - x, of an empty one softplus(x)."""
    softplus = functional.softplus(logits)
    total = (1 - alpha) * softplus.sum((1, 2, 3)) - (1 + alpha) * _dots(logits, truth)
    return total + 2 * alpha * _dots(softplus, truth) if alpha else total


def _overlap_sums(logits: Tensor, truth: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
    p = torch.sigmoid(logits)
    if weights is None:
        total, inside = p.sum((1, 2, 3)), _dots(p, truth)
    else:
        total = (p.sum((1, 2)) * weights).sum(1)
        inside = (p.mul_(truth).sum((1, 2)) * weights).sum(1)
    return inside, total - inside


def _dots(one: Tensor, other: Tensor) -> Tensor:
    """Return the inner product (B,) of each example."""
    return torch.stack([torch.dot(a.flatten(), b.flatten()) for a, b in zip(one, other, strict=True)])
