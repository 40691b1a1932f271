"""Answers that are training grids, found by image or by the truth itself, from a bank of training views.

| model | answers the bank's grid |
| --- | --- |
| nearest-image, pixels | whose image is nearest: on white, 16 x 16 RGB, squared distance |
| nearest-image, silhouette | whose silhouette is nearest: covered shares of 32 x 32 areas, squared distance |
| oracle | that agrees best with the truth: what the best retrieval could reach |

Between silhouettes of whole pixels the squared distance is the area where they differ. The bank is spread
evenly over the training views, in their order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ige.shapes.unpack import unpack_bits
from ige.shapes.voxels.query import Query, ViewSet, read_queries, spread
from ige.storage.shard_layout import grid_shape

# What is compared of images: cells per side.
_PIXELS_SIDE = 16
_SILHOUETTE_SIDE = 32
# The oracle compares grids of at most so many cells per side; finer ones are reduced to it.
_ORACLE_SIDE = 64
# Bytes of the bank, and cells of it on a GPU, that are compared at once: bounds memory.
_BYTES = 2**20
_CELLS = 2**26


class _Bank(nn.Module, ABC):
    """Packed grids (bank, R, R, ceil(R / 8)) of training views."""

    bits: Tensor

    def __init__(self, bank: int, resolution: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.register_buffer("bits", torch.zeros(bank, *grid_shape(resolution), dtype=torch.uint8))

    def fill(self, views: ViewSet) -> None:
        """Fill the bank from training views.

        Raises:
            InputError: if there are fewer views than the bank holds.
        """
        first = 0
        for batch in read_queries(views, spread(len(views), len(self.bits))):
            place = slice(first, first + len(batch))
            self.bits[place] = batch.bits
            self.index(place, batch)
            first += len(batch)

    @abstractmethod
    def index(self, place: slice, batch: Query) -> None:
        """Note by what the grids of a part of the bank are found."""

    @abstractmethod
    def find(self, query: Query) -> Tensor:
        """Return the places (B,) in the bank that answer a query."""

    def forward(self, query: Query) -> Tensor:
        """Answer grids (B, R, R, R), float32 of 0 and 1."""
        return unpack_bits(self.bits[self.find(query)], self.resolution)


class NearestImage(_Bank):
    """The grid of the training view whose image is nearest.

    Args:
        by: "pixels" or "silhouette".
        bank: number of training views.
        resolution: R.
    """

    keys: Tensor

    def __init__(self, by: str, bank: int, resolution: int) -> None:
        super().__init__(bank, resolution)
        self._features = {"pixels": pixel_features, "silhouette": silhouette_features}[by]
        length = {"pixels": 3 * _PIXELS_SIDE**2, "silhouette": _SILHOUETTE_SIDE**2}[by]
        self.register_buffer("keys", torch.zeros(bank, length))

    def index(self, place: slice, batch: Query) -> None:
        """Note the features of images."""
        self.keys[place] = self._features(batch.rgba)

    def find(self, query: Query) -> Tensor:
        """Return the first of the nearest images."""
        # Not by a product of matrices: its rounding depends on how many images are asked about at once.
        mode = "donot_use_mm_for_euclid_dist"
        return torch.cdist(self._features(query.rgba), self.keys, compute_mode=mode).argmin(1)


def pixel_features(rgba: Tensor) -> Tensor:
    """Return images (B, 4, P, P) uint8 on white, reduced to 16 x 16 RGB in 0..1, as vectors (B, 768)."""
    colour, alpha = rgba[:, :3].float() / 255, rgba[:, 3:].float() / 255
    on_white = alpha * colour + (1 - alpha)
    return functional.adaptive_avg_pool2d(on_white, _PIXELS_SIDE).flatten(1)


def silhouette_features(rgba: Tensor) -> Tensor:
    """Return the share of each of 32 x 32 areas that an object covers, as vectors (B, 1024)."""
    covered = (rgba[:, 3:] > 127).float()
    return functional.adaptive_avg_pool2d(covered, _SILHOUETTE_SIDE).flatten(1)


class Oracle(_Bank):
    """The training grid with the best IoU with the truth, grids above 64 cells per side compared at 64.

    Reduced grids are filled where at least half of a block is.
    """

    keys: Tensor

    def __init__(self, bank: int, resolution: int) -> None:
        super().__init__(bank, resolution)
        if resolution > _ORACLE_SIDE:
            shape = bank, *grid_shape(_ORACLE_SIDE)
            self.register_buffer("keys", torch.zeros(shape, dtype=torch.uint8))

    def index(self, place: slice, batch: Query) -> None:
        """Note the reduced grids; finer ones are their own."""
        if self.resolution > _ORACLE_SIDE:
            self.keys[place] = _reduced(batch.bits, self.resolution)

    def find(self, query: Query) -> Tensor:
        """Return the first of the grids with the best IoU."""
        if self.resolution > _ORACLE_SIDE:
            asked, bank = _reduced(query.bits, self.resolution), self.keys
        else:
            asked, bank = query.bits, self.bits
        return best_iou(asked, bank)


def best_iou(asked: Tensor, bank: Tensor) -> Tensor:
    """Return for each of B packed grids the first of N others with the best IoU: (B,) int64.

    Two empty grids agree wholly.

    Args:
        asked: (B, R, R, ceil(R / 8)) uint8.
        bank: (N, R, R, ceil(R / 8)) uint8.
    """
    if bank.device.type == "cpu":
        shared, sizes, bank_sizes = _count_bits(asked.flatten(1).numpy(), bank.flatten(1).numpy())
    else:
        shared, sizes, bank_sizes = _count_products(asked.flatten(1), bank.flatten(1))
    union = sizes[:, None] + bank_sizes - shared
    return torch.where(union > 0, shared / union, 1.0).argmax(1)


def _count_bits(asked: NDArray[np.uint8], bank: NDArray[np.uint8]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the bits (B, N) that rows share, float64, and those of each row, (B,) and (N,)."""
    word = np.uint8 if asked.shape[1] % 8 else np.uint64
    words, others = asked.view(word), bank.view(word)
    shared = np.empty((len(asked), len(bank)))
    bank_sizes = np.empty(len(bank))
    step = max(1, _BYTES // asked.shape[1])
    for first in range(0, len(bank), step):
        part = others[first : first + step]
        bank_sizes[first : first + step] = _ones(part)
        for row, each in enumerate(words):
            shared[row, first : first + step] = _ones(part & each)
    counts = shared, _ones(words).astype(np.float64), bank_sizes
    return torch.from_numpy(counts[0]), torch.from_numpy(counts[1]), torch.from_numpy(counts[2])


def _ones(words: NDArray[Any]) -> NDArray[np.int64]:
    counted: NDArray[np.int64] = np.bitwise_count(words).sum(1, dtype=np.int64)
    return counted


def _count_products(asked: Tensor, bank: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Do the same on any device: sums of products of 0 and 1, exact in float32 up to 2^24 of them."""
    cells = 8 * asked.shape[1]
    wanted = unpack_bits(asked, cells)
    shared, sizes = [], []
    for part in torch.split(bank, max(1, _CELLS // cells)):
        found = unpack_bits(part, cells)
        # Counts above 256 do not survive bfloat16.
        with torch.autocast(bank.device.type, enabled=False):
            shared.append(wanted @ found.T)
        sizes.append(found.sum(1))
    return torch.cat(shared, 1).double(), wanted.sum(1).double(), torch.cat(sizes).double()


def _reduced(bits: Tensor, resolution: int) -> Tensor:
    """Return packed grids (B, R, R, ceil(R / 8)) at 64 cells per side, filled where half of a block is."""
    grids = [_reduce(unpack_bits(each, resolution)) for each in bits]
    return torch.stack(grids)


def _reduce(grid: Tensor) -> Tensor:
    side = _ORACLE_SIDE
    filled = functional.adaptive_avg_pool3d(grid[None], side)[0] >= 0.5
    values = 2 ** torch.arange(8, dtype=torch.uint8, device=grid.device)
    return (filled.view(side, side, -1, 8) * values).sum(-1, dtype=torch.uint8)
