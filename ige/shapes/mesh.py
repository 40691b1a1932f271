"""A mesh as everything here takes it: triangles with a colour each, z up."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles in the object frame: z up; the front of generated shapes looks along -y.

    Attributes:
        vertices: (V, 3) float64; no other vertices than those of faces are asked for, and none are harmful.
        faces: (F, 3) int32, indices of vertices; winding means nothing.
        face_colours: (F, 4) uint8, sRGB and alpha.
        scene: the same as a `trimesh.Scene` with its materials and textures, in the same coordinates;
            None where nobody asked for it.

    Raises:
        ValueError: if shapes do not fit together or an index names no vertex.
    """

    vertices: Floats
    faces: NDArray[np.int32]
    face_colours: NDArray[np.uint8]
    scene: Any = None

    def __post_init__(self) -> None:
        for name, kind in (("vertices", np.float64), ("faces", np.int32), ("face_colours", np.uint8)):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=kind))
        if self.vertices.ndim != 2 or self.vertices.shape[1] != 3:
            raise ValueError(f"vertices must be (V, 3), found {self.vertices.shape}")
        if self.faces.ndim != 2 or self.faces.shape[1] != 3:
            raise ValueError(f"faces must be (F, 3), found {self.faces.shape}")
        if self.face_colours.shape != (len(self.faces), 4):
            raise ValueError(f"face_colours must be ({len(self.faces)}, 4), found {self.face_colours.shape}")
        if self.faces.size and not 0 <= self.faces.min() <= self.faces.max() < len(self.vertices):
            raise ValueError(f"a face names a vertex that is none of the {len(self.vertices)}")


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """How a mesh gets to the origin and to unit size: `(points - centre) / diagonal`."""

    centre: Floats
    diagonal: float

    def apply(self, points: Floats) -> Floats:
        """Move and scale points (..., 3)."""
        placed: Floats = (points - self.centre) / self.diagonal
        return placed

    def matrix(self) -> Floats:
        """(4, 4) the same as a matrix for homogeneous points."""
        matrix = np.eye(4)
        matrix[:3, :3] /= self.diagonal
        matrix[:3, 3] = -self.centre / self.diagonal
        return matrix


def placement(mesh: Mesh, where: str | None = None) -> Placement:
    """Find what gives the box of the mesh's faces a diagonal of 1 and its centre to the origin.

    Args:
        mesh: any size, any place.
        where: the file, for errors.

    Raises:
        InputError: if the mesh has no faces, coordinates that are not finite, or no extent.
    """
    if not len(mesh.faces):
        raise InputError("no faces", where=where, expected="a mesh of triangles or polygons")
    is_used = np.zeros(len(mesh.vertices), dtype=bool)
    is_used[mesh.faces] = True
    used = mesh.vertices[is_used]
    if not np.isfinite(used).all():
        raise InputError(
            "coordinates that are no numbers", where=where, expected="finite coordinates", found="nan or inf"
        )
    low, high = used.min(axis=0), used.max(axis=0)
    with np.errstate(over="ignore"):
        extents = high - low
    longest = float(extents.max())
    if longest == 0.0:
        raise InputError("all vertices of faces lie at one point", where=where, expected="a mesh with extent")
    if not (math.isfinite(longest) and math.isfinite(1.0 / longest)):
        raise InputError(
            "a mesh too large or too small for numbers", where=where, found=f"an extent of {longest:g}"
        )
    # Squares of the largest and smallest numbers there are would overflow or vanish.
    diagonal = longest * float(np.linalg.norm(extents / longest))
    return Placement(centre=low / 2.0 + high / 2.0, diagonal=diagonal)


def normalised(mesh: Mesh, where: str | None = None) -> Mesh:
    """Return the mesh with the box of its faces centred at the origin, the box's diagonal being 1.

    Raises:
        InputError: if the mesh has no faces, coordinates that are not finite, or no extent.
    """
    place = placement(mesh, where)
    scene = mesh.scene
    if scene is not None:
        scene = scene.copy()
        scene.apply_transform(place.matrix())
    return dataclasses.replace(mesh, vertices=place.apply(mesh.vertices), scene=scene)
