"""Plane polygons: outlines to extrude, and their triangulation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Relative: corners of symmetric outlines compare alike on every platform, whatever their last digits.
_MARGIN = 1e-7

_CROSSES = "the polygon crosses itself or has no area"


def signed_area(polygon: ArrayLike) -> float:
    """Return the area of a polygon (N, 2), positive if it runs counter-clockwise."""
    x, y = np.asarray(polygon, dtype=np.float64).T
    return float(0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def triangulate(polygon: ArrayLike) -> NDArray[np.int32]:
    """Cut a simple polygon (N, 2), concave or not, into triangles (N - 2, 3) that run as it does.

    Raises:
        ValueError: if it crosses itself.
    """
    points = np.asarray(polygon, dtype=np.float64)
    forward = signed_area(points) >= 0.0
    left = list(range(len(points))) if forward else list(range(len(points)))[::-1]
    faces = []
    while len(left) > 3:
        index = _find_ear(points, left)
        faces.append((left[index - 1], left[index], left[(index + 1) % len(left)]))
        del left[index]
    if signed_area(points[left]) <= 0.0:
        raise ValueError(_CROSSES)
    faces.append((left[0], left[1], left[2]))
    order = np.array(faces, dtype=np.int32)
    return order if forward else np.ascontiguousarray(order[:, ::-1])


def _find_ear(points: Floats, left: list[int]) -> int:
    """Return the place of a corner that can be cut off: the widest, so that no slivers are left."""
    best, place = 0.0, -1
    for index in range(len(left)):
        triangle = [left[index - 1], left[index], left[(index + 1) % len(left)]]
        a, b, c = points[triangle]
        area = _cross(b - a, c - a)
        longest = max(np.sum((b - a) ** 2), np.sum((c - b) ** 2), np.sum((a - c) ** 2))
        if area <= best * longest * (1.0 + _MARGIN):
            continue
        others = points[[corner for corner in left if corner not in triangle]]
        inside = (
            (_cross(b - a, others - a) >= -_MARGIN * longest)
            & (_cross(c - b, others - b) >= -_MARGIN * longest)
            & (_cross(a - c, others - c) >= -_MARGIN * longest)
        )
        if not inside.any():
            best, place = area / longest, index
    if place < 0:
        raise ValueError(_CROSSES)
    return place


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def ngon(radius: float, sections: int, *, centre: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """Return a regular polygon (sections, 2) with a flat side below."""
    angles = (np.arange(sections) + 0.5) * (2 * np.pi / sections) - np.pi / 2
    polygon: Floats = np.column_stack([np.cos(angles), np.sin(angles)]) * radius + np.asarray(centre)
    return polygon


def rounded(
    width: float,
    height: float,
    radius: float,
    *,
    steps: int = 4,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Floats:
    """Return a rectangle (4 steps, 2) with round corners; `steps` = 2 bevels them, 1 leaves them sharp."""
    size = min(radius, 0.499 * width, 0.499 * height) if steps > 1 else 0.0
    turn = np.linspace(0.0, np.pi / 2, steps) if steps > 1 else np.zeros(1)
    corners = []
    for quarter, (x, y) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        angles = turn + quarter * np.pi / 2
        middle = np.array([x * (width / 2 - size), y * (height / 2 - size)])
        corners.append(middle + size * np.column_stack([np.cos(angles), np.sin(angles)]))
    outline: Floats = np.vstack(corners) + np.asarray(centre)
    return outline


def band(path: ArrayLike, thickness: float) -> Floats:
    """Return the outline (2 N, 2) of a strip of even thickness along a polyline (N, 2), mitred."""
    points: Floats = np.asarray(path, dtype=np.float64)
    ahead = np.diff(points, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    normals = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    before = np.vstack([normals[:1], normals])
    after = np.vstack([normals, normals[-1:]])
    mitre = before + after
    mitre /= np.sum(mitre * before, axis=1, keepdims=True)
    return np.vstack([points + thickness / 2 * mitre, (points - thickness / 2 * mitre)[::-1]])
