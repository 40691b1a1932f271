"""Compiled parts of `raster`: camera frame, clipping at the eye, z-buffer, light.

Only +, -, *, /, square roots and comparisons, in a fixed order: the same bytes on every machine. Nothing
depends on the order of the faces or of the corners of a face, because corners are sorted before they are used
and faces at equal depths are told apart by what they look like, not by their numbers.

Sample coordinates: row and column in samples, the centre of sample i at `i + 0.5`; nearness 1 / Z
(perspective) or -Z (orthographic), which is affine over the image of a triangle, and greater for what is
nearer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.grids.kernel import kernel

Array = NDArray[Any]


@kernel
def to_camera(vertices: Array, extrinsics: Array) -> Array:
    """Take points (V, 3) from the world to the camera frame, with rounding that no library decides."""
    points_cam = np.empty((len(vertices), 3))
    for i in range(len(vertices)):
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        for axis in range(3):
            e = extrinsics[axis]
            points_cam[i, axis] = e[0] * x + e[1] * y + e[2] * z + e[3]
    return points_cam


@kernel
def clip(points_cam: Array, faces: Array, least_depth: float) -> tuple[Array, Array, Array]:
    """Cut away what has Z < least_depth.

    Returns:
        points (V', 3), the given ones first; faces (F', 3) int32; (F',) int32 the given face of each.
    """
    points = np.empty((len(points_cam) + 2 * len(faces), 3))
    points[: len(points_cam)] = points_cam
    kept = np.empty((2 * len(faces), 3), np.int32)
    owners = np.empty(2 * len(faces), np.int32)
    corners = np.empty(4, np.int32)
    used, count = len(points_cam), 0
    for f in range(len(faces)):
        size = 0
        a, b, c, _ = _sorted_corners(points, faces[f, 0], faces[f, 1], faces[f, 2])
        for _ in range(3):
            if points[a, 2] >= least_depth:
                corners[size] = a
                size += 1
            if (points[a, 2] >= least_depth) != (points[b, 2] >= least_depth):
                _cut(points, used, a, b, least_depth)
                corners[size] = used
                used += 1
                size += 1
            a, b, c = b, c, a
        for last in range(2, size):
            kept[count, 0], kept[count, 1], kept[count, 2] = corners[0], corners[last - 1], corners[last]
            owners[count] = f
            count += 1
    return points[:used], kept[:count], owners[:count]


@kernel
def _cut(points: Array, at: int, a: int, b: int, depth: float) -> None:
    """Write the point of an edge at a depth; the same for both triangles at the edge."""
    if points[a, 2] > points[b, 2]:
        a, b = b, a
    share = (depth - points[a, 2]) / (points[b, 2] - points[a, 2])
    points[at, 0] = points[a, 0] + share * (points[b, 0] - points[a, 0])
    points[at, 1] = points[a, 1] + share * (points[b, 1] - points[a, 1])
    points[at, 2] = depth


@kernel
def to_samples(points_cam: Array, focal: float, perspective: bool, side: int) -> tuple[Array, Array]:
    """Project points of the camera frame.

    Returns:
        points (V, 3): row, column, nearness; firsts (V, 2) int32: the first sample row and column whose
        centre is not before the point, within 0 to side.
    """
    points = np.empty((len(points_cam), 3))
    firsts = np.empty((len(points_cam), 2), np.int32)
    for i in range(len(points_cam)):
        z = points_cam[i, 2]
        if perspective and z <= 0.0:
            # Of no face any more.
            points[i], firsts[i] = 0.0, 0
            continue
        scale = focal / z if perspective else focal
        points[i, 0] = side * (scale * points_cam[i, 1] + 0.5)
        points[i, 1] = side * (scale * points_cam[i, 0] + 0.5)
        points[i, 2] = 1.0 / z if perspective else -z
        firsts[i, 0] = _first(points[i, 0], side)
        firsts[i, 1] = _first(points[i, 1], side)
    return points, firsts


@kernel
def _first(position: float, side: int) -> int:
    """Return the first sample whose centre is not before a position, within 0 to side."""
    return int(min(max(np.ceil(position - 0.5), 0.0), float(side)))


@kernel
def _sorted_corners(points: Array, a: int, b: int, c: int) -> tuple[int, int, int, int]:
    """Sort the corners of a face by their coordinates; the last is 1 if that turned the face over, else 0."""
    turned = 0
    if _before(points, b, a):
        a, b, turned = b, a, 1 - turned
    if _before(points, c, b):
        b, c, turned = c, b, 1 - turned
        if _before(points, b, a):
            a, b, turned = b, a, 1 - turned
    return a, b, c, turned


@kernel
def _before(points: Array, i: int, j: int) -> bool:
    if points[i, 0] != points[j, 0]:
        return bool(points[i, 0] < points[j, 0])
    if points[i, 1] != points[j, 1]:
        return bool(points[i, 1] < points[j, 1])
    return bool(points[i, 2] < points[j, 2])


@kernel
def rasterise(
    points: Array,
    firsts: Array,
    faces: Array,
    owners: Array,
    points_cam: Array,
    whole_faces: Array,
    uncut: int,
    colours: Array,
    perspective: bool,
    focal: float,
    side: int,
    supersample: int,
) -> tuple[Array, Array, int, int]:
    """Find the nearest face at every sample of a window that holds the whole image of the mesh.

    Args:
        points: (V, 3) and `firsts` (V, 2) as `to_samples` gives them.
        firsts: see `points`.
        faces: (F, 3) int32, after clipping.
        owners: (F,) int32: index into `whole_faces`.
        points_cam: (V, 3) camera frame.
        whole_faces: (W, 3) int32, before clipping.
        uncut: points from this index on were made by clipping.
        colours: (W, C) uint8, C >= 3.
        perspective: else orthographic.
        focal: widths of the image.
        side: samples per side.
        supersample: the window begins and ends at multiples of this.

    Returns:
        nearness (rows, columns), -inf where nothing is; (rows, columns) int32 index into `whole_faces`, -1
        where nothing is; the window's first row and column.
    """
    top, left, bottom, right = _window(firsts, faces, side, supersample)
    nearness = np.full((bottom - top, right - left), -np.inf)
    winners = np.full((bottom - top, right - left), -1, np.int32)
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        rows = firsts[a, 0], firsts[b, 0], firsts[c, 0]
        columns = firsts[a, 1], firsts[b, 1], firsts[c, 1]
        if min(rows) == max(rows) or min(columns) == max(columns):
            continue
        is_cut = max(a, b, c) >= uncut
        a, b, c, _ = _sorted_corners(points, a, b, c)
        low = min(points[a, 2], points[b, 2], points[c, 2])
        high = max(points[a, 2], points[b, 2], points[c, 2])
        row0, column0 = points[a, 0], points[a, 1]
        start, by_row, by_column = _plane(points, a, b, c, high)
        if is_cut:
            row0, column0 = 0.0, 0.0
            start, by_row, by_column = _plane_of_cut(points_cam, whole_faces, owners[f], high, focal, side)
        rival, wins = -1, True
        for row in range(firsts[a, 0], firsts[c, 0]):
            begin = _crossing(points, a, c, row)
            end = _crossing(points, a, b, row) if row < firsts[b, 0] else _crossing(points, b, c, row)
            base = start + (row + 0.5 - row0) * by_row + (0.5 - column0) * by_column
            for column in range(_first(min(begin, end), side), _first(max(begin, end), side)):
                value = min(max(base + column * by_column, low), high)
                i, j = row - top, column - left
                best = nearness[i, j]
                if value == best and winners[i, j] != rival:
                    rival = winners[i, j]
                    wins = _shown_before(points_cam, whole_faces, colours, perspective, owners[f], rival)
                if value > best or (value == best and wins):
                    nearness[i, j] = value
                    winners[i, j] = owners[f]
    return nearness, winners, top, left


@kernel
def _window(firsts: Array, faces: Array, side: int, step: int) -> tuple[int, int, int, int]:
    """Return the first row and column of the samples that faces may hit, and those after the last."""
    top, left, bottom, right = side, side, 0, 0
    for f in range(len(faces)):
        for k in range(3):
            row, column = firsts[faces[f, k], 0], firsts[faces[f, k], 1]
            top, bottom = min(top, row), max(bottom, row)
            left, right = min(left, column), max(right, column)
    if bottom <= top or right <= left:
        return 0, 0, 0, 0
    return top // step * step, left // step * step, -(-bottom // step) * step, -(-right // step) * step


@kernel
def _crossing(points: Array, a: int, b: int, row: int) -> float:
    """Return the column where the edge from a down to b crosses the centres of a row.

    Both triangles at an edge call this with the same corners in the same order; so no sample between them is
    hit twice or missed.
    """
    slope = (points[b, 1] - points[a, 1]) / (points[b, 0] - points[a, 0])
    column = points[a, 1] + (row + 0.5 - points[a, 0]) * slope
    low, high = min(points[a, 1], points[b, 1]), max(points[a, 1], points[b, 1])
    return float(min(max(column, low), high))


@kernel
def _plane(points: Array, a: int, b: int, c: int, otherwise: float) -> tuple[float, float, float]:
    """Return nearness at corner a and its slopes; what is seen edge-on has none, and is as near as told."""
    row1, row2 = points[b, 0] - points[a, 0], points[c, 0] - points[a, 0]
    column1, column2 = points[b, 1] - points[a, 1], points[c, 1] - points[a, 1]
    near1, near2 = points[b, 2] - points[a, 2], points[c, 2] - points[a, 2]
    share = 1.0 / (row1 * column2 - column1 * row2)
    by_row = (near1 * column2 - near2 * column1) * share
    by_column = (row1 * near2 - row2 * near1) * share
    if np.isfinite(by_row) and np.isfinite(by_column):
        return points[a, 2], by_row, by_column
    return otherwise, 0.0, 0.0


@kernel
def _plane_of_cut(
    points_cam: Array, whole_faces: Array, f: int, otherwise: float, focal: float, side: int
) -> tuple[float, float, float]:
    """Return nearness at row 0 and column 0 and its slopes, of a face of which the eye cuts off a part.

    What is left has an image so long that its corners do not tell the slopes, but the whole face does: in its
    plane n X = n A, so 1 / Z = n (x, y, 1) / (n A) for the direction (x, y, 1) of a sample.
    """
    x, y, z, _ = _normal(points_cam, whole_faces, f, True)
    a, _, _, _ = _sorted_corners(points_cam, whole_faces[f, 0], whole_faces[f, 1], whole_faces[f, 2])
    share = 1.0 / (x * points_cam[a, 0] + y * points_cam[a, 1] + z * points_cam[a, 2])
    by_row, by_column = share * y / (focal * side), share * x / (focal * side)
    if np.isfinite(by_row) and np.isfinite(by_column):
        return share * (z - 0.5 * (x + y) / focal), by_row, by_column
    return otherwise, 0.0, 0.0


@kernel
def _shown_before(points_cam: Array, faces: Array, colours: Array, perspective: bool, f: int, g: int) -> bool:
    """Tell which of two faces at the same depth is seen.

    One that shows its front, else the one of lower red, green, blue, else of lower x, y, z of its normal.
    Faces equal in all of that look the same.
    """
    normal_f = _normal(points_cam, faces, f, perspective)
    normal_g = _normal(points_cam, faces, g, perspective)
    if normal_f[3] != normal_g[3]:
        return bool(normal_f[3] > normal_g[3])
    for channel in range(3):
        if colours[f, channel] != colours[g, channel]:
            return bool(colours[f, channel] < colours[g, channel])
    return normal_f < normal_g


@kernel
def _normal(points_cam: Array, faces: Array, f: int, perspective: bool) -> tuple[float, float, float, float]:
    """Return the unit normal towards the camera, and 1.0 if it is that of the face's front, else 0.0.

    A front has its corners counter-clockwise. A face without area faces the camera with its back.
    """
    a, b, c, turned = _sorted_corners(points_cam, faces[f, 0], faces[f, 1], faces[f, 2])
    x1, y1, z1 = _shortened(points_cam, a, b)
    x2, y2, z2 = _shortened(points_cam, a, c)
    x, y, z = y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2
    length = np.sqrt(x * x + y * y + z * z)
    if not length > 0.0:
        return 0.0, 0.0, -1.0, 0.0
    share = 1.0 / length
    x, y, z = share * x, share * y, share * z
    away = x * points_cam[a, 0] + y * points_cam[a, 1] + z * points_cam[a, 2] if perspective else z
    if away > 0.0:
        return -x, -y, -z, float(turned)
    return x, y, z, 1.0 - turned


@kernel
def _shortened(points: Array, a: int, b: int) -> tuple[float, float, float]:
    """Return the edge from a to b, its longest component about 1: products neither overflow nor vanish."""
    x, y, z = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
    longest = max(abs(x), abs(y), abs(z))
    if longest == 0.0:
        return 0.0, 0.0, 0.0
    scale = 1.0 / longest
    return scale * x, scale * y, scale * z


@kernel
def light_faces(
    winners: Array,
    points_cam: Array,
    faces: Array,
    colours: Array,
    perspective: bool,
    lamps: Array,
    ambient: float,
    linear: Array,
) -> Array:
    """Compute the looks of the faces that are seen somewhere.

    Args:
        winners: (rows, columns) int32 index into `faces`, or -1.
        points_cam: (V, 3) camera frame.
        faces: (F, 3) int32.
        colours: (F, C) uint8 sRGB, C >= 3.
        perspective: else orthographic.
        lamps: (L, 4): unit vector to each lamp, camera frame, and its strength.
        ambient: strength of the light that comes from everywhere.
        linear: (256,) light of each sRGB value.

    Returns:
        (F, 6): normal as `Rendering` has it, red, green, blue light that the face sends back; other rows are
        left undefined.
    """
    looks = np.empty((len(faces), 6))
    done = np.zeros(len(faces), np.bool_)
    for row in range(winners.shape[0]):
        for column in range(winners.shape[1]):
            f = winners[row, column]
            if f < 0 or done[f]:
                continue
            done[f] = True
            x, y, z, _ = _normal(points_cam, faces, f, perspective)
            light = ambient
            for k in range(len(lamps)):
                light += lamps[k, 3] * max(x * lamps[k, 0] + y * lamps[k, 1] + z * lamps[k, 2], 0.0)
            looks[f, 0], looks[f, 1], looks[f, 2] = x, y, z
            for channel in range(3):
                looks[f, 3 + channel] = light * linear[colours[f, channel]]
    return looks
