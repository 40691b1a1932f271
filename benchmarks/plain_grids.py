"""Meshes to voxelise, and the published way of doing it with numpy and scipy, step by step as it is written.

The world's surface is the exception: there our exact conservative surface stands in for the program that the
published code calls, which takes longer.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator

from ige.base.errors import IgeError
from ige.geometry.frustum import Frustum, object_box
from ige.grids.buffers import Buffers
from ige.grids.clipping import project
from ige.grids.conservative import touched_cells
from ige.grids.projected import Window
from ige.grids.surface import Surface
from ige.shapes.loading import load_mesh
from ige.shapes.mesh import normalised

SUFFIXES = (".obj", ".ply", ".stl", ".off", ".glb", ".gltf", ".dae")
REAL = 6
FACES = 1000, 200_000  # of the real meshes


def _box(low: list[float], high: list[float]) -> trimesh.Trimesh:
    box = trimesh.creation.box(np.subtract(high, low))
    box.apply_translation(np.add(low, high) / 2)
    return box


def _car() -> list[trimesh.Trimesh]:
    """Make closed bodies that run through one another."""
    parts = [
        _box([-2.0, -0.9, 0.3], [2.0, 0.9, 1.0]),
        _box([-1.2, -0.8, 0.9], [0.9, 0.8, 1.6]),
        _box([1.85, -0.95, 0.35], [2.15, 0.95, 0.65]),
    ]
    turned = trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0])
    for x in (-1.3, 1.3):
        for y in (-0.85, 0.85):
            wheel = trimesh.creation.cylinder(0.38, 0.3, sections=48, transform=turned)
            parts.append(wheel.apply_translation([x, y, 0.38]))
    for y in (-0.6, 0.6):
        parts.append(trimesh.creation.icosphere(2, 0.15).apply_translation([2.0, y, 0.75]))
    return parts


def _chair() -> list[trimesh.Trimesh]:
    parts = [_box([-0.5, -0.5, 0.96], [0.5, 0.5, 1.04]), _box([-0.5, 0.43, 1.85], [0.5, 0.49, 1.97])]
    for x in (-0.4, 0.4):
        parts += [_box([x - 0.04, y - 0.04, 0.0], [x + 0.04, y + 0.04, 1.0]) for y in (-0.4, 0.4)]
    return parts + [_box([x - 0.05, 0.42, 1.0], [x + 0.05, 0.5, 2.0]) for x in (-0.4, -0.13, 0.13, 0.4)]


def _of_size(parts: list[trimesh.Trimesh], count: int) -> trimesh.Trimesh:
    """Cut the faces of parts in four until all have about so many."""
    made = []
    for part in parts:
        while 2.5 * len(part.faces) < count / len(parts):
            part = part.subdivide()
        made.append(part)
    return trimesh.util.concatenate(made)


def _torus(count: int) -> trimesh.Trimesh:
    sections = round((count / 2) ** 0.5)
    return trimesh.creation.torus(0.24, 0.1, major_sections=sections, minor_sections=sections)


def synthetic_meshes() -> dict[str, trimesh.Trimesh]:
    """Make meshes of unit diagonal at the origin; of "open" ones a hundredth of the faces is missing."""
    made = {
        "torus-1k": _torus(1000),
        "chair-5k": _of_size(_chair(), 5000),
        "car-20k": _of_size(_car(), 20_000),
        "car-20k-open": _of_size(_car(), 20_000),
        "torus-200k": _torus(200_000),
        "car-200k": _of_size(_car(), 200_000),
    }
    made["car-20k-open"].update_faces(
        np.random.default_rng(0).random(len(made["car-20k-open"].faces)) >= 0.01
    )
    for mesh in made.values():
        low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
        mesh.vertices = (mesh.vertices - (low + high) / 2) / np.linalg.norm(high - low)
    return made


def real_meshes() -> dict[str, trimesh.Trimesh]:
    """Load meshes from $IGE_REAL_DATA/meshes, evenly spaced by their number of faces; none without it."""
    if "IGE_REAL_DATA" not in os.environ:
        return {}
    loaded = {}
    for file in sorted((Path(os.environ["IGE_REAL_DATA"]) / "meshes").glob("*/*")):
        if file.suffix in SUFFIXES and file.parent.name != "ugly":
            try:
                mesh = normalised(load_mesh(file, up="y"))
            except IgeError:
                continue
            if FACES[0] <= len(mesh.faces) <= FACES[1]:
                loaded[file.stem] = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    order = sorted(loaded, key=lambda name: (len(loaded[name].faces), name))
    chosen = np.linspace(0, len(order) - 1, min(REAL, len(order))).round().astype(int)
    return {order[i]: loaded[order[i]] for i in chosen}


def plain_world(surface: Surface, resolution: int, buffers: Buffers) -> RegularGridInterpolator:
    """Make the world's grid, filled between the first and the last surface cell on all three axes."""
    everything = Window(0, 0, 0, resolution, resolution, resolution)
    words = touched_cells(project(surface, object_box(), resolution, buffers), everything, buffers)
    bits = np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little", count=resolution)
    # Rows, columns and depths of the cube are -z, x and y of the world.
    dense = bits.view(bool).transpose(1, 2, 0)[:, :, ::-1]
    filled = np.ones_like(dense)
    places = np.arange(resolution, dtype=np.int32)
    for axis in range(3):
        first = dense.argmax(axis=axis).astype(np.int32)
        last = (resolution - 1 - np.flip(dense, axis).argmax(axis=axis)).astype(np.int32)
        line = places.reshape([-1 if other == axis else 1 for other in range(3)])
        between = (line >= np.expand_dims(first, axis)) & (line <= np.expand_dims(last, axis))
        filled &= between & np.expand_dims(dense.any(axis=axis), axis)
    centres = (np.arange(resolution) + 0.5) / resolution - 0.5
    return RegularGridInterpolator(
        (centres, centres, centres), filled.astype(np.float32), method="nearest", bounds_error=False
    )


def plain_view(world: RegularGridInterpolator, frustum: Frustum, resolution: int) -> NDArray[np.bool_]:
    """Look up the world's grid at the centres of a frustum's cells: (R, R, R) row, column, depth."""
    side = (np.arange(resolution, dtype=np.float32) + 0.5) / resolution
    v, u, w = np.meshgrid(side, side, side, indexing="ij")
    z = frustum.near + w * (frustum.far - frustum.near)
    points = np.stack([(u - 0.5) * z / frustum.focal, (v - 0.5) * z / frustum.focal, z], axis=-1)
    rotation = frustum.extrinsics[:, :3].astype(np.float32)
    points = (points - frustum.extrinsics[:, 3].astype(np.float32)).reshape(-1, 3) @ rotation
    values = world(points)
    values[np.isnan(values)] = 0
    return (values > 0).reshape(resolution, resolution, resolution)
