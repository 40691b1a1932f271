"""Archives of others, zip and tar, read without trusting them and without writing anything.

Members come as bytes under the names they have in the archive. An archive is refused, naming the member, if
it holds a path that leads out of it, a link or a device, a name twice, members that overlap, a password, or
more bytes than the limits allow. Sizes are counted while unpacking and never believed.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ige.base.errors import InputError
from ige.storage.members import Limits, RefusedError, is_litter, plain_name
from ige.storage.tar_stream import TarError, read_members
from ige.storage.zip_members import check_zip_member, overlapping_member, read_zip_member, zip_name

MOST_BYTES = 1 << 30  # of one member
MOST_TOTAL = 64 << 30  # of all members
MOST_RATIO = 200.0  # of what is large

_PIECE = 1 << 20
_BLOCK = 512
_MOST_LETTERS = 160  # of another library's message

Select = Callable[[str], bool]


class Archive(ABC):
    """A zip or tar file to be read, best in a `with` statement.

    Names are normalised: parts of `.` and doubled slashes are left out. Folders and what macOS adds
    (`__MACOSX/`, `.DS_Store`, `._*`) are no members.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self._limits = limits

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Names of all members in file order; a tar file is read through for them."""

    @abstractmethod
    def iterate(self, select: Select | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield names and contents in file order, one content in memory at a time.

        Args:
            select: says of a name whether its content is wanted; without it all are.

        Raises:
            InputError: at the first member that is refused or damaged.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def read(self, name: str) -> bytes:
        """Read one member; a tar file is read through for it, so that `iterate` is for many.

        Raises:
            InputError: if there is no such member, or one is refused or damaged.
        """
        contents = [content for _, content in self.iterate(lambda found: found == name)]
        if not contents:
            raise InputError("no such file in the archive", where=f"{self.path}/{name}")
        return contents[0]

    def _refused(self, member: str, found: str) -> InputError:
        return InputError(
            "refused" if member else "an archive that is refused",
            where=f"{self.path}/{_printable(member)}" if member else self.path,
            expected="an unharmed archive of plain files",
            found=" ".join(found.split())[:_MOST_LETTERS],
        )


def open_archive(
    path: Path,
    *,
    most_bytes: int = MOST_BYTES,
    most_total: int = MOST_TOTAL,
    most_ratio: float = MOST_RATIO,
) -> Archive:
    """Open a zip, tar or tar.gz file, whichever its first bytes say it is.

    Args:
        path: the file.
        most_bytes: of one member, unpacked.
        most_total: of all members, unpacked.
        most_ratio: bytes unpacked from each packed one, where more than 64 MiB are unpacked.

    Raises:
        InputError: if it is no archive, or a zip file that is refused; tar files are judged while read.
    """
    head = _first_bytes(path)
    limits = Limits(most_bytes, most_total, most_ratio)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _ZipArchive(path, limits)
    if head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar" or head == bytes(_BLOCK):
        return _TarArchive(path, limits)
    raise InputError("no archive", where=path, expected="a zip, tar or tar.gz file", found=_described(head))


class _ZipArchive(Archive):
    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        try:
            self._file = zipfile.ZipFile(path)
        except UnicodeDecodeError as error:
            raise self._refused(repr(error.object), "a name that is not UTF-8") from error
        except Exception as error:
            # Whatever a broken list of members makes the library stumble over: index, struct, overflow.
            raise self._refused("", f"{type(error).__name__}: {error}") from error
        try:
            self._members = self._checked()
        except BaseException:
            self._file.close()
            raise

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all members in file order."""
        return tuple(self._members)

    def iterate(self, select: Select | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield names and contents in file order."""
        for name, info in self._members.items():
            if select is None or select(name):
                yield name, self._content(name, info)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        infos = sorted(self._file.infolist(), key=lambda info: info.header_offset)
        overlapping = overlapping_member(self._file)
        packed = self.path.stat().st_size
        total = 0
        for info in infos:
            try:
                name = zip_name(info)
                check_zip_member(info)
                if info is overlapping:
                    raise RefusedError("a member that overlaps another")
                self._limits.check_member(info.file_size, info.compress_size)
                total += info.file_size
                self._limits.check_total(total, packed)
                if name in members:
                    raise RefusedError("two members of this name")
            except RefusedError as error:
                raise self._refused(info.orig_filename, str(error)) from error
            if name and not info.is_dir() and not is_litter(name):
                members[name] = info
        return members

    def _content(self, name: str, info: zipfile.ZipInfo) -> bytes:
        try:
            return read_zip_member(self._file, info)
        except Exception as error:
            # The library raises what it likes for a broken member: zlib, struct, runtime, not implemented.
            raise self._refused(name, str(error) or type(error).__name__) from error


class _TarArchive(Archive):
    @property
    def names(self) -> tuple[str, ...]:
        """Names of all members in file order."""
        return self._names

    @cached_property
    def _names(self) -> tuple[str, ...]:
        found: list[str] = []

        def note(name: str) -> bool:
            found.append(name)
            return False

        list(self.iterate(note))
        return tuple(found)

    def iterate(self, select: Select | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield names and contents in file order."""
        at = [""]
        try:
            with self.path.open("rb") as raw:
                yield from self._contents(_Unpacked(raw, self._limits), select, at)
        except TarError as error:
            raise self._refused(error.member or at[0], str(error)) from error
        except (OSError, EOFError, zlib.error, RefusedError) as error:
            raise self._refused(at[0], str(error)) from error

    def close(self) -> None:
        """Nothing stays open between two readings."""

    def _contents(
        self, unpacked: _Unpacked, select: Select | None, at: list[str]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield what is wanted; `at` holds the member that is being read."""
        seen: set[str] = set()
        for member, more in read_members(unpacked.read):
            at[:] = [member.name]
            name = plain_name(member.name)
            if member.is_folder or not name or is_litter(name):
                continue
            if name in seen:
                raise RefusedError("two members of this name")
            seen.add(name)
            # How much it is packed shows only while it is unpacked.
            self._limits.check_member(member.size, member.size)
            if select is None or select(name):
                content = bytearray()
                while piece := more(_PIECE):
                    content += piece
                yield name, bytes(content)
        # Only at its end is a packed file known to be whole.
        while piece := unpacked.read(_PIECE):
            if piece.strip(b"\0"):
                raise TarError("content after the mark of the end")


class _Unpacked:
    """The bytes of a tar file, packed or not, counted."""

    def __init__(self, raw: BinaryIO, limits: Limits) -> None:
        self._raw = raw
        self._limits = limits
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        self._stream = gzip.GzipFile(fileobj=raw) if packed else raw
        self._total = 0

    def read(self, size: int) -> bytes:
        """Read so many bytes, fewer only at the end."""
        content = bytearray()
        while len(content) < size and (piece := self._stream.read(min(size - len(content), _PIECE))):
            content += piece
            self._total += len(piece)
            self._limits.check_total(self._total, self._raw.tell())
        return bytes(content)


def _first_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputError("no such file", where=path, expected="an archive")
    try:
        with path.open("rb") as stream:
            return stream.read(_BLOCK)
    except OSError as error:
        raise InputError(
            "cannot be read", where=path, expected="a readable file", found=error.strerror or str(error)
        ) from error


def _described(head: bytes) -> str:
    if not head:
        return "an empty file"
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "a page of HTML"
    return f"a file that begins with {head[:8]!r}"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)[:_MOST_LETTERS]
