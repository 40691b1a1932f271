"""What the jobs of a run ask a cluster for: memory, time and GPUs.

From the same rough numbers as `ige estimate`, with margins. A job that is refused more is no worse off: what
was killed for want of memory or time is tried again with a multiple of it, and trainings go on from their
checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import cast

from ige.doctor import estimate, shapes, voxel_jobs
from ige.doctor.amounts import Amounts, amounts
from ige.doctor.estimate import Job
from ige.params.naming import trained_in
from ige.params.params import Params
from ige.params.poses import SplitName
from ige.shapes.manifest import Manifest
from ige.workflow.sources import SourceData

# Two of Snakemake's own processes are part of each job on a cluster.
_MEMORY_OF_SNAKEMAKE_MB = 800
_MEMORY_MARGIN = 1.5
_MEMORY_STEP_MB = 100
_MINUTES_OF_START = 10
_TIME_MARGIN = 3.0
# How much longer a GPU may take than guessed: nothing was measured on one.
_GPU_MARGIN = 4.0
# Queues seldom take jobs of more than a day, and a training and its scores are one. A training that needs
# more goes on from its checkpoint when it is tried again; scores start over, so they get half of it at most.
_MOST_MINUTES = 24 * 60
_MOST_MINUTES_OF_SCORES = _MOST_MINUTES // 2
_SCORED_BY = {"train_poses": "evaluate_poses", "train_shapes": "evaluate_shapes"}
_TRAINED_BY = {scoring: training for training, scoring in _SCORED_BY.items()}
# Other machines differ by so much from the one that was measured.
_SPREAD = 2


class Requests:
    """The requests of the jobs of one run, by rule and wildcards."""

    def __init__(self, params: Params, poses: SourceData | None, manifest: Manifest) -> None:
        self._params = params
        self._poses = poses
        self._manifest = manifest
        self._jobs: dict[str, Callable[[Mapping[str, str]], Job]] = {
            "prepare_clips": lambda wildcards: estimate.clips_job(params, self._amounts),
            "prepare_detections": lambda wildcards: estimate.detections_job(
                self._amounts, wildcards["observation"]
            ),
            "prepare_lifting_set": lambda wildcards: estimate.pairs_job(
                self._amounts, wildcards["observation"], cast(SplitName, wildcards["split"])
            ),
            "prepare_shapes": lambda wildcards: shapes.shard_job(params, params.shapes.models_per_shard),
            "train_poses": lambda wildcards: estimate.training_job(
                params, trained_in(wildcards["model"]), self._amounts
            ),
            "evaluate_poses": lambda wildcards: estimate.scoring_job(
                params, trained_in(wildcards["model"]), self._amounts
            ),
            "train_shapes": lambda wildcards: voxel_jobs.training_job(
                params, trained_in(wildcards["trained"]), self._models
            ),
            "evaluate_shapes": lambda wildcards: voxel_jobs.scoring_job(
                params, trained_in(wildcards["trained"]), self._models
            ),
        }

    def memory_mb(self, rule: str, wildcards: Mapping[str, str], attempt: int = 1) -> int:
        """Return the memory of a job in MB: more at each attempt, unless want of time is planned."""
        needed = _MEMORY_OF_SNAKEMAKE_MB + _MEMORY_MARGIN * self._jobs[rule](wildcards).memory / 1e6
        times = 1 if self._runs_out_of_time(rule, wildcards) else attempt
        return times * math.ceil(needed / _MEMORY_STEP_MB) * _MEMORY_STEP_MB

    def minutes(self, rule: str, wildcards: Mapping[str, str], attempt: int = 1) -> int:
        """Return the minutes of a job, on a GPU if it asks for one."""
        job = self._jobs[rule](wildcards)
        seconds = job.seconds
        if job.gpu_seconds is not None:
            seconds = min(seconds, _GPU_MARGIN * job.gpu_seconds)
        asked = attempt * (_MINUTES_OF_START + math.ceil(_TIME_MARGIN * seconds / 60))
        if rule in _TRAINED_BY:
            return min(asked, _MOST_MINUTES_OF_SCORES)
        scores = self.minutes(_SCORED_BY[rule], wildcards, attempt) if rule in _SCORED_BY else 0
        return min(asked, _MOST_MINUTES - scores)

    def gpus(self, rule: str, wildcards: Mapping[str, str]) -> int:
        """Return how many GPUs a job asks for: one for a training that is faster there, and its scores."""
        job = self._jobs[_TRAINED_BY.get(rule, rule)](wildcards)
        return int(job.gpu_seconds is not None and job.gpu_seconds < job.seconds)

    def advice(self, trainings: Iterable[tuple[str, Mapping[str, str]]], attempts: int) -> str | None:
        """Say in a line which trainings need more attempts than they get and what to do; None if none does.

        Args:
            trainings: rules and wildcards.
            attempts: that each of them gets.
        """
        long = [each for each in trainings if self._attempts(*each) > attempts]
        if not long:
            return None
        rule, wildcards = max(long, key=lambda each: self._hours(*each))
        retries = self._attempts(rule, wildcards, _SPREAD) - 1
        return (
            f"Trainings that need more than {attempts} attempts of {_MOST_MINUTES // 60} h: {len(long)}; the "
            f"longest, {'/'.join(wildcards.values())}, about {self._hours(rule, wildcards):.0f} h. Add "
            f"--retries {retries}, or run the same command again when they have failed: they go on from "
            "their checkpoints."
        )

    def _runs_out_of_time(self, rule: str, wildcards: Mapping[str, str]) -> bool:
        training = _TRAINED_BY.get(rule, rule)
        return training in _SCORED_BY and self._minutes_together(training, wildcards) == _MOST_MINUTES

    def _minutes_together(self, training: str, wildcards: Mapping[str, str]) -> int:
        return sum(self.minutes(rule, wildcards) for rule in (training, _SCORED_BY[training]))

    def _hours(self, rule: str, wildcards: Mapping[str, str]) -> float:
        """Return the estimated hours of a job, without margins."""
        job = self._jobs[rule](wildcards)
        return min(job.seconds, job.seconds if job.gpu_seconds is None else job.gpu_seconds) / 3600

    def _attempts(self, training: str, wildcards: Mapping[str, str], times: float = 1.0) -> int:
        """Return in how many attempts a training and its scores end, at so many times the estimate."""
        if not self._runs_out_of_time(training, wildcards):
            return 1
        useful = (_MOST_MINUTES - _MINUTES_OF_START) / 60
        hours, scoring = (times * self._hours(rule, wildcards) for rule in (training, _SCORED_BY[training]))
        attempts = math.ceil(hours / useful)
        return attempts + (scoring > attempts * useful - hours)

    @cached_property
    def _amounts(self) -> Amounts:
        return amounts(self._params, self._poses)

    @cached_property
    def _models(self) -> shapes.Models:
        return shapes.count_models(self._params, self._manifest)
