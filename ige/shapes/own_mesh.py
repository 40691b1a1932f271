"""A user's own mesh, for the tools `voxelise` and `render`: which way is up, and the camera that sees it."""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ige.base.errors import InputError
from ige.geometry.frustum import DISTANCE, FOCAL, Floats, Frustum, object_box, shape_view
from ige.shapes.loading import load_mesh
from ige.shapes.mesh import Mesh, normalised, placement

Up = Literal["y", "z"]

_Z_UP_FORMATS = (".stl", ".ply", ".off")
_COLLADA = ".dae"
_COLLADA_HEAD_BYTES = 1 << 16
_Y_TO_Z = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


@dataclass(frozen=True, slots=True)
class View:
    """Whence the object is seen.

    Attributes:
        azimuth_degrees: from +x towards +y.
        elevation_degrees: above the horizontal.
        distance: from the eye to the origin.
        focal: in widths of the image.
        world: no camera but the unit cube about the origin: a grid in the object's frame.
    """

    azimuth_degrees: float = 30.0
    elevation_degrees: float = 28.0
    distance: float = DISTANCE
    focal: float = FOCAL
    world: bool = False

    def frustum(self) -> Frustum:
        """Return the frustum of the view.

        Raises:
            InputError: if the view cannot be.
        """
        if self.world:
            return object_box()
        if not math.isfinite(self.azimuth_degrees):
            raise InputError("azimuth must be a number of degrees", found=str(self.azimuth_degrees))
        try:
            return shape_view(
                math.radians(self.azimuth_degrees),
                math.radians(self.elevation_degrees),
                distance=self.distance,
                focal=self.focal,
            )
        except ValueError as error:
            raise InputError(f"no such view: {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class OwnMesh:
    """A mesh in the world, and how it got there.

    Attributes:
        file: where it was read.
        mesh: z up; unless its scale was kept, of unit bounding-box diagonal, centred at the origin.
        mesh_to_world: (3, 4): `X_world = mesh_to_world @ (X_file, 1)`.
        placed: how it was placed, in words.
    """

    file: Path
    mesh: Mesh
    mesh_to_world: Floats
    placed: str


def up_of(file: Path) -> tuple[Up, str]:
    """Guess the axis that points up from the format, and say by which rule.

    STL, PLY and OFF are z up, a COLLADA file says it itself, everything else (OBJ, glTF, GLB) is y up.
    """
    suffix = file.suffix.lower()
    if suffix in _Z_UP_FORMATS:
        return "z", f"as {suffix} files usually are"
    if suffix == _COLLADA:
        try:
            with file.open("rb") as stream:
                head = stream.read(_COLLADA_HEAD_BYTES)
        except OSError:
            head = b""  # reading the mesh will tell
        found = re.search(rb"<up_axis>\s*([YZ])_UP", head)
        if found:
            return ("z" if found[1] == b"Z" else "y"), "as the file says"
    return "y", f"as {suffix or 'such'} files usually are"


def load_own_mesh(file: Path, *, up: Up | None, keep_scale: bool, materials: bool = False) -> OwnMesh:
    """Load a mesh and place it in the world.

    Args:
        file: obj, ply, stl, off, gltf, glb or dae.
        up: axis that points up in the file; None goes by the format.
        keep_scale: take coordinates as they are, z up.
        materials: keep materials and textures for a renderer that shows them.

    Raises:
        InputError: if the file is missing, cannot be read, or holds no mesh that can be placed.
    """
    if keep_scale and up == "y":
        raise InputError(
            "--keep-scale takes coordinates as they are, z up",
            found="--up y",
            next_step="Leave one of the two out",
        )
    raw = load_mesh(file, up="z", keep_scale=True, materials=materials)
    if keep_scale:
        placed = "coordinates as they are in the file, z up (--keep-scale)"
        return OwnMesh(file, raw, np.eye(3, 4), placed)
    axis, reason = (up, "as you said") if up else up_of(file)
    turned = _turned_up(raw) if axis == "y" else raw
    place = placement(turned, str(file))
    mesh_to_world = place.matrix()[:3]
    if axis == "y":
        mesh_to_world = mesh_to_world @ _Y_TO_Z
    placed = f"{axis} is up, {reason} (--up); centred, box of diagonal {place.diagonal:.6g} scaled to 1"
    return OwnMesh(file, normalised(turned, str(file)), mesh_to_world, placed)


def _turned_up(mesh: Mesh) -> Mesh:
    """Turn y to z: (x, y, z) to (x, -z, y)."""
    scene = mesh.scene
    if scene is not None:
        scene = scene.copy()
        scene.apply_transform(_Y_TO_Z)
    return dataclasses.replace(mesh, vertices=mesh.vertices @ _Y_TO_Z[:3, :3].T, scene=scene)
