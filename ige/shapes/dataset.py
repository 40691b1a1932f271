"""Shape sets as torch data sets: grids stay packed through workers and batches (see `unpack.unpack_bits`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

from ige.base.errors import InputError
from ige.storage.shard_layout import grid_shape
from ige.storage.shards import Shard, open_shard

# Each open file costs memory and one of the numbers that an operating system gives a process.
_MOST_OPEN_FILES = 128


class ShapeGrids(Dataset[dict[str, Tensor]]):
    """Views of shards: images, cameras and packed grids of one resolution.

    An example is a mapping of

        image           (4, P, P) uint8   RGBA, straight alpha
        bits            (R, R, ceil(R / 8)) uint8   filled cells (row, column, depth), 8 a byte along depth
        camera          (3, 4) float32    X_cam = camera @ (X_world, 1)
        focal, near, far   () float32     widths of the image; planar depths of the planes
        world           (R, R, ceil(R / 8)) uint8   if asked for: the model's cells in the unit cube about the
                                          origin (`ige.geometry.frustum.object_box`)
        category, model, view   () int64  index into `categories`; index into `models`; number of the view

    A list of indices gives all of them stacked, which is faster than stacking them: see `make_loader`. The
    object may be pickled and forked; each process opens files for itself.

    Args:
        shards: files of one or more shape sets, or a single one.
        resolution: R, one of those that all shards hold.
        views: "all", or only the "first" of each model, by which models are tested.
        categories: names in the order that `category` counts; None: those of the shards, sorted.
        world: give the grids of the cube, too.
        check: read everything once and compare it with its digests.

    Raises:
        InputError: if a shard is missing or damaged, lacks the resolution, has images of another size or a
            category that is not among `categories`, or if there is no view at all.
    """

    def __init__(
        self,
        shards: Sequence[Path | str] | Path,
        resolution: int,
        views: Literal["all", "first"] = "all",
        *,
        categories: Sequence[str] | None = None,
        world: bool = False,
        check: bool = False,
    ) -> None:
        paths = [shards] if isinstance(shards, str | Path) else list(shards)
        self._shards = [open_shard(path, check=check) for path in paths]
        self.resolution = resolution
        self._world = world
        self.categories = tuple(categories or sorted({shard.category for shard in self._shards}))
        for shard in self._shards:
            self._check_fits(shard)
        self.models = tuple((shard.category, id) for shard in self._shards for id in shard.ids)
        self._first_model = np.cumsum([0, *(len(shard.ids) for shard in self._shards)])
        chosen = [
            np.flatnonzero(shard.view == 0) if views == "first" else np.arange(len(shard))
            for shard in self._shards
        ]
        self._shard_of = np.repeat(np.arange(len(chosen)), [len(each) for each in chosen])
        self._row_of = np.concatenate([np.empty(0, dtype=np.int64), *chosen])
        if not len(self._row_of):
            raise InputError(
                "no views", where=", ".join(map(str, paths)) or None, expected="shards with models"
            )
        self._open: dict[int, None] = {}

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self._row_of)

    def __getitem__(self, index: int | Sequence[int]) -> dict[str, Tensor]:
        """Return the example of an index, or those of several stacked.

        Raises:
            IndexError: if there is no such example.
            InputError: if a file was damaged or replaced meanwhile.
        """
        if isinstance(index, Sequence):
            return self._read(index)
        return {name: values[0] for name, values in self._read([index]).items()}

    def _read(self, indices: Sequence[int]) -> dict[str, Tensor]:
        count, pixels = len(indices), self._shards[0].pixels
        bits = np.empty((count, *grid_shape(self.resolution)), dtype=np.uint8)
        world = np.empty_like(bits) if self._world else None
        images = np.empty((count, 4, pixels, pixels), dtype=np.uint8)
        image = np.empty((pixels, pixels, 4), dtype=np.uint8)
        facts: dict[str, list[Any]] = {name: [] for name in ("camera", "focal", "near", "far")}
        names: dict[str, list[int]] = {name: [] for name in ("category", "model", "view")}
        for place, index in enumerate(indices):
            number, row = int(self._shard_of[index]), int(self._row_of[index])
            shard = self._opened(number)
            shard.grid(self.resolution, row, bits[place])
            if world is not None:
                shard.world(self.resolution, int(shard.models[row]), world[place])
            images[place] = shard.image(row, image).transpose(2, 0, 1)
            facts["camera"].append(shard.cameras[row])
            for name in ("focal", "near", "far"):
                facts[name].append(getattr(shard, name)[row])
            names["category"].append(self.categories.index(shard.category))
            names["model"].append(int(self._first_model[number] + shard.models[row]))
            names["view"].append(int(shard.view[row]))
        return {
            "image": torch.from_numpy(images),
            "bits": torch.from_numpy(bits),
            **({} if world is None else {"world": torch.from_numpy(world)}),
            **{name: torch.from_numpy(np.array(values, dtype=np.float32)) for name, values in facts.items()},
            **{name: torch.tensor(values) for name, values in names.items()},
        }

    def _opened(self, number: int) -> Shard:
        """Return a shard, closing the one that was not read for longest if too many are open."""
        self._open.pop(number, None)
        self._open[number] = None
        if len(self._open) > _MOST_OPEN_FILES:
            oldest = next(iter(self._open))
            del self._open[oldest]
            self._shards[oldest].close()
        return self._shards[number]

    def _check_fits(self, shard: Shard) -> None:
        first = self._shards[0]
        if self.resolution not in shard.resolutions:
            raise InputError(
                "no grids of this resolution",
                where=shard.path,
                expected=str(self.resolution),
                found=", ".join(map(str, shard.resolutions)),
            )
        if shard.pixels != first.pixels:
            raise InputError(
                "images of another size",
                where=shard.path,
                expected=f"{first.pixels} pixels as in {first.path}",
                found=str(shard.pixels),
            )
        if shard.category not in self.categories:
            raise InputError(
                "another category",
                where=shard.path,
                expected=" or ".join(self.categories),
                found=shard.category,
            )


def make_loader(
    dataset: ShapeGrids,
    batch_size: int,
    *,
    generator: torch.Generator | None = None,
    workers: int = 0,
    pin_memory: bool = False,
) -> DataLoader[dict[str, Tensor]]:
    """Return a loader of whole batches, each read in one piece.

    Args:
        dataset: to read.
        batch_size: the last batch may be smaller.
        generator: shuffles; None: in order.
        workers: processes that read.
        pin_memory: so that batches can travel to a GPU while it computes.
    """
    order = SequentialSampler(dataset) if generator is None else RandomSampler(dataset, generator=generator)
    return DataLoader(
        dataset,
        sampler=BatchSampler(order, batch_size, drop_last=False),
        batch_size=None,
        num_workers=workers,
        pin_memory=pin_memory,
        persistent_workers=workers > 0,
    )
