# What jobs ask a cluster for; on one machine nobody looks at it. Rules that are not named here take the profile's defaults.

from functools import cache

from ige.doctor.requests import Requests
from snakemake.logging import logger

REQUESTS = Requests(PARAMS, POSE_DATA, SHAPES)


def memory_of(rule):
    """The memory of a job in MB; more at each attempt."""
    return lambda wildcards, attempt: REQUESTS.memory_mb(rule, wildcards, attempt)


def minutes_of(rule):
    """The minutes of a job; more at each attempt."""

    def minutes(wildcards, attempt):
        tell_of_long_trainings()
        return REQUESTS.minutes(rule, wildcards, attempt)

    return minutes


def gpus_of(rule):
    """The GPUs of a job: none for what only counts or looks up."""
    return lambda wildcards: REQUESTS.gpus(rule, wildcards)


@cache
def tell_of_long_trainings():
    """Say once, where attempts are limited in time, which trainings need more of them than they get."""
    if workflow.is_main_process and workflow.non_local_exec_or_dryrun and workflow.execution_settings.retries:
        jobs = [(job.rule.name, dict(job.wildcards.items())) for job in workflow.dag.needrun_jobs()]
        trainings = [(rule, wildcards) for rule, wildcards in jobs if rule in ("train_poses", "train_shapes")]
        if advice := REQUESTS.advice(trainings, workflow.execution_settings.retries + 1):
            logger.warning(advice)
