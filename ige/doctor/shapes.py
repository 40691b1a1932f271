"""Where shapes come from, whether they are there, and what their sets will cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ige.base.errors import InputError
from ige.doctor import costs
from ige.doctor.check import Check
from ige.doctor.estimate import Job
from ige.params import stages
from ige.params.params import Params
from ige.shapes.manifest import Manifest, list_shapes
from ige.workflow.sources import shape_folder

# Where the rules put results, below runs/<run>; a test holds this table against the rules.
SHARD = "data/shapes/{category}/{split}-{block}.h5"
REPORT = ("tables/shape-sets.csv",)


def check_shapes(params: Params) -> Check:
    """Tell where the shapes come from and whether they are there."""
    try:
        manifest = _manifest(params)
    except InputError as error:
        expected = f"{error.expected}. " if error.expected else ""
        found = error.what if error.where is None else f"{error.where}: {error.what}"
        return Check("shapes", "missing", found, f"{expected}{error.next_step or ''}")
    models = f"{len(manifest.entries)} models in {len(params.shapes.categories)} categories"
    if params.shapes.source == "procedural":
        return Check("shapes", "ok", f"{models} are generated, nothing to download")
    return Check("shapes", "ok", f"{models} in {shape_folder(params)}")


def shape_jobs(params: Params, run: Path) -> Iterator[Job]:
    """List the shards that do not exist below the folder of a run, with their costs."""
    seconds, size = cost_of_model(params)
    for shard in _manifest(params).shards():
        name = SHARD.format(category=shard.category, split=shard.split, block=f"{shard.block:03d}")
        if not (run / name).exists():
            count = len(shard.ids)
            yield Job("prepare_shapes", costs.SECONDS_PER_SHARD + count * seconds, count * size)
    for file in REPORT:
        if not (run / file).exists():
            yield Job("tabulate and draw shape sets", 2 * costs.SECONDS_PER_REPORT_JOB, costs.BYTES_OF_REPORT)


def cost_of_model(params: Params) -> tuple[float, float]:
    """Estimate the seconds and the bytes of one model in all its views and resolutions."""
    shapes = params.shapes
    views = shapes.views.chosen().count
    samples = (shapes.images.pixels * shapes.images.supersample) ** 2
    milliseconds = costs.MESH_MS + views * (costs.VIEW_MS + samples * costs.IMAGE_MS_PER_SAMPLE)
    size = views * shapes.images.pixels**2 * costs.IMAGE_BYTES_PER_PIXEL
    for resolution in shapes.grids.resolutions:
        milliseconds += views * (costs.GRID_MS + costs.GRID_MS_PER_CELL * resolution**3)
        size += views * costs.GRID_BYTES_PER_SQUARE * resolution**2
    return milliseconds / 1e3, size


def _manifest(params: Params) -> Manifest:
    return list_shapes(stages.prepare_manifest(params), shape_folder(params))
