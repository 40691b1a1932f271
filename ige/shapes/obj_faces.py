"""Faces of OBJ files as every loader understands them: absolute indices, and no concave polygons.

OBJ files may count vertices backwards from the line of a face, and may hold polygons of any number of
corners. Loaders that read the file at once take the first from the wrong place, and cut the second into fans,
which leave a concave polygon's outline. They also overlook lines that are indented, parted by tabs, ended by
a comment, or preceded by the mark of UTF-8.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_NEEDS_WORK = re.compile(rb"^[ \t]*f(?:[ \t]+\S+){4,}|^[ \t]*f[^\n]*[ \t/]-|\\\r?\n", re.MULTILINE)
_COMMENT = re.compile(rb"^((?:v|vt|vn|f) [^#\n]*)#[^\n]*", re.MULTILINE)
_INDENT = re.compile(rb"^ +", re.MULTILINE)
_ZERO = re.compile(rb"^[ \t]*f[^\n]*[ \t]0(?:[/ \t\r]|$)", re.MULTILINE)
_MOST_CORNERS = 1000  # cutting ears takes a time of the square of it; larger polygons stay fans
_MOST_TESTS = 3_000_000  # of corners of one file for being ears: a minute or two
_KINDS = (b"v", b"vt", b"vn")


def plain_faces(content: bytes) -> bytes:
    """Rewrite what loaders take wrongly: above all faces that count backwards or are concave.

    Most files are returned as they are.

    Raises:
        ValueError: if a face names a vertex that is not there, or cutting polygons would take for ever.
    """
    content = _plain_lines(content)
    if _ZERO.search(content):
        raise ValueError("a face names vertex 0, the first is 1")
    if not _NEEDS_WORK.search(content):
        return content
    lines = content.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").split(b"\n")
    seen = dict.fromkeys(_KINDS, 0)
    positions: list[list[bytes]] = []
    polygons: dict[int, list[tuple[int, list[bytes]]]] = defaultdict(list)
    for number, line in enumerate(lines):
        words = line.split()
        if not words:
            continue
        if words[0] in seen:
            seen[words[0]] += 1
            if words[0] == b"v":
                positions.append(words[1:4])
        elif words[0] == b"f":
            corners = words[1:]
            if b"-" in line:
                corners = [_absolute(corner, seen) for corner in corners]
                lines[number] = _face(corners)
            if len(corners) > 3:
                polygons[len(corners)].append((number, corners))
    points = np.array(positions, dtype=np.float64)
    tests = _Tests()
    for group in polygons.values():
        _cut_concave(lines, group, points, tests)
    return b"\n".join(lines)


def _plain_lines(content: bytes) -> bytes:
    content = content.removeprefix(codecs.BOM_UTF8).replace(b"\t", b" ")
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    content = _INDENT.sub(b"", content)
    return _COMMENT.sub(rb"\1", content) if b"#" in content else content


def _absolute(corner: bytes, seen: dict[bytes, int]) -> bytes:
    """Count the indices of a corner `v/vt/vn` from the file's begin."""
    parts = corner.split(b"/")
    for place, (part, kind) in enumerate(zip(parts, _KINDS, strict=False)):
        if part.startswith(b"-"):
            index = seen[kind] + 1 + int(part)
            if index < 1:
                raise ValueError(f"a face names vertex {int(part)} after {seen[kind]}")
            parts[place] = b"%d" % index
    return b"/".join(parts)


def _face(corners: Sequence[bytes]) -> bytes:
    return b"f " + b" ".join(corners)


def _cut_concave(
    lines: list[bytes], group: list[tuple[int, list[bytes]]], points: NDArray[np.float64], tests: _Tests
) -> None:
    """Replace the lines of concave polygons, all of the same number of corners, by lines of triangles."""
    indices = np.array([[int(corner.split(b"/")[0]) for corner in corners] for _, corners in group]) - 1
    if indices.max() >= len(points):
        raise ValueError(f"a face names vertex {indices.max() + 1} of {len(points)}")
    if indices.shape[1] > _MOST_CORNERS:
        return
    outlines = points[indices]
    edges = np.roll(outlines, -1, axis=1) - outlines
    turns = np.cross(np.roll(edges, 1, axis=1), edges)
    normals = np.cross(outlines - outlines[:, :1], np.roll(outlines, -1, axis=1) - outlines[:, :1]).sum(
        axis=1
    )
    along = (turns * normals[:, None]).sum(axis=-1)
    concave = (along < -1e-9 * np.abs(along).max(axis=1, keepdims=True)).any(axis=1)
    for place in np.flatnonzero(concave):
        number, corners = group[place]
        flat = _flattened(outlines[place], normals[place])
        triangles = cut_ears(flat, tests)
        lines[number] = b"\n".join(_face([corners[i] for i in triangle]) for triangle in triangles)


def _flattened(outline: NDArray[np.float64], normal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop the coordinate along which a polygon is seen largest; what remains runs anticlockwise."""
    axis = int(np.abs(normal).argmax())
    flat = outline[:, [(axis + 1) % 3, (axis + 2) % 3]]
    return flat if normal[axis] >= 0.0 else flat * [-1.0, 1.0]


class _Tests:
    """Counts tests of corners, so that no file keeps a machine busy for days."""

    def __init__(self) -> None:
        self._left = _MOST_TESTS

    def one_more(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError("concave polygons of too many corners")


def cut_ears(outline: NDArray[np.float64], tests: _Tests | None = None) -> list[tuple[int, int, int]]:
    """Cut a plane polygon without holes into triangles that cover it and nothing else.

    Args:
        outline: (n, 2) corners, anticlockwise. One that crosses itself is cut somehow.
        tests: counts those of all polygons of a file.

    Returns:
        n - 2 triples of corners.

    Raises:
        ValueError: if there are too many tests.
    """
    tests = tests or _Tests()
    left = list(range(len(outline)))
    triangles: list[tuple[int, int, int]] = []
    while len(left) > 3:
        place = next((i for i in range(len(left)) if _is_ear(outline, left, i, tests)), None)
        if place is None:
            return [*triangles, *((left[0], b, c) for b, c in pairwise(left[1:]))]
        triangles.append((left[place - 1], left[place], left[(place + 1) % len(left)]))
        del left[place]
    return [*triangles, (left[0], left[1], left[2])]


def _is_ear(outline: NDArray[np.float64], left: list[int], place: int, tests: _Tests) -> bool:
    """Say whether the triangle at a corner lies inside and holds no other corner."""
    tests.one_more()
    before, here, after = left[place - 1], left[place], left[(place + 1) % len(left)]
    a, b, c = outline[before], outline[here], outline[after]
    if _turn(a, b, c) <= 0.0:
        return False
    others = outline[[i for i in left if i not in (before, here, after)]]
    # A corner at the same place as one of the triangle's is where an outline touches itself: a slit.
    others = others[~((others == a).all(1) | (others == b).all(1) | (others == c).all(1))]
    inside = (_turn(a, b, others) >= 0.0) & (_turn(b, c, others) >= 0.0) & (_turn(c, a, others) >= 0.0)
    return not inside.any()


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the area of the triangles from a to b to points (..., 2): positive to the left."""
    turn: NDArray[np.float64] = (b[0] - a[0]) * (points[..., 1] - a[1]) - (b[1] - a[1]) * (
        points[..., 0] - a[0]
    )
    return turn
