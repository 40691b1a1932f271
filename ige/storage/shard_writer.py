"""Writing a shard of a shape set: one view in memory at a time; same content, same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import h5py
import numpy as np
from numpy.typing import NDArray

from ige.base.digests import canonical_json
from ige.storage.hdf5 import NewFile, new_hdf5
from ige.storage.shard_layout import (
    ATTRIBUTES,
    DIAGNOSTICS,
    DIGESTS,
    FORMAT,
    IMAGES,
    KIND,
    LEVELS,
    PER_VIEW,
    compression_options,
    diagnostic_name,
    digest_of_shard,
    grid_name,
    grid_shape,
    world_diagnostic_name,
    world_name,
)

Bytes = NDArray[np.uint8]


class Grid(Protocol):
    """A filled grid and how it was made; `ige.grids.voxelise.FilledGrid` is one."""

    @property
    def bits(self) -> Bytes: ...  # noqa: D102
    @property
    def level(self) -> str: ...  # noqa: D102
    @property
    def closed(self) -> bool: ...  # noqa: D102
    @property
    def leak(self) -> bool: ...  # noqa: D102
    @property
    def retries(self) -> int: ...  # noqa: D102
    @property
    def volume(self) -> float: ...  # noqa: D102
    @property
    def cut(self) -> bool: ...  # noqa: D102
    @property
    def stabbed_ratio(self) -> float: ...  # noqa: D102
    @property
    def coarse_ratio(self) -> float: ...  # noqa: D102


class Camera(Protocol):
    """Where a view is seen from; `ige.geometry.frustum.Frustum` is one."""

    @property
    def extrinsics(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def focal(self) -> float: ...  # noqa: D102
    @property
    def near(self) -> float: ...  # noqa: D102
    @property
    def far(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class ShardHeader:
    """What is known of a shard before its first model.

    Attributes:
        category: of all models.
        split: "train", "validation" or "test".
        resolutions: of the grids of every view and every model.
        pixels: per side of every image.
        compression: "zstd" or "gzip".
        settings: JSON values by which grids and images were made.
    """

    category: str
    split: str
    resolutions: tuple[int, ...]
    pixels: int
    compression: str
    settings: Mapping[str, Any]


@contextmanager
def write_shard(path: Path, header: ShardHeader) -> Iterator[ShardWriter]:
    """Yield a writer; when the block ends without an error, the shard appears whole.

    Raises:
        InputError: if the compression needs a package that is not installed.
        StorageError: if the file cannot be written.
    """
    options = compression_options(header.compression)
    # A chunk is written once, when it is whole: the cache of chunks would only delay it.
    with new_hdf5(path, rdcc_nbytes=0) as file:
        writer = ShardWriter(file, header, options)
        yield writer
        writer.finish()


class ShardWriter:
    """Appends models and their views to an open file; made by `write_shard`."""

    def __init__(self, file: NewFile, header: ShardHeader, options: Mapping[str, Any]) -> None:
        self._file = file
        self._header = header
        shapes = {IMAGES: (header.pixels, header.pixels, 4)}
        for size in header.resolutions:
            shapes |= {grid_name(size): grid_shape(size), world_name(size): grid_shape(size)}
        self._blocks = {name: _Blocks(file, name, shape, options) for name, shape in sorted(shapes.items())}
        self._ids: list[str] = []
        self._licences: list[str] = []
        self._rows: list[dict[str, Any]] = []
        self._world_rows: list[dict[str, Any]] = []

    @contextmanager
    def model(self, id: str, licence: str, world: Mapping[int, Grid]) -> Iterator[None]:
        """Begin a model; views added inside the block are its views. If the block fails, all is taken back.

        Args:
            id: of the model.
            licence: of its mesh.
            world: its grids in the unit cube about the origin, by resolution, all those of the header.

        Raises:
            ValueError: if the model stands in the shard already, a shape is not that of the header, or a
                resolution is missing.
        """
        if id in self._ids:
            raise ValueError(f"{id} stands in the shard already")
        blocks = self._checked(world, world_name)
        views, models = len(self._rows), len(self._ids)
        before = {name: dataset.mark() for name, dataset in self._blocks.items()}
        try:
            self._ids.append(id)
            self._licences.append(licence)
            self._append(blocks)
            self._world_rows.append(_diagnostics(world, world_diagnostic_name))
            yield
        except BaseException:
            for rows, count in (
                *((self._ids, models), (self._licences, models)),
                *((self._world_rows, models), (self._rows, views)),
            ):
                del rows[count:]
            for name, dataset in self._blocks.items():
                dataset.cut(before[name])
            raise

    def add_view(self, number: int, camera: Camera, image: Bytes, grids: Mapping[int, Grid]) -> None:
        """Append a view of the model that was begun.

        Args:
            number: of the view among those of the model.
            camera: that sees it.
            image: (P, P, 4) RGBA with straight alpha.
            grids: by resolution, all those of the header.

        Raises:
            ValueError: if a shape is not that of the header, or a resolution is missing.
        """
        blocks = self._checked(grids, grid_name) | {IMAGES: image}
        self._blocks[IMAGES].check(image)
        row: dict[str, Any] = {
            "cameras": camera.extrinsics,
            "focal": camera.focal,
            "near": camera.near,
            "far": camera.far,
            "models": len(self._ids) - 1,
            "view": number,
        }
        self._append(blocks)
        self._rows.append(row | _diagnostics(grids, diagnostic_name))

    def finish(self) -> None:
        """Write what belongs to all models, and the digests."""
        header = self._header
        attributes = {
            "category": header.category,
            "split": header.split,
            "ids": self._ids,
            "licences": self._licences,
            "levels": list(LEVELS),
            "resolutions": list(header.resolutions),
            "pixels": header.pixels,
            "compression": header.compression,
            "settings": dict(header.settings),
        }
        digests = {name: blocks.digest.hexdigest() for name, blocks in self._blocks.items()}
        datasets = {name: blocks.layout() for name, blocks in self._blocks.items()}
        for name, array in sorted(self._small_arrays().items()):
            self._file.create_dataset(name, data=array, track_times=False)
            digests[name] = hashlib.sha256(array.data).hexdigest()
            datasets[name] = (array.dtype.str, array.shape)
        for name, value in ((ATTRIBUTES, attributes), (DIGESTS, digests)):
            text = np.frombuffer(canonical_json(value).encode(), dtype=np.uint8)
            self._file.create_dataset(name, data=text, track_times=False)
        # Of fixed length: others lie in a heap without a checksum, and damage there makes HDF5 hang.
        self._file.attrs["kind"] = np.bytes_(KIND)
        self._file.attrs["format"] = FORMAT
        self._file.attrs["digest"] = np.bytes_(digest_of_shard(attributes, datasets, digests))

    def _small_arrays(self) -> dict[str, NDArray[Any]]:
        of_views, of_models = dict(PER_VIEW), {}
        for size in self._header.resolutions:
            for name, kind in DIAGNOSTICS.items():
                of_views[diagnostic_name(size, name)] = kind, ()
                of_models[world_diagnostic_name(size, name)] = kind, ()
        return _columns(self._rows, of_views) | _columns(self._world_rows, of_models)

    def _checked(self, grids: Mapping[int, Grid], naming: Callable[[int], str]) -> dict[str, Bytes]:
        """Return the bits of grids by the names of their datasets, which they fit."""
        if sorted(grids) != sorted(self._header.resolutions):
            raise ValueError(f"grids of resolutions {sorted(grids)}, not {sorted(self._header.resolutions)}")
        blocks = {naming(size): grid.bits for size, grid in grids.items()}
        for name, block in blocks.items():
            self._blocks[name].check(block)
        return blocks

    def _append(self, blocks: Mapping[str, Bytes]) -> None:
        for name, block in sorted(blocks.items()):
            self._blocks[name].append(block)
        self._file.require_written()


class _Blocks:
    """A dataset that grows by one block, which is one chunk, and the digest of what it holds."""

    def __init__(
        self, file: h5py.File, name: str, shape: tuple[int, ...], options: Mapping[str, Any]
    ) -> None:
        self._name = name
        self._shape = shape
        self._dataset = file.create_dataset(
            name,
            shape=(0, *shape),
            maxshape=(None, *shape),
            chunks=(1, *shape),
            dtype=np.uint8,
            fletcher32=True,
            fill_time="never",
            track_times=False,
            **options,
        )
        self.digest = hashlib.sha256()

    def check(self, block: Bytes) -> None:
        if block.shape != self._shape or block.dtype != np.uint8:
            raise ValueError(f"{self._name}: expected uint8{self._shape}, found {block.dtype}{block.shape}")

    def append(self, block: Bytes) -> None:
        count = len(self._dataset)
        self._dataset.resize(count + 1, axis=0)
        block = np.ascontiguousarray(block)
        self._dataset[count] = block
        self.digest.update(block.data)

    def mark(self) -> tuple[int, Any]:
        return len(self._dataset), self.digest.copy()

    def cut(self, mark: tuple[int, Any]) -> None:
        count, self.digest = mark
        self._dataset.resize(count, axis=0)

    def layout(self) -> tuple[str, tuple[int, ...]]:
        return self._dataset.dtype.str, self._dataset.shape


def _diagnostics(grids: Mapping[int, Grid], naming: Callable[[int, str], str]) -> dict[str, Any]:
    """Return how grids were made, by the names of the datasets."""
    row: dict[str, Any] = {}
    for size, grid in grids.items():
        facts = {name: getattr(grid, name) for name in DIAGNOSTICS if name not in ("level", "filled")}
        facts["level"] = LEVELS.index(grid.level)
        facts["filled"] = _count_bits(grid.bits)
        row |= {naming(size, name): value for name, value in facts.items()}
    return row


def _columns(
    rows: Sequence[Mapping[str, Any]], types: Mapping[str, tuple[str, tuple[int, ...]]]
) -> dict[str, NDArray[Any]]:
    arrays = {}
    for name, (kind, shape) in types.items():
        values = np.array([row[name] for row in rows], dtype=kind)
        arrays[name] = np.ascontiguousarray(values.reshape(len(rows), *shape))
    return arrays


def _count_bits(bits: Bytes) -> int:
    flat = np.ascontiguousarray(bits).reshape(-1)
    words = len(flat) // 8 * 8
    # By words, which takes an eighth of the time.
    counts = np.bitwise_count(flat[:words].view(np.uint64)), np.bitwise_count(flat[words:])
    return sum(int(count.sum(dtype=np.int64)) for count in counts)
