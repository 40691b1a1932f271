"""A filled grid with what is known about how it was filled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ige.grids.bits import unpack

Level = Literal["exact", "tolerant", "tolerant-r2", "tolerant-r4", "reference"]


@dataclass(frozen=True, slots=True, eq=False)
class FilledGrid:
    """Occupancy of a frustum's grid.

    Attributes:
        bits: (R, R, ceil(R / 8)) uint8, see `ige.grids.bits`.
        resolution: R, cells per side.
        level: how it was filled; r2, r4: openings of less than 2 or 4 cells were closed.
        closed: whether the surface is closed.
        leak: whether the fill looks as if it leaked: the surface is open, and too little is inside.
        retries: wider tolerances that were tried.
        volume: of the filled cells, world units cubed.
        stabbed_ratio: volume over that of the cells that the surface hides in five of six directions or more;
            nan where not measured.
        coarse_ratio: volume over that of a grid of 64 cells per side; nan where not measured.
        cut: whether the surface reaches out of the frustum.
    """

    bits: NDArray[np.uint8]
    resolution: int
    level: Level
    closed: bool
    leak: bool
    retries: int
    volume: float
    stabbed_ratio: float = math.nan
    coarse_ratio: float = math.nan
    cut: bool = False

    def occupancy(self) -> NDArray[np.bool_]:
        """Return the grid (R, R, R) row, column, depth."""
        return unpack(self.bits, self.resolution)
