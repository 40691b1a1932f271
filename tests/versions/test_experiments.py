"""A value tried beside the workspace, and what DVC then tells of it."""

from __future__ import annotations

import csv
import json

import pytest

pytestmark = pytest.mark.slow

MODELS = ("lifter-128-1", "ige-t2")
RATE = "training.poses.learning_rate"


def errors_in(metrics):
    """The error of each model of poses, by its name among DVC's metrics."""
    models = json.loads(metrics)["poses"]
    return {f"poses.{name}.pa_mpjpe_mm": models[name]["pa_mpjpe_mm"] for name in MODELS}


@pytest.fixture
def before(project):
    return errors_in((project.run_folder / "metrics.json").read_bytes())


def test_a_learning_rate_tried_aside_then_applied(project, before):
    results = project.results()
    made = project.experiment(f"{RATE}=0.003", how=("--temp",))
    report = {"tabulate_poses", "tabulate_poses_by_action", "draw_poses", "collect_metrics"}
    jobs = {f"{stage}_poses {name}" for stage in ("train", "evaluate") for name in MODELS}
    assert made.jobs == jobs | report | {"collect_curves", "write_page"}
    assert made.stages == {"plan", *(f"train-poses@{name}" for name in MODELS), "report"}
    assert project.results() == results
    project.assert_quiet()

    (name,) = project.call("dvc", "exp", "list", "--name-only").split()
    shown = csv.DictReader(project.call("dvc", "exp", "show", "--only-changed", "--csv").splitlines())
    rows = {row["Experiment"] or row["rev"]: row for row in shown}
    assert set(rows) == {"workspace", "main", name}
    assert [rows[each][RATE] for each in ("workspace", "main", name)] == ["0.001", "0.001", "0.003"]

    project.call("dvc", "exp", "apply", name)
    project.assert_quiet()
    after = errors_in((project.run_folder / "metrics.json").read_bytes())
    assert all(after[model] != before[model] for model in before)
    for each, errors in (("main", before), (name, after)):
        assert {model: float(rows[each][model]) for model in errors} == errors
    check_differences(project, before, after)


def check_differences(project, before, after):
    """The change and what it did, as DVC tells of the workspace beside the last commit."""
    (changed,) = json.loads(project.call("dvc", "params", "diff", "--json")).values()
    assert {name: (each["old"], each["new"]) for name, each in changed.items()} == {RATE: (0.001, 0.003)}
    (moved,) = json.loads(project.call("dvc", "metrics", "diff", "--json")).values()
    assert {name: each["old"] for name, each in moved.items()} == before
    assert {name: each["new"] for name, each in moved.items()} == after
    plots = json.loads(project.call("dvc", "plots", "diff", "--json"))["data"]
    assert {name: axes_of(plot["content"]) for name, (plot,) in plots.items()} == {
        "runs/tiny/curves/poses/lifter-128-1.csv": ("epoch", "pa_mm"),
        "runs/tiny/curves/poses/ige-t2.csv": ("epoch", "pa_mm"),
        "runs/tiny/curves/shapes/deconv@16.csv": ("epoch", "one_minus_iou"),
    }
    for name, (plot,) in plots.items():
        values = plot["content"]["data"]["values"]
        drawn = {each.pop("rev"): each for each in values}
        assert set(drawn) == {"HEAD", "workspace"}
        assert (drawn["HEAD"] != drawn["workspace"]) == ("poses" in name)


def axes_of(plot):
    """The columns that a plot draws."""
    return plot["encoding"]["x"]["field"], plot["layer"][0]["encoding"]["y"]["field"]
