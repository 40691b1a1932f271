"""Which files besides the mesh decide how it looks: found by reading references, without loading a mesh."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from typing import Any

from ige.shapes.stores import Store, find_beside

_GLB_HEAD = struct.Struct("<4sIIII")
_PLY_HEADER_BYTES = 1 << 16
_MTLLIB = re.compile(rb"^[ \t]*mtllib[ \t]+(.+?)[ \t\r]*$", re.MULTILINE)
_MAP = re.compile(rb"^[ \t]*map_Kd[ \t]+(.+?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_TEXTURE_FILE = re.compile(rb"^comment TextureFile (.+?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_INIT_FROM = re.compile(rb"<init_from>\s*(?:<ref>)?\s*([^<]+?)\s*<")


def side_files(store: Store, path: str) -> list[str]:
    """Name the files that a mesh takes colours or coordinates from, in the order of their paths.

    Files that are missing or lie outside the store count as no files: the mesh is loaded without them.

    Raises:
        InputError: if the mesh itself cannot be read.
    """
    found: set[str] = set()
    for reference in _references(path, store.read(path)):
        file = find_beside(store, path, reference)
        if file is None or file in found:
            continue
        found.add(file)
        if file.lower().endswith(".mtl"):
            textures = (find_beside(store, file, name) for name in _texts(_MAP, store.read(file)))
            found.update(texture for texture in textures if texture is not None)
    return sorted(found - {path})


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
    for found in pattern.findall(content):
        yield found.decode("utf-8", errors="replace")
