"""Shards of an earlier list of models: what is left of them must not mix with those of the present one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)

_SHARD = ".h5"
_BESIDE = ("-skipped.csv", ".run.json")


def remove_stale_shards(shards: Sequence[Path]) -> None:
    """Remove the shards that lie beside these and are none of them, with what was written beside each.

    After another split or another number of models a shard, files of the earlier cut stay that no job writes
    any more; whoever reads a folder would take a model of the training split for one of the tests. Only
    folders in which a present shard lies, or will lie, are looked into.

    Args:
        shards: all shards of the present list, made or not.
    """
    kept = {path for shard in shards for path in (shard, *_beside(shard))}
    stale = [
        path
        for folder in sorted({shard.parent for shard in shards})
        for path in sorted(folder.glob("*"))
        if path.name.endswith((_SHARD, *_BESIDE)) and path not in kept
    ]
    for path in stale:
        path.unlink()
    if stale:
        names = ", ".join(f"{path.parent.name}/{path.name}" for path in stale if path.suffix == _SHARD)
        log.warning("removed shards of an earlier list of models: %s", names)


def _beside(shard: Path) -> list[Path]:
    return [shard.with_name(shard.name.removesuffix(_SHARD) + ending) for ending in _BESIDE]
