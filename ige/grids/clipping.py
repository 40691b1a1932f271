"""From the world to the coordinates of a frustum's grid; what lies at or behind the eye is cut off.

Cells look at their centres, and centres are shifted by about 1e-8 of a cell, differently on each axis: planes
through centres are common (a box on the grid's own axes), and there the three directions could disagree on
which side a centre lies. Shifted, no plane of simple direction meets one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum
from ige.grids.buffers import Buffers
from ige.grids.cells import first_centre
from ige.grids.kernel import kernel
from ige.grids.projected import Floats, Indices, ProjectedSurface
from ige.grids.surface import Surface

# Irrational, so that no small integers combine them to nothing.
_SHIFTS = 1e-8 * np.sqrt(np.array([2.0, 3.0, 5.0]))
_CLIP = 2.0**-6  # of the near plane's depth: nothing nearer to the eye is looked at
# Near planes, or widths of the image. Rounding moves the crossings of faces that reach far out, on each axis
# by itself, and a closed surface leaks where the axes disagree: one in a hundred at 1e9, one in ten at 1e10.
_REACH = 1e7
_CUT = 1e-6  # cells: a surface may end on the border


def project(surface: Surface, frustum: Frustum, resolution: int, buffers: Buffers) -> ProjectedSurface:
    """Return a surface in the coordinates of a frustum's grid; its arrays live in the buffers.

    Raises:
        ValueError: if the surface reaches too far to say on which side of it a cell is.
    """
    vertices, faces = surface.vertices, surface.faces
    parents = np.arange(len(faces), dtype=np.int32)
    perspective = frustum.projection == "perspective"
    scale = resolution / (frustum.far - frustum.near)
    near = frustum.near + float(_SHIFTS[2]) / scale
    clip = frustum.near * _CLIP if perspective else -np.inf
    centres: Floats = near + (np.arange(resolution, dtype=np.float64) + 0.5) / scale
    if perspective:
        centres = -1.0 / centres
    points = buffers.take("points", (len(vertices), 4), np.float64)
    least, greatest = _to_camera(vertices, frustum.extrinsics, points)
    # However close the near plane is to the eye, ten times the depth of the frustum can be.
    unit = max(frustum.near, 1e-6 * (frustum.far - frustum.near)) if perspective else 1.0 / frustum.focal
    if not greatest <= _REACH * unit:
        raise ValueError(
            f"the mesh reaches {greatest:.1e} from the camera, at most {_REACH * unit:.1e} can be"
        )
    behind = bool(least < clip)
    if behind:
        points, faces, parents = _cut_off(points, faces, clip)
    first = buffers.take("first", (len(points), 3), np.int32)
    bounds = _to_grid(
        points, first, clip, perspective, frustum.focal, resolution, _SHIFTS[:2], near, scale, centres
    )
    low, high = bounds[0].astype(int).tolist(), bounds[1].astype(int).tolist()
    cut = behind or bounds[2].min() < -_CUT or bounds[3].max() > resolution + _CUT
    return ProjectedSurface(
        points=points,
        first=first,
        faces=faces,
        parents=parents,
        centres=centres,
        near=near,
        scale=scale,
        perspective=perspective,
        resolution=resolution,
        low=(low[0], low[1], low[2]),
        high=(high[0], high[1], high[2]),
        behind=behind,
        cut=bool(cut),
    )


@kernel
def _to_camera(vertices: Floats, extrinsics: Floats, points: Floats) -> tuple[float, float]:
    """Write X, Y, Z of the camera frame into the first columns; return the least Z and the greatest size."""
    least, greatest = np.inf, 0.0
    for i in range(len(vertices)):
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        for axis in range(3):
            m = extrinsics[axis]
            points[i, axis] = m[0] * x + m[1] * y + m[2] * z + m[3]
            if not abs(points[i, axis]) <= greatest:
                greatest = abs(points[i, axis])
        least = min(least, points[i, 2])
    return least, greatest


@kernel
def _to_grid(
    points: Floats,
    first: Indices,
    clip: float,
    perspective: bool,
    focal: float,
    resolution: int,
    shifts: Floats,
    near: float,
    scale: float,
    centres: Floats,
) -> Floats:
    """Turn X, Y, Z into row, column, q, depth in place, and find the first centres at or beyond each.

    Returns:
        (4, 3) the least and greatest of `first`, the least and greatest row, column and depth. Points nearer
        than `clip` count for nothing: no face uses them.
    """
    bounds = np.empty((4, 3))
    bounds[0], bounds[1], bounds[2], bounds[3] = resolution, 0.0, np.inf, -np.inf
    for i in range(len(points)):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        if z < clip:
            continue
        inverse = 1.0 / z if perspective else 1.0
        q = -inverse if perspective else z
        row = resolution * (focal * y * inverse + 0.5) - shifts[0]
        column = resolution * (focal * x * inverse + 0.5) - shifts[1]
        depth = (z - near) * scale
        points[i, 0], points[i, 1], points[i, 2], points[i, 3] = row, column, q, depth
        k = first_centre(depth, resolution)
        while k > 0 and centres[k - 1] >= q:
            k -= 1
        while k < resolution and centres[k] < q:
            k += 1
        first[i, 0] = first_centre(row, resolution)
        first[i, 1] = first_centre(column, resolution)
        first[i, 2] = k
        for axis in range(3):
            place = depth if axis == 2 else points[i, axis]
            bounds[0, axis] = min(bounds[0, axis], first[i, axis])
            bounds[1, axis] = max(bounds[1, axis], first[i, axis])
            bounds[2, axis] = min(bounds[2, axis], place)
            bounds[3, axis] = max(bounds[3, axis], place)
    return bounds


def _cut_off(points: Floats, faces: Indices, clip: float) -> tuple[Floats, Indices, NDArray[np.int32]]:
    """Cut triangles at Z = clip; return the points with those of the cuts, the pieces, and their faces."""
    inside = points[:, 2] >= clip
    corners = inside[faces].sum(axis=1)
    partly = np.flatnonzero((corners == 1) | (corners == 2))
    wholly = np.flatnonzero(corners == 3)
    cut_points = np.zeros((len(points) + 2 * len(partly), 4))
    cut_points[: len(points)] = points
    pieces = np.empty((2 * len(partly), 3), dtype=np.int32)
    origins = np.empty(2 * len(partly), dtype=np.int32)
    number = _cut(cut_points, len(points), faces, partly, inside, clip, pieces, origins)
    return (
        cut_points,
        np.concatenate([faces[wholly], pieces[:number]]),
        np.concatenate([wholly.astype(np.int32), origins[:number]]),
    )


@kernel
def _cut(
    points: Floats,
    used: int,
    faces: Indices,
    partly: NDArray[np.int64],
    inside: NDArray[np.bool_],
    clip: float,
    pieces: Indices,
    origins: NDArray[np.int32],
) -> int:
    """Cut the faces `partly`, appending points after `used`; return the number of pieces."""
    number = 0
    for face in partly:
        # The corner that is alone on its side comes first; the others get an order of their own, so that the
        # cut does not depend on that of the face.
        a, b, c = faces[face, 0], faces[face, 1], faces[face, 2]
        if inside[a] == inside[c]:
            a, b, c = b, a, c
        elif inside[a] == inside[b]:
            a, b, c = c, a, b
        if _before(points, c, b):
            b, c = c, b
        for other in (b, c):
            # From the inside outwards, in both faces at an edge.
            start, stop = (a, other) if inside[a] else (other, a)
            share = (clip - points[start, 2]) / (points[stop, 2] - points[start, 2])
            end = used + (0 if other == b else 1)
            for axis in range(2):
                points[end, axis] = points[start, axis] + share * (points[stop, axis] - points[start, axis])
            points[end, 2] = clip
        origins[number] = face
        if inside[a]:
            pieces[number, 0], pieces[number, 1], pieces[number, 2] = a, used, used + 1
        else:
            pieces[number, 0], pieces[number, 1], pieces[number, 2] = b, c, used
            number += 1
            origins[number] = face
            pieces[number, 0], pieces[number, 1], pieces[number, 2] = c, used, used + 1
        number += 1
        used += 2
    return number


@kernel
def _before(points: Floats, a: int, b: int) -> bool:
    for axis in range(3):
        if points[a, axis] != points[b, axis]:
            return bool(points[a, axis] < points[b, axis])
    return False
