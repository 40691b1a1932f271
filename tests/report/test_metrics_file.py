import json

import pytest

from ige.base.errors import InputError
from ige.params.stages import MetricsSettings, collect_metrics
from ige.report.metrics_file import collect_metrics as write_metrics
from ige.report.published_shapes import published_shapes
from ige.report.rows import pose_rows
from ige.report.rows import write_rows as write_poses
from ige.report.scores import read_scores
from ige.report.voxel_rows import voxel_rows
from ige.report.voxel_rows import write_rows as write_shapes
from ige.report.voxel_scores import read_voxel_scores

STEPS = MetricsSettings(steps={"ige-t2": 2})


@pytest.fixture
def poses(tmp_path, two_seeds):
    path = tmp_path / "tables/poses.csv"
    write_poses(path, pose_rows(read_scores(two_seeds)[0], "procedural", []))
    return path


@pytest.fixture
def shapes(tmp_path, voxel_scores, voxel_settings):
    path = tmp_path / "tables/shapes.csv"
    scores, setting = read_voxel_scores(voxel_scores)
    write_shapes(path, voxel_rows(scores, setting, voxel_settings, published_shapes()))
    return path


def test_the_headline_of_both_tables(tmp_path, poses, shapes):
    """All subjects and categories together, at the steps of the training; null where a table has no value."""
    out = tmp_path / "metrics.json"
    write_metrics(poses=poses, shapes=shapes, out=out, settings=STEPS)
    metrics = json.loads(out.read_text())
    assert metrics["poses"] == {
        "mean-pose": {"mpjpe_mm": 150.0, "pa_mpjpe_mm": 130.0},
        "lifter-128-1": {"mpjpe_mm": None, "pa_mpjpe_mm": 81.0},
        "ige-t2": {"mpjpe_mm": None, "pa_mpjpe_mm": 51.5},
    }
    assert list(metrics["shapes"]) == ["mean-shape@32", "deconv-long@32", "head@32", "ige@32", "ceiling@32"]
    assert metrics["shapes"]["deconv-long@32"] == {"iou": 46.0, "silhouette_iou": 66.0}


def test_the_same_bytes_each_time_and_no_shapes_where_there_are_none(tmp_path, poses, shapes):
    files = [tmp_path / name for name in ("a.json", "b.json", "c.json")]
    for out, table in zip(files, (shapes, shapes, None), strict=True):
        write_metrics(poses=poses, shapes=table, out=out, settings=STEPS)
    assert files[0].read_bytes() == files[1].read_bytes()
    assert list(json.loads(files[2].read_text())) == ["poses"]


def test_models_of_other_observations_are_named_with_them(tmp_path, folder, make_row):
    scores = [
        folder.score("lifter-128-1", 0, [make_row(error)], observation_name=name)
        for name, error in (("projection", 80.0), ("sh", 90.0))
    ]
    table, out = tmp_path / "poses.csv", tmp_path / "metrics.json"
    write_poses(table, pose_rows(read_scores(scores)[0], "procedural", []))
    write_metrics(poses=table, shapes=None, out=out, settings=STEPS)
    errors = {name: values["pa_mpjpe_mm"] for name, values in json.loads(out.read_text())["poses"].items()}
    assert errors == {"lifter-128-1": 80.0, "lifter-128-1@sh": 90.0}


def test_another_table_is_named(tmp_path, poses, shapes):
    with pytest.raises(InputError, match="is no table of poses"):
        write_metrics(poses=shapes, shapes=None, out=tmp_path / "metrics.json", settings=STEPS)
    with pytest.raises(InputError, match="is no table of reconstructions"):
        write_metrics(poses=poses, shapes=poses, out=tmp_path / "metrics.json", settings=STEPS)


def test_the_headline_depends_on_the_steps_of_selected_models_alone(params, changed):
    assert collect_metrics(params).steps == {"ige-t1": 1, "ige-t2": 2, "ige-t4": 4, "ige-t8": 8}
    unused = {"models": {"poses": {"ige-t16": {"steps": 17}, "ige-t4": {"hidden": 32}}}}
    assert collect_metrics(changed(unused)) == collect_metrics(params)
    assert collect_metrics(changed({"models": {"poses": {"ige-t4": {"steps": 5}}}})).steps["ige-t4"] == 5
