"""A surface as a frustum's grid sees it: in coordinates in which planes stay planes.

Grid coordinates with linear depth bend planes under perspective, but (row, column, -1/Z) does not. All
crossings are found in these coordinates, so the three directions of the grid see the very same triangles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A box of cells of a grid: the first cell on each axis and the number of cells."""

    row: int
    column: int
    depth: int
    rows: int
    columns: int
    depths: int

    @property
    def words(self) -> int:
        """Number of 64-bit words that hold the depths."""
        return (self.depths + 63) // 64

    @property
    def empty(self) -> bool:
        """Whether there is no cell."""
        return min(self.rows, self.columns, self.depths) <= 0


@dataclass(frozen=True, slots=True, eq=False)
class ProjectedSurface:
    """Triangles in the coordinates of a grid, cut off before the eye.

    Attributes:
        points: (V, 4) row, column (in cells), q (affine along straight lines: -1/Z perspective, Z
            orthographic), depth (in cells). Along a line, `depth = (Z - near) * scale`.
        first: (V, 3) for row, column, depth: the first cell whose centre lies at or beyond the point, from 0
            to `resolution`.
        faces: (F, 3) indices of points.
        parents: (F,) the surface's face that each is a part of.
        centres: (resolution,) q of the cells' centres along depth.
        near: Z where depth is 0, world units.
        scale: cells per world unit of Z.
        perspective: whether q is -1/Z.
        resolution: cells per side of the grid.
        low: the least of `first` for row, column, depth.
        high: the greatest.
        behind: whether something lay behind the eye, or too near before it.
        cut: whether something lies out of the frustum.
    """

    points: Floats
    first: Indices
    faces: Indices
    parents: Indices
    centres: Floats
    near: float
    scale: float
    perspective: bool
    resolution: int
    low: tuple[int, int, int]
    high: tuple[int, int, int]
    behind: bool
    cut: bool

    def window(self, margin: int = 1) -> Window:
        """Return the cells that matter: all others lie outside, and no step between them is blocked.

        Rows and columns begin at multiples of `margin`, depths at multiples of 8 as well, so that bytes of
        bits and blocks of `margin` cells stay whole.

        Args:
            margin: width of the border of cells that the surface does not reach, but for the grid's ends.
        """
        begin, count = [], []
        for low, high, step in zip(self.low, self.high, (margin, margin, max(margin, 8)), strict=True):
            # The surface lies in cells low-1 to high.
            first = max(0, low - 1 - margin) // step * step
            last = min(self.resolution, -(-(high + 1 + margin) // step) * step)
            begin.append(first)
            count.append(max(0, last - first))
        return Window(begin[0], begin[1], begin[2], count[0], count[1], count[2])
