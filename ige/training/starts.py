"""The models that trainings start from: one for each seed, or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ige.base.errors import InputError


def one_per_seed(initials: Sequence[Path], name: str | None, seeds: Sequence[int]) -> list[Path | None]:
    """Pair seeds with the models that they start from.

    Args:
        initials: files of the models.
        name: of the model; None for a training from scratch.
        seeds: of the trainings.

    Raises:
        InputError: if there is not one for each seed, or one for a training from scratch.
    """
    expected = 0 if name is None else len(seeds)
    if len(initials) != expected:
        raise InputError(
            "a wrong number of models to start from",
            expected="none" if name is None else f"{expected}, one {name} per seed",
            found=str(len(initials)),
        )
    return list(initials) or [None] * len(seeds)
