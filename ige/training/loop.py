"""The training loop: batches drawn on the device, Adam, clipping, checkpoints. It knows no task."""

from __future__ import annotations

from pathlib import Path

import torch

from ige.params.training import TrainingSettings
from ige.training.problem import Fit, Problem


def fit(
    problem: Problem,
    settings: TrainingSettings,
    *,
    seed: int,
    device: torch.device,
    checkpoint: Path,
    identity: str,
    title: str,
) -> Fit:
    """Train `problem.model` in place and return its last and best state."""
    raise NotImplementedError
