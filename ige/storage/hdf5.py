"""New HDF5 files that tell of a full disk.

HDF5 keeps much of a file back until it is closed. If a write fails then, it leaves objects that can be
neither closed nor freed, and ends the process by a segmentation fault. So it never sees a write fail: a
stream between it and the disk keeps the first error, which is raised once HDF5 has closed the file in peace.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

from ige.storage.atomic import atomic_path


class NewFile(h5py.File):  # type: ignore[misc]  # h5py has no types
    """An HDF5 file that is being written; made by `new_hdf5`."""

    def __init__(self, stream: _Stream, **options: Any) -> None:
        self._stream = stream
        super().__init__(stream, "w", libver="v110", **options)

    def require_written(self) -> None:
        """Check that everything has been written so far: to be called now and then while much is.

        Raises:
            OSError: the first error of the disk.
        """
        self._stream.require_written()


@contextmanager
def new_hdf5(path: Path, **options: Any) -> Iterator[NewFile]:
    """Yield a new HDF5 file; when the block ends without an error, it appears whole.

    Args:
        path: of the file.
        options: of `h5py.File`.

    Raises:
        StorageError: if it cannot be written.
    """
    with atomic_path(path) as temporary, temporary.open("rb+", buffering=0) as disk:
        stream = _Stream(disk.fileno())
        with NewFile(stream, **options) as file:
            yield file
        stream.require_written()


class _Stream:
    """A file on disk as HDF5 sees it. What the disk refuses stays in memory until HDF5 has ended."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._place = 0
        self._refused: list[tuple[int, bytes]] = []
        self._error: OSError | None = None

    def require_written(self) -> None:
        if self._error is not None:
            raise self._error

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._end()}[whence]
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def write(self, content: bytes | memoryview) -> int:
        view = memoryview(content).cast("B")
        written = 0
        try:
            while self._error is None and written < len(view):
                written += os.pwrite(self._descriptor, view[written:], self._place + written)
        except OSError as error:
            self._error = error
        if written < len(view):
            self._refused.append((self._place + written, bytes(view[written:])))
        self._place += len(view)
        return len(view)

    def read(self, size: int) -> bytes:
        content = bytearray(size)
        self.readinto(memoryview(content))
        return bytes(content)

    def readinto(self, buffer: memoryview) -> int:
        view = memoryview(buffer).cast("B")
        content = os.pread(self._descriptor, len(view), self._place)
        view[: len(content)] = content
        for place, refused in self._refused:
            begin = max(place, self._place)
            end = min(place + len(refused), self._place + len(view))
            if begin < end:
                view[begin - self._place : end - self._place] = refused[begin - place : end - place]
        self._place += len(view)
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        size = self._place if size is None else size
        try:
            os.ftruncate(self._descriptor, size)
        except OSError as error:
            self._error = self._error or error
        return size

    def flush(self) -> None:
        """Do nothing: what is written lies with the system, and is synced once the file is whole."""

    def _end(self) -> int:
        ends = [place + len(refused) for place, refused in self._refused]
        return max([os.fstat(self._descriptor).st_size, *ends])
