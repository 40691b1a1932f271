"""Which files besides the mesh decide how it looks: found by reading references, without loading a mesh."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ige.base.errors import InputError
from ige.shapes.stores import Store, find_beside

MOST_REFERENCES = 1000  # different names of files that one mesh and its materials give
MOST_MATERIAL_BYTES = 4 << 20  # of a file of materials

_GLB_HEAD = struct.Struct("<4sIIII")
_PLY_HEADER_BYTES = 1 << 16
# Blanks are stripped afterwards: an expression that leaves them out takes the square of a line's length.
_MTLLIB = re.compile(rb"^[ \t]*mtllib[ \t]([^\n]*)", re.MULTILINE)
_MAP = re.compile(rb"^[ \t]*map_Kd[ \t]([^\n]*)", re.MULTILINE | re.IGNORECASE)
_TEXTURE_FILE = re.compile(rb"^comment TextureFile ([^\n]*)", re.MULTILINE | re.IGNORECASE)
_INIT_FROM = re.compile(rb"<init_from>(?:[ \t\r\n]*<ref>)?([^<]*)<")


def side_files(store: Store, path: str) -> list[str]:
    """Name the files that a mesh takes colours or coordinates from, in the order of their paths.

    Files that are missing or lie outside the store count as no files: the mesh is loaded without them. Names
    beyond the first 1000 are passed over: a mesh with so many is refused when it is loaded.

    Raises:
        InputError: if the mesh itself cannot be read.
    """
    found: dict[str, None] = {}
    names = dict.fromkeys(_references(path, store.read(path)))
    for name in islice(names, MOST_REFERENCES):
        side_file = find_beside(store, path, name)
        if side_file is None or side_file in found:
            continue
        found[side_file] = None
        if side_file.lower().endswith(".mtl"):
            textures = dict.fromkeys(_texts(_MAP, _material_text(store, side_file)))
            for texture in islice(textures, MOST_REFERENCES):
                if (beside := find_beside(store, side_file, texture)) is not None:
                    found[beside] = None
    return sorted(found.keys() - {path})


def count_material_files(content: bytes) -> int:
    """Count the different names of files of materials that an OBJ file gives."""
    return len(set(_texts(_MTLLIB, content))) if b"mtllib" in content else 0


def _material_text(store: Store, file: str) -> bytes:
    try:
        return store.read(file, MOST_MATERIAL_BYTES)
    except InputError:
        return b""  # loading the mesh will tell


def _references(path: str, content: bytes) -> Iterator[str]:
    suffix = path.lower().rpartition(".")[2]
    if suffix == "obj":
        yield from _texts(_MTLLIB, content)
    elif suffix == "ply":
        yield from _texts(_TEXTURE_FILE, content[:_PLY_HEADER_BYTES].partition(b"end_header")[0])
    elif suffix == "dae":
        yield from _texts(_INIT_FROM, content)
    elif suffix in ("gltf", "glb"):
        header = gltf_header(content)
        for kind in ("buffers", "images"):
            for item in _list(header.get(kind)):
                if isinstance(item, dict) and isinstance(item.get("uri"), str):
                    yield item["uri"]


def gltf_header(content: bytes) -> dict[str, Any]:
    """Read the JSON part of a glTF or GLB file; empty if there is none."""
    text = content
    if content[:4] == b"glTF":
        if len(content) < _GLB_HEAD.size:
            return {}
        length = _GLB_HEAD.unpack_from(content)[3]
        text = content[_GLB_HEAD.size : _GLB_HEAD.size + length]
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return header if isinstance(header, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(pattern: re.Pattern[bytes], content: bytes) -> Iterator[str]:
    for found in pattern.finditer(content):
        if name := found[1].strip():
            yield name.decode("utf-8", errors="replace")
