"""A real Slurm of one node: `make test-slurm`."""

from __future__ import annotations

import re
import subprocess
import time

LIFTER = "runs/tiny/models/poses/lifter-128-1/seed0/model.pt"
LOG = "logs/train_poses/lifter-128-1.log"


def wait_until(holds, seconds=180.0):
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)
    return found


def running_job():
    """The number of the job that Slurm runs; None if it runs none or is still ending one."""
    told = subprocess.run(
        ["squeue", "--noheader", "--format=%i %T"], capture_output=True, text=True, check=True
    ).stdout.split()
    return told[0] if told[1:] == ["RUNNING"] else None


def requeue(job):
    subprocess.run(["scontrol", "requeue", job], check=True)
    # Slurm lets it wait for two minutes.
    now = ["scontrol", "update", f"JobId={job}", "StartTime=now"]
    wait_until(lambda: subprocess.run(now, capture_output=True).returncode == 0)


def planned(checkout, target):
    """The rules of the jobs that would run."""
    assert checkout.start("slurm", target, options=("--dry-run",)).wait() == 0
    return re.findall(r"^ *rule (\w+):", checkout.said(), re.MULTILINE)


def changes_below(folder):
    return {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_a_cluster_makes_the_same_bytes(on_slurm, local):
    submitted = re.findall(r"has been submitted with SLURM jobid (\d+)", on_slurm.said())
    ended = re.findall(r"^Finished jobid: ", on_slurm.said(), re.MULTILINE)
    assert 5 < len(set(submitted)) < len(ended) / 2  # small jobs went together
    made, expected = on_slurm.results(), local.results()
    assert sorted(made) == sorted(expected)
    assert [name for name in made if made[name] != expected[name]] == []


def test_nothing_is_left_to_do_whoever_asks(on_slurm):
    for where in ("slurm", "local"):
        process = on_slurm.start(where, "all", options=("--dry-run",))
        assert process.wait() == 0
        assert "Nothing to be done" in on_slurm.said()


def test_a_killed_training_goes_on_and_one_whose_snakemake_dies_ends_well(on_slurm, local):
    for checkout in (on_slurm, local):
        checkout.change({"training": {"poses": {"epochs": 800}}})
    local.build("local", LIFTER)
    checkpoints = on_slurm.run_folder / "checkpoints/poses/lifter-128-1"
    log, before = on_slurm.run_folder / LOG, changes_below(checkpoints)

    def goes_on(after):
        found = re.search(r"goes on after (\d+) of", log.read_text()) if log.exists() else None
        return found is not None and int(found[1]) > after and int(found[1])

    process = on_slurm.start("slurm", LIFTER)
    wait_until(lambda: changes_below(checkpoints) != before)
    # What Slurm does to a job that has to make room for another one.
    requeue(wait_until(running_job))
    first = wait_until(lambda: goes_on(0))
    time.sleep(2)
    # What people do, and Slurm to a job that takes too much time or memory: Snakemake tries again.
    subprocess.run(["scancel", wait_until(running_job)], check=True)
    second = wait_until(lambda: goes_on(first))
    assert second > first
    # The job ends with a Snakemake of its own and needs no other.
    process.kill()
    process.wait()
    assert running_job() is not None
    wait_until(lambda: running_job() is None)
    assert "done in" in log.read_text()
    # Nobody noted its end, so it alone is done again: its checkpoint tells that nothing is left to learn.
    assert planned(on_slurm, LIFTER) == ["train_poses"]
    assert "was not completed" in on_slurm.said()
    on_slurm.build("slurm", LIFTER)
    learned, of = re.findall(r"goes on after (\d+) of (\d+) steps", log.read_text())[-1]
    assert learned == of
    assert planned(on_slurm, LIFTER) == []
    assert (on_slurm.folder / LIFTER).read_bytes() == (local.folder / LIFTER).read_bytes()
