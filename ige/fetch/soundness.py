"""Whether a file can be what its name says: at a glance, or read to its end.

A file whose digest nobody knows is believed once; what is cut off, or the page of a login, must not be.
Nothing here decides whether a file may be trusted: its readers do.
"""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from pathlib import Path

from ige.base.errors import InputError

_HEAD_BYTES = 1024
_PIECE_BYTES = 1 << 20
_MOST_UNPACKED = 8 << 30  # of a zip file whose members are read; of a larger one, the list of them alone
_LONGEST_END = 22 + (1 << 16)  # of a zip file: the end of its list of members, with a comment
_END_OF_LIST = b"PK\x05\x06"
_TARS = (".tgz", ".tar.gz")
_ZIPS = (".zip", ".npz")
_PAGES = (".html", ".htm", ".xhtml")
_MARK = b"\xef\xbb\xbf"
_PAGE = re.compile(rb"(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.I | re.S)
_MOST_LETTERS = 120  # of another library's message


def is_page(head: bytes) -> bool:
    """Say whether a file that begins so is a page of HTML."""
    return bool(_PAGE.match(head.removeprefix(_MARK).lstrip()))


def glance(path: Path, name: str) -> str:
    """Look at a file's first bytes, and a zip file's last.

    Args:
        path: the file.
        name: what it is called in the list of sources; decides what it must be.

    Returns:
        Why it cannot be what it is called; empty if nothing speaks against it.

    Raises:
        OSError: if it cannot be read.
    """
    name = name.lower()
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        if not head:
            return "an empty file"
        if is_page(head) and not name.endswith(_PAGES):
            return "a page of HTML (did the site ask to log in?)"
        if name.endswith(_ZIPS):
            size = stream.seek(0, 2)
            stream.seek(max(size - _LONGEST_END, 0))
            return _fault_of_zip(head, stream.read())
    if name.endswith((".gz", *_TARS)) and not head.startswith(b"\x1f\x8b"):
        unpacked = (
            name.endswith(_TARS) and head[257:262] == b"ustar"
        )  # some browsers unpack what they download
        return "" if unpacked else f"no gzip file: it begins with {head[:8]!r}"
    if name.endswith(".xml") and not head.removeprefix(_MARK).lstrip().startswith(b"<"):
        return f"no XML: it begins with {head[:8]!r}"
    return ""


def _fault_of_zip(head: bytes, tail: bytes) -> str:
    if not head.startswith((b"PK\x03\x04", _END_OF_LIST)):
        return f"no zip file: it begins with {head[:8]!r}"
    return "" if _END_OF_LIST in tail else "cut off: the list of its members is missing at its end"


def fault_of(path: Path, name: str) -> str:
    """Read a file to its end: archives with their checksums, XML as a whole; else as at a glance.

    Returns:
        Why it is no sound file of its kind; empty if it is one.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        fault = glance(path, name)
        if fault:
            return fault
        lower = name.lower()
        if lower.endswith(_TARS):
            return _fault_in_tar(path)
        if lower.endswith(_ZIPS):
            return _fault_in_zip(path)
        if lower.endswith(".gz"):
            return _fault_in_gzip(path)
        return _fault_in_xml(path) if lower.endswith(".xml") else ""
    except OSError as error:
        raise InputError("cannot be read", where=path, found=error.strerror) from error


def _fault_in_tar(path: Path) -> str:
    from ige.storage.archives import open_archive

    try:
        with open_archive(path) as archive:
            return "" if archive.names else "an archive without files"
    except InputError as error:
        return f"damaged or cut off ({_short(error.found or error.what)})"


def _fault_in_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if not members:
                return "an archive without files"
            if sum(member.file_size for member in members) > _MOST_UNPACKED:
                return ""
            for member in members:
                with archive.open(member) as stream:
                    while stream.read(_PIECE_BYTES):
                        pass
    except Exception as error:  # the library raises what it likes for a broken file
        return f"damaged or cut off ({_short(str(error) or type(error).__name__)})"
    return ""


def _fault_in_gzip(path: Path) -> str:
    try:
        with gzip.open(path) as stream:
            while stream.read(_PIECE_BYTES):
                pass
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        return f"damaged or cut off ({_short(str(error))})"
    return ""


def _fault_in_xml(path: Path) -> str:
    import defusedxml.ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        for _, element in defusedxml.ElementTree.iterparse(str(path)):
            element.clear()
    except (SyntaxError, ValueError, LookupError) as error:
        kind = type(error).__name__ if isinstance(error, DefusedXmlException) else str(error)
        return f"no XML that can be read ({_short(kind)})"
    return ""


def _short(text: str) -> str:
    return " ".join(text.split())[:_MOST_LETTERS]
