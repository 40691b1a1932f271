"""Which models train, validate and test: decided per category, from the ids alone."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from typing import Literal

from ige.params.shapes import ShapeSplitsSettings

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

_EXACT = 1e-9  # shares are decimal, counts whole: 0.8 of 10 is 8


def split_models(ids: Iterable[str], settings: ShapeSplitsSettings) -> dict[str, Split]:
    """Give each model of one category its split.

    The models are put in order of their ids, or of the SHA-256 of them; the last `test_share` tests. Of the
    others, `validation_share` is held out, evenly spaced over the order.
    """
    ordered = sorted(ids)
    if settings.order == "hash":
        ordered.sort(key=lambda id: hashlib.sha256(id.encode()).hexdigest())
    training = math.floor((1.0 - settings.test_share) * len(ordered) + _EXACT)
    validating = held_out(training, settings.validation_share)
    splits: dict[str, Split] = dict.fromkeys(ordered[:training], "train")
    for number in range(validating):
        splits[ordered[(2 * number + 1) * training // (2 * validating)]] = "validation"
    splits.update(dict.fromkeys(ordered[training:], "test"))
    return splits


def held_out(training: int, share: float) -> int:
    """Return how many of the models that do not test are held out for validation."""
    return math.floor(share * training + 0.5 + _EXACT)
