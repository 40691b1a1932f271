from __future__ import annotations

import re

import pytest

from ige.doctor.estimate import seconds
from ige.doctor.shapes import REPORT, SHARD, check_shapes, cost_of_model, shape_jobs
from ige.workflow.sources import REAL_DATA


def test_generated_shapes_need_nothing(params):
    check = check_shapes(params)
    assert check.status == "ok"
    assert check.found == "260 models in 13 categories are generated, nothing to download"


def test_missing_meshes_are_asked_for(changed, tmp_path, monkeypatch):
    monkeypatch.setenv(REAL_DATA, str(tmp_path))
    check = check_shapes(changed({"shapes": {"source": "folder"}}))
    assert check.status == "missing"
    assert f"{tmp_path}/meshes" in check.found
    assert "docs/meshes.md" in check.advice


def test_what_is_wrong_in_no_file_is_told_without_one(changed):
    check = check_shapes(changed({"shapes": {"categories": ["zebra"]}}))
    assert check.status == "missing"
    assert check.found == "no generator for the category zebra"


def test_the_table_of_paths_is_that_of_the_rules(root):
    text = "".join(file.read_text() for file in sorted((root / "workflow/rules").glob("*.smk")))
    rules = re.sub(r"\{+(\w+)\}+", r"{\1}", text)
    for path in (SHARD, *REPORT):
        assert f'"{{RUN}}/{path}"' in rules


def test_a_job_for_every_shard_that_does_not_exist(changed, tmp_path):
    params = changed({"shapes": {"categories": ["car", "table"], "procedural": {"models_per_category": 10}}})
    shards = [job for job in shape_jobs(params, tmp_path) if job.stage == "prepare_shapes"]
    assert len(shards) == 2 * 3, "train, validation and test of each"
    made = tmp_path / SHARD.format(category="car", split="train", block="000")
    made.parent.mkdir(parents=True)
    made.touch()
    assert len([job for job in shape_jobs(params, tmp_path) if job.stage == "prepare_shapes"]) == 5
    assert seconds(shards, 4) == pytest.approx(seconds(shards, 1) / 4)


def test_costs_grow_with_views_and_resolutions(changed):
    one = cost_of_model(changed({"shapes": {"views": {"random": {"count": 1}}}}))
    two = cost_of_model(changed({"shapes": {"views": {"random": {"count": 2}}}}))
    fine = cost_of_model(
        changed({"shapes": {"grids": {"resolutions": [32, 64, 256]}, "views": {"random": {"count": 1}}}})
    )
    assert two[1] == pytest.approx(2 * one[1])
    assert one[0] < two[0] < 2 * one[0]
    assert fine[0] > one[0]
    assert fine[1] > 5 * one[1], "the surface of the finest grid decides"
