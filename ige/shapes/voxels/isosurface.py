"""The surface of a grid of probabilities: a closed mesh in the world, coloured by how sure the model is.

Marching cubes run between the centres of cells, on the grid with a layer of empty cells around it, so that
the surface closes where the object reaches the grid's border; there it ends at the border. Coordinates of the
grid are then taken to the world by the frustum, in which a cell is no cube.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.frustum import Floats, Frustum
from ige.storage.atomic import write_bytes

SUFFIXES = (".glb", ".ply")

# Probabilities nearer to the threshold are moved away from it, lest triangles shrink to a point.
_MARGIN = 1e-3
# The default ("lewiner") gives some edges of grids of 0 and 1 four faces.
_METHOD = "lorensen"
_NEAR = 3  # cells per side, over which confidence is averaged
_Z_TO_Y = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_MATT = {"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 1.0}, "doubleSided": True}


@dataclass(frozen=True, slots=True, eq=False)
class Isosurface:
    """A closed surface.

    Attributes:
        vertices_world: (V, 3).
        faces: (F, 3) int64 indices of vertices, counter-clockwise as seen from outside.
        confidence: (V,) 0 to 1: the mean of |2 p - 1| over the 27 cells near a vertex.
    """

    vertices_world: Floats
    faces: NDArray[np.int64]
    confidence: Floats

    @property
    def watertight(self) -> bool:
        """Whether each edge lies between two faces, which run along it in opposite directions."""
        ways = np.concatenate([self.faces[:, [0, 1]], self.faces[:, [1, 2]], self.faces[:, [2, 0]]])
        count = len(self.vertices_world)
        there, back = (np.sort(first * count + last) for first, last in (ways.T, ways.T[::-1]))
        return bool((np.diff(there) > 0).all() and np.array_equal(there, back))

    @property
    def volume(self) -> float:
        """What it encloses, world units cubed."""
        first, second, third = np.moveaxis(self.vertices_world[self.faces], 1, 0)
        return float(np.sum(first * np.cross(second, third)) / 6.0)

    def colours(self) -> NDArray[np.uint8]:
        """Return (V, 4) sRGB colours of the vertices: viridis, dark where the model is unsure."""
        from matplotlib import colormaps

        return np.asarray(colormaps["viridis"](self.confidence, bytes=True), dtype=np.uint8)


def isosurface(probability: NDArray[np.floating[Any]], threshold: float, frustum: Frustum) -> Isosurface:
    """Find the surface around all cells whose probability exceeds a threshold.

    Args:
        probability: (R, R, R) (row, column, depth), 0 to 1.
        threshold: between 0.01 and 0.99.
        frustum: of the grid.

    Raises:
        ValueError: if no cell exceeds the threshold, or an argument cannot be.
    """
    from skimage import measure

    cells = np.asarray(probability, dtype=np.float64)
    resolution = len(cells)
    if cells.shape != (resolution,) * 3 or not np.isfinite(cells).all():
        raise ValueError(f"expected a cube of finite numbers, found shape {cells.shape}")
    if not 10.0 * _MARGIN <= threshold <= 1.0 - 10.0 * _MARGIN:
        raise ValueError(f"threshold must be 0.01 to 0.99, found {threshold:g}")
    filled = cells > threshold
    if not filled.any():
        raise ValueError("no cell exceeds the threshold")
    apart = np.where(filled, np.maximum(cells, threshold + _MARGIN), np.minimum(cells, threshold - _MARGIN))
    marching_cubes: Any = measure.marching_cubes
    corners, faces, _, _ = marching_cubes(
        np.pad(apart, 1), threshold, method=_METHOD, gradient_direction="descent"
    )
    # Sample i of the padded grid is the centre of cell i - 1, at i - 0.5.
    points_grid = np.clip(corners.astype(np.float64) - 0.5, 0.0, resolution)
    return Isosurface(
        vertices_world=frustum.to_world(points_grid, resolution),
        faces=faces.astype(np.int64),
        confidence=_confidence(cells, points_grid),
    )


def _confidence(cells: Floats, points_grid: Floats) -> Floats:
    from scipy import ndimage

    decided = ndimage.uniform_filter(np.abs(2.0 * cells - 1.0), size=_NEAR, mode="nearest")
    values = ndimage.map_coordinates(decided, points_grid.T - 0.5, order=1, mode="nearest")
    return np.asarray(np.clip(values, 0.0, 1.0))


def check_mesh(path: Path) -> None:
    """Tell early that a mesh cannot be written under this name.

    Raises:
        InputError: if the name ends in neither .glb nor .ply.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            "unknown suffix", where=path, expected=" or ".join(SUFFIXES), found=path.suffix or "none"
        )


def write_mesh(path: Path, surface: Isosurface) -> None:
    """Write a surface with its colours: GLB with y up, as the format has it, PLY with z up.

    The same surface gives the same bytes.

    Raises:
        InputError: if the name ends in neither .glb nor .ply.
        StorageError: if the file cannot be written.
    """
    import trimesh

    check_mesh(path)
    glb = path.suffix.lower() == ".glb"
    colours = surface.colours()
    mesh = trimesh.Trimesh(
        surface.vertices_world @ _Z_TO_Y.T if glb else surface.vertices_world,
        surface.faces,
        vertex_colors=_linear(colours) if glb else colours,
        process=False,
    )
    if glb:
        export: Any = trimesh.exchange.gltf.export_glb
        content = export(trimesh.Scene(mesh), include_normals=True, tree_postprocessor=_make_matt)
    else:
        content = trimesh.exchange.ply.export_ply(mesh)
    write_bytes(path, content)


def _linear(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return colours of vertices as glTF has them: linear light."""
    srgb = colours[:, :3] / 255.0
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.column_stack([np.rint(255.0 * light).astype(np.uint8), colours[:, 3]])


def _make_matt(tree: dict[str, Any]) -> None:
    """Give all meshes a matt material: without one, glTF takes them for metal."""
    tree["materials"] = [_MATT]
    for mesh in tree["meshes"]:
        for primitive in mesh["primitives"]:
            primitive["material"] = 0
