"""Which steps between the centres of neighbouring cells cross a surface.

A step is blocked if the segment between the two centres crosses a triangle. Three rasters, one for each
direction of the grid, find all blocked steps; they are kept as bits, 64 depths to a word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ige.grids.projected import Window

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """Blocked steps in a window of `rows x columns x depths` cells; W words hold the depths of a column.

    Bit `k & 63` of word `k >> 6` belongs to depth k of the window; bits beyond the last depth are 0.

    Attributes:
        window: the cells.
        depth_blocks: (rows, columns, W) bit k: the step between depths k-1 and k; k = 0: towards infinity.
        depth_end: (rows, columns) uint8, 1 if something lies beyond the centre of the last cell.
        column_blocks: (rows, columns + 1, W) [r, c]: the steps between columns c-1 and c; c = 0 and
            c = columns: towards infinity.
        row_blocks: (rows + 1, columns, W) [r, c]: the steps between rows r-1 and r; likewise.
        thin: (rows, columns, W) the cells in which a crossing lies, or None if they were not asked for.
    """

    window: Window
    depth_blocks: Words
    depth_end: NDArray[np.uint8]
    column_blocks: Words
    row_blocks: Words
    thin: Words | None
