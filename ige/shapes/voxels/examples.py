"""Examples of voxel models: batches of views on a device, mirrored at random, read ahead where they are many.

A mirrored image shows what the mirrored object would show. In the frustum image and grid are mirrored alike,
along their columns, and the volumes of cells stay. In the world a mirrored image is that of the object
mirrored along x, left and right, seen from the mirrored azimuth: columns again. (Along y it would do, too,
but then half of all objects would look backwards: their fronts are along y.)

Which examples are mirrored follows from seed, epoch and example alone, so that a training that goes on in
the middle of an epoch sees what it would have seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ige.geometry.frustum import Frustum
from ige.params.shape_models import Coordinates
from ige.shapes.unpack import unpack_bits
from ige.shapes.voxels.query import Query, ViewSet
from ige.shapes.voxels.view_sets import FreshViews, KeptViews
from ige.training.schedule import stream

# Batches that are read while one is learned from.
_AHEAD = 2

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """A batch of examples on a device; grids stay packed until they are asked for.

    Attributes:
        rgba: (B, 4, P, P) uint8, straight alpha.
        bits: (B, R, R, ceil(R / 8)) uint8, filled cells of the frustum, 8 a byte along depth.
        world: the same of the unit cube about the origin; None if they were not read.
        volumes: (B, R) float32: of the frustum's cells at each depth, world units cubed.
        category: (B,) int64.
    """

    rgba: Tensor
    bits: Tensor
    world: Tensor | None
    volumes: Tensor
    category: Tensor

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.rgba)

    @property
    def query(self) -> Query:
        """Return what a model is asked."""
        return Query(self.rgba, self.bits, self.category)

    def truth(self, coordinates: Coordinates) -> Tensor:
        """Return the true cells (B, R, R, R), float32 of 0 and 1.

        Raises:
            ValueError: if the grids of the world were not read.
        """
        bits = self.bits if coordinates == "frustum" else self.world
        if bits is None:
            raise ValueError("the grids of the world were not read")
        return unpack_bits(bits, self.bits.shape[1])

    def weights(self, coordinates: Coordinates) -> Tensor | None:
        """Return the volumes (B, R) of cells at each depth; None where all are alike."""
        return self.volumes if coordinates == "frustum" else None


class Examples:
    """The views of a training or a validation.

    In training: `enter_epoch` says which batches come, `next_batch` gives one after another. In validation:
    `in_order` gives all views as they are.

    Args:
        views: of shards, kept in memory or not; or made anew, then there are others in each epoch.
        device: where batches go.
        seed: of what is mirrored.
        flips: mirror half of the examples.
    """

    def __init__(self, views: ViewSet, *, device: torch.device, seed: int = 0, flips: bool = False) -> None:
        self._views, self._device = views, device
        self._seed, self._flips = seed, flips
        self._coming: Iterator[Views] = iter(())
        self._one_at_a_time = Lock()

    def __len__(self) -> int:
        """Return the number of examples of an epoch."""
        return len(self._views)

    @property
    def resolution(self) -> int:
        """Return R."""
        return self._views.resolution

    def enter_epoch(self, epoch: int, batches: Sequence[Tensor]) -> None:
        """Begin to read batches (B,) of indices, in this order; those of an epoch before are dropped."""
        mirrored = self._mirrored(epoch)
        plans = [(epoch, indices.tolist(), mirrored) for indices in batches]
        self._coming = self._stream(lambda plan: self._read(*plan), plans)

    def next_batch(self, count: int) -> Views:
        """Return the next of the batches that `enter_epoch` named.

        Raises:
            ValueError: if there is none left, or it has another number of examples.
            InputError: if a shard was damaged meanwhile, or a mesh cannot be made into a grid.
        """
        views = next(self._coming, None)
        if views is None or len(views) != count:
            raise ValueError("batches must be those that enter_epoch named")
        return views

    def in_order(self, batch_size: int) -> Iterator[Views]:
        """Return all examples in their order, none mirrored; the last batch may be smaller."""
        numbers = list(range(len(self)))
        parts = [numbers[first : first + batch_size] for first in range(0, len(numbers), batch_size)]
        return self._stream(lambda part: self._read(0, part, None), parts)

    def _stream(self, read: Callable[[Item], Views], items: Sequence[Item]) -> Iterator[Views]:
        if isinstance(self._views, KeptViews):
            return map(read, items)
        return read_ahead(read, items)

    def _mirrored(self, epoch: int) -> NDArray[np.bool_] | None:
        if not self._flips:
            return None
        rng = np.random.default_rng(stream(self._seed, epoch, 0, 0))
        return rng.integers(0, 2, len(self), dtype=np.uint8).astype(bool)

    def _read(self, epoch: int, indices: list[int], mirrored: NDArray[np.bool_] | None) -> Views:
        first = epoch * len(self) if isinstance(self._views, FreshViews) else 0
        # What an epoch before began to read may still be read; shards are read by one thread.
        with self._one_at_a_time:
            example = self._views[[first + index for index in indices]]
        chosen = None if mirrored is None else torch.from_numpy(mirrored[indices])
        return _views_of(example, chosen, self._device)


def read_ahead(read: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield what `read` returns for each item, in order; a thread reads two more while one is in use."""
    pool = ThreadPoolExecutor(1, "read ahead")
    pending: deque[Future[Result]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(read, item))
            if len(pending) > _AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        # Not waiting: a reading that is dropped may be collected where a thread is about to start.
        pool.shutdown(wait=False, cancel_futures=True)


def _views_of(example: Mapping[str, Tensor], mirrored: Tensor | None, device: torch.device) -> Views:
    rgba, bits, world = example["image"], example["bits"], example.get("world")
    resolution = bits.shape[1]
    if mirrored is not None:
        rgba = _where(mirrored, rgba.flip(3), rgba)
        bits = _where(mirrored, bits.flip(2), bits)
        world = None if world is None else _where(mirrored, world.flip(2), world)
    lenses = zip(*(example[name].tolist() for name in ("focal", "near", "far")), strict=True)
    volumes = np.stack([_cell_volumes(resolution, *lens) for lens in lenses])
    return Views(
        rgba.to(device),
        bits.to(device),
        None if world is None else world.to(device),
        torch.from_numpy(volumes).to(device),
        example["category"].to(device),
    )


def _where(chosen: Tensor, one: Tensor, other: Tensor) -> Tensor:
    return torch.where(chosen.reshape(-1, *[1] * (one.ndim - 1)), one, other)


@lru_cache(maxsize=64)
def _cell_volumes(resolution: int, focal: float, near: float, far: float) -> NDArray[np.float32]:
    return Frustum(np.eye(3, 4), focal, near, far).cell_volumes(resolution).astype(np.float32)
