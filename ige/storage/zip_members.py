"""Single members of zip files that are not trusted."""

from __future__ import annotations

import stat
import zipfile

from ige.storage.members import RefusedError, plain_name

_PIECE = 1 << 20
_LOCAL_HEADER_BYTES = 30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800


def zip_name(info: zipfile.ZipInfo) -> str:
    """Return the normalised name of a member of a zip file.

    Raises:
        RefusedError: if it is one that no honest archive has.
    """
    name = info.orig_filename
    if not info.flag_bits & _UTF8 and not name.isascii():
        # Programs for macOS write UTF-8 without saying so.
        try:
            name = name.encode("cp437").decode()
        except UnicodeError:
            raise RefusedError("a name that is not UTF-8") from None
    return plain_name(name)


def check_zip_member(info: zipfile.ZipInfo) -> None:
    """Refuse members of a zip file that are no plain files: links, devices, encrypted ones.

    Raises:
        RefusedError: saying why.
    """
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedError("a symbolic link" if kind == stat.S_IFLNK else "a device or a pipe")
    if info.flag_bits & _ENCRYPTED:
        raise RefusedError("an encrypted member")
    if info.compress_type not in _METHODS:
        raise RefusedError(f"compression of kind {info.compress_type}, neither stored nor deflated")
    if info.is_dir() and info.file_size:
        raise RefusedError("a folder with content")


def read_zip_member(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read a member in pieces, so that one that unpacks to more than it states costs no memory.

    Raises:
        RefusedError: if its size is not what it states. `zipfile` raises errors of many kinds beside it.
    """
    content = bytearray()
    with file.open(info) as stream:
        while piece := stream.read(_PIECE):
            content += piece
    if len(content) != info.file_size:
        raise RefusedError(f"{len(content)} bytes where {info.file_size} are stated")
    return bytes(content)


def overlapping_member(file: zipfile.ZipFile) -> zipfile.ZipInfo | None:
    """Find a member that reaches into the next one: few bytes could then unpack to very many."""
    infos = sorted(file.infolist(), key=lambda info: info.header_offset)
    ends = [info.header_offset for info in infos[1:]] + [file.start_dir]
    return next((info for info, end in zip(infos, ends, strict=False) if _least_end(info) > end), None)


def member_end(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Say where a member must have ended: where the next one begins, or the list of members."""
    behind = [other.header_offset for other in file.infolist() if other.header_offset > info.header_offset]
    return min([file.start_dir, *behind])


def name_bytes(info: zipfile.ZipInfo) -> bytes:
    """Return a member's name as the file holds it."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")


def _least_end(info: zipfile.ZipInfo) -> int:
    """Where a member ends at the earliest: its header may hold more than the list of members says."""
    return info.header_offset + _LOCAL_HEADER_BYTES + len(name_bytes(info)) + info.compress_size
