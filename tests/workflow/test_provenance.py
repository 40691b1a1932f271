"""Every file of a run is vouched for by exactly one record, and explained by it."""

from __future__ import annotations

import subprocess

import pytest

from ige.workflow.code import versions
from ige.workflow.explain import Run
from ige.workflow.verify import verify

pytestmark = pytest.mark.slow


def test_the_records_of_a_run_name_all_files_of_their_jobs_and_no_others(built_once, check_records):
    assert check_records(built_once, ("small.yaml",)) > 20


def test_every_file_is_explained_and_as_its_record_says(built_once, monkeypatch):
    monkeypatch.chdir(built_once.folder)
    run = Run.around(built_once.run_folder / "params.json")
    for job in built_once.jobs():
        for name in sorted(job.outputs):
            told = run.explain(built_once.folder / name)
            assert (told.path, told.stage, told.is_current) == (name, job.rule, True)
            assert told.ran is not None
            assert f"ige {job.rule.replace('_', '-')} " in told.ran
    verdict = verify(run.folder, versions())
    assert (verdict.faults, verdict.notes) == ([], [])


def test_the_page_rests_on_jobs_of_every_rule(built_once, monkeypatch):
    monkeypatch.chdir(built_once.folder)
    path = built_once.run_folder / "report/index.html"
    run = Run.around(path)
    before = {one.stage for _, one in run.ancestors(run.explain(path))}
    rules = {job.rule for job in built_once.jobs()}
    assert before == rules - {"write_page", "collect_metrics", "collect_curves"}


def test_the_command_that_rebuilds_a_file_runs_its_job_alone_and_leaves_nothing_to_do(built, monkeypatch):
    monkeypatch.chdir(built.folder)
    path = built.run_folder / "tables/poses.csv"
    before = built.results()
    path.write_text("edited")
    command = Run.around(path).explain(path).rebuild
    start = " ".join(built.snakemake(configfiles=())[:3])
    done = subprocess.run(
        command.replace("snakemake", start, 1),
        shell=True,
        env=built.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1 of 1 steps" in done.stdout + done.stderr
    assert built.results() == before
    assert set(built.planned()) == set()
