"""Random choices that generated shapes share.

All go through `Generator.random`, so that the same seed draws the same whatever the platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number between two."""
    return low + (high - low) * float(rng.random())


def chance(rng: np.random.Generator, share: float) -> bool:
    """Return True for this share of the draws."""
    return float(rng.random()) < share


def one_of(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Return one of the options, each as likely."""
    return options[int(float(rng.random()) * len(options))]


def count(rng: np.random.Generator, low: int, high: int) -> int:
    """Return a whole number from low to high, both included."""
    return one_of(rng, range(low, high + 1))


def proportions(rng: np.random.Generator, *ranges: tuple[float, float]) -> tuple[float, ...]:
    """Return one number of each range, then scaled so that their squares sum to 1.

    Given ranges of length, width and height it returns the sides of a box of unit diagonal.
    """
    drawn = [between(rng, low, high) for low, high in ranges]
    norm = float(np.sqrt(sum(value * value for value in drawn)))
    return tuple(value / norm for value in drawn)
