"""What the jobs of a run ask a cluster for: memory, time and GPUs, which grow with the parameters.

From the same rough numbers as `ige estimate`, with margins. A job that is refused more is no worse off: what
was killed for want of memory or time is tried again with a multiple of it, and trainings go on from their
checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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
# more goes on from its checkpoint when it is tried again.
_MOST_MINUTES = 12 * 60


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
        """Return the memory of a job in MB."""
        needed = _MEMORY_OF_SNAKEMAKE_MB + _MEMORY_MARGIN * self._jobs[rule](wildcards).memory / 1e6
        return attempt * math.ceil(needed / _MEMORY_STEP_MB) * _MEMORY_STEP_MB

    def minutes(self, rule: str, wildcards: Mapping[str, str], attempt: int = 1) -> int:
        """Return the minutes of a job, on a GPU if it asks for one."""
        job = self._jobs[rule](wildcards)
        seconds = job.seconds
        if job.gpu_seconds is not None:
            seconds = min(seconds, _GPU_MARGIN * job.gpu_seconds)
        return min(attempt * (_MINUTES_OF_START + math.ceil(_TIME_MARGIN * seconds / 60)), _MOST_MINUTES)

    def gpus(self, rule: str, wildcards: Mapping[str, str]) -> int:
        """Return how many GPUs a job asks for: one where a network is trained or asked."""
        training = {"evaluate_poses": "train_poses", "evaluate_shapes": "train_shapes"}.get(rule, rule)
        return int(self._jobs[training](wildcards).gpu_seconds is not None)

    @cached_property
    def _amounts(self) -> Amounts:
        return amounts(self._params, self._poses)

    @cached_property
    def _models(self) -> shapes.Models:
        return shapes.count_models(self._params, self._manifest)
