"""What is still to run, and what it will cost, from the parameters and from which results exist.

Counted is what does not exist yet. Whether an existing result is out of date only `snakemake -n` knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ige.doctor import costs
from ige.doctor.check import Check
from ige.doctor.data import count_frames
from ige.doctor.machine import gigabytes
from ige.params.models import IgeSettings, LifterSettings
from ige.params.params import Params

# Where the rules put results, below runs/<run>; a test holds this table against the rules.
CLIPS = "data/poses/clips.h5"
PAIRS = "data/poses/{split}.h5"
MODEL = "models/poses/{model}/seed{seed}/model.pt"
SCORES = "scores/poses/{model}/seed{seed}.json"
REPORT = ("tables/poses.csv", "figures/poses-efficiency.png", "report/index.html")


@dataclass(frozen=True, slots=True)
class Job:
    """A job that has to run: its cost, and the model whose training it waits for, if any."""

    stage: str
    seconds: float
    bytes: float = 0.0
    model: str | None = None
    initial: str | None = None


@dataclass(frozen=True, slots=True)
class Amounts:
    """Sizes that decide all costs; upper bounds, since frames outside the image are dropped later."""

    frames: int
    train: int
    validation: int
    test: int


def amounts(params: Params, folder: Path | None) -> Amounts:
    """Count frames and pairs. Of motion files the share of a split is guessed from its number of subjects."""
    lifting = params.poses.lifting
    views = len(lifting.rig.cameras) * len(lifting.yaws_degrees) / lifting.frame_step
    splits = lifting.splits
    if folder is None:
        made = params.poses.procedural
        per_subject = len(made.actions) * made.takes * round(made.seconds * made.fps)
        frames = per_subject * len(made.subjects)
        learning = per_subject * len(set(splits.train) & set(made.subjects))
        testing = per_subject * len(set(splits.test) & set(made.subjects))
    else:
        frames = count_frames(params, folder)
        learning = frames * len(splits.train) // (len(splits.train) + len(splits.test))
        testing = frames - learning
    held_out = learning // lifting.validation_every
    pairs = (round(count * views) for count in (learning - held_out, held_out, testing))
    return Amounts(frames, *pairs)


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


def _data_jobs(params: Params, run: Path, sizes: Amounts) -> Iterator[Job]:
    if not (run / CLIPS).exists():
        work = sizes.frames * costs.CLIP_MS_PER_FRAME[params.poses.source] / 1e3
        yield Job("prepare_clips", costs.SECONDS_PER_JOB + work, sizes.frames * costs.BYTES_PER_FRAME)
    for split, pairs in (("train", sizes.train), ("validation", sizes.validation), ("test", sizes.test)):
        if not (run / PAIRS.format(split=split)).exists():
            work = costs.SECONDS_PER_JOB + pairs * costs.PAIR_MS / 1e3
            yield Job("prepare_lifting_set", work, pairs * costs.BYTES_PER_PAIR)


def _model_jobs(params: Params, run: Path, sizes: Amounts) -> Iterator[Job]:
    seeds = params.training.poses.seeds
    for name in _with_initials(params):
        trained = [(run / MODEL.format(model=name, seed=seed)).exists() for seed in seeds]
        if not all(trained):
            yield _training(params, name, sizes, len(seeds))
    for name in params.train.poses:
        scored = [(run / SCORES.format(model=name, seed=seed)).exists() for seed in seeds]
        if not all(scored):
            other_steps = params.evaluation.poses.other_steps.get(name, ())
            per_pose = costs.scoring_ms(params.models.poses[name], other_steps)
            work = costs.SECONDS_PER_JOB + len(seeds) * sizes.test * per_pose / 1e3
            yield Job("evaluate_poses", work, model=name, initial=params.initial_of(name))


def _training(params: Params, name: str, sizes: Amounts, seeds: int) -> Job:
    model = params.models.poses[name]
    initial = params.initial_of(name)
    lifter = model if initial is None or isinstance(model, LifterSettings) else params.models.poses[initial]
    if not isinstance(model, LifterSettings | IgeSettings) or not isinstance(lifter, LifterSettings):
        return Job("train_poses", costs.SECONDS_WITHOUT_LEARNING, model=name)
    settings = params.training.poses
    steps = settings.epochs * math.ceil(sizes.train / settings.batch_size)
    work = seeds * steps * costs.step_ms(model, lifter, settings.batch_size) / 1e3
    size = seeds * costs.weights(lifter) * costs.BYTES_PER_WEIGHT
    return Job("train_poses", costs.SECONDS_PER_JOB + work, size, model=name, initial=initial)


def _with_initials(params: Params) -> list[str]:
    """Name the selected models and all that they start from."""
    names: dict[str, None] = {}
    for selected in params.train.poses:
        name: str | None = selected
        while name is not None:
            names[name] = None
            name = params.initial_of(name)
    return list(names)


def _report_jobs(run: Path) -> Iterator[Job]:
    for stage, file in zip(("tabulate_poses", "draw_poses", "write_page"), REPORT, strict=True):
        if not (run / file).exists():
            yield Job(stage, costs.SECONDS_PER_REPORT_JOB, costs.BYTES_OF_REPORT / len(REPORT))
