from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ige.doctor.estimate import seconds
from ige.doctor.shapes import (
    REPORT,
    SHARD,
    check_shapes,
    cost_of_model,
    published_models,
    shape_jobs,
)
from ige.params import stages
from ige.shapes.manifest import Manifest, list_shapes
from ige.workflow.sources import REAL_DATA, SourceData, shape_data


def manifest_of(params):
    return list_shapes(stages.prepare_manifest(params), None)


NONE = Manifest((), (), 200)


def test_generated_shapes_need_nothing(params):
    check = check_shapes(params, None, manifest_of(params))
    assert check.status == "ok"
    assert check.found == "780 models in 13 categories are generated, nothing to download"


def test_missing_meshes_are_asked_for(changed, tmp_path, monkeypatch):
    monkeypatch.setenv(REAL_DATA, str(tmp_path))
    params = changed({"shapes": {"source": "folder"}})
    check = check_shapes(params, *shape_data(params))
    assert check.status == "missing"
    assert "data/sources/meshes" in check.found
    assert "docs/meshes.md" in check.found


def test_missing_archives_are_named(changed, lacking):
    params = changed({"shapes": {"source": "shapenet"}})
    check = check_shapes(params, lacking("shapenet", "02691156.zip"), NONE)
    assert check.status == "missing"
    assert "1 files missing or not as they should be: 02691156.zip" in check.found
    assert "ige check-data" in check.advice


def test_what_the_workflow_downloads_is_not_missing(changed):
    params = changed({"shapes": {"source": "shapenet"}})
    check = check_shapes(params, SourceData("shapenet", Path("data/sources/shapenet"), {}), NONE)
    assert check.status == "ok"
    assert "downloads" in check.found


def test_the_table_of_paths_is_that_of_the_rules(root):
    text = "".join(file.read_text() for file in sorted((root / "workflow/rules").glob("*.smk")))
    rules = re.sub(r"\{+(\w+)\}+", r"{\1}", text)
    for path in (SHARD, *REPORT.values()):
        assert f'"{{RUN}}/{path}"' in rules


def test_a_job_for_every_shard_that_does_not_exist(changed, tmp_path):
    params = changed({"shapes": {"categories": ["car", "table"], "procedural": {"models_per_category": 10}}})
    shards = [
        job for job in shape_jobs(params, tmp_path, manifest_of(params)) if job.stage == "prepare_shapes"
    ]
    assert len(shards) == 2 * 3, "train, validation and test of each"
    made = tmp_path / SHARD.format(category="car", split="train", block="000")
    made.parent.mkdir(parents=True)
    made.touch()
    assert (
        len(
            [
                job
                for job in shape_jobs(params, tmp_path, manifest_of(params))
                if job.stage == "prepare_shapes"
            ]
        )
        == 5
    )
    assert seconds(shards, 4) == pytest.approx(seconds(shards, 1) / 4)


def test_shapenet_that_is_not_there_counts_as_published(changed, tmp_path):
    shapes = {"source": "shapenet", "categories": ["plane", "telephone"], "models_per_shard": 1000}
    params = changed({"shapes": shapes})
    assert published_models(params) == {"plane": 4045, "telephone": 1052}
    shards = [job for job in shape_jobs(params, tmp_path, NONE) if job.stage == "prepare_shapes"]
    assert len(shards) == (3 + 1 + 1) + (1 + 1 + 1), (
        "planes: 2912, 324 and 809 models; telephones: 758, 84, 210"
    )
    version_2 = changed({"shapes": {**shapes, "shapenet": {"version": 2}}})
    assert published_models(version_2) == published_models(params), "nothing better is known"


def test_a_mesh_of_shapenet_costs_more_than_a_generated_one(changed):
    generated, shapenet = (
        cost_of_model(changed({"shapes": {"source": source}})) for source in ("procedural", "shapenet")
    )
    assert shapenet[0] > 1.2 * generated[0]
    assert shapenet[1] == generated[1]


def test_the_measured_costs_of_real_meshes_are_met(changed, root):
    measured = json.loads((root / "benchmarks/results/shape_set_cost.json").read_text())
    shapes = {
        "source": "folder",
        "views": {"random": {"count": 24}},
        "grids": {"resolutions": [32, 64, 128, 256]},
        "images": {"pixels": 128},
    }
    seconds_of_one, bytes_of_one = cost_of_model(changed({"shapes": shapes}))
    assert seconds_of_one == pytest.approx(measured["seconds_per_model"], rel=0.5)
    assert bytes_of_one == pytest.approx(measured["bytes_per_model"], rel=0.25)
    hours = 43_783 * cost_of_model(changed({"shapes": {**shapes, "source": "shapenet"}}))[0] / 3600
    low, high = measured["shapenet"]["core_hours_by_mean_faces"]["10000"]["range"]
    assert low * 0.8 < hours < high * 1.25


def test_costs_grow_with_views_and_resolutions(changed):
    one = cost_of_model(changed({"shapes": {"views": {"random": {"count": 1}}}}))
    two = cost_of_model(changed({"shapes": {"views": {"random": {"count": 2}}}}))
    fine = cost_of_model(
        changed({"shapes": {"grids": {"resolutions": [32, 64, 256]}, "views": {"random": {"count": 1}}}})
    )
    # The grids of the world are there once, however many views there are.
    assert 1.5 * one[1] < two[1] < 2 * one[1]
    assert one[0] < two[0] < 2 * one[0]
    assert fine[0] > one[0]
    assert fine[1] > 5 * one[1], "the surface of the finest grid decides"
