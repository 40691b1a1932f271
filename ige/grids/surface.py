"""Triangles to fill: each once, with what is known about their closedness.

Corners at equal coordinates are one point, however a file lists them, and faces with the same corners are one
face. Solids that share a wall, listed by both, therefore count as open: at its rim three faces meet. So do a
frame and the pane in it, and a pane must not be taken for a wall and lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.grids.kernel import kernel

_MAX_CORNERS = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A triangle mesh, welded; winding means nothing.

    Attributes:
        vertices: (V, 3) distinct points that faces use, world units.
        faces: (F, 3) distinct faces with three distinct corners.
        closed: whether every edge bounds an even number of faces.
        open_faces: (F,) whether a face belongs to a part (faces joined by edges) that is not closed.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]
    closed: bool
    open_faces: NDArray[np.bool_]


def make_surface(vertices: NDArray[Any], faces: NDArray[Any]) -> Surface:
    """Weld a mesh and find out whether it is closed.

    Args:
        vertices: (V, 3) numbers, world units.
        faces: (F, 3) integers; faces that name a corner twice, or have two corners at one place, are dropped.

    Raises:
        ValueError: if shapes or types are wrong, a coordinate is not finite, an index is out of range, or no
            face is left.
    """
    points, corners = _checked(vertices, faces)
    points, places = _weld(points, corners)
    triangles = places[corners]
    a, b, c = triangles.T
    triangles = _without_duplicates(triangles[(a != b) & (b != c) & (c != a)])
    if not len(triangles):
        raise ValueError("no face has three distinct corners")
    open_faces = _open_faces(triangles, len(points))
    return Surface(points, triangles, not open_faces.any(), open_faces)


def _checked(vertices: NDArray[Any], faces: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    vertices, faces = np.asarray(vertices), np.asarray(faces)
    if vertices.ndim != 2 or vertices.shape[1] != 3 or vertices.dtype.kind not in "fiu":
        raise ValueError(f"vertices must be (V, 3) numbers, found {vertices.shape} {vertices.dtype}")
    if faces.ndim != 2 or faces.shape[1] != 3 or faces.dtype.kind not in "iu":
        raise ValueError(f"faces must be (F, 3) integers, found {faces.shape} {faces.dtype}")
    if not len(faces):
        raise ValueError("the mesh has no faces")
    if max(len(vertices), 3 * len(faces)) > _MAX_CORNERS:
        raise ValueError(f"a mesh must have fewer than 2^31 corners, found {3 * len(faces)}")
    points = vertices.astype(np.float64)
    if not np.isfinite(points).all():
        number = int((~np.isfinite(points).all(axis=1)).sum())
        raise ValueError(f"vertices must be finite, {number} of {len(points)} are not")
    low, high = int(faces.min()), int(faces.max())
    if low < 0 or high >= len(points):
        raise ValueError(f"faces must index {len(points)} vertices, found indices {low} to {high}")
    return points, faces.astype(np.int64)


def _weld(
    points: NDArray[np.float64], corners: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return the distinct points of those that faces use, and the place of each point among them."""
    used = np.zeros(len(points), dtype=bool)
    used[corners.reshape(-1)] = True
    numbers = np.flatnonzero(used)
    x, y, z = points[numbers].T
    numbers = numbers[np.lexsort((z, y, x))]
    ordered = points[numbers]
    fresh = np.ones(len(ordered), dtype=bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    # Of equal points the one that comes first stays, in its old order: neighbours in files are neighbours in
    # space, which the fills like.
    kept = numbers[fresh]
    rank = np.empty(len(kept), dtype=np.int32)
    rank[np.argsort(kept)] = np.arange(len(kept), dtype=np.int32)
    places = np.zeros(len(points), dtype=np.int32)
    places[numbers] = rank[np.cumsum(fresh) - 1]
    return np.ascontiguousarray(points[np.sort(kept)]), places


def _without_duplicates(triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """Keep the first of faces with the same corners."""
    ascending = np.sort(triangles, axis=1)
    order = np.lexsort((ascending[:, 2], ascending[:, 1], ascending[:, 0]))
    ordered = ascending[order]
    fresh = np.ones(len(ordered), dtype=bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return np.ascontiguousarray(triangles[np.sort(order[fresh])])


def _open_faces(triangles: NDArray[np.int32], points: int) -> NDArray[np.bool_]:
    """Mark the faces (F,) of parts that have an edge with an odd number of faces."""
    ends = np.sort(triangles[:, [0, 1, 0, 2, 1, 2]].reshape(-1, 2).astype(np.int64), axis=1)
    edges = ends[:, 0] * points + ends[:, 1]
    order = np.argsort(edges, kind="stable")
    ordered = edges[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    odd = np.diff(np.r_[starts, len(ordered)]) % 2 == 1
    if not odd.any():
        return np.zeros(len(triangles), dtype=bool)
    parts = _parts(order // 3, starts, len(triangles))
    is_open = np.zeros(len(triangles), dtype=bool)
    is_open[parts[order[starts[odd]] // 3]] = True
    opened: NDArray[np.bool_] = is_open[parts]
    return opened


@kernel
def _parts(faces: NDArray[np.int64], starts: NDArray[np.int64], number: int) -> NDArray[np.int64]:
    """Name for each face one face of its part; faces from one start to the next share an edge."""
    parent = np.arange(number)
    for edge in range(len(starts)):
        stop = starts[edge + 1] if edge + 1 < len(starts) else len(faces)
        a = faces[starts[edge]]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        for i in range(starts[edge] + 1, stop):
            b = faces[i]
            while parent[b] != b:
                parent[b] = parent[parent[b]]
                b = parent[b]
            parent[max(a, b)] = min(a, b)
            a = min(a, b)
    for face in range(number):
        parent[face] = parent[parent[face]]
    return parent
