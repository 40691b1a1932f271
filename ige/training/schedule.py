"""Each step's learning rate and batch: closed forms of settings, seed and position."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def learning_rate(step: int, steps: int, first: float, last: float) -> float:
    """Decay geometrically from `first` at step 0 to `last` at step `steps - 1`.

    The family of the published schedule (1e-3 x 0.99^epoch, released code), decayed at every step instead of
    at every epoch, and given by its two ends so that short trainings end as low as long ones.
    """
    if steps <= 1:
        return first
    return float(first * (last / first) ** (step / (steps - 1)))


def steps_per_epoch(count: int, batch_size: int, most: int | None = None) -> int:
    """Count the full batches of an epoch, at most `most`; examples fewer than a batch make one batch of all.

    The rest of a permutation is left out: batch statistics need full batches, and the next epoch's
    permutation leaves out others.

    Raises:
        ValueError: if there is no example.
    """
    if count < 1:
        raise ValueError("nothing to train on: the number of examples must be positive")
    steps = max(1, count // batch_size)
    return steps if most is None else min(steps, most)


def batches(
    count: int, batch_size: int, *, seed: int, epoch: int, device: torch.device, most: int | None = None
) -> list[Tensor]:
    """Draw the batches of an epoch, at most `most`: views (B,) of one permutation that lies on the device.

    The permutation follows from seed and epoch alone, so that a resumed epoch needs none of its past; it is
    drawn by the CPU's generator and moved once, so that every device sees the same batches.
    """
    generator = torch.Generator().manual_seed(stream(seed, epoch, 0))
    order = torch.randperm(count, generator=generator).to(device)
    size = min(count, batch_size)
    return list(torch.split(order[: steps_per_epoch(count, batch_size, most) * size], size))


def stream(seed: int, *path: int) -> int:
    """Derive a 64-bit seed for one use of randomness, independent of those for other paths."""
    return int(np.random.SeedSequence(seed, spawn_key=path).generate_state(1, np.uint64)[0])
