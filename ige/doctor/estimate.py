"""What is still to run, and what it will cost, from the parameters and from which results exist.

Counted is what does not exist yet. Whether an existing result is out of date only `snakemake -n` knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ige.doctor import costs
from ige.doctor.amounts import SPLITS, Amounts
from ige.doctor.check import Check
from ige.doctor.machine import gigabytes
from ige.params.initials import with_initials
from ige.params.models import IgeSettings, LifterSettings
from ige.params.naming import folder_of, split_trained
from ige.params.params import Params
from ige.params.poses import Detections, SplitName

# Where the rules put results, below runs/<run>; a test holds this table against the rules.
CLIPS = "data/poses/clips.h5"
DETECTIONS = "data/poses/{observation}/detections.h5"
PAIRS = "data/poses/{observation}/{split}.h5"
MODEL = "models/poses/{model}/seed{seed}/model.pt"
SCORES = "scores/poses/{model}/seed{seed}.json"
REPORT = {
    "tabulate_poses": "tables/poses.csv",
    "tabulate_poses_by_action": "tables/poses_by_action.csv",
    "draw_poses": "figures/poses-efficiency.png",
    "write_page": "report/index.html",
    "collect_metrics": "metrics.json",
    "collect_curves": "curves/run.json",
}


@dataclass(frozen=True, slots=True)
class Job:
    """A job that has to run.

    Attributes:
        stage: what it does.
        seconds: on one core.
        bytes: that it writes.
        model: the model that it trains or scores, if any.
        initial: the model whose training it waits for, if any.
        memory: its peak, bytes.
        gpu_seconds: extrapolated for a GPU that does its training; None for a job that gains nothing by one.
    """

    stage: str
    seconds: float
    bytes: float = 0.0
    model: str | None = None
    initial: str | None = None
    memory: float = costs.MEMORY_OF_JOB
    gpu_seconds: float | None = None


def jobs(params: Params, run: Path, sizes: Amounts) -> list[Job]:
    """List the jobs whose results do not exist below the folder of a run."""
    return [*_data_jobs(params, run, sizes), *_model_jobs(params, run, sizes), *_report_jobs(run)]


def seconds(work: list[Job], cores: int) -> float:
    """Estimate the time of jobs on so many cores.

    Trainings and shards are shared evenly, but no training is faster than its chain; others run alone.
    """
    shards = sum(job.seconds for job in work if job.stage == "prepare_shapes") / cores
    alone = shards + sum(job.seconds for job in work if job.model is None and job.stage != "prepare_shapes")
    trainings = [job for job in work if job.model is not None]
    chains: dict[str | None, float] = {}
    for job in trainings:
        chains[job.model] = chains.get(job.model, 0.0) + job.seconds
    longest = max((chains[job.model] + chains.get(job.initial, 0.0) for job in trainings), default=0.0)
    return alone + max(sum(job.seconds for job in trainings) / cores, longest)


def check_work(work: list[Job], cores: int) -> Check:
    """Tell how many jobs are left, and the time and disk that they need."""
    if not work:
        return Check(
            "still to run", "ok", "every result exists; snakemake -n tells whether one is out of date"
        )
    stages: dict[str, int] = {}
    for job in work:
        stages[job.stage] = stages.get(job.stage, 0) + 1
    parts = ", ".join(f"{count} x {stage}" if count > 1 else stage for stage, count in stages.items())
    minutes = math.ceil(seconds(work, cores) / 60)
    time = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    disk = gigabytes(sum(job.bytes for job in work))
    return Check("still to run", "ok", f"roughly {time} on {cores} cores without a GPU, {disk}: {parts}")


def clips_job(params: Params, sizes: Amounts) -> Job:
    """Estimate the cost of making all clips."""
    work = sizes.frames * costs.CLIP_MS_PER_FRAME[params.poses.source] / 1e3
    memory = costs.MEMORY_OF_DATA_JOB + sizes.frames * costs.MEMORY_PER_FRAME
    written = sizes.frames * costs.BYTES_PER_FRAME
    return Job("prepare_clips", costs.SECONDS_PER_JOB + work, written, memory=memory)


def detections_job(sizes: Amounts, observation: str) -> Job:
    """Estimate the cost of reading the detections of an observation."""
    pairs = sizes.pairs[observation]
    frames = pairs["train"] + pairs["test"]
    work = costs.SECONDS_PER_JOB + frames * costs.DETECTION_MS_PER_FRAME / 1e3
    memory = costs.MEMORY_OF_DATA_JOB + frames * costs.MEMORY_PER_DETECTED_FRAME
    return Job("prepare_detections", work, frames * costs.BYTES_PER_DETECTED_FRAME, memory=memory)


def pairs_job(sizes: Amounts, observation: str, split: SplitName) -> Job:
    """Estimate the cost of pairing the poses of a split with their observations."""
    pairs = sizes.pairs[observation][split]
    work = costs.SECONDS_PER_JOB + pairs * costs.PAIR_MS / 1e3
    memory = _memory("prepare_lifting_set", pairs)
    return Job("prepare_lifting_set", work, pairs * costs.BYTES_PER_PAIR, memory=memory)


def training_job(params: Params, name: str, sizes: Amounts) -> Job:
    """Estimate the cost of training all seeds of a model, e.g. `ige-t4@sh`."""
    model_name, observation = split_trained(name)
    pairs, seeds = sizes.pairs[observation], len(params.training.poses.seeds)
    model = params.models.poses[model_name]
    initial = params.initial_of(name)
    first = model_name if initial is None else split_trained(initial)[0]
    lifter = model if isinstance(model, LifterSettings) else params.models.poses[first]
    memory = _memory("train_poses", pairs["train"] + pairs["validation"])
    if not isinstance(model, LifterSettings | IgeSettings) or not isinstance(lifter, LifterSettings):
        memory += pairs["validation"] * costs.MEMORY_PER_VALIDATION_PAIR
        return Job("train_poses", costs.SECONDS_WITHOUT_LEARNING, model=name, memory=memory)
    settings = params.training.poses
    steps = seeds * settings.epochs * math.ceil(pairs["train"] / settings.batch_size)
    return Job(
        "train_poses",
        costs.SECONDS_PER_JOB + steps * costs.step_ms(model, lifter, settings.batch_size) / 1e3,
        seeds * costs.weights(lifter) * costs.BYTES_PER_WEIGHT,
        model=name,
        initial=initial,
        memory=memory,
        gpu_seconds=steps * costs.gpu_step_ms(model) / 1e3,
    )


def scoring_job(params: Params, name: str, sizes: Amounts) -> Job:
    """Estimate the cost of scoring all seeds of a model."""
    model_name, observation = split_trained(name)
    poses, seeds = sizes.pairs[observation]["test"], len(params.training.poses.seeds)
    other_steps = params.evaluation.poses.other_steps.get(model_name, ())
    per_pose = costs.scoring_ms(params.models.poses[model_name], other_steps)
    work = costs.SECONDS_PER_JOB + seeds * poses * per_pose / 1e3
    memory = _memory("evaluate_poses", poses)
    return Job("evaluate_poses", work, model=name, initial=params.initial_of(name), memory=memory)


def _data_jobs(params: Params, run: Path, sizes: Amounts) -> Iterator[Job]:
    if not (run / CLIPS).exists():
        yield clips_job(params, sizes)
    for observation in params.train.observations:
        yield from _observed_jobs(params, run, sizes, observation)


def _observed_jobs(params: Params, run: Path, sizes: Amounts, observation: str) -> Iterator[Job]:
    detects = isinstance(params.poses.lifting.observations[observation], Detections)
    if detects and not (run / DETECTIONS.format(observation=observation)).exists():
        yield detections_job(sizes, observation)
    for split in SPLITS:
        if not (run / PAIRS.format(observation=observation, split=split)).exists():
            yield pairs_job(sizes, observation, split)


def _memory(stage: str, pairs: int) -> float:
    base = costs.MEMORY_OF_DATA_JOB if stage == "prepare_lifting_set" else costs.MEMORY_OF_JOB
    return base + pairs * costs.MEMORY_PER_PAIR[stage]


def _model_jobs(params: Params, run: Path, sizes: Amounts) -> Iterator[Job]:
    seeds = params.training.poses.seeds
    for name in with_initials(params.trained(), params.initial_of):
        trained = [(run / MODEL.format(model=folder_of(name), seed=seed)).exists() for seed in seeds]
        if not all(trained):
            yield training_job(params, name, sizes)
    for name in params.trained():
        scored = [(run / SCORES.format(model=folder_of(name), seed=seed)).exists() for seed in seeds]
        if not all(scored):
            yield scoring_job(params, name, sizes)


def _report_jobs(run: Path) -> Iterator[Job]:
    for stage, file in REPORT.items():
        if not (run / file).exists():
            yield Job(
                stage,
                costs.SECONDS_PER_REPORT_JOB,
                costs.BYTES_OF_REPORT / len(REPORT),
                memory=costs.MEMORY_OF_REPORT_JOB,
            )
