"""Loading speed: grids per second from a file to a batch of bytes of 0 and 1, in one thread of one process.

Ours is a shard (packed bits, one grid a chunk, zstd), read by `Shard.grid` and unpacked by `unpack_bits` into
memory that is used again; `ours with images` reads and returns all that `ShapeGrids` does. The others are
what people write: an HDF5 data set with `compression="gzip"` and the chunks that h5py chooses, and a file per
grid by `numpy.savez_compressed`; each of truth values (`cells`) and of the same packed bits (`packed`), which
numpy unpacks, into memory that is used again, too. All read the same grids in the same random order, by
turns, from files that the operating system has in memory. `ratio` is the smallest at 128 and 256 cells over
both others of truth values, each the median over the rounds of their seconds over ours.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from machine import describe_machine, publish

from ige.geometry.frustum import Frustum
from ige.grids.filled import FilledGrid
from ige.grids.surface import Surface, make_surface
from ige.grids.voxelise import voxelise
from ige.params.shapes import RandomViews
from ige.shapes.dataset import ShapeGrids
from ige.shapes.loading import load_mesh
from ige.shapes.procedural.generate import generate
from ige.shapes.unpack import unpack_bits
from ige.shapes.views import view_frusta
from ige.storage.shard_layout import grid_name
from ige.storage.shard_writer import ShardHeader, write_shard
from ige.storage.shards import open_shard

BATCHES = {32: 32, 64: 16, 128: 8, 256: 4}  # grids of 1, 4, 16, 64 MiB unpacked
# More grids than HDF5 keeps in its cache of chunks, as in every real set.
VIEWS = {32: 96, 64: 24, 128: 6, 256: 2}
PIXELS = 128
Reader = Callable[[Sequence[int]], object]


def surfaces(count: int) -> tuple[list[Surface], str]:
    """Return meshes, evenly spaced among the real ones if $IGE_REAL_DATA names them, else generated."""
    folder = os.environ.get("IGE_REAL_DATA")
    if folder is None:
        meshes = [generate(("car", "chair", "plane", "table")[n % 4], n // 4, 0, 0.2) for n in range(count)]
        source = "generated"
    else:
        files = sorted(Path(folder, "meshes").glob("[!u]*/*.obj"))
        meshes = [load_mesh(files[n * len(files) // count], up="y") for n in range(count)]
        source = "real"
    return [make_surface(mesh.vertices, mesh.faces) for mesh in meshes], source


def write_files(folder: Path, solids: Sequence[Surface], resolution: int) -> tuple[int, dict[str, int]]:
    """Write the grids of all views in every form; return how many there are, and bytes per grid by form."""
    settings = RandomViews(
        kind="random",
        seed=0,
        count=VIEWS[resolution],
        elevation_degrees=(25.0, 30.0),
        distance=1.36**0.5,
        focal=35 / 32,
    )
    views = [
        (n, view, frustum, voxelise(solid, frustum, resolution, surface_union="auto"))
        for n, solid in enumerate(solids)
        for view, frustum in enumerate(view_frusta(settings, "any", str(n)))
    ]
    write_ours(folder / "ours.h5", views, resolution)
    bits = np.stack([grid.bits for *_, grid in views])
    occupancy = np.unpackbits(bits, axis=-1, count=resolution, bitorder="little").view(bool)
    for name, arrays in (("cells", occupancy), ("packed", bits)):
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file.create_dataset("grids", data=arrays, compression="gzip")
        for n, array in enumerate(arrays):
            np.savez_compressed(folder / f"{name}{n}.npz", grid=array)
    with h5py.File(folder / "ours.h5") as file:
        ours = file[grid_name(resolution)].id.get_storage_size()
    sizes = {"ours": ours}
    for name in ("cells", "packed"):
        sizes[f"h5py {name}"] = (folder / f"{name}.h5").stat().st_size
        sizes[f"npz {name}"] = sum(file.stat().st_size for file in folder.glob(f"{name}*.npz"))
    return len(views), {name: round(size / len(views)) for name, size in sizes.items()}


def write_ours(path: Path, views: Sequence[tuple[int, int, Frustum, FilledGrid]], resolution: int) -> None:
    """Write a shard with images that are smooth, as drawn ones are."""
    across = np.linspace(0, 255, PIXELS, dtype=np.uint8)
    image = np.broadcast_to(across[:, None, None], (PIXELS, PIXELS, 4))
    header = ShardHeader("any", "train", (resolution,), PIXELS, "zstd", {})
    with write_shard(path, header) as writer:
        for first in range(0, len(views), VIEWS[resolution]):
            # Grids of the cube are not read: that of a view stands for them.
            with writer.model(str(views[first][0]), "", {resolution: views[first][-1]}):
                for _, view, frustum, grid in views[first : first + VIEWS[resolution]]:
                    writer.add_view(view, frustum, image, {resolution: grid})


def readers(folder: Path, resolution: int) -> dict[str, Reader]:
    """Return what reads a batch, by name; ours first."""
    batch = BATCHES[resolution]
    shard, dataset = open_shard(folder / "ours.h5"), ShapeGrids([folder / "ours.h5"], resolution)
    bits = torch.empty((batch, resolution, resolution, resolution // 8), dtype=torch.uint8)
    out = torch.empty((batch, resolution, resolution, resolution), dtype=torch.uint8)
    cells = out.numpy().view(bool)

    def ours(indices: Sequence[int]) -> torch.Tensor:
        for place, index in enumerate(indices):
            shard.grid(resolution, index, bits[place].numpy())
        return unpack_bits(bits, resolution, torch.uint8, out)

    def ours_with_images(indices: Sequence[int]) -> dict[str, torch.Tensor]:
        example = dataset[indices]
        return example | {"occupancy": unpack_bits(example["bits"], resolution, torch.uint8, out)}

    def h5py_of(name: str) -> Reader:
        grids = h5py.File(folder / f"{name}.h5")["grids"]
        return lambda indices: fill(grids.__getitem__, indices)

    def npz_of(name: str) -> Reader:
        return lambda indices: fill(lambda index: np.load(folder / f"{name}{index}.npz")["grid"], indices)

    def fill(read: Callable[[int], np.ndarray], indices: Sequence[int]) -> torch.Tensor:
        for place, index in enumerate(indices):
            grid = read(index)
            if grid.dtype == np.uint8:
                grid = np.unpackbits(grid, axis=-1, bitorder="little").view(bool)
            cells[place] = grid
        return out

    return {
        "ours": ours,
        "ours with images": ours_with_images,
        **{f"h5py {name}": h5py_of(name) for name in ("cells", "packed")},
        **{f"npz {name}": npz_of(name) for name in ("cells", "packed")},
    }


def compare(solids: Sequence[Surface], resolution: int, rounds: int) -> dict[str, Any]:
    """Let all readers take turns at one batch a round, after one round that warms up and compares."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        count, sizes = write_files(Path(folder), solids, resolution)
        ways = readers(Path(folder), resolution)
        times: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds + 1):
            indices = [int(index) for index in rng.choice(count, BATCHES[resolution], replace=False)]
            results = []
            for name, read in ways.items():
                start = time.perf_counter()
                result = read(indices)
                seconds = time.perf_counter() - start
                if number:
                    times[name].append(seconds)
                else:
                    results.append(result["occupancy"] if isinstance(result, dict) else result)
                    results[-1] = results[-1].clone()
            if not all(torch.equal(results[0], other) for other in results):
                raise AssertionError("the readers differ")
    return {
        "grids_per_second": {
            name: round(BATCHES[resolution] / statistics.median(values)) for name, values in times.items()
        },
        "ratios": {
            name: round(
                statistics.median(other / own for other, own in zip(values, times["ours"], strict=True)), 2
            )
            for name, values in times.items()
            if name != "ours"
        },
        "bytes_per_grid": sizes,
        "grids": count,
        "batch": BATCHES[resolution],
    }


def measure(meshes: int, rounds: int) -> dict[str, Any]:
    """Return the result of the module's docstring."""
    solids, source = surfaces(meshes)
    cases = {size: compare(solids, size, rounds) for size in BATCHES}
    named = {name: cases[256]["grids_per_second"][name] for name in ("h5py cells", "npz cells")}
    return {
        "benchmark": "shape_loader",
        "ratio": min(cases[size]["ratios"][name] for size in (128, 256) for name in named),
        "ours": cases[256]["grids_per_second"]["ours"],
        "other": max(named.values()),
        "unit": "grids of 256 cells a side per second",
        "cases": {str(size): case for size, case in cases.items()},
        "meshes": f"{meshes} {source}",
        "rounds": rounds,
        "machine": describe_machine(),
    }


def main() -> None:
    """Print the result as one JSON object, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--meshes", type=int, default=24, help="meshes")
    parser.add_argument("--rounds", type=int, default=15, help="rounds that count")
    parser.add_argument("--out", type=Path, help="also write the result to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    publish(measure(arguments.meshes, arguments.rounds), arguments.out)


if __name__ == "__main__":
    main()
