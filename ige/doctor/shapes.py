"""Where shapes come from, whether they are there, and what their sets will cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ige.doctor import costs
from ige.doctor.amounts import split_models
from ige.doctor.check import Check
from ige.doctor.data import what_lacks
from ige.doctor.estimate import Job
from ige.params.params import Params
from ige.shapes.manifest import Manifest
from ige.shapes.shapenet_counts import published_counts
from ige.workflow.sources import SourceData

# Where the rules put results, below runs/<run>; a test holds this table against the rules.
SHARD = "data/shapes/{category}/{split}-{block}.h5"
REPORT = {
    "tabulate and draw shape sets": "tables/shape-sets.csv",
    "tabulate and draw reconstructions": "tables/shapes.csv",
}

Models = Counter[tuple[str, str]]


def check_shapes(params: Params, data: SourceData | None, manifest: Manifest) -> Check:
    """Tell where the shapes come from and whether they are there.

    Args:
        params: all settings.
        data: what there is of the source of shapes; None where they are generated.
        manifest: the models.
    """
    models = f"{len(manifest.entries)} models in {len(params.shapes.categories)} categories"
    if data is None:
        return Check("shapes", "ok", f"{models} are generated, nothing to download")
    if (lack := what_lacks("shapes", data)) is not None:
        return lack
    if not manifest.entries:
        return Check("shapes", "ok", f"{data.source} is not there yet, the workflow downloads it")
    return Check("shapes", "ok", f"{models} in {data.folder}")


def shape_jobs(params: Params, run: Path, manifest: Manifest) -> Iterator[Job]:
    """List the shards that do not exist below the folder of a run, with their costs.

    Args:
        params: all settings.
        run: the folder of the run.
        manifest: the models; without any, what `count_models` says.
    """
    for count in _shards_to_make(params, run, manifest):
        yield shard_job(params, count)
    sets, reconstructions = REPORT
    for stage in (sets, reconstructions) if params.train.shapes else (sets,):
        if not (run / REPORT[stage]).exists():
            yield Job(
                stage,
                2 * costs.SECONDS_PER_REPORT_JOB,
                costs.BYTES_OF_REPORT,
                memory=costs.MEMORY_OF_REPORT_JOB,
            )


def shard_job(params: Params, count: int) -> Job:
    """Estimate the cost of a shard of so many models."""
    seconds, size = cost_of_model(params)
    work = costs.SECONDS_PER_SHARD + count * seconds
    return Job("prepare_shapes", work, count * size, memory=costs.MEMORY_OF_SHARD)


def count_models(params: Params, manifest: Manifest) -> Models:
    """Count the models of each category and split.

    Of a source that is not there ShapeNet counts as published, and of meshes the generated shapes beside
    them.
    """
    if manifest.entries:
        return Counter((entry.category, entry.split) for entry in manifest.entries)
    shapes, splits, counts = params.shapes, params.shapes.splits, dict[str, int]()
    if shapes.source == "shapenet":
        counts = published_models(params)
    elif shapes.source == "folder" and shapes.folder.generated is not None:
        counts = dict.fromkeys(shapes.categories, shapes.folder.generated.models_per_category)
        splits = splits.model_copy(update={"test_share": 0.0})  # generated shapes never test
    return Counter(
        {
            (category, split): found
            for category, count in counts.items()
            for split, found in split_models(count, splits).items()
        }
    )


def _shards_to_make(params: Params, run: Path, manifest: Manifest) -> list[int]:
    """Numbers of models of the shards that do not exist."""
    if not manifest.entries:
        most = params.shapes.models_per_shard
        return [
            min(most, count - start)
            for count in count_models(params, manifest).values()
            for start in range(0, count, most)
        ]
    return [
        len(shard.ids)
        for shard in manifest.shards()
        if not (
            run / SHARD.format(category=shard.category, split=shard.split, block=f"{shard.block:03d}")
        ).exists()
    ]


def published_models(params: Params) -> dict[str, int]:
    """Return how many models the chosen categories of ShapeNet have; of version 1 where 2 is not known."""
    version = params.shapes.shapenet.version
    published = {**published_counts(1), **published_counts(version)}
    return {category: published.get(category, 0) for category in params.shapes.categories}


def cost_of_model(params: Params) -> tuple[float, float]:
    """Estimate the seconds and the bytes of one model in all its views, the world and all resolutions."""
    shapes = params.shapes
    views = shapes.views.chosen().count
    thousands = costs.FACES[shapes.source] / 1e3
    samples = (shapes.images.pixels * shapes.images.supersample) ** 2
    milliseconds = costs.MESH_MS + thousands * costs.MESH_MS_PER_1000_FACES
    milliseconds += views * (costs.VIEW_MS + samples * costs.IMAGE_MS_PER_SAMPLE)
    size = views * shapes.images.pixels**2 * costs.IMAGE_BYTES_PER_PIXEL
    for resolution in shapes.grids.resolutions:
        per_face = costs.GRID_MS_PER_1000_FACES + costs.GRID_MS_PER_1000_FACES_AT_256 * resolution / 256
        cells = costs.GRID_MS_PER_CELL * resolution**3
        # One more grid than views: that of the world.
        milliseconds += (views + 1) * (costs.GRID_MS + cells + thousands * per_face)
        size += (views + 1) * costs.GRID_BYTES_PER_SQUARE * resolution**2
    return milliseconds / 1e3, size
