"""Tool `voxelise`: a user's own mesh to the filled grid of a camera's frustum.

| in | out |
| --- | --- |
| a mesh, a view | occupancy (R, R, R), camera, and what is known about how good the grid is |

docs/voxelise.md is the guide.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.frustum import Frustum, object_box
from ige.grids.filled import FilledGrid
from ige.grids.raster import render
from ige.grids.surface import Surface, make_surface
from ige.grids.voxelise import Fill, SurfaceUnion, voxelise
from ige.shapes.own_mesh import OwnMesh, Up, View, load_own_mesh
from ige.storage.grid_files import GridFile

RESOLUTIONS = (8, 512)

_SMALLEST = 8
_PICTURE_PIXELS = 256


@dataclass(frozen=True, slots=True, eq=False)
class VoxelisedMesh:
    """A grid and all that is known about it.

    Attributes:
        source: the mesh in the world.
        view: as it was asked for.
        frustum: of the grid.
        grid: packed, with its diagnostics.
        occupancy: (R, R, R) bool (row, column, depth).
        surface: as it was asked for: whether cells that the surface crosses are filled, too.
        milliseconds: the voxelisation alone: neither loading, nor looking for openings, nor compiling.
    """

    source: OwnMesh
    view: View
    frustum: Frustum
    grid: FilledGrid
    occupancy: NDArray[np.bool_]
    surface: SurfaceUnion
    milliseconds: float

    @property
    def empty(self) -> bool:
        """Whether no cell is occupied."""
        return not self.cells

    @property
    def cells(self) -> int:
        """Count the occupied cells."""
        return int(np.count_nonzero(self.occupancy))

    def grid_file(self) -> GridFile:
        """Give what `--out` holds."""
        frustum = self.frustum
        return GridFile(
            occupancy=self.occupancy,
            camera=frustum.extrinsics,
            near=frustum.near,
            far=frustum.far,
            focal=frustum.focal,
            projection=frustum.projection,
            mesh_to_world=self.source.mesh_to_world,
        )


def voxelise_own_mesh(
    file: Path,
    *,
    view: View,
    resolution: int,
    fill: Fill,
    surface: SurfaceUnion,
    up: Up | None,
    keep_scale: bool,
) -> VoxelisedMesh:
    """Voxelise a mesh file.

    Args:
        file: obj, ply, stl, off, gltf, glb or dae.
        view: whose frustum is filled.
        resolution: cells per side, 8 to 512.
        fill: "auto", "exact", "tolerant" or "reference".
        surface: "none", "thin" or "auto": whether cells that the surface crosses are filled, too.
        up: axis that points up in the file; None goes by the format.
        keep_scale: take coordinates as they are, z up.

    Raises:
        InputError: if an argument cannot be, or the file holds no mesh.
    """
    low, high = RESOLUTIONS
    if not low <= resolution <= high:
        raise InputError("no such resolution", expected=f"{low} to {high} cells", found=str(resolution))
    frustum = view.frustum()
    source = load_own_mesh(file, up=up, keep_scale=keep_scale)
    try:
        prepared = make_surface(source.mesh.vertices, source.mesh.faces)
        _compile(prepared.closed, fill, surface)
        start = time.perf_counter()
        grid = voxelise(prepared, frustum, resolution, fill=fill, surface_union=surface)
        milliseconds = 1000.0 * (time.perf_counter() - start)
    except ValueError as error:
        raise InputError(str(error), where=file) from error
    return VoxelisedMesh(source, view, frustum, grid, grid.occupancy(), surface, milliseconds)


def _compile(closed: bool, fill: Fill, surface: SurfaceUnion) -> None:
    """Run everything once on a tetrahedron, so that the time of the grid is not that of a compiler."""
    vertices = np.array([[0.2, 0.2, -0.2], [-0.3, 0.1, -0.2], [0.1, -0.3, -0.2], [0.0, 0.0, 0.3]])
    faces = np.array([[0, 1, 2], [0, 1, 3], [1, 2, 3], [0, 2, 3]], dtype=np.int32)
    tetrahedron: Surface = make_surface(vertices, faces if closed else faces[1:])
    voxelise(tetrahedron, object_box(), _SMALLEST, fill=fill, surface_union=surface)


def facts(made: VoxelisedMesh) -> dict[str, Any]:
    """Return what `--json` prints: JSON values, None where something was not measured."""
    grid, frustum, view = made.grid, made.frustum, made.view
    return {
        "file": str(made.source.file),
        "faces": len(made.source.mesh.faces),
        "placed": made.source.placed,
        "resolution": grid.resolution,
        "level": grid.level,
        "closed": bool(grid.closed),
        "leak": bool(grid.leak),
        "retries": int(grid.retries),
        "empty": made.empty,
        "cut": bool(grid.cut),
        "volume": float(grid.volume),
        "cells": made.cells,
        "occupied_share": made.cells / grid.resolution**3,
        "milliseconds": made.milliseconds,
        "stabbed_ratio": _measured(grid.stabbed_ratio),
        "coarse_ratio": _measured(grid.coarse_ratio),
        "azimuth_degrees": None if view.world else view.azimuth_degrees,
        "elevation_degrees": None if view.world else view.elevation_degrees,
        "projection": frustum.projection,
        "camera": frustum.extrinsics.tolist(),
        "focal": frustum.focal,
        "near": frustum.near,
        "far": frustum.far,
        "mesh_to_world": made.source.mesh_to_world.tolist(),
    }


def _measured(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def summary(made: VoxelisedMesh) -> str:
    """Say in a few lines what the grid is, what to be careful of, and what to do about it."""
    grid = made.grid
    share = 100.0 * made.cells / grid.resolution**3
    return "\n".join(
        [
            f"mesh    {len(made.source.mesh.faces):,} faces, {'closed' if grid.closed else 'not closed'}",
            f"placed  {made.source.placed}",
            f"view    {_view_in_words(made)}",
            f"grid    {grid.resolution} cells per side, {made.cells:,} occupied ({share:.2f} %), "
            f"volume {grid.volume:.4g} world units cubed, {made.milliseconds:.1f} ms",
            f"fill    {_fill_in_words(grid)}",
            *_cautions(made),
        ]
    )


def headlines(made: VoxelisedMesh) -> tuple[str, ...]:
    """Say the same in the few words that a picture has room for."""
    grid = made.grid
    cautions = {"leak flagged": grid.leak, "empty": made.empty, "cut by the frustum": grid.cut}
    held = ", ".join(name for name, holds in cautions.items() if holds) or "no cautions"
    return (
        f"{grid.resolution} cells per side, {100.0 * made.cells / grid.resolution**3:.2f} % occupied, "
        f"volume {grid.volume:.4g}",
        f"mesh {'closed' if grid.closed else 'not closed'}, {len(made.source.mesh.faces):,} faces; "
        f"fill: {grid.level}; {held}",
        f"view: {_view_in_words(made)}",
    )


def image_of(made: VoxelisedMesh) -> NDArray[np.uint8]:
    """Draw the mesh as the grid's camera sees it: (256, 256, 4) with straight alpha."""
    mesh = made.source.mesh
    return render(mesh.vertices, mesh.faces, mesh.face_colours, made.frustum, _PICTURE_PIXELS).rgba


def _view_in_words(made: VoxelisedMesh) -> str:
    view = made.view
    if view.world:
        return "none; the unit cube about the origin, rows along -z, columns along x, depth along y"
    return (
        f"azimuth {view.azimuth_degrees:g}, elevation {view.elevation_degrees:g} degrees, distance "
        f"{view.distance:.4g}, focal length {view.focal:.4g} widths of the image"
    )


def _fill_in_words(grid: FilledGrid) -> str:
    words = {
        "exact": "exact: what no straight way from cell to cell reaches from outside",
        "tolerant": "tolerant: gaps below one cell are taken as closed",
        "tolerant-r2": "tolerant-r2: gaps below 2 cells are taken as closed, because the grid leaked at 1",
        "tolerant-r4": "tolerant-r4: gaps below 4 cells are taken as closed, because the grid leaked at 2",
        "reference": "reference: the published method, which thickens surfaces; for comparison",
    }
    return f"{words[grid.level]}; leak: {'FLAGGED' if grid.leak else 'none found'}"


def _cautions(made: VoxelisedMesh) -> list[str]:
    grid, lines, thin = made.grid, [], made.surface == "thin"
    if grid.leak:
        lines.append(
            "leak    The mesh has an opening through which the outside runs in, so parts of the inside may "
            f"be empty. Look at --picture. {_mending(made.surface)}"
        )
    if made.empty:
        lines.append(
            "empty   No cell is occupied: the object lies outside the frustum, or it is thinner than the "
            f"cells (then {'more of them (--resolution)' if thin else '--surface thin'} may show it)."
        )
    if grid.cut:
        lines.append(
            "cut     The object reaches out of the frustum; what lies outside is not in the grid. A larger "
            "--distance or a smaller --focal shows more."
        )
    return lines


def _mending(surface: SurfaceUnion) -> str:
    """Say what may help against a leak, beyond what was chosen."""
    fewer = "fewer cells (--resolution), for which openings are smaller"
    if surface == "none":
        return f"To mend it: close the mesh, or take --surface thin if it is made of sheets, or {fewer}."
    return (
        f"The cells of the surface are filled (--surface {surface}): for a mesh made of sheets this is the "
        f"grid. Else close the mesh, or take {fewer}."
    )
