"""The files that a mesh refers to, for trimesh: each read once, and no more than a mesh may need."""

from __future__ import annotations

import io
from collections.abc import Callable

from trimesh.resolvers import Resolver

from ige.base.errors import InputError
from ige.shapes.side_files import MOST_REFERENCES

SideFile = Callable[[str], bytes | None]

_MOST_ASKED = 20_000  # references, counted as often as they are made
_MOST_BYTES = 1 << 30  # of all side files of a mesh


class SideFiles(Resolver):
    """Side files for trimesh: those that were found, each read once, and no others.

    Trimesh passes over every error of these, so `check` has to be called when it is done.

    Args:
        side_file: gives the content of a file by the name that a mesh gives it, None if there is none.
        most_of_first: bytes of the first of them.
    """

    def __init__(self, side_file: SideFile, most_of_first: int | None = None) -> None:
        self._fault: str | None = None
        self._side_file = side_file
        self._most_of_first = _MOST_BYTES if most_of_first is None else most_of_first
        self._known: dict[str, bytes | None] = {}
        self._asked = 0
        self._bytes = 0

    def check(self) -> None:
        """Tell what was refused.

        Raises:
            InputError: if the mesh refers to too many files or to too much.
        """
        if self._fault is not None:
            raise InputError("refers to too much", found=self._fault)

    def get(self, key: str) -> bytes:
        """Return a file; FileNotFoundError if there is none, or no more are given."""
        self._asked += 1
        if self._fault is None and key not in self._known:
            content = self._side_file(key)
            self._bytes += len(content or b"")
            self._fault = self._fault_of(content)
            self._known[key] = content
        elif self._asked > _MOST_ASKED:
            self._fault = f"more than {_MOST_ASKED} materials with textures"
        found = self._known.get(key)
        if found is None or self._fault is not None:
            raise FileNotFoundError(key)
        return found

    def _fault_of(self, content: bytes | None) -> str | None:
        if not self._known and len(content or b"") > self._most_of_first:
            return f"a file of materials of {len(content or b'')} bytes"
        if len(self._known) >= MOST_REFERENCES:
            return f"references to more than {MOST_REFERENCES} files"
        if self._bytes > _MOST_BYTES:
            return f"references to files of more than {_MOST_BYTES} bytes"
        return None

    def write(self, name: str, data: object) -> None:
        """Refuse to write."""
        raise io.UnsupportedOperation("meshes are only read")

    def namespaced(self, namespace: str) -> Resolver:
        """Return the same for files of any folder."""
        return self

    def keys(self) -> list[str]:
        """Name no files: they are looked for one by one."""
        return []
