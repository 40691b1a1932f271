"""Fill a surface in the grid of a frustum.

Level "exact": what cannot be reached from infinity over steps between centres of cells that cross no
triangle. It ignores winding, duplicates, overlaps and inner walls; a closed surface does not leak (one so
large that rounding could make it is refused). Level "tolerant": for open surfaces, see `ige.grids.tolerant`.
Level "reference": the published way, see `ige.grids.reference`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum
from ige.grids.buffers import Buffers, thread_buffers
from ige.grids.clipping import project
from ige.grids.conservative import touched_cells
from ige.grids.crossings import Planes, trace
from ige.grids.filled import FilledGrid, Level
from ige.grids.flood import flood
from ige.grids.projected import ProjectedSurface, Window
from ige.grids.reference import fill_world, look_up
from ige.grids.stabbing import count_by_depth, stabbed_cells
from ige.grids.surface import Surface
from ige.grids.tolerant import fill_tolerant
from ige.grids.words import Words, last_word, to_bits

Fill = Literal["auto", "exact", "tolerant", "reference"]
SurfaceUnion = Literal["none", "thin", "auto"]

_RADII: dict[int, Level] = {1: "tolerant", 2: "tolerant-r2", 4: "tolerant-r4"}
_LEAK = 0.7  # of what a fill is compared with; less is taken for a leak
_COARSE = 64  # cells per side of the grid it is compared with: holes in it are that much smaller


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
    task = _Task(surface, frustum, resolution, _thin_faces(surface, surface_union), buffers)
    if fill == "reference":
        return _fill_reference(task)
    if fill == "exact" or (fill == "auto" and surface.closed):
        return _fill_exact(task)
    return _fill_tolerant(task)


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    surface: Surface
    frustum: Frustum
    resolution: int
    thin_faces: NDArray[np.bool_] | None
    buffers: Buffers

    def project(self) -> ProjectedSurface:
        return project(self.surface, self.frustum, self.resolution, self.buffers)

    def volume(self, cells: Words, window: Window) -> float:
        """Sum the volumes of the set cells of a window."""
        volumes = self.frustum.cell_volumes(self.resolution)[window.depth : window.depth + window.depths]
        return float((count_by_depth(cells, window.depths) * volumes).sum())

    def grid(self, cells: Words, window: Window, level: Level, cut: bool, volume: float) -> FilledGrid:
        """Lay the filled cells of a window into the grid."""
        return FilledGrid(
            bits=to_bits(cells, window, self.resolution),
            resolution=self.resolution,
            level=level,
            closed=self.surface.closed,
            leak=False,
            retries=0,
            volume=volume,
            cut=cut,
        )


def _thin_faces(surface: Surface, surface_union: SurfaceUnion) -> NDArray[np.bool_] | None:
    if surface_union == "thin":
        return np.ones(len(surface.faces), dtype=np.bool_)
    return surface.open_faces if surface_union == "auto" and not surface.closed else None


def _fill_exact(task: _Task) -> FilledGrid:
    projected = task.project()
    window = projected.window()
    planes = trace(projected, window, task.buffers, task.thin_faces)
    cells = flood(planes, task.buffers)
    np.invert(cells, out=cells)
    cells[:, :, -1:] &= last_word(window.depths)
    leak, ratio = _leak_of_exact(task, planes, cells)
    if planes.thin is not None:
        cells |= planes.thin
    grid = task.grid(cells, window, "exact", projected.cut, task.volume(cells, window))
    return replace(grid, leak=leak, stabbed_ratio=ratio)


def _leak_of_exact(task: _Task, planes: Planes, cells: Words) -> tuple[bool, float]:
    """Tell whether an exact fill leaked, which that of an open surface mostly does, and its stabbed ratio."""
    if task.surface.closed:
        return False, math.nan
    volume = task.volume(cells, planes.window)
    stabbed = task.volume(stabbed_cells(planes, task.buffers), planes.window)
    ratio = volume / stabbed if stabbed > 0.0 else math.nan
    crossed = any(blocks.any() for blocks in (planes.depth_blocks, planes.row_blocks, planes.column_blocks))
    return ratio < _LEAK or (volume == 0.0 and crossed), ratio


def _fill_reference(task: _Task) -> FilledGrid:
    """Fill as published: the world's grid has as many cells per side, thin surfaces are in it already."""
    world = fill_world(task.surface, task.resolution, task.buffers)
    cells = look_up(world, task.frustum, task.resolution, task.buffers)
    window = Window(0, 0, 0, task.resolution, task.resolution, task.resolution)
    return task.grid(cells, window, "reference", task.project().cut, task.volume(cells, window))


def _fill_tolerant(task: _Task) -> FilledGrid:
    """Fill with radius 1; where that seems to leak, with 2 and 4, and keep the most credible of them."""
    if task.surface.closed:
        return _try(_traced(task, 1), 1, math.nan, math.nan)
    coarse = math.nan
    if task.resolution > _COARSE:
        smaller = _traced(replace(task, resolution=_COARSE, thin_faces=None), 1)
        coarse = smaller.task.volume(smaller.fill(1), smaller.window)
    # The widest window does for all radii.
    traced = _traced(task, max(_RADII))
    stabbed = task.volume(stabbed_cells(traced.planes, task.buffers), traced.window)
    tries = []
    for radius in _RADII:
        tries.append(_try(traced, radius, coarse, stabbed))
        if not tries[-1].leak:
            return replace(tries[-1], retries=len(tries) - 1)
    return replace(min(tries, key=_doubt), retries=len(tries) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Traced:
    """What the tolerant fills of a surface share."""

    task: _Task
    window: Window
    planes: Planes
    touched: Words
    cut: bool

    def fill(self, radius: int) -> Words:
        return fill_tolerant(self.planes, self.touched, self.task.buffers, radius=radius)


def _traced(task: _Task, radius: int) -> _Traced:
    """Trace a surface for fills up to a radius."""
    projected = task.project()
    window = projected.window(radius)
    planes = trace(projected, window, task.buffers, task.thin_faces)
    touched = touched_cells(projected, window, task.buffers, task.surface.open_faces)
    return _Traced(task, window, planes, touched, projected.cut)


def _try(traced: _Traced, radius: int, coarse: float, stabbed: float) -> FilledGrid:
    """Fill with one radius; compare with the volumes of the coarse grid and of the stabbed cells if known."""
    cells = traced.fill(radius)
    task, thin = traced.task, traced.planes.thin
    volume = task.volume(cells, traced.window)
    stabbed_ratio = volume / stabbed if stabbed > 0.0 else math.nan
    coarse_ratio = volume / coarse if coarse > 0.0 else math.nan
    # An open surface in the grid that fills nothing is a sheet, or its inside was lost.
    leak = stabbed_ratio < _LEAK or coarse_ratio < _LEAK or (volume == 0.0 and bool(traced.touched.any()))
    if thin is not None:
        cells |= thin
        volume = task.volume(cells, traced.window)
    return replace(
        task.grid(cells, traced.window, _RADII[radius], traced.cut, volume),
        leak=leak and not task.surface.closed,
        stabbed_ratio=stabbed_ratio,
        coarse_ratio=coarse_ratio,
    )


def _doubt(grid: FilledGrid) -> float:
    """Return how far a fill is from what it is compared with; 0 where it is the same."""
    ratio = grid.stabbed_ratio if math.isnan(grid.coarse_ratio) else grid.coarse_ratio
    return abs(math.log(ratio)) if ratio > 0.0 else math.inf
