"""Solids of which generated shapes are built: closed triangle meshes, wound outward, in one colour.

Frame: x right, y back (the front of a shape looks along -y), z up. Lengths are in whatever unit the caller
uses; angles in radians. Points are anything that numpy reads as three numbers. All solids but `sheet` are
closed (every edge has two faces) and have positive signed volume.

    box, tapered, cylinder, cone (a cylinder with end_radius 0), ellipsoid, capsule, extrude, lathe, torus,
    tube, loft, sheet           make parts
    moved, turned, scaled, mirrored     return changed copies
    assemble                    makes a mesh of parts

Parts may overlap: a shape is their union. At 32 cells a side a cell is about 0.033 diagonals wide, and what
is to be seen there must be at least a cell and a half thick: build shapes of about unit diagonal, with no
part thinner than `THIN`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ige.shapes.mesh import Mesh
from ige.shapes.procedural.profiles import triangulate

Floats = NDArray[np.float64]
Faces = NDArray[np.int32]
Colour = tuple[int, int, int]
Axis = Literal["x", "y", "z"]

THIN = 0.06  # diagonals: least thickness of a part

# Of each axis: the axes of a profile's first and second coordinate.
_PLANES: dict[str, tuple[int, int, int]] = {"x": (1, 2, 0), "y": (0, 2, 1), "z": (0, 1, 2)}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A triangle mesh in one colour.

    Attributes:
        vertices: (V, 3).
        faces: (F, 3) int32, counter-clockwise from outside.
        colour: red, green, blue, 0 to 255.
    """

    vertices: Floats
    faces: Faces
    colour: Colour

    def signed_volume(self) -> float:
        """Return the volume, positive if the faces are wound outward."""
        a, b, c = np.moveaxis(self.vertices[self.faces] - self.vertices.mean(axis=0), 1, 0)
        return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def loft(rings: Sequence[ArrayLike], colour: Colour, *, closed: bool = False) -> Part:
    """Join cross-sections to a solid.

    Args:
        rings: at least two; each (M, 3), the same M and the same sense of rotation, or (1, 3) for a tip.
            The first and the last are closed by fans about their mean, so they must be star-shaped from it.
        colour: of all faces.
        closed: the last ring is joined to the first; then there are no caps.
    """
    arrays = [np.asarray(ring, dtype=np.float64).reshape(-1, 3) for ring in rings]
    starts = np.cumsum([0, *(len(ring) for ring in arrays)])
    faces: list[tuple[int, int, int]] = []
    last = len(arrays) if closed else len(arrays) - 1
    for index in range(last):
        after = (index + 1) % len(arrays)
        faces += _bridge(starts[index], len(arrays[index]), starts[after], len(arrays[after]))
    if not closed:
        for index, flip in ((0, True), (len(arrays) - 1, False)):
            count = len(arrays[index])
            if count == 1:
                continue
            centre = sum(len(ring) for ring in arrays)
            arrays.append(arrays[index].mean(axis=0, keepdims=True))
            ring = starts[index] + np.arange(count)
            pairs = zip(ring, np.roll(ring, -1), strict=True)
            faces += [(centre, b, a) if flip else (centre, a, b) for a, b in pairs]
    return solid(np.vstack(arrays), np.array(faces), colour)


def _bridge(low: int, low_count: int, high: int, high_count: int) -> list[tuple[int, int, int]]:
    faces = []
    for this in range(max(low_count, high_count)):
        after = (this + 1) % max(low_count, high_count)
        a, b = low + this % low_count, low + after % low_count
        c, d = high + after % high_count, high + this % high_count
        if low_count > 1:
            faces.append((a, b, c))
        if high_count > 1:
            faces.append((a, c, d))
    return faces


def solid(vertices: ArrayLike, faces: ArrayLike, colour: Colour) -> Part:
    """Make a part of a closed, consistently wound mesh, wound outward whichever way it was."""
    part = Part(np.asarray(vertices, dtype=np.float64), np.asarray(faces, dtype=np.int32), colour)
    if part.signed_volume() >= 0.0:
        return part
    return replace(part, faces=np.ascontiguousarray(part.faces[:, ::-1]))


def box(size: ArrayLike, centre: ArrayLike, colour: Colour) -> Part:
    """Make a box of edge lengths `size` (x, y, z) about `centre`."""
    x, y, z = np.asarray(size, dtype=np.float64)
    return tapered((x, y), (x, y), z, np.asarray(centre) - np.array([0.0, 0.0, z / 2]), colour)


def tapered(
    bottom: tuple[float, float],
    top: tuple[float, float],
    height: float,
    base: ArrayLike,
    colour: Colour,
    *,
    shift: tuple[float, float] = (0.0, 0.0),
) -> Part:
    """Make a frustum of a pyramid: a rectangle (x, y) `bottom` about `base`, another at `height` above it.

    `shift` moves the upper rectangle along x and y.
    """
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    lower = np.column_stack([corners * bottom, np.zeros(4)])
    upper = np.column_stack([corners * top + shift, np.full(4, height)])
    faces = [[0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7]]
    for this in range(4):
        after = (this + 1) % 4
        faces += [[this, after, after + 4], [this, after + 4, this + 4]]
    return solid(np.vstack([lower, upper]) + np.asarray(base), faces, colour)


def cylinder(
    start: ArrayLike,
    end: ArrayLike,
    radius: float,
    colour: Colour,
    *,
    end_radius: float | None = None,
    sections: int = 16,
) -> Part:
    """Make a cylinder from point to point, or a cone: `end_radius` is that at `end`, 0 for a tip."""
    top = radius if end_radius is None else end_radius
    return _swept(start, end, [(radius, 0.0), (top, 1.0)], colour, sections)


def capsule(start: ArrayLike, end: ArrayLike, radius: float, colour: Colour, *, sections: int = 16) -> Part:
    """Make a cylinder with round ends; `start` and `end` are its tips, more than two radii apart."""
    length = float(np.linalg.norm(np.asarray(end, dtype=np.float64) - np.asarray(start)))
    angles = np.linspace(0.0, np.pi / 2, max(3, sections // 4 + 1))
    round_end = [(radius * np.sin(angle), radius * (1.0 - np.cos(angle)) / length) for angle in angles]
    other = [(size, 1.0 - along) for size, along in reversed(round_end)]
    return _swept(start, end, round_end + other, colour, sections)


def ellipsoid(
    centre: ArrayLike, radii: ArrayLike, colour: Colour, *, sections: int = 16, rings: int = 8
) -> Part:
    """Make an ellipsoid with half axes `radii` along x, y and z."""
    angles = np.linspace(0.0, np.pi, rings + 1)
    ball = lathe(np.column_stack([np.sin(angles), -np.cos(angles)]), colour, sections=sections)
    return moved(scaled(ball, radii), centre)


def lathe(
    profile: ArrayLike, colour: Colour, *, sections: int = 16, base: ArrayLike = (0.0, 0.0, 0.0)
) -> Part:
    """Turn a profile about the vertical axis through `base`.

    Args:
        profile: (N, 2) radius and height above `base`, from one end to the other; the ends are capped, a
            radius below 1e-9 makes a tip (allowed at the ends only).
        colour: of all faces.
        sections: around the axis.
        base: (3,).
    """
    rows = [(float(radius), float(height)) for radius, height in np.asarray(profile, dtype=np.float64)]
    return _swept(base, np.asarray(base) + np.array([0.0, 0.0, 1.0]), rows, colour, sections)


def torus(
    centre: ArrayLike,
    axis: ArrayLike,
    radius: float,
    thickness: float,
    colour: Colour,
    *,
    sections: int = 24,
    rings: int = 10,
) -> Part:
    """Make a ring: `radius` to the middle of a tube with radius `thickness`, about `axis` (a direction)."""
    direction = _unit(np.asarray(axis, dtype=np.float64))
    side = _any_normal(direction)
    other = np.cross(direction, side)
    angles = np.arange(sections) * (2 * np.pi / sections)
    points = np.asarray(centre) + radius * (np.outer(np.cos(angles), side) + np.outer(np.sin(angles), other))
    return tube(points, thickness, colour, sections=rings, closed=True)


def tube(
    points: ArrayLike, radius: float, colour: Colour, *, sections: int = 10, closed: bool = False
) -> Part:
    """Make a round bar along a polyline, mitred at its corners, with flat ends.

    Args:
        points: (N, 3), consecutive ones apart, no corner sharper than about 60 degrees.
        radius: of the bar.
        colour: of all faces.
        sections: around the bar.
        closed: the polyline returns to its first point (which is not repeated); it should be planar.
    """
    path = np.asarray(points, dtype=np.float64)
    ahead = np.roll(path, -1, axis=0) - path
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    if not closed:
        ahead[-1] = ahead[-2]
    behind = np.roll(ahead, 1, axis=0)
    if not closed:
        behind[0] = ahead[0]
    angles = np.arange(sections) * (2 * np.pi / sections)
    side = _any_normal(behind[0])
    rings = []
    for point, before, after in zip(path, behind, ahead, strict=True):
        side = _unit(side - before * (side @ before))
        other = np.cross(before, side)
        circle = radius * (np.outer(np.cos(angles), side) + np.outer(np.sin(angles), other))
        mitre = _unit(before + after)
        circle -= np.outer((circle @ mitre) / (before @ mitre), before)
        rings.append(point + circle)
        # Carried across the corner by the reflection that takes one direction to the other.
        side = side - 2.0 * (side @ mitre) * mitre
    return loft(rings, colour, closed=closed)


def extrude(profile: ArrayLike, low: float, high: float, axis: Axis, colour: Colour) -> Part:
    """Pull a simple polygon, concave or not, along an axis.

    Args:
        profile: (N, 2) corners in either sense; (y, z) for axis x, (x, z) for axis y, (x, y) for axis z.
        low: where the solid begins on the axis.
        high: where it ends.
        axis: along which it extends.
        colour: of all faces.

    Raises:
        ValueError: if the polygon crosses itself.
    """
    outline = np.asarray(profile, dtype=np.float64)
    count = len(outline)
    first, second, third = _PLANES[axis]
    vertices = np.empty((2 * count, 3))
    vertices[:, first] = np.tile(outline[:, 0], 2)
    vertices[:, second] = np.tile(outline[:, 1], 2)
    vertices[:, third] = np.repeat([low, high], count)
    cap = triangulate(outline)  # in the sense of the outline
    this = np.arange(count)
    after = np.roll(this, -1)
    sides = np.vstack(
        [
            np.column_stack([this, after, after + count]),
            np.column_stack([this, after + count, this + count]),
        ]
    )
    return solid(vertices, np.vstack([cap[:, ::-1], cap + count, sides]), colour)


def sheet(corners: ArrayLike, colour: Colour) -> Part:
    """Make an open sheet without thickness: a fan over (N, 3) corners of a convex outline."""
    vertices = np.asarray(corners, dtype=np.float64)
    this = np.arange(1, len(vertices) - 1)
    faces = np.column_stack([np.zeros_like(this), this, this + 1]).astype(np.int32)
    return Part(vertices, faces, colour)


def moved(part: Part, offset: ArrayLike) -> Part:
    """Move a part."""
    return replace(part, vertices=part.vertices + np.asarray(offset, dtype=np.float64))


def turned(part: Part, axis: Axis, angle: float, *, about: ArrayLike = (0.0, 0.0, 0.0)) -> Part:
    """Turn a part by `angle` about an axis through `about` (right-handed)."""
    first, second = [(1, 2), (2, 0), (0, 1)]["xyz".index(axis)]
    rotation = np.eye(3)
    rotation[first, first] = rotation[second, second] = np.cos(angle)
    rotation[second, first] = np.sin(angle)
    rotation[first, second] = -np.sin(angle)
    pivot = np.asarray(about, dtype=np.float64)
    return replace(part, vertices=(part.vertices - pivot) @ rotation.T + pivot)


def scaled(part: Part, factors: ArrayLike, *, about: ArrayLike = (0.0, 0.0, 0.0)) -> Part:
    """Scale a part by one positive factor or one per axis, about a point that stays."""
    pivot = np.asarray(about, dtype=np.float64)
    return replace(part, vertices=(part.vertices - pivot) * np.asarray(factors) + pivot)


def mirrored(part: Part, axis: Axis = "x", *, at: float = 0.0) -> Part:
    """Mirror a part in the plane where the coordinate `axis` equals `at`; it stays wound outward."""
    vertices = part.vertices.copy()
    vertices[:, "xyz".index(axis)] = 2.0 * at - vertices[:, "xyz".index(axis)]
    return Part(vertices, np.ascontiguousarray(part.faces[:, ::-1]), part.colour)


def assemble(parts: Sequence[Part]) -> Mesh:
    """Put parts into one mesh, in their order and as they overlap."""
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    faces = [part.faces + start for part, start in zip(parts, starts[:-1], strict=True)]
    colours = [np.tile(np.array([*part.colour, 255], np.uint8), (len(part.faces), 1)) for part in parts]
    return Mesh(
        np.vstack([part.vertices for part in parts]),
        np.vstack(faces).astype(np.int32),
        np.vstack(colours),
    )


def _swept(
    start: ArrayLike, end: ArrayLike, profile: Sequence[tuple[float, float]], colour: Colour, sections: int
) -> Part:
    """Join circles about the line from start to end: of (radius, share of the way)."""
    origin = np.asarray(start, dtype=np.float64)
    along = np.asarray(end, dtype=np.float64) - origin
    side = _any_normal(_unit(along))
    other = np.cross(_unit(along), side)
    # Half a step off the axes: flat sides, not edges, face the axes.
    angles = (np.arange(sections) + 0.5) * (2 * np.pi / sections)
    circle = np.outer(np.cos(angles), side) + np.outer(np.sin(angles), other)
    centres = [origin + share * along for _, share in profile]
    rings = [
        centre[None, :] if radius < 1e-9 else centre + radius * circle
        for centre, (radius, _) in zip(centres, profile, strict=True)
    ]
    return loft(rings, colour)


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))


def _any_normal(direction: Floats) -> Floats:
    """Return a unit vector across a unit direction: horizontal, or x for a vertical direction."""
    if abs(direction[0]) + abs(direction[1]) < 1e-6:
        return np.array([1.0, 0.0, 0.0])
    return _unit(np.array([-direction[1], direction[0], 0.0]))
