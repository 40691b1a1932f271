"""Reading shards of shape sets: grids and images one by one, at random, by any number of processes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import h5py
import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.storage.arrays import attribute_text, damaged
from ige.storage.shard_layout import (
    ATTRIBUTES,
    DIAGNOSTICS,
    DIGESTS,
    FORMAT,
    IMAGES,
    KIND,
    diagnostic_name,
    digest_of_shard,
    grid_name,
    grid_shape,
    small_names,
    world_diagnostic_name,
    world_name,
    zstd_plugin,
)

Bytes = NDArray[np.uint8]
Result = TypeVar("Result")

_SMALL_BYTES = 1 << 16
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(slots=True, eq=False)
class Shard:
    """A shard; grids and images stay in the file, which each process opens for itself when it first reads.

    Attributes:
        path: of the file.
        digest: of all content.
        category: of all models.
        split: "train", "validation" or "test".
        ids: of the models.
        licences: of the models.
        levels: names that `diagnostics[R]["level"]` counts.
        resolutions: of the grids.
        pixels: per side of an image.
        settings: JSON values by which grids and images were made.
        cameras: (N, 3, 4) extrinsics of the views.
        focal: (N,) widths of the image.
        near: (N,) planar depth of the near plane.
        far: (N,) planar depth of the far plane.
        models: (N,) index into `ids`.
        view: (N,) number of the view among those of its model.
        diagnostics: by resolution and name, (N,) each; see `shard_layout.DIAGNOSTICS`.
        world_diagnostics: the same of the grids of the unit cube, (M,) each.
    """

    path: Path
    digest: str
    category: str
    split: str
    ids: tuple[str, ...]
    licences: tuple[str, ...]
    levels: tuple[str, ...]
    resolutions: tuple[int, ...]
    pixels: int
    settings: dict[str, Any]
    cameras: NDArray[np.float64]
    focal: NDArray[np.float64]
    near: NDArray[np.float64]
    far: NDArray[np.float64]
    models: NDArray[np.int32]
    view: NDArray[np.int32]
    diagnostics: Mapping[int, Mapping[str, NDArray[Any]]]
    world_diagnostics: Mapping[int, Mapping[str, NDArray[Any]]]
    _file: h5py.File | None = field(default=None, init=False, repr=False)
    _datasets: dict[str, h5py.Dataset] = field(default_factory=dict, init=False, repr=False)
    _process: int = field(default=0, init=False, repr=False)

    def __len__(self) -> int:
        """Return the number of views of all models."""
        return len(self.models)

    def grid(self, resolution: int, index: int, out: Bytes | None = None) -> Bytes:
        """Read the packed bits (R, R, ceil(R / 8)) of a view's grid, into `out` if given.

        Raises:
            InputError: if the file is damaged, or holds no grids of this resolution.
            IndexError: if there is no such view.
        """
        self._require(resolution)
        return self._block(grid_name(resolution), index, grid_shape(resolution), out)

    def world(self, resolution: int, model: int, out: Bytes | None = None) -> Bytes:
        """Read the packed bits (R, R, ceil(R / 8)) of a model's grid in the unit cube, into `out` if given.

        The cube is `ige.geometry.frustum.object_box`.

        Raises:
            InputError: if the file is damaged, or holds no grids of this resolution.
            IndexError: if there is no such model.
        """
        self._require(resolution)
        return self._block(world_name(resolution), model, grid_shape(resolution), out, in_cube=True)

    def image(self, index: int, out: Bytes | None = None) -> Bytes:
        """Read the image (P, P, 4) of a view, RGBA with straight alpha, into `out` if given.

        Raises:
            InputError: if the file is damaged.
            IndexError: if there is no such view.
        """
        return self._block(IMAGES, index, (self.pixels, self.pixels, 4), out)

    def close(self) -> None:
        """Let go of the file; the next read opens it again."""
        self._datasets.clear()
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[[Path, str], Shard], tuple[Path, str]]:
        return _reopen, (self.path, self.digest)

    def _require(self, resolution: int) -> None:
        if resolution not in self.resolutions:
            raise InputError(
                "no grids of this resolution",
                where=self.path,
                expected=" or ".join(map(str, self.resolutions)),
                found=str(resolution),
            )

    def _block(
        self, name: str, index: int, shape: tuple[int, ...], out: Bytes | None, *, in_cube: bool = False
    ) -> Bytes:
        count = len(self.ids) if in_cube else len(self)
        if not 0 <= index < count:
            raise IndexError(f"{'model' if in_cube else 'view'} {index} of {count}")
        if out is None:
            out = np.empty(shape, dtype=np.uint8)
        elif out.shape != shape or out.dtype != np.uint8 or not out.flags.c_contiguous:
            raise ValueError(f"out: expected contiguous uint8{shape}, found {out.dtype}{out.shape}")
        return _unharmed(self.path, lambda: _read_block(self._dataset(name), index, out))

    def _dataset(self, name: str) -> h5py.Dataset:
        if self._process != os.getpid():
            self.close()  # a file that was open when this process was forked: its position is shared
        if name not in self._datasets:
            if self._file is None:
                self._process = os.getpid()
                self._file = _open(self.path)
                if attribute_text(self._file, "digest") != self.digest:
                    raise _replaced(self.path)
            self._datasets[name] = self._file[name]
        return self._datasets[name]


def open_shard(path: Path | str, *, check: bool = True) -> Shard:
    """Open a shard.

    Args:
        path: of the file.
        check: compare all grids and images with their digests, too, one at a time. Without, these are only
            guarded by the checksums of HDF5, when they are read: those tell damage, but not an edit.

    Raises:
        InputError: if the file is missing, of another kind, truncated, corrupt or edited, or needs a package
            that is not installed.
    """
    file = Path(path)

    def read() -> Shard:
        with _open(file) as content:
            return _read(file, content, check)

    return _unharmed(file, read)


def _reopen(path: Path, digest: str) -> Shard:
    shard = open_shard(path, check=False)
    if shard.digest != digest:
        raise _replaced(path)
    return shard


def _open(path: Path) -> h5py.File:
    _require_hdf5(path)
    # A finished shard is never written again, and file systems without locks hold data sets, too. Blocks are
    # read whole and at random: a cache of them would only cost memory.
    file = h5py.File(path, "r", locking=False, rdcc_nbytes=0)
    found = attribute_text(file, "kind") or "an HDF5 file that ige did not write"
    if found != KIND:
        file.close()
        raise _no_shape_set(path, found)
    return file


def _require_hdf5(path: Path) -> None:
    """Raise InputError unless this is a file that begins as HDF5 files do."""
    if path.is_dir():
        raise _no_shape_set(path, "a folder")
    if not path.is_file():
        raise InputError("no such file", where=path, expected=f"a file of kind {KIND}")
    try:
        with path.open("rb") as stream:
            start = stream.read(len(_SIGNATURE))
    except OSError as error:
        raise InputError(
            "cannot be read", where=path, expected="a readable file", found=error.strerror or str(error)
        ) from error
    if start != _SIGNATURE:
        raise _no_shape_set(path, "no HDF5 file" if start else "an empty file")


def _no_shape_set(path: Path, found: str) -> InputError:
    return InputError("no shape set", where=path, expected=KIND, found=found)


def _unharmed(path: Path, read: Callable[[], Result]) -> Result:
    """Return what `read` returns; what HDF5 or Python say of a damaged file becomes one line."""
    try:
        return read()
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise damaged(path, KIND, f"a file that cannot be read ({type(error).__name__})") from error


def _replaced(path: Path) -> InputError:
    return InputError(
        "not the file that was opened first",
        where=path,
        expected="the same content",
        found="another digest",
        next_step="Do not remake a set while it is read",
    )


def _read(path: Path, file: h5py.File, check: bool) -> Shard:
    if file.attrs["format"] != FORMAT:
        raise InputError(
            "made by another version of ige",
            where=path,
            expected=f"a {KIND} file of format {FORMAT}",
            found=f"format {file.attrs['format']}",
            next_step="Make it again: delete it and run snakemake",
        )
    attributes, digests = _json(file, ATTRIBUTES), _json(file, DIGESTS)
    if not isinstance(attributes["resolutions"], list):
        raise ValueError("no list of resolutions")
    sizes = tuple(attributes["resolutions"])
    small = {name: _dataset(file, name)[()] for name in small_names(sizes)}
    blocks = [_dataset(file, name) for name in (IMAGES, *map(grid_name, sizes), *map(world_name, sizes))]
    layouts = {name: (array.dtype.str, array.shape) for name, array in small.items()}
    layouts |= {dataset.name[1:]: (dataset.dtype.str, dataset.shape) for dataset in blocks}
    if digest_of_shard(attributes, layouts, digests) != attribute_text(file, "digest"):
        raise damaged(path, KIND, "content that does not match its digest")
    if attributes["compression"] == "zstd":
        zstd_plugin(path)
    found = {name: hashlib.sha256(np.ascontiguousarray(array).data) for name, array in small.items()}
    if check:
        found |= {dataset.name[1:]: _hash_of_blocks(dataset) for dataset in blocks}
    for name, content in found.items():
        if content.hexdigest() != digests[name]:
            raise damaged(path, KIND, f"{name} that do not match their digest")
    return Shard(
        path=path,
        digest=attribute_text(file, "digest"),
        category=attributes["category"],
        split=attributes["split"],
        ids=tuple(attributes["ids"]),
        licences=tuple(attributes["licences"]),
        levels=tuple(attributes["levels"]),
        resolutions=sizes,
        pixels=attributes["pixels"],
        settings=attributes["settings"],
        cameras=small["cameras"],
        focal=small["focal"],
        near=small["near"],
        far=small["far"],
        models=small["models"],
        view=small["view"],
        diagnostics={
            size: {name: small[diagnostic_name(size, name)] for name in DIAGNOSTICS} for size in sizes
        },
        world_diagnostics={
            size: {name: small[world_diagnostic_name(size, name)] for name in DIAGNOSTICS} for size in sizes
        },
    )


def _json(file: h5py.File, name: str) -> dict[str, Any]:
    content = json.loads(bytes(_dataset(file, name)[()]))
    if not isinstance(content, dict):
        raise ValueError(f"{name} is no mapping")
    return content


def _dataset(file: h5py.File, name: str) -> h5py.Dataset:
    dataset = file[name]
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"{name} is no dataset")
    return dataset


def _hash_of_blocks(dataset: h5py.Dataset) -> Any:
    digest = hashlib.sha256()
    block = np.empty(dataset.shape[1:], dtype=np.uint8)
    for index in range(len(dataset)):
        digest.update(_read_block(dataset, index, block).data)
    return digest


def _read_block(dataset: h5py.Dataset, index: int, out: Bytes) -> Bytes:
    if out.nbytes <= _SMALL_BYTES:
        # h5py's quickest way: choosing what to read and where to costs more than the copy.
        out[...] = dataset[index]
    else:
        chosen = dataset.id.get_space()
        chosen.select_hyperslab((index, *(0,) * out.ndim), (1, *out.shape))
        dataset.id.read(h5py.h5s.create_simple((1, *out.shape)), chosen, out, h5py.h5t.NATIVE_UINT8)
    return out
