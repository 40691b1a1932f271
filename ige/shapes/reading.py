"""Mesh files to triangles by trimesh, with what it takes quietly or wrongly told as errors."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import collada
import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.exchange.load import mesh_loaders
from trimesh.resolvers import Resolver

from ige.base.errors import InputError
from ige.shapes.dae import check_dae
from ige.shapes.obj_faces import plain_faces
from ige.shapes.side_file_reader import SideFile as SideFile
from ige.shapes.side_file_reader import SideFiles
from ige.shapes.side_files import (
    MOST_MATERIAL_BYTES,
    MOST_REFERENCES,
    count_material_files,
    gltf_header,
)

_LOGGERS = ("trimesh", "PIL", "collada")
_MOST_PLACEHOLDERS = 1 << 26  # values of a glTF file that lie nowhere in it
_MOST_FACES = 1 << 26  # of all parts; ten times the largest model of ShapeNet or so
_MOST_MATERIAL_VERTICES = 5_000_000_000  # materials times vertices
_USED_MATERIAL = re.compile(rb"^usemtl[^\n]*", re.MULTILINE)
_WORLD = "world"  # the node that all others hang from
_TRIANGLE_FAN = 6
_MOST_LETTERS = 160  # of another library's message


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Triangles of a file, and where they stand.

    Attributes:
        name: of the geometry; parts of one name share it.
        geometry: a `trimesh.Trimesh` in its own frame.
        matrix: (4, 4) from there to the frame of the file.
    """

    name: str
    geometry: Any
    matrix: NDArray[np.float64]


def read_parts(content: bytes, suffix: str, where: str, side_file: SideFile) -> list[Part]:
    """Read the triangles of a file; nothing is merged, removed or reordered.

    Args:
        content: of the file.
        suffix: in small letters without the dot, one that is read.
        where: the file, for errors.
        side_file: gives the content of a file that this one refers to, None if there is none to be had.

    Raises:
        InputError: if the content is no mesh of this format, or of a kind that would be read wrongly.
    """
    if not content:
        raise InputError("an empty file", where=where, expected="a mesh")
    try:
        with quietly():
            return _read(content, suffix, side_file)
    except InputError as error:
        raise InputError(
            error.what,
            where=where,
            expected=error.expected,
            found=error.found,
            next_step=error.next_step,
        ) from error
    except Exception as error:
        # Loaders raise whatever a broken file makes them stumble over: index, key, type, memory, recursion.
        words = " ".join(str(error).split())[:_MOST_LETTERS]
        raise InputError(
            "cannot be read",
            where=where,
            expected=f"a whole {suffix} file",
            found=f"{type(error).__name__}{': ' if words else ''}{words}",
        ) from error


def _read(content: bytes, suffix: str, side_file: SideFile) -> list[Part]:
    if suffix == "obj":
        content = plain_faces(content)
        _check_obj(content)
    elif suffix in ("gltf", "glb"):
        _check_gltf(gltf_header(content))
    elif suffix == "dae":
        check_dae(content)
    elif suffix == "off":
        content = _plain_off(content)
    # What an OBJ file asks for first is its file of materials.
    resolver = SideFiles(side_file, MOST_MATERIAL_BYTES if suffix == "obj" else None)
    try:
        parsed = _parse(content, suffix, resolver)
    finally:
        resolver.check()
    if suffix == "ply":
        _check_ply(parsed["metadata"]["_ply_raw"])
    # A file of one mesh comes without a scene around it.
    given = parsed.get("geometry", {"mesh": parsed})
    # Points and lines make no grid, nor are they any use in a picture.
    geometries = {name: _geometry(part) for name, part in given.items() if part.get("faces") is not None}
    # A file without a scene around its meshes has each where it is.
    graph = parsed.get("graph") or [{"frame_to": name, "geometry": name} for name in geometries]
    parts = [Part(name, geometries[name], matrix) for name, matrix in _placed(graph) if name in geometries]
    if (faces := sum(len(part.geometry.faces) for part in parts)) > _MOST_FACES:
        raise InputError("too many triangles", expected=f"at most {_MOST_FACES}", found=str(faces))
    return parts


def _geometry(part: dict[str, Any]) -> trimesh.Trimesh:
    return trimesh.Trimesh(
        vertices=part["vertices"],
        faces=part["faces"],
        visual=part.get("visual"),
        face_colors=part.get("face_colors"),
        vertex_colors=part.get("vertex_colors"),
        process=False,  # which would merge vertices and drop what is not finite
    )


def _placed(graph: Iterable[dict[str, Any]]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Name the geometry of each node that has one, with the matrix to the frame of the file."""
    parents: dict[str, tuple[str, NDArray[np.float64]]] = {}
    names: dict[str, str] = {}
    for edge in graph:
        node = edge["frame_to"]
        matrix = np.asarray(edge.get("matrix", np.eye(4)), dtype=np.float64).reshape(4, 4)
        parents[node] = (edge.get("frame_from", _WORLD), matrix)
        if "geometry" in edge:
            names[node] = edge["geometry"]
    known: dict[str, NDArray[np.float64]] = {_WORLD: np.eye(4)}
    for node, name in names.items():
        yield name, _to_world(node, parents, known)


def _to_world(
    node: str, parents: dict[str, tuple[str, NDArray[np.float64]]], known: dict[str, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Multiply the matrices on the way up; those that were found on the way are kept in `known`."""
    way: dict[str, None] = {}
    while node not in known:
        if node in way or node not in parents:
            raise ValueError("nodes that hang in a circle or from nothing")
        way[node] = None
        node = parents[node][0]
    for below in reversed(way):
        above, matrix = parents[below]
        known[below] = known[above] @ matrix
    return known[next(iter(way), node)]


def _parse(content: bytes, suffix: str, resolver: Resolver) -> dict[str, Any]:
    def load(**options: object) -> dict[str, Any]:
        stream = io.BytesIO(content)
        loader: Any = mesh_loaders[suffix]
        return dict(loader(file_obj=stream, file_type=suffix, resolver=resolver, **options))

    if suffix != "dae":
        return load()
    try:
        return load(ignore_broken=False)
    except (collada.common.DaeBrokenRefError, collada.common.DaeUnsupportedError):
        # Missing pictures and unknown effects are no harm; geometry that is malformed is not passed over.
        return load(ignore_broken=True)


def _check_gltf(header: dict[str, Any]) -> None:
    """Refuse what trimesh would read as zeros, leave out, or fill memory with."""
    packed = sorted(
        name
        for name in header.get("extensionsRequired", [])
        if name in ("KHR_draco_mesh_compression", "EXT_meshopt_compression")
    )
    if packed:
        raise InputError(
            "compressed geometry",
            expected="glTF without compression",
            found=", ".join(packed),
            next_step="Export or convert it without mesh compression",
        )
    accessors = header.get("accessors", [])
    placeholders = sum(int(each["count"]) for each in accessors if "bufferView" not in each)
    if placeholders > _MOST_PLACEHOLDERS:
        raise InputError("claims more than it holds", found=f"{placeholders} values that lie nowhere")
    children = [child for node in header.get("nodes", []) for child in node.get("children", [])]
    if len(set(children)) < len(children):
        raise InputError("nodes below several others", expected="nodes that make trees")
    for mesh in header.get("meshes", []):
        for part in mesh["primitives"]:
            if part.get("mode") == _TRIANGLE_FAN:
                raise InputError("triangle fans, which are not read", expected="triangles or strips")
            used = [part["attributes"].get("POSITION"), part.get("indices")]
            if any("sparse" in accessors[index] for index in used if index is not None):
                raise InputError("sparse accessors, which are not read", expected="plain accessors")


def _check_obj(content: bytes) -> None:
    """Refuse what keeps trimesh busy for hours: it goes through all vertices once for each material."""
    if (files := count_material_files(content)) > MOST_REFERENCES:
        raise InputError("refers to too much", found=f"{files} files of materials")
    vertices = content.count(b"\nv ")
    if content.count(b"usemtl") * vertices > _MOST_MATERIAL_VERTICES:
        materials = len(set(_USED_MATERIAL.findall(content)))
        if materials * vertices > _MOST_MATERIAL_VERTICES:
            raise InputError("too many materials", found=f"{materials} of {vertices} vertices")


def _plain_off(content: bytes) -> bytes:
    """Drop comments, which trimesh does wrongly, and refuse a file that ends before all that it counts."""
    lines = [line for line in (raw.partition(b"#")[0].strip() for raw in content.splitlines()) if line]
    # The counts stand on the line of the word OFF or on the next.
    beside_the_word = lines[0].partition(b"OFF")[2].split()
    counts = beside_the_word or lines[1].split()
    needed = int(counts[0]) + int(counts[1])
    left = len(lines) - (1 if beside_the_word else 2)
    if left < needed:
        raise ValueError(f"ends after {left} of {needed} vertices and faces")
    return b"\n".join(lines)


def _check_ply(elements: Mapping[str, dict[str, Any]]) -> None:
    """Refuse a file that ends before all that its header counts."""
    for name, element in elements.items():
        data = element.get("data")
        if data is not None:
            found = (
                min((len(column) for column in data.values()), default=0)
                if isinstance(data, dict)
                else len(data)
            )
            if found < element["length"]:
                raise ValueError(f"ends after {found} of {element['length']} items of {name}")


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what libraries say about a file to themselves: what matters of it becomes an error of ours."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
