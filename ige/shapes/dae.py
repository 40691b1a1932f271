"""What COLLADA files may not hold, found before a library follows their references."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from ige.base.errors import InputError

_MOST_PARTS = 100_000
_MOST_LETTERS = 1 << 28  # of the indices of triangles, each counted as often as its geometry is placed


def check_dae(content: bytes) -> None:
    """Refuse what pycollada would unpack, leave out, or fill memory with.

    Raises:
        InputError: saying what.
        ValueError: for nodes that hold themselves; the XML library's errors for what is no XML.
    """
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise InputError("a zip file", expected="COLLADA as text", next_step="Extract it")
    if b"<instance_controller" in content:
        raise InputError(
            "skinned or morphed parts, which are not read",
            expected="plain geometry",
            next_step="Apply modifiers when exporting",
        )
    try:
        root = defusedxml.ElementTree.fromstring(content)
    except DefusedXmlException as error:
        raise InputError(
            "entities, which are not read", expected="COLLADA without a DTD of its own"
        ) from error
    parts, letters = _Placed(root).of_scenes()
    if parts > _MOST_PARTS or letters > max(_MOST_LETTERS, len(content)):
        raise InputError("nodes placed too often", expected=f"at most {_MOST_PARTS} parts", found=f"{parts}")


class _Placed:
    """Counts parts and letters of their indices below nodes, which may hold others by reference."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._nodes: dict[str, Any] = {}
        self._letters: dict[str, int] = {}
        self._counted: dict[Any, tuple[int, int] | None] = {}
        for element in root.iter():
            name, id = _name(element), element.get("id", "")
            if name == "node":
                self._nodes.setdefault(id, element)
            elif name == "geometry":
                self._letters[id] = sum(len(each.text or "") for each in element.iter() if _name(each) == "p")

    def of_scenes(self) -> tuple[int, int]:
        """Count all scenes."""
        scenes = [element for element in self._root.iter() if _name(element) == "visual_scene"]
        return self._sum(child for scene in scenes for child in scene)

    def _sum(self, elements: Iterator[Any]) -> tuple[int, int]:
        counts = [self._of(element) for element in elements]
        return sum(parts for parts, _ in counts), sum(letters for _, letters in counts)

    def _of(self, element: Any) -> tuple[int, int]:
        name = _name(element)
        target = element.get("url", "").removeprefix("#")
        if name == "instance_geometry":
            return 1, self._letters.get(target, 0)
        if name == "instance_node":
            element = self._nodes.get(target)
        elif name != "node":
            element = None
        if element is None:
            return 0, 0
        if element not in self._counted:
            self._counted[element] = None
            self._counted[element] = self._sum(iter(element))
        counted = self._counted[element]
        if counted is None:
            raise ValueError("a node that holds itself")
        return counted


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
