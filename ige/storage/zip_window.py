"""Files that are stored in a zip file, read where they lie: each is a stretch of the zip file."""

from __future__ import annotations

import errno
import io
import os
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from ige.storage.members import RefusedError
from ige.storage.zip_members import check_zip_member, member_end, name_bytes

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_HEADER = struct.Struct("<4s5H3I2H")
_SIGNATURE = b"PK\x03\x04"
_SIZES_FOLLOW = 0x8  # flag: the header states none
_IN_EXTRA = 0xFFFFFFFF  # as a size: 64 bits of it stand in the extra field


def open_stored(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> io.BufferedReader:
    """Open a stored member of a zip file as a file of its own that can be sought in; nothing is copied.

    Args:
        path: of the zip file.
        archive: the same, read; no two of its members may overlap.
        info: the member.

    Raises:
        RefusedError: if it is compressed or encrypted, if the header before it says other things than the
            list of members does, or if it would reach beyond its place.
        OSError: if the file cannot be read.
    """
    check_zip_member(info)
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        raise RefusedError("a compressed member, of which no part can be read alone")
    file = path.open("rb", buffering=0)
    try:
        start = _start_of_content(file, info)
        if start + info.file_size > member_end(archive, info):
            raise RefusedError("a member that reaches into what follows it")
        return io.BufferedReader(_Window(file, start, info.file_size))
    except BaseException:
        file.close()
        raise


def _start_of_content(file: io.FileIO, info: zipfile.ZipInfo) -> int:
    file.seek(info.header_offset)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise RefusedError("a member whose header lies outside the file")
    signature, _, flags, method, _, _, _, *sizes, name_length, extra_length = _HEADER.unpack(header)
    name = file.read(name_length)
    unstated = {_IN_EXTRA, 0} if flags & _SIZES_FOLLOW else {_IN_EXTRA}
    same = (signature, method, name) == (_SIGNATURE, zipfile.ZIP_STORED, name_bytes(info))
    if not same or not set(sizes) <= {info.file_size, *unstated}:
        raise RefusedError("a header that says other things than the list of members does")
    return info.header_offset + _HEADER.size + int(name_length) + int(extra_length)


class _Window(io.RawIOBase):
    """So many bytes of a file from `start` on. It owns the file."""

    def __init__(self, file: io.FileIO, start: int, size: int) -> None:
        super().__init__()
        self._file = file
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if at < 0:
            raise OSError(errno.EINVAL, "a place before the beginning")
        self._at = at
        return at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        wanted = memoryview(buffer).cast("B")[: max(0, self._size - self._at)]
        self._file.seek(self._start + self._at)
        count = self._file.readinto(wanted) or 0
        self._at += count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
