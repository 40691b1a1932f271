"""One row per epoch: what the loop measured and what the problem's validation found. No times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ige.storage.tables import write_csv
from ige.training.clipping import GradientFacts

Row = dict[str, float]
_COUNTS = ("epoch", "step", "skipped_steps")
_OF_THE_LOOP = 7  # columns that the loop fills; those of the validation follow


def history_row(
    epoch: int,
    step: int,
    rate: float,
    losses: Tensor,
    gradients: GradientFacts,
    errors: Mapping[str, float],
) -> Row:
    """Make the row of an epoch.

    Args:
        epoch: from 1.
        step: steps done since the start of the training.
        rate: learning rate of the epoch's last step.
        losses: (S,) the scalar that was differentiated in each step; those that are not finite are left out
            of `train_loss`, their mean.
        gradients: of this epoch's steps.
        errors: what `Problem.validate` returned.

    Raises:
        ValueError: if the validation returned nothing, or a name that the loop uses itself.
    """
    row: Row = {
        "epoch": epoch,
        "step": step,
        "learning_rate": rate,
        "train_loss": float(losses[losses.isfinite()].double().mean()),
        "gradient_norm_median": gradients.norm_median,
        "clipped_share": gradients.clipped_share,
        "skipped_steps": gradients.skipped,
    }
    if not errors or errors.keys() & row.keys():
        raise ValueError(f"validate() must return names of its own, found {sorted(errors)}")
    return row | {name: float(error) for name, error in errors.items()}


def validation(row: Row) -> tuple[str, float]:
    """Return name and value of the error that decides which epoch is best: the validation's first."""
    return list(row.items())[_OF_THE_LOOP]


def to_tensor(history: Sequence[Row]) -> Tensor:
    """Stack rows as (R, C) float64, exactly, for a checkpoint (JSON knows no NaN)."""
    return torch.tensor([list(row.values()) for row in history], dtype=torch.float64)


def from_tensor(values: Tensor, columns: Sequence[str]) -> list[Row]:
    """Return the rows that `to_tensor` took; counts are whole numbers again."""
    rows: list[list[float]] = values.tolist()
    return [
        {name: int(value) if name in _COUNTS else value for name, value in zip(columns, row, strict=True)}
        for row in rows
    ]


def write_history(path: Path, history: Sequence[Row]) -> None:
    """Write `Fit.history` as CSV, one line per epoch.

    Raises:
        StorageError: if the file cannot be written.
    """
    write_csv(path, list(history[0]), history)
