import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ige.doctor.amounts import SPLITS, amounts
from ige.doctor.estimate import (
    Job,
    clips_job,
    detections_job,
    pairs_job,
    scoring_job,
    training_job,
    with_initials,
)
from ige.doctor.requests import Requests
from ige.doctor.shapes import count_models, shard_job
from ige.doctor.voxel_jobs import scoring_job as shape_scoring_job
from ige.doctor.voxel_jobs import training_job as shape_training_job
from ige.params import stages
from ige.params.load import read_params
from ige.params.naming import folder_of
from ige.params.params import Params
from ige.shapes.manifest import Manifest, list_shapes

RULES = {
    "prepare_clips": {},
    "prepare_lifting_set": {"observation": "projection", "split": "train"},
    "prepare_shapes": {"category": "car", "split": "train", "block": "000"},
    "train_poses": {"model": "ige-t4"},
    "evaluate_poses": {"model": "ige-t4"},
    "train_shapes": {"trained": "ige/32"},
    "evaluate_shapes": {"trained": "ige/32"},
}


NO_SHAPES = Manifest((), (), models_per_shard=1)


@pytest.fixture
def requests(changed: Callable[[dict], Params]) -> Callable[[dict], Requests]:
    """Requests of the committed parameters, changed in the given values."""

    def make(over: dict) -> Requests:
        params = changed(over)
        return Requests(params, None, list_shapes(stages.prepare_manifest(params), None))

    return make


@pytest.mark.parametrize("rule", RULES)
def test_another_attempt_asks_for_more(requests, rule):
    asked = requests({})
    first, second = (asked.memory_mb(rule, RULES[rule], attempt) for attempt in (1, 2))
    assert second == 2 * first > 1600
    first, second = (asked.minutes(rule, RULES[rule], attempt) for attempt in (1, 2))
    assert second == 2 * first > 20


def test_more_pairs_ask_for_more_memory_and_time(requests):
    few, many = (requests({"poses": {"lifting": {"frame_step": step}}}) for step in (8, 1))
    for rule in ("prepare_lifting_set", "train_poses", "evaluate_poses"):
        assert many.memory_mb(rule, RULES[rule]) > few.memory_mb(rule, RULES[rule]), rule
    assert many.minutes("train_poses", RULES["train_poses"]) > few.minutes(
        "train_poses", RULES["train_poses"]
    )


def test_larger_batches_of_finer_grids_ask_for_more_memory(requests):
    def asked(trained, **training):
        return requests({"training": {"shapes": training}}).memory_mb("train_shapes", {"trained": trained})

    sizes = [asked("ige/32", batch_size=16), asked("ige/64", batch_size=16), asked("ige/64", batch_size=64)]
    assert sizes == sorted(set(sizes))
    assert asked("ige/64", batch_size=64, micro_batch=16) == sizes[1]


def test_gpus_are_for_trainings_that_are_faster_there(requests):
    asked = requests({})
    assert asked.gpus("train_poses", {"model": "mean-pose"}) == 0
    assert asked.gpus("train_poses", {"model": "lifter-128-1"}) == 0
    assert asked.gpus("train_poses", {"model": "lifter-1024-2"}) == 1
    assert asked.gpus("evaluate_poses", {"model": "lifter-1024-2"}) == 1
    assert asked.gpus("train_shapes", {"trained": "deconv/32"}) == 1
    assert asked.gpus("evaluate_shapes", {"trained": "oracle/32"}) == 0


def test_a_training_with_its_scores_asks_for_a_day_at_most(requests):
    asked = requests({"training": {"poses": {"epochs": 100_000}}})
    for attempt in (1, 2, 3, 4):
        model = {"model": "ige-t8"}
        minutes = [asked.minutes(rule, model, attempt) for rule in ("train_poses", "evaluate_poses")]
        assert sum(minutes) == 24 * 60


def test_a_training_that_is_meant_to_run_out_of_time_asks_for_no_more_memory(requests):
    short, long = (requests({"training": {"poses": {"epochs": epochs}}}) for epochs in (1, 100_000))
    for rule in ("train_poses", "evaluate_poses"):
        first, fourth = (long.memory_mb(rule, {"model": "ige-t8"}, attempt) for attempt in (1, 4))
        assert fourth == first == short.memory_mb(rule, {"model": "ige-t8"})
        assert short.memory_mb(rule, {"model": "ige-t8"}, 4) == 4 * first


@pytest.fixture
def preset(root: Path) -> Callable[[str], tuple[Params, Requests]]:
    """A preset whose data is not there, and its requests."""

    def make(name: str) -> tuple[Params, Requests]:
        params = read_params(root / "params.yaml", [root / f"workflow/presets/{name}.yaml"])
        return params, Requests(params, None, NO_SHAPES)

    return make


def hours(job: Job) -> float:
    return min(job.seconds, job.gpu_seconds or job.seconds) / 3600


def asked_in_four(asked: Requests, rules: tuple[str, ...], wildcards: dict[str, str]) -> float:
    return sum(
        asked.minutes(rule, wildcards, attempt) / 60
        for rule, attempt in itertools.product(rules, (1, 2, 3, 4))
    )


def trained_in(params: Params) -> Iterator[tuple[str, dict[str, str], Job, Job]]:
    """Every training with its estimate and that of its scores."""
    sizes, models = amounts(params, None), count_models(params, NO_SHAPES)
    for name in with_initials(params.trained(), params.initial_of):
        jobs = training_job(params, name, sizes), scoring_job(params, name, sizes)
        yield "poses", {"model": folder_of(name)}, *jobs
    for name in with_initials(params.trained_shapes(), params.shape_initial_of):
        jobs = shape_training_job(params, name, models), shape_scoring_job(params, name, models)
        yield "shapes", {"trained": folder_of(name)}, *jobs


@pytest.mark.parametrize("name", ["paper", "shapenet"])
def test_one_attempt_suffices_for_data_and_scores(preset, name):
    params, asked = preset(name)
    sizes = amounts(params, None)
    jobs = {("prepare_clips",): clips_job(params, sizes)}
    jobs["prepare_shapes",] = shard_job(params, params.shapes.models_per_shard)
    for observation in params.train.observations:
        jobs["prepare_detections", observation] = detections_job(sizes, observation)
        for split in SPLITS:
            jobs["prepare_lifting_set", observation, split] = pairs_job(sizes, observation, split)
    for (rule, *values), job in jobs.items():
        wildcards = dict(zip(("observation", "split"), values, strict=False))
        assert asked.minutes(rule, wildcards) / 60 > hours(job), (rule, values)
    for task, wildcards, _, scores in trained_in(params):
        assert asked.minutes(f"evaluate_{task}", wildcards) / 60 > hours(scores), wildcards


@pytest.mark.parametrize(("name", "long"), [("paper", {"ige-t12", "ige-t16"}), ("shapenet", set())])
def test_four_attempts_suffice_for_trainings_or_it_is_told_what_to_do(preset, name, long):
    params, asked = preset(name)
    found = {}
    for task, wildcards, training, scores in trained_in(params):
        rules = (f"train_{task}", f"evaluate_{task}")
        estimate = hours(training) + hours(scores)
        advice = asked.advice([(rules[0], wildcards)], attempts=4)
        assert (advice is None) == (asked_in_four(asked, rules, wildcards) > estimate), wildcards
        if advice is not None:
            found[min(wildcards.values())] = advice
            (retries,) = re.findall(r"--retries (\d+)", advice)
            assert (int(retries) + 1) * 24 > 2 * estimate > int(retries) * 23, "machines differ"
            assert asked.advice([(rules[0], wildcards)], attempts=int(retries) + 1) is None
    assert {folder.split("/")[0] for folder in found} == long


def test_the_longest_training_is_named(preset):
    _, asked = preset("paper")
    trainings = [("train_poses", {"model": model}) for model in ("ige-t12", "ige-t16", "ige-t4")]
    assert asked.advice(trainings, attempts=4).startswith(
        "Trainings that need more than 4 attempts of 24 h: 2; the longest, ige-t16, about 174 h. Add --"
    )
