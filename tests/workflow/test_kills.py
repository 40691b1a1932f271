"""`kill -9` of the whole run at random moments: the next call finishes, with the same results."""

from __future__ import annotations

import os
import random
import re
import time

import pytest

pytestmark = pytest.mark.slow

# Kills per test, of two tests: each aims at a stage, and strikes at a random moment after that has begun.
KILLS = 10
# What is lost before: a model that is lost is not made again for its own sake, but for its scores.
LOST = {
    "prepare-shapes": ("data/shapes",),
    "prepare": ("data",),
    "train-poses": ("models/poses", "scores/poses"),
    "train-shapes": ("models/shapes", "scores/shapes"),
    "evaluate-poses": ("scores/poses",),
    "evaluate-shapes": ("scores/shapes",),
}
LATEST_SECONDS = 2.5
PATIENCE_SECONDS = 90.0


def kill_during(checkout, stage, rng, whole_group):
    """Run until a job of the stage is at work and for a moment longer, then kill; return what was killed."""
    process = checkout.start()
    patience = time.monotonic() + PATIENCE_SECONDS
    while not any(name.startswith(stage) for name in checkout.active_stages()):
        assert process.poll() is None, (checkout.folder / "out.txt").read_text()[-4000:]
        assert time.monotonic() < patience, f"no job of {stage} began"
        time.sleep(0.02)
    time.sleep(rng.uniform(0.0, LATEST_SECONDS))
    active = checkout.active_stages()
    checkout.kill(process, whole_group)
    return active


@pytest.mark.parametrize("seed", range(2))
def test_a_run_killed_again_and_again_ends_like_an_undisturbed_one(fresh, built_once, seed):
    rng = random.Random(seed)
    killed = set()
    for number in range(KILLS):
        stage = rng.choice(list(LOST)) if number >= len(LOST) else list(LOST)[number]
        fresh.forget(*LOST[stage], "report")
        killed |= kill_during(fresh, stage, rng, whole_group=number % 2 == 0)
    assert set(LOST) - {"prepare"} <= killed
    fresh.build()
    assert fresh.results() == built_once.results()
    assert not list(fresh.run_folder.rglob("*.partial"))
    assert set(fresh.planned()) == set()


def test_a_killed_training_of_shapes_goes_on_from_its_checkpoint(built, built_once):
    built.forget("models/shapes/ige/16")
    model = "models/shapes/ige/16/seed0/model.pt"
    process = built.start("--", f"runs/small/{model}")
    patience = time.monotonic() + PATIENCE_SECONDS
    while not (built.run_folder / "checkpoints/shapes/ige/16/seed0.pt").is_file():
        assert process.poll() is None, (built.folder / "out.txt").read_text()[-4000:]
        assert time.monotonic() < patience
        time.sleep(0.01)
    built.kill(process, whole_group=True)
    assert not (built.run_folder / model).exists(), "it was to be killed in the middle"
    built.build("--", f"runs/small/{model}")
    said = (built.run_folder / "logs/train_shapes/ige/16.log").read_text()
    assert re.search(r"ige@16, seed 0: goes on after [1-5] of 6 steps", said), said
    assert built.results() == built_once.results()
    assert set(built.planned()) == set()


def test_no_job_outlives_its_workflow(fresh):
    kill_during(fresh, "train", random.Random(0), whole_group=False)
    patience = time.monotonic() + 10
    while fresh.active_stages():
        assert time.monotonic() < patience
        time.sleep(0.1)


def test_a_second_run_at_the_same_time_is_refused_in_one_line(fresh):
    process = fresh.start()
    try:
        patience = time.monotonic() + PATIENCE_SECONDS
        while not fresh.active_stages():
            assert time.monotonic() < patience
            time.sleep(0.05)
        second = fresh.call()
        assert second.returncode == 2
        assert "this run is still running in another process" in second.stderr
    finally:
        fresh.kill(process, whole_group=True)


def test_a_clock_that_was_set_back_ends_no_run(built, built_once):
    built.forget("tables", "report")
    for path in [*built.folder.rglob("*")]:
        ahead = path.stat().st_mtime + 3600
        os.utime(path, (ahead, ahead))
    built.build()
    assert built.results() == built_once.results()
    assert set(built.planned()) == set()
