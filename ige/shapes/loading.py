"""Mesh files to meshes: obj, ply, stl, off, gltf, glb and dae; z up, of unit size, a colour for each face.

Scenes are flattened with their transforms, each instance for itself; polygons become triangles; points and
lines are left out. Vertices that no face uses are dropped, and nothing else is merged, mended or removed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.params.shapes import Up
from ige.shapes.colours import ColourReader
from ige.shapes.listing import SUFFIXES
from ige.shapes.mesh import Floats, Mesh, placement
from ige.shapes.reading import Part, SideFile, quietly, read_parts
from ige.shapes.stores import FolderStore, Store, find_beside

log = logging.getLogger(__name__)

_Y_UP_TO_Z_UP = np.array(
    [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
)
_MOST_NAMES = 5  # of missing files in one line
_LINEAR = ("gltf", "glb")  # formats that state factors and vertex colours as linear light


def load_mesh(file: Path | str, *, up: Up, keep_scale: bool = False, materials: bool = False) -> Mesh:
    """Load a mesh from a file.

    Materials and textures are looked for in the file's folder and below, nowhere else; those that are missing
    are named by a line of the log.

    Args:
        file: of one of `SUFFIXES`, in capitals or not.
        up: axis that points up in the file; "y" turns (x, y, z) to (x, -z, y).
        keep_scale: take coordinates as they are in the file, which then has z up.
        materials: keep a scene with materials and textures, in the same coordinates, as `Mesh.scene`.

    Raises:
        InputError: if the file is missing or of another format, or holds no mesh.
    """
    file = Path(file)
    return load_mesh_in(
        FolderStore(file.parent), file.name, up=up, keep_scale=keep_scale, materials=materials
    )


def load_mesh_in(
    store: Store, path: str, *, up: Up, keep_scale: bool = False, materials: bool = False
) -> Mesh:
    """Load a mesh from a folder or a zip file; its side files are looked for in the same, nowhere else.

    Args:
        store: the folder or zip file.
        path: of the mesh in it.
        up: as in `load_mesh`.
        keep_scale: as in `load_mesh`.
        materials: as in `load_mesh`.

    Raises:
        InputError: if the file is missing or of another format, or holds no mesh.
    """
    _suffix(path, store.where(path))

    referring = [path]

    def side_file(reference: str) -> bytes | None:
        for file in reversed(referring):
            found = find_beside(store, file, reference)
            if found is not None:
                # Textures are named by the material file, relative to it.
                referring.append(found)
                return store.read(found)
        return None

    return load_mesh_bytes(
        store.read(path),
        store.where(path),
        up=up,
        keep_scale=keep_scale,
        materials=materials,
        side_file=side_file,
    )


def load_mesh_bytes(
    content: bytes,
    name: str,
    *,
    up: Up,
    keep_scale: bool = False,
    materials: bool = False,
    side_file: SideFile = lambda reference: None,
) -> Mesh:
    """Load a mesh from the content of a file.

    Args:
        content: of the file.
        name: of the file; its suffix tells the format, and errors begin with it.
        up: as in `load_mesh`.
        keep_scale: as in `load_mesh`.
        materials: as in `load_mesh`.
        side_file: gives the content of a file that this one refers to, None if there is none to be had.

    Raises:
        InputError: if the file is of another format, or holds no mesh.
    """
    suffix = _suffix(name, name)
    missing: dict[str, None] = {}

    def noted(reference: str) -> bytes | None:
        found = side_file(reference)
        if found is None:
            missing[reference] = None
        return found

    parts = read_parts(content, suffix, name, noted)
    if missing:
        _tell_missing(name, tuple(missing))
    turn = _Y_UP_TO_Z_UP if up == "y" and not keep_scale else np.eye(4)
    with quietly():
        colours = ColourReader(
            linear=suffix in _LINEAR, white_stands_in=suffix == "dae" and b"<texture" in content
        )
        mesh = _flattened(parts, turn, colours, name)
        place = placement(mesh, name)
        if not keep_scale:
            turn = place.matrix() @ turn
            mesh = Mesh(place.apply(mesh.vertices), mesh.faces, mesh.face_colours)
        if not materials:
            return mesh
        return Mesh(mesh.vertices, mesh.faces, mesh.face_colours, _scene(parts, turn))


@cache  # a mesh may be loaded anew for each of its views
def _tell_missing(name: str, references: tuple[str, ...]) -> None:
    names = [" ".join(reference.split()) for reference in references[:_MOST_NAMES]]
    more = len(references) - len(names)
    log.warning(
        "%s: without the materials or textures that it refers to; not found: %s%s",
        *(name, ", ".join(names), f" and {more} more" if more else ""),
    )


def _suffix(name: str, where: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(
            "no format that is read",
            where=where,
            expected=f"one of {', '.join(SUFFIXES)}",
            found=suffix or "no suffix",
        )
    return suffix[1:]


def _flattened(parts: Sequence[Part], turn: Floats, colours: ColourReader, where: str) -> Mesh:
    """Join all triangles, each instance at its place."""
    vertices: list[Floats] = [np.zeros((0, 3))]
    faces: list[NDArray[np.int64]] = [np.zeros((0, 3), dtype=np.int64)]
    painted: list[NDArray[np.uint8]] = [np.zeros((0, 4), dtype=np.uint8)]
    by_name: dict[str, tuple[Floats, NDArray[np.int64], NDArray[np.uint8]]] = {}
    start = 0
    for part in parts:
        if part.name not in by_name:
            by_name[part.name] = _triangles(part.geometry, colours, where)
        points, triangles, colour = by_name[part.name]
        vertices.append(_moved(points, turn @ part.matrix))
        faces.append(triangles + start)
        painted.append(colour)
        start += len(points)
    if start > np.iinfo(np.int32).max:
        raise InputError("too many vertices", where=where, found=str(start))
    return Mesh(np.concatenate(vertices), np.concatenate(faces).astype(np.int32), np.concatenate(painted))


def _triangles(
    geometry: Any, colours: ColourReader, where: str
) -> tuple[Floats, NDArray[np.int64], NDArray[np.uint8]]:
    """Take vertices that faces use, faces and their colours from one geometry."""
    points = np.asarray(geometry.vertices, dtype=np.float64)
    faces = np.asarray(geometry.faces, dtype=np.int64).reshape(-1, 3)
    if points.ndim != 2 or points.shape[1] != 3:
        raise InputError("vertices without three coordinates", where=where, found=f"{points.shape}")
    if len(faces) and not 0 <= faces.min() <= faces.max() < len(points):
        wrong = faces.max() if faces.min() >= 0 else faces.min()
        raise InputError(
            "a face names a vertex that is not there",
            where=where,
            expected=f"0 to {len(points) - 1}",
            found=str(wrong),
        )
    colour = colours.face_colours(geometry)
    used = np.zeros(len(points), dtype=bool)
    used[faces] = True
    return points[used], (np.cumsum(used) - 1)[faces], colour


def _moved(points: Floats, matrix: Floats) -> Floats:
    if (matrix == np.eye(4)).all():
        return points
    moved: Floats = points @ matrix[:3, :3].T + matrix[:3, 3]
    return moved


def _scene(parts: Sequence[Part], turn: Floats) -> Any:
    """Put all parts into a `trimesh.Scene`, each instance at its place."""
    scene: Any = trimesh.Scene()
    for number, part in enumerate(parts):
        scene.geometry[part.name] = part.geometry
        scene.graph.update(frame_to=f"part {number}", matrix=turn @ part.matrix, geometry=part.name)
    return scene
