import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from watching import stages_in

from ige.workflow import failures
from ige.workflow.failures import explain_silence

ERROR = """\
Error in rule train_poses:
    jobid: 0
    log: {log}, /home/me/.snakemake/slurm_logs/7.log (check log file(s) for error details)
"""
KILLED = "ends without an error"


@pytest.fixture
def failed(tmp_path: Path):
    """Lay out a run whose jobs failed with these last words, in this order."""

    def make(**words: str) -> str | None:
        logs = tmp_path / "runs/one/logs"
        told = tmp_path / "snakemake.log"
        text = "Building DAG of jobs...\n"
        for number, (stage, said) in enumerate(words.items()):
            log = logs / stage / "some.log"
            log.parent.mkdir(parents=True)
            log.write_text(said)
            os.utime(log, (number, number))
            text += ERROR.format(log=log)
        told.write_text(text)
        return explain_silence([told], logs)

    return make


def test_a_log_that_ends_without_an_error_tells_of_memory(failed):
    told = failed(train_shapes="12:00:00 INFO ige@32, seed 0: epoch 1\n")
    assert KILLED in told
    assert "train_shapes/some.log" in told
    assert "training.shapes.micro_batch" in told
    assert "\n" not in told


def test_an_empty_log_is_as_silent(failed):
    assert "more memory" in failed(write_page="")


def test_an_empty_log_on_a_full_disk_tells_of_the_disk(failed, monkeypatch):
    monkeypatch.setattr(failures.shutil, "disk_usage", lambda _: SimpleNamespace(free=60_000))
    told = failed(tabulate_shapes="")
    assert "its disk is full (0.1 MB are left)" in told
    assert "memory" not in told


@pytest.mark.parametrize(
    "said",
    [
        "ige train-poses: the loss is not finite. Lower the rate\n",
        "Traceback (most recent call last):\n  ...\nKeyError: 'a'\n",
    ],
)
def test_an_error_that_is_told_needs_no_guess(failed, said):
    assert failed(train_poses=f"12:00:00 INFO starts\n{said}") is None


def test_of_a_group_the_job_that_wrote_last_is_told(failed):
    assert "evaluate_poses/some.log" in failed(train_poses="done in 3 s\n", evaluate_poses="starts\n")


def test_without_a_failed_job_nothing_is_told(tmp_path):
    assert explain_silence([tmp_path / "missing.log"], tmp_path) is None


def pid_of_training(folder: Path) -> int | None:
    return next((pid for pid, stage in stages_in(folder) if stage == "train-poses"), None)


@pytest.mark.slow
def test_a_job_that_was_killed_is_told(fresh):
    (fresh.folder / "long.yaml").write_text(yaml.safe_dump({"training": {"poses": {"epochs": 100_000}}}))
    target = "runs/small/models/poses/lifter-128-1/seed0/model.pt"
    process = fresh.start("--configfile", "small.yaml", "long.yaml", "--", target)
    deadline = time.monotonic() + 120
    while (pid := pid_of_training(fresh.folder)) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert process.wait(timeout=60) == 1
    told = (fresh.folder / "out.txt").read_text()
    assert f"lifter-128-1.log {KILLED}" in told
    assert "training.poses.batch_size" in told
