"""Tool `estimate`: what a run will cost, told before anything starts.

| in | out |
| --- | --- |
| params.yaml and presets; results that exist; sources that are there | a row per stage: jobs, hours, disk |

Data that is not there counts as published. Nothing is written.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ige.doctor import costs, voxel_costs
from ige.doctor.amounts import Amounts, amounts
from ige.doctor.estimate import Job, jobs, seconds
from ige.doctor.machine import check_disk, gigabytes, processors
from ige.doctor.shapes import count_models, published_models, shape_jobs
from ige.doctor.table import Column, print_table
from ige.doctor.voxel_jobs import voxel_jobs
from ige.fetch.presence import Presence
from ige.params.load import read_params
from ige.params.params import Params
from ige.shapes.manifest import Manifest
from ige.workflow.sources import SourceData, pose_data, shape_data

RUNS = Path("runs")
_COLUMNS = (
    Column("stage"),
    Column("jobs", right=True),
    Column("core-hours", right=True),
    Column("GPU-hours *", right=True),
    Column("disk", right=True),
    Column("memory of a job", right=True),
)
_WIDTH = 110
_TRAININGS = ("train_poses", "train_shapes")
_LARGEST = 3  # trainings that are named
_HOUR = 3600.0
_DAYS = 72.0  # hours from which on days are told


@dataclass(frozen=True, slots=True)
class Budget:
    """What is still to be made of a run.

    Attributes:
        work: the jobs.
        notes: what the numbers are made of, for people.
    """

    work: tuple[Job, ...]
    notes: tuple[str, ...]


def estimate(*, settings: Path, presets: Sequence[Path], cores: int | None, out: TextIO) -> None:
    """Print what a run will cost.

    Args:
        settings: params.yaml, or the params.json of a run.
        presets: laid over it, as `snakemake --configfile` does.
        cores: that the run may use; None: all of this machine.
        out: where to print; a table on a terminal, plain lines elsewhere.

    Raises:
        SettingsError: if the parameters cannot be.
        InputError: if a file of them or the list of sources cannot be read.
    """
    params = read_params(settings, presets)
    budget = plan(params)
    out.write(f"Run {params.run}: what is still to be made.\n")
    if budget.work:
        print_table(_COLUMNS, list(_rows(budget.work)), out)
    for text in (*_summary(params, budget.work, cores or processors()), *budget.notes):
        out.write(textwrap.fill(text, _WIDTH, break_on_hyphens=False) + "\n")


def plan(params: Params) -> Budget:
    """List the jobs of a run whose results do not exist, downloads first.

    Raises:
        InputError: if the list of sources cannot be read.
    """
    run = RUNS / params.run
    poses = pose_data(params)
    shapes, manifest = shape_data(params)
    found = list(_presences(poses, shapes))
    sizes = amounts(params, poses)
    work = [
        *_downloads(found),
        *jobs(params, run, sizes),
        *shape_jobs(params, run, manifest),
        *voxel_jobs(params, run, manifest),
    ]
    notes = [*_counts(params, sizes, manifest), *_brought(found), *_rates(work)]
    return Budget(tuple(work), tuple(notes))


def _presences(*data: SourceData | None) -> Iterator[Presence]:
    for source in data:
        if source is not None:
            for found in source.groups.values():
                yield from found


def _downloads(found: Sequence[Presence]) -> Iterator[Job]:
    for presence in found:
        if presence.state == "downloadable":
            yield Job("fetch_file", 0.0, float(presence.file.bytes or 0), memory=costs.MEMORY_OF_DATA_JOB)


def _rows(work: Sequence[Job]) -> Iterator[list[str]]:
    stages = dict.fromkeys(job.stage for job in work)
    for stage in stages:
        yield _row(stage, [job for job in work if job.stage == stage])
    yield _row("total", work)


def _row(name: str, work: Sequence[Job]) -> list[str]:
    gpu = [job.gpu_seconds for job in work if job.gpu_seconds is not None]
    return [
        name,
        f"{len(work):,}",
        _hours(sum(job.seconds for job in work)),
        _hours(sum(gpu)) if gpu else "-",
        gigabytes(sum(job.bytes for job in work)),
        gigabytes(max(job.memory for job in work)),
    ]


def _hours(time: float) -> str:
    hours = time / _HOUR
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.1f}" if hours >= 0.1 else "< 0.1"


def _summary(params: Params, work: Sequence[Job], cores: int) -> Iterator[str]:
    if not work:
        yield "Every result exists; `snakemake -n` tells whether one is out of date."
        return
    hours = seconds(list(work), cores) / _HOUR
    time = f"{hours / 24:,.0f} days" if hours >= _DAYS else f"{_hours(hours * _HOUR)} h"
    memory = sum(sorted((job.memory for job in work), reverse=True)[:cores])
    yield f"On {cores} cores without a GPU: about {time}, at most {gigabytes(memory)} of memory."
    trainings = sorted((job for job in work if job.stage in _TRAININGS), key=lambda job: -job.seconds)
    largest = ", ".join(f"{job.model} {_hours(job.seconds)} h" for job in trainings[:_LARGEST])
    if largest:
        yield f"The longest trainings (all seeds of each): {largest}."
    disk = check_disk(RUNS / params.run, sum(job.bytes for job in work))
    yield f"Disk: {disk.found}." + (f" {disk.advice}." if disk.advice else "")


def _counts(params: Params, sizes: Amounts, manifest: Manifest) -> Iterator[str]:
    pairs = "; ".join(
        f"{observation} {found['train']:,} to train, {found['test']:,} to test"
        for observation, found in sizes.pairs.items()
    )
    yield f"Poses: {sizes.origin}, {sizes.frames:,} frames; pairs: {pairs}."
    categories = len(params.shapes.categories)
    if manifest.entries:
        yield f"Shapes: {len(manifest.entries):,} models in {categories} categories, counted."
    elif params.shapes.source == "shapenet":
        models = sum(published_models(params).values())
        yield (
            f"Shapes: ShapeNet in full, as published: {models:,} models in {categories} categories, "
            f"of {costs.FACES['shapenet']:,} faces on average (a guess). It is not there to be counted."
        )
    elif generated := sum(count_models(params, manifest).values()):
        yield (
            f"Shapes: {generated:,} generated models in {categories} categories; meshes are not there yet, "
            "so they count nothing."
        )
    else:
        yield "Shapes: none are there, so they count nothing."


def _brought(found: Sequence[Presence]) -> Iterator[str]:
    unknown = [
        presence.file for presence in found if presence.state == "downloadable" and not presence.file.bytes
    ]
    if unknown:
        names = ", ".join(file.file for file in unknown)
        yield f"Not counted: the time of downloads, and the size of {names}, which nobody tells."
    absent = [presence.file for presence in found if presence.state not in ("present", "downloadable")]
    if absent:
        known = sum(file.bytes or 0 for file in absent)
        size = f", at least {gigabytes(known)}" if known else ""
        yield f"Not counted: {len(absent)} files that you bring{size}; `ige check-data` names them."


def _rates(work: Sequence[Job]) -> Iterator[str]:
    if work:
        yield (
            "Rates: measured with one thread per job on two cores of an AMD EPYC; other machines differ by a "
            "factor of two or so. Models of shapes at 256 cells a side are extrapolated from 32 to 128. "
            "ige/doctor/costs.py and voxel_costs.py say what is a guess."
        )
    if any(job.gpu_seconds is not None for job in work):
        yield (
            "* Extrapolated, no GPU was measured: the trainings, one after another, at "
            f"{costs.GPU_MS_PER_LIFTER_STEP:g} ms a step of any lifter, as its authors tell of a GTX 1080, "
            f"and {costs.GPU_MS_PER_DESCENT_STEP:g} ms more for each descent step, which is assumed. If so, "
            "small nets train faster on a core. Of models of shapes it is all assumed: "
            f"{voxel_costs.GPU_MS_PER_BATCH:g} ms a batch, {voxel_costs.GPU_MS_PER_BATCH_AND_STEP:g} ms more "
            f"for each step, and {voxel_costs.GPU_SPEED:g} times the speed of a core."
        )
