"""Files of numpy arrays (`.npz`) of others, read without trusting them."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

from ige.base.errors import InputError
from ige.storage.archives import open_archive
from ige.storage.array_pickle import read_array_pickle
from ige.storage.plain_arrays import array_of, dtype_of

_MAGIC = b"\x93NUMPY"
_SUFFIX = ".npy"
_HEADER = re.compile(
    rb"\{ *'descr': *(?:'([^']*)'|\[.*\]), *'fortran_order': *(True|False),"
    rb" *'shape': *\(([0-9L, ]*)\),? *\} *\n?"
)
_MOST_HEADER_BYTES = 10_000


def read_npz(path: Path, *, objects: bool = False) -> dict[str, Any]:
    """Read all arrays of a `.npz` file, packed or not.

    Args:
        path: the file.
        objects: also read object arrays, which are pickles: of arrays, numbers, texts, lists, tuples and
            dictionaries alone. They become what they hold: one of no dimension its only item, others lists.

    Returns:
        by name: read-only arrays of numbers, or what object arrays hold.

    Raises:
        InputError: if the file is missing or damaged, or an array is of another kind or holds code.
    """
    arrays: dict[str, Any] = {}
    with open_archive(path) as archive:
        for name, content in archive.iterate():
            where = f"{path}/{name}"
            if not name.endswith(_SUFFIX):
                raise InputError("no array", where=where, expected=f"files of arrays, {_SUFFIX}")
            try:
                arrays[name.removesuffix(_SUFFIX)] = _read_npy(content, objects)
            except ValueError as error:
                raise InputError(
                    "refused",
                    where=where,
                    expected=f"a whole array of numbers{' or of plain containers' if objects else ''}",
                    found=str(error),
                ) from error
    return arrays


def _read_npy(content: bytes, objects: bool) -> Any:
    text, rest = _split_header(content)
    found = _HEADER.fullmatch(text)
    if found is None:
        raise ValueError("a header that is damaged")
    if found[1] is None:
        raise ValueError("a structured dtype")
    dtype = dtype_of(found[1].decode("latin-1"))
    if dtype.hasobject:
        if not objects:
            raise ValueError("pickled objects, which may hold code")
        return read_array_pickle(rest)
    shape = tuple(int(size.rstrip(b"L ")) for size in found[3].split(b",") if size.strip())
    return array_of(rest, shape, dtype, found[2] == b"True")


def _split_header(content: bytes) -> tuple[bytes, bytes]:
    """Return the text that describes an array, and what follows it."""
    if not content.startswith(_MAGIC) or len(content) < 12:
        raise ValueError("no file of numpy's")
    if content[6] not in (1, 2, 3):
        raise ValueError(f"version {content[6]} of numpy's files")
    begin = 10 if content[6] == 1 else 12
    (size,) = struct.unpack_from("<H" if content[6] == 1 else "<I", content, 8)
    if size > min(_MOST_HEADER_BYTES, len(content) - begin):
        raise ValueError("a header that is cut off or too long")
    return content[begin : begin + size], content[begin + size :]
