"""Where compiled kernels are kept: under the content of the files that decide them.

numba's own cache goes by a file's place and time, so every clone, container and checkout compiles anew. Here
the same source finds the same machine code wherever it lies. A kernel may call kernels of other files of this
folder: an edit of any of them finds none of the old code.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Self

LOCATOR = f"{__name__}.ContentLocator"


class ContentLocator:
    """Tells numba the folder and the stamp of a function's machine code (numba's cache locator protocol)."""

    def __init__(self, function: Callable[..., Any], source: Path) -> None:
        self._line = function.__code__.co_firstlineno
        self._stamp = hashlib.sha256(source.read_bytes() + _engine()).hexdigest()[:16]
        self._folder = _writable_folder() / f"{source.stem}-{self._stamp}"

    @classmethod
    def from_function(cls, function: Callable[..., Any], source: str) -> Self | None:
        """Return the locator of a function, or none if it was not read from a file."""
        path = Path(source)
        return cls(function, path) if path.is_file() else None

    def ensure_cache_path(self) -> None:
        """Make the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        """Return the folder."""
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """Return what the machine code is valid for."""
        return self._stamp

    def get_disambiguator(self) -> str:
        """Tell functions of the same name in one file apart."""
        return str(self._line)


@cache
def _engine() -> bytes:
    """Hash the files beside this one: kernels that others call, and how all are compiled."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).digest()


def _writable_folder() -> Path:
    """Find a folder that keeps: $NUMBA_CACHE_DIR, the user's cache, or one of this user's below /tmp."""
    for folder in _wanted_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    return _temporary_folder()


def _wanted_folders() -> Iterator[Path]:
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(given)
    if caches := os.environ.get("XDG_CACHE_HOME"):
        yield Path(caches) / "ige" / "kernels"
    else:
        with suppress(RuntimeError):  # a user without a home, as in containers
            yield Path.home() / ".cache" / "ige" / "kernels"


@cache
def _temporary_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"ige-kernels-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
        return folder
    # Somebody else made it: what lies there would be run as this user.
    return Path(tempfile.mkdtemp(prefix="ige-kernels-"))
