"""Where the views of a training come from, if not from shards each time: from memory, or made anew.

Both are indexed as `ige.shapes.dataset.ShapeGrids` is.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.data import default_collate

from ige.shapes.dataset import ShapeGrids
from ige.shapes.endless import EndlessViews

# Of images and packed grids; at 32 cells per side and 128 pixels that is 15,000 views, at 256 cells 500.
MOST_BYTES = 1 << 30
_READ_AT_ONCE = 64


class FreshViews:
    """Views that are made when they are asked for: there is one for every number, also beyond an epoch's."""

    def __init__(self, views: EndlessViews) -> None:
        self.resolution = views.resolution
        self._views = views

    def __len__(self) -> int:
        """Return the number of views of an epoch."""
        return len(self._views)

    def __getitem__(self, index: list[int], /) -> dict[str, Tensor]:
        """Make several views, stacked."""
        views: dict[str, Tensor] = default_collate([self._views[number] for number in index])
        return views


class KeptViews:
    """All views of a set in memory, packed as in their shards: read once, not once an epoch."""

    def __init__(self, views: ShapeGrids) -> None:
        self.resolution = views.resolution
        self._columns = _read_all(views)

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self._columns["category"])

    def __getitem__(self, index: list[int], /) -> dict[str, Tensor]:
        """Return several views, stacked."""
        chosen = torch.tensor(index, dtype=torch.int64)
        return {name: column.index_select(0, chosen) for name, column in self._columns.items()}


def keep_if_small(views: ShapeGrids, most_bytes: int = MOST_BYTES) -> ShapeGrids | KeptViews:
    """Read a set into memory if it takes no more than so many bytes there."""
    return KeptViews(views) if bytes_of(views) <= most_bytes else views


def bytes_of(views: ShapeGrids) -> int:
    """Return what a set takes in memory, packed: images and grids, with those of the world if asked for."""
    one = views[[0]]
    return len(views) * sum(tensor.nbytes for tensor in one.values())


def _read_all(views: ShapeGrids) -> dict[str, Tensor]:
    """Fill one tensor of each name, without a second copy of all."""
    columns: dict[str, Tensor] = {}
    for first in range(0, len(views), _READ_AT_ONCE):
        part = views[list(range(first, min(first + _READ_AT_ONCE, len(views))))]
        for name, values in part.items():
            if name not in columns:
                columns[name] = values.new_empty(len(views), *values.shape[1:])
            columns[name][first : first + len(values)] = values
    return columns
