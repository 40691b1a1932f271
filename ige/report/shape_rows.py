"""The rows of shape-sets.csv: one per category, split and resolution, over all shards of these.

The CSV file is the one source of what the other tables and the page print. Its columns are a contract:
`ShapeRow`'s fields, in this order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from ige.base.errors import InputError
from ige.storage.shards import Shard, open_shard
from ige.storage.tables import read_csv, write_csv


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """A row of the table; shares are of grids, from 0 to 1, and None where there are none.

    Attributes:
        category: of the models.
        split: "train", "validation" or "test".
        resolution: cells per side.
        models: whose grids these are.
        views: grids, one for each view of each model; as many images.
        skipped: models of this category and split that gave no grids; see their skipped.csv.
        exact: share filled by the exact level.
        tolerant: share filled by the tolerant level, at its first attempt.
        tolerant_r2: share for which gaps of 2 cells were closed.
        tolerant_r4: share for which gaps of 4 cells were closed.
        reference: share filled by the published method.
        closed: share whose mesh is closed.
        leaks: share flagged as leaking, after all attempts.
        cut: share whose mesh reaches out of the frustum.
        empty: share without any filled cell.
        occupied: mean share of filled cells.
        bytes: of the shards, with images and the grids of all resolutions.
        source: where the models come from, in words.
        splits: how they were split, in words.
    """

    category: str
    split: str
    resolution: int
    models: int
    views: int
    skipped: int
    exact: float | None
    tolerant: float | None
    tolerant_r2: float | None
    tolerant_r4: float | None
    reference: float | None
    closed: float | None
    leaks: float | None
    cut: float | None
    empty: float | None
    occupied: float | None
    bytes: int
    source: str
    splits: str


COLUMNS = tuple(field.name for field in fields(ShapeRow))
_TEXTS = ("category", "split", "source", "splits")
_COUNTS = ("resolution", "models", "views", "skipped", "bytes")
_SPLITS = ("train", "validation", "test")


def shape_rows(shards: Sequence[Path], skipped: Sequence[Path], source: str, splits: str) -> list[ShapeRow]:
    """Count what shards hold.

    Args:
        shards: in the order of categories in which the rows shall stand.
        skipped: the skipped.csv of each shard, in the order of the shards.
        source: where all models come from, as `data_notes.shape_source` says it.
        splits: how they were split, as `data_notes.shape_splits` says it.

    Raises:
        InputError: if a file is missing or damaged, or there are not as many of both.
    """
    if len(skipped) != len(shards):
        raise InputError(
            "not the skipped.csv of each shard", expected=f"{len(shards)} files", found=str(len(skipped))
        )
    groups: dict[tuple[str, str], list[tuple[Shard, int]]] = {}
    for path, list_of_skipped in zip(shards, skipped, strict=True):
        shard = open_shard(path)
        shard.close()
        groups.setdefault((shard.category, shard.split), []).append((shard, len(read_csv(list_of_skipped))))
    categories = list(dict.fromkeys(category for category, _ in groups))
    keys = sorted(groups, key=lambda key: (categories.index(key[0]), _SPLITS.index(key[1])))
    return [
        _row(groups[key], resolution, source, splits)
        for key in keys
        for resolution in dict.fromkeys(size for shard, _ in groups[key] for size in shard.resolutions)
    ]


def _row(group: Sequence[tuple[Shard, int]], resolution: int, source: str, splits: str) -> ShapeRow:
    first = group[0][0]
    shards = [shard for shard, _ in group if resolution in shard.resolutions]
    columns = {
        name: np.concatenate([shard.diagnostics[resolution][name] for shard in shards])
        for name in ("closed", "leak", "cut", "filled")
    }
    levels = np.concatenate(
        [np.array(shard.levels)[shard.diagnostics[resolution]["level"]] for shard in shards]
    )
    return ShapeRow(
        category=first.category,
        split=first.split,
        resolution=resolution,
        models=sum(len(shard.ids) for shard in shards),
        views=len(levels),
        skipped=sum(count for _, count in group),
        exact=_mean(levels == "exact"),
        tolerant=_mean(levels == "tolerant"),
        tolerant_r2=_mean(levels == "tolerant-r2"),
        tolerant_r4=_mean(levels == "tolerant-r4"),
        reference=_mean(levels == "reference"),
        closed=_mean(columns["closed"]),
        leaks=_mean(columns["leak"]),
        cut=_mean(columns["cut"]),
        empty=_mean(columns["filled"] == 0),
        occupied=_mean(columns["filled"] / resolution**3),
        bytes=sum(shard.path.stat().st_size for shard in shards),
        source=source,
        splits=splits,
    )


def _mean(values: Any) -> float | None:
    # Rounded, so that no order of summation shows.
    return round(float(np.mean(values)), 9) if len(values) else None


def write_rows(path: Path, rows: Sequence[ShapeRow]) -> None:
    """Write shape-sets.csv.

    Raises:
        StorageError: if the file cannot be written.
    """
    write_csv(path, COLUMNS, [asdict(row) for row in rows])


def read_rows(path: Path) -> list[ShapeRow]:
    """Read shape-sets.csv.

    Raises:
        InputError: if the file is missing or no such table.
    """
    try:
        return [_row_of(cells) for cells in read_csv(path)]
    except (TypeError, ValueError) as error:
        raise InputError(
            "is no table of shape sets", where=path, expected=f"columns {', '.join(COLUMNS)}"
        ) from error


def _row_of(cells: dict[str, str]) -> ShapeRow:
    values: dict[str, Any] = {name: _value(name, cell) for name, cell in cells.items()}
    return ShapeRow(**values)


def _value(name: str, cell: str) -> str | int | float | None:
    if name in _TEXTS:
        return cell
    if name in _COUNTS:
        return int(cell)
    return float(cell) if cell else None
