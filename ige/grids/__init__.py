"""Filled grids and images of triangle meshes in the frustum of a camera.

Needs numpy and numba. An array is (row, column, depth), row 0 at the image's top, depth 0 nearest.
"""

from ige.grids.bits import pack, unpack
from ige.grids.buffers import Buffers
from ige.grids.filled import FilledGrid
from ige.grids.raster import Rendering, render
from ige.grids.resample import resample
from ige.grids.surface import Surface, make_surface
from ige.grids.voxelise import voxelise

__all__ = [
    "Buffers",
    "FilledGrid",
    "Rendering",
    "Surface",
    "make_surface",
    "pack",
    "render",
    "resample",
    "unpack",
    "voxelise",
]
