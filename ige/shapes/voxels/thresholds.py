"""Above which probability a cell is filled: chosen by the IoU of validation views, never of test views."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

HALF = 0.5
CANDIDATES = tuple(round(0.05 * step, 2) for step in range(1, 20))


def ious_by_threshold(probability: Tensor, truth: Tensor, thresholds: tuple[float, ...]) -> Tensor:
    """Return the IoU (T, B) of each example at each threshold; 1 where both grids are empty.

    A cell is filled if its probability exceeds the threshold. Every cell is looked at once, whatever T.

    Args:
        probability: (B, R, R, R) float32.
        truth: (B, R, R, R) of 0 and 1.
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
    # Cells that passed threshold t have a count above t.
    hits = occupied.flip(1).cumsum(1).flip(1)[:, 1:]
    union = total + empty.flip(1).cumsum(1).flip(1)[:, 1:]
    return torch.where(union > 0, hits / union.clamp(min=1), 1.0).T


def best_threshold(answers: Iterable[tuple[Tensor, Tensor]]) -> float:
    """Return the candidate with the best mean IoU over all examples, of equals the one nearest to a half.

    Args:
        answers: batches of probabilities and true cells, (B, R, R, R) each.

    Raises:
        ValueError: if there is no example.
    """
    summed = torch.zeros(len(CANDIDATES), dtype=torch.float64)
    count = 0
    for probability, truth in answers:
        summed += ious_by_threshold(probability, truth, CANDIDATES).double().sum(1).cpu()
        count += len(truth)
    if count == 0:
        raise ValueError("a threshold needs examples")
    means = (summed / count).tolist()
    # Rounded, so that sums taken in another order do not decide between equals.
    return max(CANDIDATES, key=lambda t: (round(means[CANDIDATES.index(t)], 9), -abs(t - HALF), -t))
