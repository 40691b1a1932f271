"""Voxelising speed: milliseconds per grid of our tolerant fill against the published method.

The published method makes one filled grid in the world for each mesh and looks up its nearest cells at the
centres of each view's cells, with scipy's RegularGridInterpolator (see `plain_grids`). Its surface is our
conservative one, which favours it. What each method does once for a mesh (their world's grid; our welding) is
shared out over 24 views. Both take turns in one process and one thread; `ratio` of a mesh is the median over
the rounds of their time over ours, and `ratios` are the medians over the meshes. Ours is always the tolerant
fill with its check for leaks and the retries that follow from it. Of closed meshes it is the exact one, so
`ratios_of_open_meshes` stand beside. `exact` and `reference` (the published method as we offer it) are for
comparison. Top level: 256 cells a side.

`floor` is what moving the memory alone would take at 256: clearing the planes, the touched and the filled
cells of the window and the grid's bytes, reading planes and cells twice, and reading the points of every face
twice, at the speeds of memset and memcpy that were measured; arithmetic is not in it.

`extra_mebibytes_at_256` is by how much a worker grows at most: while it welds its mesh, and (`peak`) while it
makes grids of it.

Real meshes join the synthetic ones where IGE_REAL_DATA names a folder with `meshes/<category>/<file>`.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

# Before numpy is imported.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from machine import describe_machine, publish
from plain_grids import plain_view, plain_world, real_meshes, synthetic_meshes

from ige.geometry.frustum import Frustum, shape_view
from ige.grids import Buffers, Surface, make_surface, voxelise
from ige.grids.clipping import project

VIEWS = 24
RESOLUTIONS = 64, 128, 256
ROUNDS = {32: 5, 64: 9, 128: 5, 256: 3}
OURS_PER_ROUND = 3  # views; their median counts
LARGEST = "car-200k"
# Everything that voxelises, once: all levels, retries, thin surfaces, an eye inside of the mesh.
COMPILE = """
import numpy as np
from ige.geometry.frustum import object_box, shape_view
from ige.grids import make_surface, render, voxelise
points = np.random.default_rng(0).uniform(-0.5, 0.5, (300, 3))
faces = np.arange(300).reshape(-1, 3)
surface = make_surface(points * 4, faces)
for fill in ("exact", "tolerant", "reference"):
    for union in ("none", "thin"):
        for frustum in (shape_view(0.3, 0.5), object_box()):
            voxelise(surface, frustum, 65, fill=fill, surface_union=union)
render(points, faces, np.full((100, 4), 255, dtype=np.uint8), shape_view(0.3, 0.5), 32)
"""


def views(count: int) -> list[Frustum]:
    """Return views from around, as in the published renderings."""
    generator = np.random.default_rng(1)
    return [
        shape_view(azimuth, math.radians(elevation))
        for azimuth, elevation in zip(
            generator.uniform(0, 2 * np.pi, count), generator.uniform(25, 30, count), strict=True
        )
    ]


def milliseconds(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long `run` takes, and what it returns."""
    start = time.perf_counter()
    result = run()
    return 1e3 * (time.perf_counter() - start), result


def compare(surfaces: dict[str, tuple[float, Surface]], resolution: int, rounds: int) -> dict[str, Any]:
    """Let the methods take turns, mesh by mesh and round by round; return the results by mesh."""
    buffers = Buffers()
    worlds = {
        name: milliseconds(partial(plain_world, surface, resolution, buffers))
        for name, (_, surface) in surfaces.items()
    }
    times: dict[str, list[dict[str, float]]] = {name: [] for name in surfaces}
    for frustum in views(rounds + 1):
        for name, (welding, surface) in surfaces.items():
            once, world = worlds[name]
            took = {"other": milliseconds(partial(plain_view, world, frustum, resolution))[0] + once / VIEWS}
            for level in ("tolerant", "exact", "reference"):
                run = partial(voxelise, surface, frustum, resolution, fill=level, buffers=buffers)
                runs = [milliseconds(run)[0] for _ in range(OURS_PER_ROUND)]
                took[level] = statistics.median(runs) + welding / VIEWS
            times[name].append(took)
    # The first round warms up.
    return {name: summary(surfaces[name][1], rows[1:]) for name, rows in times.items()}


def summary(surface: Surface, rows: list[dict[str, float]]) -> dict[str, Any]:
    """Return medians over rounds."""
    milliseconds_of = {key: round(statistics.median(row[key] for row in rows), 3) for key in rows[0]}
    ratio = statistics.median(row["other"] / row["tolerant"] for row in rows)
    return {
        "faces": len(surface.faces),
        "closed": surface.closed,
        "ratio": round(ratio, 1),
        "milliseconds": milliseconds_of,
    }


def bandwidth() -> dict[str, float]:
    """Measure bytes per second of filling and of copying arrays that the caches do not hold."""
    first, second = np.zeros(2**26, dtype=np.uint8), np.zeros(2**26, dtype=np.uint8)
    fill = min(milliseconds(partial(first.fill, 1))[0] for _ in range(9))
    copy = min(milliseconds(partial(np.copyto, second, first))[0] for _ in range(9))
    return {"fill": first.size / fill * 1e3, "copy": first.size / copy * 1e3}


def floor(surface: Surface, frustum: Frustum, resolution: int, speed: dict[str, float]) -> float:
    """Return the milliseconds of the module's docstring."""
    projected = project(surface, frustum, resolution, Buffers())
    window = projected.window()
    plane = 8 * window.rows * window.columns * window.words
    cleared = 5 * plane + resolution**2 * ((resolution + 7) // 8)
    read = 2 * 5 * plane + 2 * len(projected.faces) * (3 * 4 + 3 * 32)
    return 1e3 * (cleared / speed["fill"] + read / speed["copy"])


def compile_seconds() -> dict[str, float]:
    """Return how long everything takes in a fresh process, and again with the kernels that it kept."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        command = [sys.executable, "-c", COMPILE]
        seconds = [
            milliseconds(partial(subprocess.run, command, env=environment, check=True))[0] / 1e3
            for _ in range(2)
        ]
    return {"cold": round(seconds[0], 1), "warm": round(seconds[1], 1)}


def work(
    vertices: np.ndarray, faces: np.ndarray, start: Barrier, results: Queue[Any], seconds: float
) -> None:
    """Voxelise at 256 for so long; put the number of grids per second and the extra peak memory."""
    frusta = views(VIEWS)
    voxelise(make_surface(*synthetic_box()), frusta[0], 256, fill="tolerant", buffers=Buffers())
    before = memory("VmRSS", reset=True)
    surface = make_surface(vertices, faces)
    welded = memory("VmHWM", reset=True)
    voxelise(surface, frusta[0], 256, fill="tolerant")
    start.wait()
    begin, count = time.perf_counter(), 0
    while time.perf_counter() < begin + seconds:
        voxelise(surface, frusta[count % VIEWS], 256, fill="tolerant")
        count += 1
    results.put((count / (time.perf_counter() - begin), welded - before, memory("VmHWM") - before))


def synthetic_box() -> tuple[np.ndarray, np.ndarray]:
    """Return a tetrahedron: it compiles and loads what there is without much memory."""
    return np.vstack([np.zeros(3), 0.1 * np.eye(3)]), np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])


def memory(what: str, reset: bool = False) -> float:
    """Return MiB of this process from Linux, current (VmRSS) or peak (VmHWM); let the peak start anew."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(what):
            found = int(line.split()[1]) / 1024
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    return found


def workers(count: int, vertices: np.ndarray, faces: np.ndarray, seconds: float) -> list[tuple[float, ...]]:
    """Let so many processes voxelise at the same time; return what each found."""
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(count), context.Queue()
    processes = [
        context.Process(target=work, args=(vertices, faces, start, results, seconds)) for _ in range(count)
    ]
    for process in processes:
        process.start()
    found = [results.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    return found


def measure(quick: bool) -> dict[str, Any]:
    """Return the result of the module's docstring."""
    meshes = synthetic_meshes() | real_meshes()
    if quick:
        meshes = {name: meshes[name] for name in ("torus-1k", "car-20k", "car-20k-open")}
    surfaces = {}
    for name, mesh in meshes.items():
        weld = partial(make_surface, mesh.vertices, mesh.faces)
        # The second time: the first may compile.
        surfaces[name] = [milliseconds(weld) for _ in range(2)][1]
    resolutions = RESOLUTIONS[:2] if quick else RESOLUTIONS
    # The grids of 32 cells, which hardly any code is slow at, come without a ratio that counts.
    cases = {n: compare(surfaces, n, 1 if quick else ROUNDS[n]) for n in (32, *resolutions)}
    finest = cases[resolutions[-1]]
    speed = bandwidth()
    floors = {name: floor(surface, views(1)[0], 256, speed) for name, (_, surface) in surfaces.items()}
    busy = meshes["car-20k" if quick else LARGEST]
    alone, both = (workers(n, busy.vertices, busy.faces, 1 if quick else 8) for n in (1, 2))
    return {
        "benchmark": "voxelise",
        "ratio": round(statistics.median(case["ratio"] for case in finest.values()), 1),
        "ours": round(statistics.median(case["milliseconds"]["tolerant"] for case in finest.values()), 2),
        "other": round(statistics.median(case["milliseconds"]["other"] for case in finest.values()), 1),
        "unit": f"milliseconds per grid, {resolutions[-1]} cells a side, medians over the meshes",
        "ratios": {
            n: round(statistics.median(case["ratio"] for case in cases[n].values()), 1) for n in cases
        },
        "ratios_of_open_meshes": {
            n: round(statistics.median(case["ratio"] for case in cases[n].values() if not case["closed"]), 1)
            for n in cases
        },
        "worst_ratios": {n: min(case["ratio"] for case in cases[n].values()) for n in cases},
        "cases": cases,
        "floor_at_256": {
            "gigabytes_per_second": {key: round(value / 1e9, 1) for key, value in speed.items()},
            "milliseconds": {name: round(value, 2) for name, value in floors.items()},
            "times_the_floor": None
            if quick
            else {name: round(finest[name]["milliseconds"]["tolerant"] / floors[name], 1) for name in floors},
        },
        "extra_mebibytes_at_256": {"welding": round(alone[0][1], 1), "peak": round(alone[0][2], 1)},
        "grids_per_second_at_256": {
            "one process": round(alone[0][0], 1),
            "two processes": round(sum(rate for rate, _, _ in both), 1),
        },
        "compile_seconds": compile_seconds(),
        "rounds": {n: 1 if quick else ROUNDS[n] for n in cases},
        "quick": quick,
        "machine": describe_machine(),
    }


def main() -> None:
    """Print the result as one JSON object, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three meshes, up to 128 cells, one round")
    parser.add_argument("--out", type=Path, help="also write the result to this file")
    arguments = parser.parse_args()
    publish(measure(arguments.quick), arguments.out)


if __name__ == "__main__":
    main()
