"""XML and HDF5 files of others, read without trusting them."""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
import h5py
from defusedxml.common import DefusedXmlException
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.storage.plain_arrays import Shape, check_form, in_words

_MOST_XML_BYTES = 16 << 20
_MOST_HDF5_BYTES = 1 << 30
_MOST_ARRAY_BYTES = 1 << 30
_MOST_RATIO = 200  # bytes of an array to each that is stored, beyond
_RATIO_FROM = 64 << 20
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_STARTS = (0, 512, 1024, 2048)  # before it, MATLAB and others keep a block of their own
_UNDEFINED = (1 << 64) - 1
_DEFLATE = 1
_FILTERS = (2, _DEFLATE, 3)  # shuffled, deflated, with a sum of Fletcher's
_MOST_LETTERS = 160  # of another library's message

Wanted = Mapping[str, tuple[Shape, str]]


def read_xml_text(path: Path, tag: str) -> str:
    """Read the text of the only element of this tag, without following what the file declares or refers to.

    Raises:
        InputError: if the file is missing, damaged, declares a document type or entities, or has no such
            element or several.
    """
    text = _bytes_of(path, _MOST_XML_BYTES)
    expected = f"an XML file with one element <{tag}> and no declarations of its own"
    try:
        root = defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        # Entities can refer to each other until they fill the memory, or to files and servers.
        kind = type(error).__name__.removesuffix("Forbidden")
        raise InputError(
            "refused", where=path, expected=expected, found=f"a declaration of the kind {kind}"
        ) from error
    except (ParseError, ValueError, LookupError, RecursionError, MemoryError) as error:
        raise InputError("cannot be read", where=path, expected=expected, found=_words(error)) from error
    found = list(root.iter(tag))
    if len(found) != 1 or not (found[0].text or "").strip():
        raise InputError(
            "not the file that it should be",
            where=path,
            expected=expected,
            found=f"{len(found)} of them" if len(found) != 1 else "one without text",
        )
    return str(found[0].text)


def read_hdf5(source: Path | bytes, name: str, wanted: Wanted) -> dict[str, NDArray[Any]]:
    """Read arrays of numbers of an HDF5 file.

    Links are not followed, nor are arrays read that lie in other files, that claim more than they store or
    that are packed by anything but deflate.

    Args:
        source: the file, or its content.
        name: of the file, for errors.
        wanted: by the array's path in the file its shape, None where any size will do, and letters of numpy's
            for kinds of dtype, such as `f` or `iu`.

    Raises:
        InputError: if the file is damaged, or an array is missing, of another shape or kind, or refused.
    """
    with _opened(source, name) as (file, content):
        return {path: _array(file, content, f"{name}/{path}", path, *wanted[path]) for path in wanted}


@contextmanager
def _opened(source: Path | bytes, name: str) -> Iterator[tuple[h5py.File, bytes]]:
    content = source if isinstance(source, bytes) else _bytes_of(source, _MOST_HDF5_BYTES)
    if (fault := _fault(content)) is not None:
        raise InputError("cannot be read", where=name, expected="a whole HDF5 file", found=fault)
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            yield file, content
    except InputError:
        raise
    except Exception as error:
        # The library tells damage by errors of many kinds.
        raise InputError(
            "cannot be read", where=name, expected="a whole HDF5 file", found=_words(error)
        ) from error


def _fault(content: bytes) -> str | None:
    """Say what is wrong with the first block of an HDF5 file, None if nothing is."""
    start = next((start for start in _STARTS if content[start:].startswith(_SIGNATURE)), None)
    if start is None:
        return f"a file that begins with {content[:8]!r}" if content else "an empty file"
    first = content[start : start + 96]
    if len(first) < 96:
        return "a file that is cut off"
    version = first[8]
    if version > 3:
        return f"version {version} of the format"
    sizes = first[13:15] if version < 2 else first[9:11]
    if sizes != b"\x08\x08":
        return "addresses that are not of 8 bytes"
    if version < 2:
        base, _, end, driver = struct.unpack_from("<4Q", first, 24 + 4 * version)
    else:
        base, _, end = struct.unpack_from("<3Q", first, 12)
        driver = _UNDEFINED
    if base != start or driver != _UNDEFINED:
        return "a file that is a part of others"
    if end > len(content):
        return f"a file that is cut off: {len(content)} of {end} bytes"
    return None


def _array(file: h5py.File, content: bytes, where: str, path: str, shape: Shape, kinds: str) -> NDArray[Any]:
    dataset = _node(file, where, path)
    if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
        raise InputError("no array", where=where, expected=f"an array of shape {in_words(shape)}")
    check_form(dataset.shape, dataset.dtype, where, shape, kinds)
    if (fault := _fault_of_storage(dataset, content)) is not None:
        raise InputError("refused", where=where, expected="an array that lies in the file", found=fault)
    array: NDArray[Any] = dataset[()]
    return array


def _node(file: h5py.File, where: str, path: str) -> Any:
    """Follow a path of hard links; the others lead to other files, or in circles."""
    node: Any = file
    for part in path.strip("/").split("/") if path.strip("/") else ():
        if not isinstance(node, h5py.Group) or not node.id.links.exists(part.encode()):
            raise InputError("not in the file", where=where, expected="an array or a group")
        if not _is_hard(node, part):
            raise InputError(
                "refused", where=where, expected="an array that lies in the file", found="a link"
            )
        node = node[part]
    return node


def _is_hard(group: h5py.Group, name: str) -> bool:
    return bool(group.id.links.get_info(name.encode()).type == h5py.h5l.TYPE_HARD)


def _fault_of_storage(dataset: h5py.Dataset, content: bytes) -> str | None:
    """Say why an array is not to be read, None if it is."""
    if dataset.external or dataset.is_virtual:
        return "one that lies in other files"
    chunk = math.prod(dataset.chunks or ()) * dataset.dtype.itemsize
    claimed = max(dataset.nbytes, chunk)
    # Chunks may share what is stored.
    stored = min(dataset.id.get_storage_size(), len(content))
    if claimed > _MOST_ARRAY_BYTES or (claimed > _RATIO_FROM and claimed > _MOST_RATIO * stored):
        return f"{claimed} bytes claimed, {stored} stored"
    return None if dataset.chunks is None else _fault_of_chunks(dataset.id, chunk, content)


def _fault_of_chunks(dataset: h5py.h5d.DatasetID, size: int, content: bytes) -> str | None:
    """Say which filter is unknown or which chunk unpacks to more than its size, which HDF5 would let it."""
    plist = dataset.get_create_plist()
    filters = [plist.get_filter(place)[0] for place in range(plist.get_nfilters())]
    if filters != [kind for kind in _FILTERS if kind in filters]:
        return f"packed by filters of the kinds {filters}"
    if _DEFLATE not in filters:
        return None
    skipped = 1 << filters.index(_DEFLATE)
    chunks: list[Any] = []
    dataset.chunk_iter(chunks.append)
    for chunk in chunks:
        packed = content[chunk.byte_offset : chunk.byte_offset + chunk.size]
        if not chunk.filter_mask & skipped and len(zlib.decompressobj().decompress(packed, size + 1)) > size:
            return f"a chunk that unpacks to more than {size} bytes"
    return None


def _bytes_of(path: Path, most: int) -> bytes:
    if not path.is_file():
        raise InputError("no such file", where=path)
    try:
        if (size := path.stat().st_size) > most:
            raise InputError("too large", where=path, expected=f"at most {most} bytes", found=f"{size} bytes")
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "cannot be read", where=path, expected="a readable file", found=error.strerror or str(error)
        ) from error


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:_MOST_LETTERS]}"
