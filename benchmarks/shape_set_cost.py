"""What a shape set costs: core-seconds and bytes per model of real meshes, and what that is for ShapeNet.

Each mesh file of `$IGE_REAL_DATA/meshes` goes the way of the stage `prepare_shapes`, in one thread: loaded,
welded, filled in 24 views and in the world at 32, 64, 128 and 256 cells, drawn in 128 pixels, written to a
shard. ShapeNet's meshes have more faces than these, so the dependence on faces is measured, too: on some of
the meshes, with each face cut in four, again and again. Seconds per model are taken as `fixed + slope *
faces`: over a whole set the mean number of faces alone matters, and the reader has to put it in. `shapenet`
gives core-hours for several, and as a range those of the least and the greatest slope. Bytes hardly depend
on faces; their range is that of the means of categories. Seconds are those of the processor: waiting for a
disk comes on top.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from machine import describe_machine, publish

from ige.geometry.frustum import object_box
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise
from ige.params.load import read_params
from ige.params.shapes import ImagesSettings, RandomViews, ShapesSettings
from ige.params.stages import ShapeManifestSettings
from ige.shapes.loading import load_mesh
from ige.shapes.manifest import ShapeEntry, list_shapes
from ige.shapes.mesh import Mesh
from ige.shapes.rendering import draw
from ige.shapes.sources import open_source
from ige.shapes.views import view_frusta
from ige.storage.shard_layout import grid_name, world_name
from ige.storage.shard_writer import ShardHeader, ShardWriter, write_shard

SIZES = (32, 64, 128, 256)
IMAGES = ImagesSettings(renderer="raster", pixels=128, supersample=2)
SHAPENET_MODELS = 43_783  # of ShapeNetCore v1 in 13 categories
MEAN_FACES = (1_000, 3_000, 10_000, 30_000, 100_000)
FINEST_FACES = 150_000
Seconds = dict[str, float]


def make(writer: ShardWriter, name: str, mesh: Mesh, views: RandomViews) -> Seconds:
    """Write all views of a mesh; return seconds by part of the work."""
    seconds: Seconds = defaultdict(float)

    def timed(part: str, work: Any) -> Any:
        start = time.process_time()
        result = work()
        seconds[part] += time.process_time() - start
        return result

    surface = timed("weld", lambda: make_surface(mesh.vertices, mesh.faces))
    world = {
        size: timed(f"world {size}", lambda: voxelise(surface, object_box(), size, surface_union="auto"))  # noqa: B023
        for size in SIZES
    }
    with writer.model(name, "", world):
        for number, frustum in enumerate(view_frusta(views, "any", name)):
            grids = {
                size: timed(f"grid {size}", lambda: voxelise(surface, frustum, size, surface_union="auto"))  # noqa: B023
                for size in SIZES
            }
            image = timed("image", lambda: draw(mesh, frustum, IMAGES).rgba)  # noqa: B023
            timed("write", lambda: writer.add_view(number, frustum, image, grids))  # noqa: B023
    return seconds


def header() -> ShardHeader:
    """Describe the shard of one mesh."""
    return ShardHeader("any", "train", SIZES, IMAGES.pixels, "zstd", {})


def measure_model(load: Any, name: str, views: RandomViews, folder: Path) -> dict[str, Any]:
    """Make the shard of one mesh; return its faces, seconds by part and bytes by part."""
    start = time.process_time()
    mesh = load()
    loading = time.process_time() - start
    path = folder / "one.h5"
    with write_shard(path, header()) as writer:
        seconds = {"load": loading, **make(writer, name, mesh, views)}
    with h5py.File(path) as file:
        parts = {f"grid {size}": grid_name(size) for size in SIZES} | {"image": "images"}
        parts |= {f"world {size}": world_name(size) for size in SIZES}
        sizes = {part: file[dataset].id.get_storage_size() for part, dataset in parts.items()}
    sizes["rest"] = path.stat().st_size - sum(sizes.values())
    return {"faces": len(mesh.faces), "seconds": seconds, "bytes": sizes}


def entries_of(shapes: ShapesSettings, folder: Path) -> list[ShapeEntry]:
    """List the real meshes."""
    settings = ShapeManifestSettings(
        source=shapes.folder, categories=shapes.categories, splits=shapes.splits, models_per_shard=1
    )
    return list(list_shapes(settings, folder).entries)


def cut_in_four(mesh: Mesh) -> Mesh:
    """Return the mesh with each face cut at the middles of its edges."""
    ends = np.sort(mesh.faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    edges, places = np.unique(ends, axis=0, return_inverse=True)
    a, b, c = mesh.faces.T
    ab, bc, ca = (len(mesh.vertices) + places.reshape(-1, 3)).T
    faces = np.stack([[a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]]).transpose(2, 0, 1).reshape(-1, 3)
    vertices = np.vstack([mesh.vertices, mesh.vertices[edges].mean(axis=1)])
    return Mesh(vertices, faces, np.repeat(mesh.face_colours, 4, axis=0))


def write_obj(path: Path, mesh: Mesh) -> None:
    """Write a mesh as most of ShapeNet comes: text, one line a vertex and a face."""
    with path.open("w", encoding="ascii") as stream:
        stream.writelines(f"v {x:.6f} {y:.6f} {z:.6f}\n" for x, y, z in mesh.vertices)
        stream.writelines(f"f {a} {b} {c}\n" for a, b, c in mesh.faces + 1)


def measure_slopes(meshes: list[Mesh], views: RandomViews, folder: Path) -> list[dict[str, Any]]:
    """Measure meshes coarse and fine; return for each the extra seconds per face by part."""
    slopes = []
    for number, mesh in enumerate(meshes):
        found = []
        while len(mesh.faces) < FINEST_FACES:
            write_obj(folder / "cut.obj", mesh)
            found.append(
                measure_model(lambda: load_mesh(folder / "cut.obj", up="z"), str(number), views, folder)
            )
            mesh = cut_in_four(mesh)
        first, last = found[0], found[-1]
        more = last["faces"] - first["faces"]
        by_part = {part: (last["seconds"][part] - first["seconds"][part]) / more for part in first["seconds"]}
        slopes.append(
            {
                "faces": [each["faces"] for each in found],
                "seconds": [round(sum(each["seconds"].values()), 3) for each in found],
                "microseconds_per_face": round(1e6 * sum(by_part.values()), 2),
                "by_part": {part: round(1e6 * value, 2) for part, value in by_part.items()},
            }
        )
    return slopes


def extrapolate(
    found: list[dict[str, Any]], slopes: list[dict[str, Any]], views: RandomViews
) -> dict[str, Any]:
    """Return core-hours and gigabytes of the whole of ShapeNet."""
    seconds = statistics.mean(sum(each["seconds"].values()) for each in found)
    faces = statistics.mean(each["faces"] for each in found)
    steep = sorted(each["microseconds_per_face"] * 1e-6 for each in slopes)
    by_category = defaultdict(list)
    for each in found:
        by_category[each["category"]].append(sum(each["bytes"].values()))
    means = sorted(statistics.mean(values) for values in by_category.values())

    def hours(mean_faces: int, slope: float) -> float:
        return round(SHAPENET_MODELS * (seconds + slope * (mean_faces - faces)) / 3600, 1)

    return {
        "models": SHAPENET_MODELS,
        "views": SHAPENET_MODELS * views.count,
        "core_hours_by_mean_faces": {
            str(mean): {
                "middle": hours(mean, statistics.median(steep)),
                "range": sorted([hours(mean, steep[0]), hours(mean, steep[-1])]),
            }
            for mean in MEAN_FACES
        },
        "gigabytes": round(
            SHAPENET_MODELS * statistics.mean(sum(each["bytes"].values()) for each in found) / 1e9, 1
        ),
        "gigabytes_range": [round(SHAPENET_MODELS * value / 1e9, 1) for value in (means[0], means[-1])],
    }


def measure(every: int, shapes: ShapesSettings) -> dict[str, Any]:
    """Return the result of the module's docstring, over every so manieth mesh."""
    folder = Path(os.environ["IGE_REAL_DATA"]) / "meshes"
    views = RandomViews(
        kind="random", **dict(shapes.views.random), distance=shapes.views.distance, focal=shapes.views.focal
    )
    source = open_source(shapes.folder, folder)
    entries = entries_of(shapes, folder)[::every]
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)

        def run(entry: ShapeEntry, seen: RandomViews) -> dict[str, Any]:
            result = measure_model(
                lambda: source.load(entry.category, entry.id), entry.id.replace("/", "-"), seen, scratch
            )
            return {"category": entry.category, **result}

        for entry in entries:  # compiles all kernels, those for open meshes among them
            run(entry, views.model_copy(update={"count": 1}))
        found = [run(entry, views) for entry in entries]
        chosen = entries[:: max(1, len(entries) // 6)][:6]
        meshes = [source.load(entry.category, entry.id) for entry in chosen]
        slopes = measure_slopes(meshes, views, scratch)
    return {"found": found, "slopes": slopes, "views": views}


def summarise(
    found: list[dict[str, Any]], slopes: list[dict[str, Any]], views: RandomViews
) -> dict[str, Any]:
    """Return the JSON value of the benchmark."""
    totals = [sum(each["seconds"].values()) for each in found]
    faces = [each["faces"] for each in found]
    grids = views.count

    def mean(kind: str, part: str) -> float:
        return statistics.mean(each[kind][part] for each in found)

    return {
        "benchmark": "shape_set_cost",
        "unit": f"core-seconds per model: {views.count} views, {', '.join(map(str, SIZES))} cells",
        "seconds_per_model": round(statistics.mean(totals), 3),
        "seconds_quantiles_10_50_90": [round(float(q), 3) for q in np.quantile(totals, (0.1, 0.5, 0.9))],
        "bytes_per_model": round(statistics.mean(sum(each["bytes"].values()) for each in found)),
        "models": len(found),
        "faces_mean_median_most": [round(statistics.mean(faces)), statistics.median(faces), max(faces)],
        "seconds_by_part": {part: round(mean("seconds", part), 4) for part in found[0]["seconds"]},
        "milliseconds_per_grid": {
            str(size): round(1e3 * mean("seconds", f"grid {size}") / grids, 2) for size in SIZES
        },
        "bytes_per_view": {part: round(mean("bytes", part) / views.count) for part in found[0]["bytes"]},
        "cut_in_four": slopes,
        "shapenet": extrapolate(found, slopes, views),
        "machine": describe_machine(),
    }


def main() -> None:
    """Print the result as one JSON object, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="take every so manieth mesh")
    parser.add_argument("--params", type=Path, default=Path(__file__).parents[1] / "params.yaml")
    parser.add_argument("--out", type=Path, help="also write the result to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    result = summarise(**measure(arguments.every, read_params(arguments.params).shapes))
    publish(result, arguments.out)


if __name__ == "__main__":
    main()
