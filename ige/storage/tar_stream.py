"""Tar files as a stream of members, read once from the first byte to the last.

The standard library's reader follows what headers claim: names and sparse maps of any length are read into
memory, negative sizes make it turn in circles. Here every claim is bounded, and whatever is neither a file
nor a folder is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Read = Callable[[int], bytes]

_BLOCK = 512
_MOST_HEADER_BYTES = 1 << 20  # of a name or of extended headers
_MOST_SIZE = 1 << 62
_CHECKSUM = slice(148, 156)
_FILES = (b"0", b"\0", b"7")
_FOLDER = b"5"
_LONG_NAME = b"L"
_LONG_LINK = b"K"
_EXTENDED = b"x"
_EXTENDED_FOR_ALL = b"g"
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a named pipe",
    b"S": "a sparse file",
}


class TarError(ValueError):
    """A tar file that is damaged or holds what is not read; `member` names where, if it is known."""

    def __init__(self, what: str, member: str = "") -> None:
        super().__init__(what)
        self.member = member


@dataclass(frozen=True, slots=True)
class TarMember:
    """A file of a tar file, or a folder.

    Attributes:
        name: as it is written there.
        size: bytes of content that follow.
        is_folder: says whether it is a folder, which has no content.
    """

    name: str
    size: int
    is_folder: bool


def read_members(read: Read) -> Iterator[tuple[TarMember, Callable[[int], bytes]]]:
    """Yield each member with a function that reads up to so many bytes more of its content, empty at its end.

    What is left unread of a member is read over.

    Args:
        read: returns exactly so many bytes of the tar file, fewer only at its end.

    Raises:
        TarError: at what is damaged, and at links, devices, pipes and sparse files.
    """
    stream = _Blocks(read)
    given_name: bytes | None = None
    extended: dict[bytes, bytes] = {}
    while (header := stream.header()) is not None:
        kind, size = header[156:157], _number(header[124:136])
        if kind in (_LONG_NAME, _LONG_LINK):
            text = stream.small(size)
            given_name = text.partition(b"\0")[0] if kind == _LONG_NAME else given_name
            continue
        if kind in (_EXTENDED, _EXTENDED_FOR_ALL):
            records = _records(stream.small(size))
            # Those for all members speak of times and comments; a name or a size in them is a trick.
            if kind == _EXTENDED_FOR_ALL and records.keys() & {b"path", b"size"}:
                raise TarError("one name or size for all members")
            extended = records if kind == _EXTENDED else extended
            continue
        name = _decoded(extended.get(b"path") or given_name or _name(header))
        if any(key.startswith(b"GNU.sparse") for key in extended):
            raise TarError(_KINDS[b"S"], name)
        if b"size" in extended:
            size = _decimal(extended[b"size"], name)
        given_name, extended = None, {}
        # In the oldest format a folder is a file whose name ends in a slash.
        is_folder = kind == _FOLDER or (kind == b"\0" and name.endswith("/"))
        if not is_folder and kind not in _FILES:
            raise TarError(_KINDS.get(kind, f"a member of the unknown kind {kind!r}"), name)
        yield TarMember(name, 0 if is_folder else size, is_folder), stream.content(size, name)
        stream.skip(name)


class _Blocks:
    """The tar file from where it has been read to."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._left = 0  # bytes of the current member's content
        self._padding = 0

    def header(self) -> bytes | None:
        """Read the next header; None after the last member."""
        block = self._read(_BLOCK)
        if not block.strip(b"\0"):
            if not block:
                raise TarError("cut off: there is no mark of the end")
            return None
        if len(block) < _BLOCK:
            raise TarError("cut off within a header")
        unsigned = sum(block) - sum(block[_CHECKSUM]) + 8 * ord(" ")
        if _number(block[_CHECKSUM]) != unsigned:
            raise TarError("a header that does not match its checksum")
        return block

    def small(self, size: int) -> bytes:
        """Read the content of a header that extends the next one."""
        if size > _MOST_HEADER_BYTES:
            raise TarError(f"a header of {size} bytes")
        return self._exactly(size + -size % _BLOCK)[:size]

    def content(self, size: int, name: str) -> Callable[[int], bytes]:
        """Begin the content of a member."""
        self._left, self._padding = size, -size % _BLOCK

        def more(most: int) -> bytes:
            piece = self._exactly(min(most, self._left), name)
            self._left -= len(piece)
            return piece

        return more

    def skip(self, name: str) -> None:
        """Read over what is left of a member."""
        while self._left:
            self._left -= len(self._exactly(min(_MOST_HEADER_BYTES, self._left), name))
        self._exactly(self._padding, name)

    def _exactly(self, size: int, name: str = "") -> bytes:
        content = self._read(size) if size else b""
        if len(content) < size:
            raise TarError("cut off", name)
        return content


def _name(header: bytes) -> bytes:
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _decoded(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise TarError("a name that is not UTF-8", repr(name)) from None


def _number(field: bytes) -> int:
    """Read an octal number, or one of base 256 if its first bit is set."""
    if field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    else:
        digits = field.partition(b"\0")[0].strip()
        if digits.strip(b"01234567"):
            raise TarError("a header with a number that is none")
        value = int(digits or b"0", 8)
    if value > _MOST_SIZE:
        raise TarError("a negative or impossible size")
    return value


def _records(text: bytes) -> dict[bytes, bytes]:
    """Read extended headers: records of `length key=value` and a line's end."""
    records = {}
    while text:
        length, blank, _ = text[:10].partition(b" ")
        if not (blank and length.isdigit() and len(length) < int(length) <= len(text)):
            raise TarError("extended headers that are damaged")
        key, equals, value = text[len(length) + 1 : int(length)].partition(b"=")
        if not equals or not value.endswith(b"\n"):
            raise TarError("extended headers that are damaged")
        records[key] = value[:-1]
        text = text[int(length) :]
    return records


def _decimal(text: bytes, name: str) -> int:
    if not text.isdigit() or len(text) > 18:
        raise TarError("extended headers that are damaged", name)
    return int(text)
