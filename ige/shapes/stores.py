"""Where files of meshes lie: a folder, or a zip file that is read in place. Nothing outside is ever read."""

from __future__ import annotations

import os
import posixpath
import zipfile
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from ige.base.errors import InputError
from ige.storage.archives import MOST_RATIO, MOST_TOTAL
from ige.storage.members import Limits
from ige.storage.zip_members import check_zip_member, overlapping_member, read_zip_member
from ige.storage.zip_window import open_stored

MOST_BYTES = 1 << 30  # of one file: a model is megabytes, a file that claims more is an accident or a trap
_LIMITS = Limits(MOST_BYTES, MOST_TOTAL, MOST_RATIO)


class Store(Protocol):
    """Files by their path below a root, with `/` between parts."""

    def has(self, path: str) -> bool:
        """Say whether there is a regular file of this path."""

    def read(self, path: str, most: int | None = None) -> bytes:
        """Read a file of at most so many bytes, 1 GiB without a number; InputError if that cannot be."""

    def where(self, path: str) -> str:
        """Name a file for errors."""


class FolderStore:
    """Files below a folder.

    Paths that lead out of it are no files of it. Links inside the folder are followed: only its owner makes
    them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, path: str) -> bool:
        """Say whether there is a regular file of this path."""
        return _stays_inside(path) and os.path.isfile(self.root / path)

    def read(self, path: str, most: int | None = None) -> bytes:
        """Read a file.

        Raises:
            InputError: if there is no such file, it cannot be read or is larger than `most` or 1 GiB.
        """
        if not self.has(path):
            raise InputError("no such file", where=self.where(path), expected="a mesh file")
        file = self.root / path
        try:
            _check_size(file.stat().st_size, most, file)
            return file.read_bytes()
        except OSError as error:
            raise InputError(
                "cannot be read", where=file, expected="a readable file", found=error.strerror or str(error)
            ) from error

    def where(self, path: str) -> str:
        """Name a file for errors."""
        return str(self.root / path)


class ZipStore:
    """Files inside a zip file; each process opens the file for itself, so that workers share no position.

    The zip file may itself be a stored member of another one: it is read where it lies.

    Attributes:
        file: the file on the disk.
        inside: name of the zip file in it that holds the members, None if that is `file` itself.
    """

    def __init__(self, file: Path, inside: str | None = None) -> None:
        self.file = file
        self.inside = inside
        self._open: tuple[int, zipfile.ZipFile] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"file": self.file, "inside": self.inside, "_open": None}

    @property
    def stem(self) -> str:
        """Name of the zip file, without folders and ending."""
        return Path(self.inside or self.file).stem

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Paths of all members, read from the list at the end of the file.

        Raises:
            InputError: if it is no zip file.
        """
        return tuple(self._archive().NameToInfo)

    def has(self, path: str) -> bool:
        """Say whether there is a member of this path."""
        return path in self._archive().NameToInfo and not path.endswith("/")

    def read(self, path: str, most: int | None = None) -> bytes:
        """Read a member.

        Raises:
            InputError: if there is none of this path, it cannot be read, is a link, has a password, or would
                unpack to more than `most` or 1 GiB or like a bomb.
        """
        if not self.has(path):
            raise InputError("no such file in the zip file", where=self.where(path))
        archive = self._archive()
        info = archive.NameToInfo[path]
        _check_size(info.file_size, most, self.where(path))
        try:
            check_zip_member(info)
            _LIMITS.check_member(info.file_size, info.compress_size)
            return read_zip_member(archive, info)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise InputError(
                "cannot be unpacked",
                where=self.where(path),
                expected="an unharmed zip file without a password",
                found=str(error) or type(error).__name__,
            ) from error

    def where(self, path: str) -> str:
        """Name a member for errors."""
        return f"{self}/{path}"

    def __str__(self) -> str:
        return str(self.file) if self.inside is None else f"{self.file}/{self.inside}"

    def is_stored(self, path: str) -> bool:
        """Say whether a member is stored as it is, not compressed.

        Raises:
            InputError: if this is no zip file.
        """
        return self._archive().NameToInfo[path].compress_type == zipfile.ZIP_STORED

    def _archive(self) -> zipfile.ZipFile:
        if self._open is None or self._open[0] != os.getpid():
            try:
                self._open = (os.getpid(), _open_zip(self.file, self.inside))
            except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, KeyError) as error:
                raise InputError(
                    "no zip file", where=str(self), expected="a whole zip file", found=str(error)
                ) from error
        return self._open[1]


def _open_zip(file: Path, inside: str | None) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(file)
    _require_apart(archive)
    if inside is None:
        return archive
    with archive:
        window = open_stored(file, archive, archive.getinfo(inside))
    try:
        archive = zipfile.ZipFile(window)
        _require_apart(archive)
    except BaseException:
        window.close()
        raise
    return archive


def _require_apart(archive: zipfile.ZipFile) -> None:
    if (info := overlapping_member(archive)) is not None:
        raise ValueError(f"{info.orig_filename!r} overlaps another member")


def find_beside(store: Store, path: str, reference: str) -> str | None:
    """Find the file that a mesh refers to: its path in the store, or None.

    Authors write references relative to the mesh, with slashes of either kind, percent signs or the paths of
    their own disk; of the last the name alone can help, if such a file lies beside the mesh.

    Args:
        store: where mesh and side files lie.
        path: the file that holds the reference.
        reference: as it is written there.
    """
    text = reference.strip().strip("\"'").removeprefix("file://").replace("\\", "/")
    if not text or "\0" in text or text.startswith("data:"):
        return None
    folder = posixpath.dirname(path)
    for name in dict.fromkeys((text, unquote(text), posixpath.basename(text))):
        found = posixpath.normpath(posixpath.join(folder, name))
        if not name.startswith("/") and _stays_inside(found) and store.has(found):
            return found
    return None


def _check_size(size: int, most: int | None, where: Path | str) -> None:
    limit = MOST_BYTES if most is None else min(most, MOST_BYTES)
    if size > limit:
        raise InputError("too large", where=where, expected=f"at most {limit} bytes", found=f"{size} bytes")


def _stays_inside(path: str) -> bool:
    normal = posixpath.normpath(path)
    return normal != ".." and not normal.startswith(("/", "../"))
