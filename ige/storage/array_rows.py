"""Arrays in HDF5 that are written and read row by row, however large they are; same content, same bytes.

Each array holds as many rows as the others. A row is one chunk, whose SHA-256 stands in the head of the file
beside JSON attributes: what is read alone is checked alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ige.base.digests import canonical_json
from ige.base.errors import InputError
from ige.storage.arrays import attribute_text, damaged
from ige.storage.hdf5 import NewFile, new_hdf5

_HEAD = "head.json"
_FORMAT = 1
_GZIP_LEVEL = 1


@contextmanager
def write_array_rows(path: Path, kind: str, count: int) -> Iterator[RowWriter]:
    """Yield a writer; when the block ends without an error, the file appears whole.

    Args:
        path: of the file.
        kind: of the file.
        count: of rows.

    Raises:
        StorageError: if the file cannot be written.
    """
    # A chunk is written once, when it is whole: the cache of chunks would only delay it.
    with new_hdf5(path, rdcc_nbytes=0) as file:
        writer = RowWriter(file, count)
        yield writer
        writer.finish(kind)


class RowWriter:
    """Puts rows into an open file; made by `write_array_rows`.

    Attributes:
        attributes: JSON values that describe the arrays, to be set before the file is finished.
    """

    def __init__(self, file: NewFile, count: int) -> None:
        self._file = file
        self._count = count
        self._digests: dict[str, list[str | None]] = {}
        self.attributes: dict[str, Any] = {}

    def put(self, place: int, row: Mapping[str, NDArray[Any] | np.generic]) -> None:
        """Write a row, in any order of places; the first says how rows look.

        Args:
            place: of the row.
            row: by name of the array; a name may hold `/`, which HDF5 keeps as groups.

        Raises:
            ValueError: if it has other names, types or shapes than the first row.
        """
        blocks = {name: np.asarray(row[name], order="C") for name in sorted(row)}
        if not self._digests:
            for name, block in blocks.items():
                self._create(name, block)
        if sorted(blocks) != sorted(self._digests):
            raise ValueError(f"a row of {sorted(blocks)}, not of {sorted(self._digests)}")
        for name, block in blocks.items():
            dataset = self._file[name]
            if (dataset.shape[1:], dataset.dtype) != (block.shape, block.dtype):
                raise ValueError(
                    f"{name}: expected {dataset.dtype}{dataset.shape[1:]}, found {block.dtype}{block.shape}"
                )
            dataset[place] = block
            self._digests[name][place] = _digest(name, block)
        self._file.require_written()

    def _create(self, name: str, block: NDArray[Any]) -> None:
        self._file.create_dataset(
            name,
            shape=(self._count, *block.shape),
            chunks=(1, *block.shape),
            dtype=block.dtype,
            compression="gzip",
            compression_opts=_GZIP_LEVEL,
            fill_time="never",
            track_times=False,
        )
        self._digests[name] = [None] * self._count

    def finish(self, kind: str) -> None:
        """Write the head, with `attributes`.

        Raises:
            ValueError: if a row is missing.
        """
        written = next(iter(self._digests.values()), [None] * self._count)
        missing = [place for place, digest in enumerate(written) if digest is None]
        if missing:
            raise ValueError(f"rows {missing} of {self._count} were never written")
        head = {"attributes": self.attributes, "digests": self._digests}
        text = np.frombuffer(canonical_json(head).encode(), dtype=np.uint8)
        self._file.create_dataset(_HEAD, data=text, track_times=False)
        # Of fixed length: others lie in a heap without a checksum, and damage there makes HDF5 hang.
        self._file.attrs["kind"] = np.bytes_(kind)
        self._file.attrs["digest"] = np.bytes_(_digest_of_head(kind, head))


@dataclass(frozen=True, slots=True, eq=False)
class ArrayRows:
    """A file of rows; it is open only while one is read.

    Attributes:
        path: of the file.
        kind: of the file.
        attributes: JSON values that describe the arrays.
        digests: by name of the array, SHA-256 of each row.
    """

    path: Path
    kind: str
    attributes: Mapping[str, Any]
    digests: Mapping[str, list[str]]

    def row(self, name: str, place: int) -> NDArray[Any]:
        """Read a row of an array.

        Raises:
            InputError: if the file is damaged, has no such array, or is another than the one that was opened.
        """
        try:
            expected = self.digests[name][place]
            with h5py.File(self.path, "r", locking=False) as file:
                block = np.asarray(file[name][place])
        except (OSError, KeyError, IndexError, RuntimeError, ValueError) as error:
            raise _unreadable(self.path, self.kind, error) from error
        if _digest(name, block) != expected:
            raise damaged(self.path, self.kind, f"{name} that do not match their digest")
        return block


def open_array_rows(path: Path, kind: str) -> ArrayRows:
    """Read the head of a file that `write_array_rows` wrote, checking that it is of this kind and unharmed.

    Raises:
        InputError: if the file is missing, of another kind, truncated, or altered since it was written.
    """
    if not path.is_file():
        raise InputError("no such file", where=path, expected=f"a file of kind {kind}")
    try:
        with h5py.File(path, "r", locking=False) as file:
            found = attribute_text(file, "kind") or "no file of ige's"
            if found != kind:
                raise InputError("a file of another kind", where=path, expected=kind, found=found)
            head = json.loads(bytes(file[_HEAD][()]))
            stated = attribute_text(file, "digest")
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise _unreadable(path, kind, error) from error
    if _digest_of_head(kind, head) != stated:
        raise damaged(path, kind, "content that does not match its digest")
    return ArrayRows(path, kind, head["attributes"], head["digests"])


def _unreadable(path: Path, kind: str, error: Exception) -> InputError:
    return damaged(path, kind, f"a file that cannot be read ({type(error).__name__})")


def _digest(name: str, block: NDArray[Any]) -> str:
    digest = hashlib.sha256(canonical_json([name, block.dtype.str, list(block.shape)]).encode())
    digest.update(np.ascontiguousarray(block).data)
    return digest.hexdigest()


def _digest_of_head(kind: str, head: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json([_FORMAT, kind, head]).encode()).hexdigest()
