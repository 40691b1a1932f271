"""Memory that is used again: fresh arrays of megabytes cost more in page faults than the work on them."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Buffers:
    """Named arrays that grow when needed and are kept; for one thread at a time.

    An array taken under a name is overwritten when the name is taken again.
    """

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[np.uint8]] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: DTypeLike = np.uint64) -> NDArray[Any]:
        """Return a contiguous array of this shape whose content is undefined."""
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        kept = self._kept.get(name)
        if kept is None or kept.size < size:
            kept = self._kept[name] = np.empty(size, dtype=np.uint8)
        return kept[:size].view(dtype).reshape(shape)

    def zeros(self, name: str, shape: tuple[int, ...], dtype: DTypeLike = np.uint64) -> NDArray[Any]:
        """Return a contiguous array of zeros of this shape."""
        array = self.take(name, shape, dtype)
        array.fill(0)
        return array

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(kept.size for kept in self._kept.values())


_own = threading.local()


def thread_buffers() -> Buffers:
    """Return the buffers of this thread, kept as long as it lives."""
    if not hasattr(_own, "buffers"):
        _own.buffers = Buffers()
    buffers: Buffers = _own.buffers
    return buffers
