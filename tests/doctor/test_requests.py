from collections.abc import Callable

import pytest

from ige.doctor.requests import Requests
from ige.params import stages
from ige.params.params import Params
from ige.shapes.manifest import list_shapes

RULES = {
    "prepare_clips": {},
    "prepare_lifting_set": {"observation": "projection", "split": "train"},
    "prepare_shapes": {"category": "car", "split": "train", "block": "000"},
    "train_poses": {"model": "ige-t4"},
    "evaluate_poses": {"model": "ige-t4"},
    "train_shapes": {"trained": "ige/32"},
    "evaluate_shapes": {"trained": "ige/32"},
}


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


def test_gpus_are_for_what_learns(requests):
    asked = requests({})
    assert (
        asked.gpus("train_poses", {"model": "ige-t4"})
        == asked.gpus("evaluate_poses", {"model": "ige-t4"})
        == 1
    )
    assert asked.gpus("train_poses", {"model": "mean-pose"}) == 0
    assert asked.gpus("train_shapes", {"trained": "deconv/32"}) == 1
    assert asked.gpus("evaluate_shapes", {"trained": "oracle/32"}) == 0


def test_no_job_asks_for_more_than_half_a_day(requests):
    asked = requests({"training": {"poses": {"epochs": 100_000}}})
    assert asked.minutes("train_poses", {"model": "ige-t8"}, 3) == 12 * 60
