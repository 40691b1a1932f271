# What jobs ask a cluster for; on one machine nobody looks at it. Rules that are not named here take the profile's defaults.

from ige.doctor.requests import Requests

REQUESTS = Requests(PARAMS, POSE_DATA, SHAPES)


def memory_of(rule):
    """The memory of a job in MB; more at each attempt."""
    return lambda wildcards, attempt: REQUESTS.memory_mb(rule, wildcards, attempt)


def minutes_of(rule):
    """The minutes of a job; more at each attempt."""
    return lambda wildcards, attempt: REQUESTS.minutes(rule, wildcards, attempt)


def gpus_of(rule):
    """The GPUs of a job: none for what only counts or looks up."""
    return lambda wildcards: REQUESTS.gpus(rule, wildcards)
