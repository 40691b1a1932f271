"""A single grid in a file of its own, .npz or HDF5: other programs read it without ours.

| name | value |
| --- | --- |
| `occupancy` | (R, R, R) bool, (row, column, depth) |
| `camera` | (3, 4) float64, `X_cam = camera @ (X_world, 1)` |
| `near`, `far` | planar depths of the first and last plane, world units |
| `focal` | widths of the image; of an orthographic camera: widths of the image per world unit |
| `projection` | "perspective" or "orthographic" |
| `mesh_to_world` | (3, 4) float64, `X_world = mesh_to_world @ (X_file, 1)` |

The same grid gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.storage.atomic import atomic_path
from ige.storage.hdf5 import new_hdf5

SUFFIXES = (".npz", ".h5")

_CHUNK = 64  # cells per side: a slice in any direction reads little
_GZIP_LEVEL = 1  # as fast as it gets; grids are nearly empty, more level saves little


@dataclass(frozen=True, slots=True, eq=False)
class GridFile:
    """What such a file holds; names as in the file."""

    occupancy: NDArray[np.bool_]
    camera: NDArray[np.float64]
    near: float
    far: float
    focal: float
    projection: str
    mesh_to_world: NDArray[np.float64]


def check_suffix(path: Path) -> None:
    """Tell early that a grid cannot be written under this name.

    Raises:
        InputError: if the name ends in neither .npz nor .h5.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            "unknown suffix", where=path, expected=" or ".join(SUFFIXES), found=path.suffix or "none"
        )


def write_grid(path: Path, grid: GridFile) -> None:
    """Write a grid; its suffix says how.

    Raises:
        InputError: if the name ends in neither .npz nor .h5.
        StorageError: if the file cannot be written.
    """
    check_suffix(path)
    values: dict[str, Any] = {
        "camera": np.asarray(grid.camera, dtype=np.float64),
        "near": np.float64(grid.near),
        "far": np.float64(grid.far),
        "focal": np.float64(grid.focal),
        "mesh_to_world": np.asarray(grid.mesh_to_world, dtype=np.float64),
    }
    occupancy = np.ascontiguousarray(grid.occupancy, dtype=np.bool_)
    if path.suffix.lower() == ".npz":
        with atomic_path(path) as temporary, temporary.open("wb") as stream:
            projection = np.array(grid.projection)
            np.savez_compressed(stream, occupancy=occupancy, projection=projection, **values)
        return
    with new_hdf5(path) as file:
        chunk = tuple(min(_CHUNK, side) for side in occupancy.shape)
        options: dict[str, Any] = {"track_times": False}
        file.create_dataset(
            "occupancy",
            data=occupancy,
            chunks=chunk,
            compression="gzip",
            compression_opts=_GZIP_LEVEL,
            **options,
        )
        file.create_dataset("projection", data=grid.projection, **options)
        for name, value in values.items():
            file.create_dataset(name, data=value, **options)
