"""Which shards a model of shapes is trained and tested on."""

from __future__ import annotations

from collections.abc import Iterable

from ige.base.errors import InputError
from ige.params.naming import split_shape_trained

ShardKey = tuple[str, str, str]
"""Category, split and block of a shard."""


def shards_of_model(shards: Iterable[ShardKey], trained: str, split: str) -> list[ShardKey]:
    """Select the shards of a split that a trained model sees: of its category, or of all.

    Raises:
        InputError: if there are none.
    """
    category = split_shape_trained(trained)[2]
    found = [key for key in shards if key[1] == split and category in (None, key[0])]
    if not found:
        raise InputError(
            f"no {split} models for {trained}",
            expected="at least one",
            next_step="Take more models, or raise shapes.splits.validation_share or test_share",
        )
    return found
