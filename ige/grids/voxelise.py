"""Fill a surface in the grid of a frustum.

Level "exact": what cannot be reached from infinity over steps between centres of cells that cross no triangle.
It ignores winding, duplicates, overlaps and inner walls; a closed surface cannot leak. Level "tolerant": for
open surfaces, see `ige.grids.tolerant`. Level "reference": the published method, see `ige.grids.reference`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum
from ige.grids.buffers import Buffers, thread_buffers
from ige.grids.clipping import project
from ige.grids.crossings import trace
from ige.grids.filled import FilledGrid
from ige.grids.flood import flood
from ige.grids.surface import Surface
from ige.grids.words import count_depths, last_word, to_bits

Fill = Literal["auto", "exact", "tolerant", "reference"]
SurfaceUnion = Literal["none", "thin", "auto"]


def voxelise(
    surface: Surface,
    frustum: Frustum,
    resolution: int,
    *,
    fill: Fill = "auto",
    surface_union: SurfaceUnion = "none",
    buffers: Buffers | None = None,
) -> FilledGrid:
    """Fill the cells of a frustum's grid whose centres lie inside a surface.

    Args:
        surface: what to fill.
        frustum: the grid's place.
        resolution: cells per side.
        fill: auto: exact for closed surfaces, tolerant for others.
        surface_union: thin: cells in which the surface crosses a line through centres are filled, too; auto:
            only those of parts that are not closed; none.
        buffers: memory to use; by default that of the thread.

    Raises:
        ValueError: if an option or the resolution cannot be.
    """
    if fill not in ("auto", "exact", "tolerant", "reference"):
        raise ValueError(f"fill must be auto, exact, tolerant or reference, found {fill}")
    if surface_union not in ("none", "thin", "auto"):
        raise ValueError(f"surface_union must be none, thin or auto, found {surface_union}")
    if resolution < 1:
        raise ValueError(f"resolution must be positive, found {resolution}")
    buffers = thread_buffers() if buffers is None else buffers
    return _exact(surface, frustum, resolution, _thin_faces(surface, surface_union), buffers)


def _exact(
    surface: Surface,
    frustum: Frustum,
    resolution: int,
    thin_faces: NDArray[np.bool_] | None,
    buffers: Buffers,
) -> FilledGrid:
    projected = project(surface, frustum, resolution, buffers)
    window = projected.window()
    planes = trace(projected, window, buffers, thin_faces)
    filled = flood(planes, buffers)
    np.invert(filled, out=filled)
    filled[:, :, -1:] &= last_word(window.depths)
    if planes.thin is not None:
        filled |= planes.thin
    counts = count_depths(filled, window, resolution)
    return FilledGrid(
        bits=to_bits(filled, window, resolution),
        resolution=resolution,
        level="exact",
        closed=surface.closed,
        leak=False,
        retries=0,
        volume=float(counts @ frustum.cell_volumes(resolution)),
        cut=projected.cut,
    )


def _thin_faces(surface: Surface, surface_union: SurfaceUnion) -> NDArray[np.bool_] | None:
    if surface_union == "thin":
        return np.ones(len(surface.faces), dtype=np.bool_)
    if surface_union == "auto" and not surface.closed:
        return surface.open_faces
    return None
