"""Above which probability a cell is filled: chosen by the IoU of validation views, never of test views."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

HALF = 0.5
CANDIDATES = tuple(round(0.05 * step, 2) for step in range(1, 20))


def ious_by_threshold(probability: Tensor, truth: Tensor, thresholds: Sequence[float]) -> Tensor:
    """Return the IoU (T, B) of each example at each threshold; 1 where both grids are empty.

    A cell is filled if its probability exceeds the threshold. Every cell is looked at once, whatever T.

    Args:
        probability: (B, ...) floating point.
        truth: (B, ...) of 0 and 1.
        thresholds: rising.
    """
    levels = len(thresholds) + 1
    bounds = torch.tensor(thresholds, dtype=probability.dtype, device=probability.device)
    counts = []
    for cells, filled in zip(probability, truth, strict=True):
        # The number of thresholds below a cell's probability.
        passed = torch.bucketize(cells.flatten(), bounds, out_int32=True)
        passed += levels * filled.flatten().to(torch.int32)
        counts.append(torch.bincount(passed, minlength=2 * levels).reshape(2, levels))
    empty, occupied = torch.stack(counts, 1)  # (B, T + 1) each
    total = occupied.sum(1, keepdim=True)
    # Cells above threshold t have passed more than t of them.
    hits = occupied.flip(1).cumsum(1).flip(1)[:, 1:]
    union = total + empty.flip(1).cumsum(1).flip(1)[:, 1:]
    return torch.where(union > 0, hits / union.clamp(min=1), 1.0).T


def best_threshold(ious: Tensor, thresholds: Sequence[float]) -> int:
    """Return the index of the threshold with the best mean IoU, of equals of the one nearest to a half.

    Args:
        ious: (T, N) of N examples.
        thresholds: the T thresholds.
    """
    # Rounded, so that the last bits of a mean do not decide between equals.
    means = [round(mean, 9) for mean in ious.double().mean(1).tolist()]
    return max(range(len(thresholds)), key=lambda t: (means[t], -abs(thresholds[t] - HALF)))
