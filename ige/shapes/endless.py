"""Views without end: grids and images of meshes from directions that were never taken before.

Example number n is a function of the settings and of n alone, whatever made the examples before it: the
sequence is the same for any number of workers, and a training goes on where it stopped by starting there.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from ige.base.errors import InputError
from ige.geometry.frustum import Frustum, object_box
from ige.grids.surface import Surface, make_surface
from ige.grids.voxelise import voxelise
from ige.params.shapes import (
    GridsSettings,
    ImagesSettings,
    MeshFolderSettings,
    ProceduralShapesSettings,
    RandomViews,
    ShapeNetSettings,
)
from ige.shapes.mesh import Mesh
from ige.shapes.rendering import draw
from ige.shapes.sources import open_source
from ige.shapes.views import random_frustum


@dataclass(frozen=True, slots=True)
class EndlessSettings:
    """What endless views are made of.

    Attributes:
        source: of the meshes.
        folder: where its files lie, if it has any.
        models: category and id of the meshes, e.g. `ShapeGrids.models`: those of which grids can be made.
        views: seed, elevations and lens; the count does not matter.
        grids: how meshes become grids; of the resolutions only the dataset's is made.
        images: how meshes become images.
        views_per_visit: so many consecutive examples are of one mesh, which is loaded once for them.
    """

    source: ProceduralShapesSettings | MeshFolderSettings | ShapeNetSettings
    folder: Path | None
    models: tuple[tuple[str, str], ...]
    views: RandomViews
    grids: GridsSettings
    images: ImagesSettings
    views_per_visit: int = 1


class EndlessViews(Dataset[dict[str, Tensor]]):
    """Freshly made views, in the form of `ShapeGrids`; `view` counts the views of all epochs.

    In each epoch every model is visited once, in an order of that epoch. Each process keeps the meshes that
    it used last.

    Args:
        settings: what the views are made of.
        resolution: cells per side.
        categories: names in the order that `category` counts; None: those of the models, sorted.
        world: give the grids of the unit cube, too.
        cache_bytes: of meshes that a process keeps.

    Raises:
        InputError: if there are no models, or one of a category that is not among `categories`.
    """

    def __init__(
        self,
        settings: EndlessSettings,
        resolution: int,
        *,
        categories: Sequence[str] | None = None,
        world: bool = False,
        cache_bytes: int = 256 << 20,
    ) -> None:
        if not settings.models:
            raise InputError("no models", expected="at least one")
        self.settings = settings
        self.resolution = resolution
        self.models = settings.models
        self.categories = tuple(categories or sorted({category for category, _ in settings.models}))
        strange = sorted({category for category, _ in settings.models} - set(self.categories))
        if strange:
            raise InputError(
                "other categories", expected=", ".join(self.categories), found=", ".join(strange)
            )
        self._source = open_source(settings.source, settings.folder)
        self._world = world
        self._solids = _Cache(cache_bytes)
        self._order = (-1, np.empty(0, dtype=np.int64))

    def __len__(self) -> int:
        """Return the number of examples of an epoch; there is one for every number above it, too."""
        return len(self.models) * self.settings.views_per_visit

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        """Make example number `number`, from 0 to no end.

        Raises:
            IndexError: if the number is negative.
            InputError: if the mesh cannot be made into a grid.
        """
        if number < 0:
            raise IndexError(f"example {number}: the first is 0")
        settings = self.settings
        epoch, place = divmod(int(number), len(self))
        visit, turn = divmod(place, settings.views_per_visit)
        model = int(self._order_of(epoch)[visit])
        view = epoch * settings.views_per_visit + turn
        category, id = self.models[model]
        solid = self._load(category, id)
        frustum = random_frustum(settings.views, category, id, view)
        bits = self._fill(solid.surface, frustum, f"{category}/{id}")
        image = draw(solid.mesh, frustum, settings.images).rgba
        return {
            "image": torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))),
            "bits": torch.from_numpy(bits),
            # A copy: the kept one must not change with what is done to an example.
            **({} if solid.world is None else {"world": torch.tensor(solid.world)}),
            "camera": torch.from_numpy(frustum.extrinsics.astype(np.float32)),
            **{name: torch.tensor(getattr(frustum, name)) for name in ("focal", "near", "far")},
            "category": torch.tensor(self.categories.index(category)),
            "model": torch.tensor(model),
            "view": torch.tensor(view),
        }

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_solids": _Cache(self._solids.most_bytes)}

    def _order_of(self, epoch: int) -> NDArray[np.int64]:
        if self._order[0] != epoch:
            rng = np.random.default_rng([self.settings.views.seed, epoch])
            self._order = (epoch, rng.permutation(len(self.models)))
        return self._order[1]

    def _fill(self, surface: Surface, frustum: Frustum, name: str) -> NDArray[np.uint8]:
        how = self.settings.grids
        try:
            return voxelise(surface, frustum, self.resolution, fill=how.fill, surface_union=how.surface).bits
        except ValueError as error:
            raise InputError(str(error), where=name) from error

    def _load(self, category: str, id: str) -> _Solid:
        found = self._solids.get((category, id))
        if found is None:
            materials = self.settings.images.renderer == "pyrender"
            mesh = self._source.load(category, id, materials=materials)
            try:
                surface = make_surface(mesh.vertices, mesh.faces)
            except ValueError as error:
                raise InputError(str(error), where=f"{category}/{id}") from error
            world = self._fill(surface, object_box(), f"{category}/{id}") if self._world else None
            found = _Solid(mesh, surface, world)
            self._solids.put((category, id), found)
        return found


class EndlessSampler(Sampler[int]):
    """The numbers `start`, `start + 1`, ..., without end or so many of them."""

    def __init__(self, start: int = 0, count: int | None = None) -> None:
        self._start = start
        self._count = count

    def __iter__(self) -> Iterator[int]:
        number = self._start
        while self._count is None or number < self._start + self._count:
            yield number
            number += 1


def make_endless_loader(
    dataset: EndlessViews,
    batch_size: int,
    *,
    start: int = 0,
    count: int | None = None,
    workers: int = 0,
    pin_memory: bool = False,
) -> DataLoader[dict[str, Tensor]]:
    """Return a loader of batches, the same ones for any number of workers.

    Args:
        dataset: to make examples of.
        batch_size: examples in a batch.
        start: number of the first example.
        count: number of examples; None: no end.
        workers: processes that make them.
        pin_memory: so that batches can travel to a GPU while it computes.
    """
    return DataLoader(
        dataset,
        batch_size,
        sampler=EndlessSampler(start, count),
        num_workers=workers,
        pin_memory=pin_memory,
        persistent_workers=workers > 0,
    )


class _Solid(NamedTuple):
    mesh: Mesh
    surface: Surface
    world: NDArray[np.uint8] | None


class _Cache:
    """Meshes by name; those used last, of no more than so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str], _Solid] = OrderedDict()

    def get(self, name: tuple[str, str]) -> _Solid | None:
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)

    def put(self, name: tuple[str, str], solid: _Solid) -> None:
        self._kept[name] = solid
        self._bytes += _size(solid)
        # The newest stays, however large it is.
        while self._bytes > self.most_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= _size(oldest)


def _size(solid: _Solid) -> int:
    mesh, surface, world = solid
    arrays = mesh.vertices, mesh.faces, mesh.face_colours, surface.vertices, surface.faces, surface.open_faces
    return sum(array.nbytes for array in arrays) + (0 if world is None else world.nbytes)
