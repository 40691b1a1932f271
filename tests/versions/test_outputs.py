"""Outputs deleted, edited, restored or pulled, with each kind of link between workspace and cache."""

from __future__ import annotations

import os
import signal
import time

import pytest

pytestmark = pytest.mark.slow

PAGE = {"write_page"}
METRICS, CURVES = {"collect_metrics"}, {"collect_curves"}
REPORT = {"tabulate_poses", "tabulate_poses_by_action", "draw_poses"} | METRICS | CURVES | PAGE
LIFTER = {"train_poses lifter-128-1", "evaluate_poses lifter-128-1"}
IGE = {"train_poses ige-t2", "evaluate_poses ige-t2"}

# By what is touched: the file, and the jobs that make it anew. DVC asks Snakemake for one stage after
# another, so what was made again as it had been ends the matter.
TOUCHED = {
    "a shard": ("data/shapes/car/train-000.h5", {"prepare_shapes car/train/000"}),
    "a model": ("models/poses/ige-t2/seed0/model.pt", IGE),
    "a history": ("models/poses/ige-t2/seed0/history.csv", IGE),
    "a score": ("scores/poses/ige-t2/seed0.json", {"evaluate_poses ige-t2"}),
    "a record": ("scores/poses/ige-t2/seed0.run.json", {"evaluate_poses ige-t2"}),
    "a table": ("tables/poses.csv", {"tabulate_poses"} | METRICS | PAGE),
    "a figure": ("figures/poses-steps.png", {"draw_poses"} | PAGE),
    "the page": ("report/index.html", PAGE),
}
ALL_TOUCHED = set().union(*(jobs for _, jobs in TOUCHED.values()))


def edit(path):
    """Change a byte in the middle, in a file that takes the old one's place."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()
    path.write_bytes(content)


def test_outputs_deleted_and_made_again(linked):
    before = linked.results()
    files = [file for file, _ in TOUCHED.values()]
    for file in files:
        (linked.run_folder / file).unlink()
    made = linked.repro()
    assert made.jobs == ALL_TOUCHED
    assert linked.results() == before
    linked.assert_quiet()


def test_outputs_edited_and_made_again(linked):
    before = linked.results()
    for file, _ in TOUCHED.values():
        edit(linked.run_folder / file)
    made = linked.repro()
    assert made.jobs == ALL_TOUCHED
    assert linked.results() == before
    linked.assert_quiet()


@pytest.mark.parametrize("what", TOUCHED)
def test_one_output_edited(project, what):
    file, jobs = TOUCHED[what]
    before = (project.run_folder / file).read_bytes()
    edit(project.run_folder / file)
    assert project.repro().jobs == jobs
    if not file.endswith("run.json"):
        assert (project.run_folder / file).read_bytes() == before
    project.assert_quiet()


def test_an_edited_output_that_only_snakemake_sees(project):
    before = project.results()
    edit(project.run_folder / "tables/poses.csv")
    made = project.snakemake()
    assert made.jobs == {"tabulate_poses"} | METRICS | PAGE
    assert "tables/poses.csv was changed after it had been made" in made.said
    assert project.results() == before
    project.assert_quiet()


def test_an_edited_output_that_dvc_was_told_to_accept(project):
    edit(project.run_folder / "models/poses/ige-t2/seed0/model.pt")
    project.call("dvc", "commit", "--force")
    said = project.call("snakemake", "-n", "--quiet", "all")
    assert "model.pt was changed after it had been made" in said
    assert project.snakemake().jobs == IGE | REPORT
    project.assert_quiet()


def test_an_older_commit_and_back(linked):
    old, old_results = linked.commit(), linked.results()
    linked.set({"training": {"poses": {"learning_rate": 2e-3}}, "train": {"poses": ["lifter-128-1"]}})
    linked.append("ige/report/tables.py", "\n_CHANGED = True\n")
    linked.repro()
    new, new_results = linked.commit(), linked.results()
    assert old_results != new_results
    for commit, results in ((old, old_results), (new, new_results), (old, old_results)):
        linked.call("git", "checkout", "--quiet", commit)
        linked.call("dvc", "checkout")
        linked.assert_quiet()
        assert linked.results() == results


def test_an_older_commit_without_dvc_checkout_costs_time_and_no_truth(project):
    old = project.commit()
    before = project.results()
    project.set({"training": {"poses": {"learning_rate": 2e-3}}})
    project.repro()
    project.commit()
    project.call("git", "checkout", "--quiet", old)
    assert project.snakemake().jobs == LIFTER | IGE | REPORT
    assert project.results() == before
    project.assert_quiet()


def test_results_of_another_commit_checked_out_under_these_parameters(project):
    """Results of other parameters, from DVC's part of an older commit alone, are not believed."""
    old = project.commit()
    project.set({"training": {"poses": {"learning_rate": 2e-3}}})
    project.repro()
    project.commit()
    new_results = project.results()
    project.call("git", "checkout", "--quiet", old, "--", "dvc.lock")
    project.call("dvc", "checkout")
    assert project.snakemake().jobs == LIFTER | IGE | REPORT
    assert project.results() == new_results
    project.assert_quiet()


@pytest.fixture
def clone_of(copy_of):
    """Make a fresh clone, without what git does not keep; of the results it holds the tables and metrics."""

    def clone(project):
        cloned = copy_of(project, "clone")
        for name in ("runs", ".snakemake", ".dvc/cache", ".dvc/tmp"):
            cloned.call("rm", "-rf", name)
        cloned.call("git", "checkout", "--quiet", "--", ".")
        assert (cloned.run_folder / "tables/poses.csv").is_file()
        return cloned

    return clone


@pytest.fixture
def shelf(tmp_path):
    """Let a project push to a folder, and its clones pull from there."""

    def use(project):
        project.call("dvc", "remote", "add", "--default", "shelf", str(tmp_path / "shelf"))
        project.commit()
        project.call("dvc", "push")

    return use


def test_a_fresh_clone_that_pulls(linked, shelf, clone_of):
    shelf(linked)
    clone = clone_of(linked)
    clone.call("dvc", "pull")
    clone.assert_quiet()
    assert clone.results() == linked.results()


def test_a_fresh_clone_that_pulls_believes_no_table_that_was_edited_in_git(project, shelf, clone_of):
    edit(project.run_folder / "tables/poses.csv")
    shelf(project)
    clone = clone_of(project)
    clone.call("dvc", "pull")
    assert clone.planned("all") == {"tabulate_poses"} | METRICS | PAGE


def test_a_fresh_clone_that_does_not_pull_makes_all(project, built_once, clone_of):
    assert clone_of(project).planned("all") == built_once.made.jobs


def test_an_interrupted_repro(linked):
    before = linked.results()
    linked.set({"training": {"poses": {"epochs": 12}}})
    log = linked.run_folder / "logs/train_poses/ige-t2.log"
    log.unlink()
    process = linked.start("dvc", "repro")
    while not log.exists():
        assert process.poll() is None, (linked.folder / "out.txt").read_text()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    made = linked.repro()
    assert (made.jobs, made.stages) == (IGE | REPORT, {"train-poses@ige-t2", "report"})
    linked.assert_quiet()
    linked.set({"training": {"poses": {"epochs": 1}}})
    made = linked.repro()
    assert made.jobs == LIFTER | IGE | REPORT
    assert linked.results() == before
