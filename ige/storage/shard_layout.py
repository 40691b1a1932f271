"""The file of a shard of a shape set: grids and images of the models of a category and split.

| dataset | shape, type | holds |
| --- | --- | --- |
| grids/<R> | (N, R, R, ceil(R / 8)) u1 | filled cells (row, column, depth), 8 a byte, low bit first |
| world/<R> | (M, R, R, ceil(R / 8)) u1 | the same of each model in the unit cube about the origin |
| images | (N, P, P, 4) u1 | RGBA, straight alpha |
| cameras | (N, 3, 4) f8 | X_cam = camera @ (X_world, 1) |
| focal, near, far | (N,) f8 | widths of the image; planar depths of the planes |
| models, view | (N,) i4 | index into `ids`; number of the view |
| diagnostics/<R>/<name> | (N,) | how each grid was made, see `DIAGNOSTICS` |
| world-diagnostics/<R>/<name> | (M,) | how each grid of the cube was made |
| attributes.json | u1 | category, split, ids, licences, levels, settings as JSON |
| digests.json | u1 | SHA-256 of the content of each dataset above, as JSON |

N views of M models; the cube is that of `ige.geometry.frustum.object_box`: rows along -z, columns along +x,
depth along +y. A grid and an image are one chunk each, with a checksum: what is read at random is read
alone, and checked. The attribute `digest` of the file is that of all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from ige.base.digests import canonical_json
from ige.base.errors import InputError

KIND = "shape-set"
FORMAT = 2  # 1: without grids of the cube
ATTRIBUTES = "attributes.json"
DIGESTS = "digests.json"
IMAGES = "images"
LEVELS = ("exact", "tolerant", "tolerant-r2", "tolerant-r4", "reference")
PER_VIEW = {
    "cameras": ("<f8", (3, 4)),
    "focal": ("<f8", ()),
    "near": ("<f8", ()),
    "far": ("<f8", ()),
    "models": ("<i4", ()),
    "view": ("<i4", ()),
}
# level: index into LEVELS. closed: the mesh is. leak: filling may have failed. retries: at wider gaps.
# volume: world units cubed. cut: the mesh reaches out of the frustum. filled: number of cells.
# stabbed_ratio, coarse_ratio: volume over that of cells stabbed from 5 sides, over that at 64; NaN: unknown.
DIAGNOSTICS = {
    "level": "u1",
    "closed": "?",
    "leak": "?",
    "retries": "u1",
    "volume": "<f8",
    "cut": "?",
    "stabbed_ratio": "<f8",
    "coarse_ratio": "<f8",
    "filled": "<i8",
}

_ZSTD_LEVEL = 3
_GZIP_LEVEL = 1


def grid_name(resolution: int) -> str:
    """Name the dataset of the grids of a resolution."""
    return f"grids/{resolution}"


def world_name(resolution: int) -> str:
    """Name the dataset of the grids of the unit cube, one of each model."""
    return f"world/{resolution}"


def diagnostic_name(resolution: int, name: str) -> str:
    """Name the dataset of a diagnostic of the grids of a resolution."""
    return f"diagnostics/{resolution}/{name}"


def world_diagnostic_name(resolution: int, name: str) -> str:
    """Name the dataset of a diagnostic of the grids of the unit cube."""
    return f"world-diagnostics/{resolution}/{name}"


def grid_shape(resolution: int) -> tuple[int, int, int]:
    """Return the shape of the packed bits of a grid."""
    return resolution, resolution, -(-resolution // 8)


def small_names(resolutions: Iterable[int]) -> list[str]:
    """Name the datasets of a shard that are read whole when it is opened."""
    diagnostics = [
        naming(size, name)
        for size in resolutions
        for name in DIAGNOSTICS
        for naming in (diagnostic_name, world_diagnostic_name)
    ]
    return sorted([*PER_VIEW, *diagnostics])


def compression_options(compression: str) -> dict[str, Any]:
    """Return how datasets of a compression are made.

    Raises:
        InputError: if it needs a package that is not installed.
        ValueError: if there is no such compression.
    """
    if compression not in ("zstd", "gzip"):
        raise ValueError(f"compression must be zstd or gzip, found {compression}")
    if compression == "zstd":
        return dict(zstd_plugin("a shard").Zstd(clevel=_ZSTD_LEVEL))
    return {"compression": "gzip", "compression_opts": _GZIP_LEVEL}


def zstd_plugin(where: object) -> ModuleType:
    """Import what lets HDF5 read and write zstd.

    Raises:
        InputError: if it is not installed.
    """
    try:
        import hdf5plugin  # on import it makes its filters known to HDF5
    except ImportError as error:
        raise InputError(
            "compressed with zstd, which HDF5 does not know by itself",
            where=str(where),
            expected="the package hdf5plugin",
            found=str(error),
            next_step="Install it (pip install hdf5plugin), or make the set with shapes.compression: gzip",
        ) from error
    return hdf5plugin


def digest_of_shard(
    attributes: Mapping[str, Any],
    datasets: Mapping[str, tuple[str, tuple[int, ...]]],
    digests: Mapping[str, str],
) -> str:
    """Return the digest of a shard: of its attributes, and of type, shape and content of its datasets."""
    content = {name: [kind, list(shape), digests[name]] for name, (kind, shape) in datasets.items()}
    return hashlib.sha256(canonical_json([FORMAT, KIND, dict(attributes), content]).encode()).hexdigest()
