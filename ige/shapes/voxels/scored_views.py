"""Views of test models: what a model is shown, and the truth that its answer is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ige.base.errors import InputError
from ige.geometry.frustum import Frustum
from ige.grids.bits import unpack
from ige.params.stages import ShapeScoringSettings
from ige.shapes.dataset import ShapeGrids
from ige.storage.shards import Shard, open_shard

# A setting that no other source of shapes has.
_TELLING = {"models_per_category": "procedural", "aliases": "folder", "version": "shapenet"}


@dataclass(frozen=True, eq=False)
class Truth:
    """The truth of a view at the resolution E of the evaluation.

    Attributes:
        category: of the model.
        id: of the model.
        view: number of the view.
        frustum: of the view.
        resolution: E.
        bits: (E, E, ceil(E / 8)) packed cells in the frustum.
        world_bits: (E, E, ceil(E / 8)) packed cells in the object's box.
    """

    category: str
    id: str
    view: int
    frustum: Frustum
    resolution: int
    bits: NDArray[np.uint8]
    world_bits: NDArray[np.uint8]

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """(E, E, E) filled cells in the frustum."""
        return unpack(self.bits, self.resolution)

    @cached_property
    def world(self) -> NDArray[np.bool_]:
        """(E, E, E) filled cells in the object's box."""
        return unpack(self.world_bits, self.resolution)


class ScoredViews:
    """The views of test shards, in their order; one truth is read at a time.

    Args:
        shards: files of the test models.
        resolution: R, at which the model was trained.
        settings: categories, views, resolution of the evaluation.

    Raises:
        InputError: if a shard is missing or damaged, lacks one of the resolutions, is of another category,
            there is no view at all, or the model's grids are finer than those of the evaluation.
    """

    def __init__(self, shards: Sequence[Path], resolution: int, settings: ShapeScoringSettings) -> None:
        if resolution > settings.resolution:
            raise InputError(
                "a model of grids that are finer than those of the evaluation",
                expected=f"at most {settings.resolution} (evaluation.shapes.resolution)",
                found=str(resolution),
            )
        self._shown = ShapeGrids(shards, resolution, settings.views, categories=settings.categories)
        self._resolution = settings.resolution
        self._categories = settings.categories
        self._shards = [open_shard(path, check=False) for path in shards]
        self._places = [
            (number, row)
            for number, shard in enumerate(self._shards)
            for row in range(len(shard))
            if settings.views == "all" or shard.view[row] == 0
        ]
        self._open: Shard | None = None

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self._places)

    @property
    def categories(self) -> list[int]:
        """Number of the category of each view, among those of the settings."""
        return [self._categories.index(self._shards[number].category) for number, _ in self._places]

    @property
    def source(self) -> str:
        """Name of the source of the shapes, as in `shapes.source`."""
        settings = self._shards[0].settings.get("source", {})
        return next((name for key, name in _TELLING.items() if key in settings), "unknown")

    def batches(self, size: int) -> Iterator[tuple[range, dict[str, Tensor]]]:
        """Yield numbers of views, and what `ShapeGrids` gives of them, `size` at a time."""
        for start in range(0, len(self), size):
            numbers = range(start, min(start + size, len(self)))
            yield numbers, self._shown[list(numbers)]

    def truth(self, number: int) -> Truth:
        """Read the truth of a view.

        Raises:
            InputError: if the shard is damaged or holds no grids of this resolution.
        """
        place, row = self._places[number]
        shard, resolution = self._shards[place], self._resolution
        if self._open is not None and self._open is not shard:
            self._open.close()  # they are read in their order
        self._open = shard
        model = int(shard.models[row])
        lens = float(shard.focal[row]), float(shard.near[row]), float(shard.far[row])
        return Truth(
            category=shard.category,
            id=shard.ids[model],
            view=int(shard.view[row]),
            frustum=Frustum(shard.cameras[row], *lens),
            resolution=resolution,
            bits=shard.grid(resolution, row),
            world_bits=shard.world(resolution, model),
        )
