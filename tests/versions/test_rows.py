"""What each change runs under both tools; afterwards neither has anything to do."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

SPLITS = ("train", "validation", "test")
LIFTER, IGE, DECONV = (
    {f"{stage}_{task} {name}" for stage in ("train", "evaluate")}
    for task, name in (("poses", "lifter-128-1"), ("poses", "ige-t2"), ("shapes", "deconv@16"))
)
SETS = {f"prepare_lifting_set projection/{split}" for split in SPLITS}
SHARDS = {f"prepare_shapes car/{split}/000" for split in SPLITS}
PAGE = {"write_page"}
METRICS, CURVES = {"collect_metrics"}, {"collect_curves"}
REPORT = {"tabulate_poses", "tabulate_poses_by_action", "draw_poses"} | METRICS | PAGE
SET_REPORT = {"tabulate_shape_sets", "draw_shape_sets"} | PAGE
VOXEL_REPORT = {"tabulate_shapes", "draw_shapes"} | METRICS | PAGE
POSES = {"prepare_clips"} | SETS | LIFTER | IGE | REPORT | CURVES
SHAPES = {"prepare_manifest"} | SHARDS | DECONV | SET_REPORT | VOXEL_REPORT | CURVES
MODELS_OF_POSES = {"train-poses@lifter-128-1", "train-poses@ige-t2"}
MODEL_OF_SHAPES = "train-shapes@deconv"

# By section of params.yaml: the name that is set and its value, the jobs, the stages of DVC beside `plan`.
SECTIONS = {
    "poses": ("poses.procedural.seed", 1, POSES, {"pose-data", *MODELS_OF_POSES, "report"}),
    "shapes": ("shapes.procedural.seed", 1, SHAPES, {"shape-data", MODEL_OF_SHAPES, "report"}),
    "models, of poses": (
        "models.poses.ige-t2.hidden",
        8,
        IGE | REPORT | CURVES,
        {"train-poses@ige-t2", "report"},
    ),
    "models, of shapes": (
        "models.shapes.deconv.epochs",
        4,
        # The first epoch stays the best, so the score is as it was and no table is made.
        DECONV | {"draw_shapes"} | CURVES | PAGE,
        {MODEL_OF_SHAPES, "report"},
    ),
    "models, one that nobody asks for": ("models.poses.ige-t16.hidden", 8, set(), set()),
    "train": (
        "train.poses",
        ["lifter-128-1"],
        REPORT | CURVES,
        {"report"},
    ),
    "training, of poses": (
        "training.poses.learning_rate",
        2e-3,
        LIFTER | IGE | REPORT | CURVES,
        {*MODELS_OF_POSES, "report"},
    ),
    "training, of shapes": (
        "training.shapes.learning_rate",
        2e-3,
        DECONV | VOXEL_REPORT | CURVES,
        {MODEL_OF_SHAPES, "report"},
    ),
    "evaluation, of poses": (
        "evaluation.poses.examples",
        1,
        # The scores are as they were, so no table is made.
        {job for job in LIFTER | IGE if job.startswith("evaluate")} | {"draw_poses"} | PAGE,
        {*MODELS_OF_POSES, "report"},
    ),
    "evaluation, of shapes": (
        "evaluation.shapes.bootstrap.samples",
        200,
        {"tabulate_shapes"} | METRICS | PAGE,
        {"report"},
    ),
}


def test_a_fresh_repro(built_once):
    assert built_once.made.jobs == POSES | SHAPES
    stages = {"plan", "pose-data", "shape-data", *MODELS_OF_POSES, MODEL_OF_SHAPES, "report"}
    assert built_once.made.stages == stages
    built_once.assert_quiet()


def nested(name, value):
    for key in reversed(name.split(".")):
        value = {key: value}
    return value


@pytest.mark.parametrize("section", SECTIONS)
def test_a_parameter_changed_by_hand(project, section):
    name, value, jobs, stages = SECTIONS[section]
    project.set(nested(name, value))
    made = project.repro()
    assert (made.jobs, made.stages) == (jobs, stages | {"plan"})
    project.assert_quiet()


@pytest.mark.parametrize("section", SECTIONS)
def test_a_parameter_changed_by_an_experiment(project, section):
    name, value, jobs, stages = SECTIONS[section]
    text = f"[{','.join(value)}]" if isinstance(value, list) else str(value)
    made = project.experiment(f"{name}={text}")
    assert (made.jobs, made.stages) == (jobs, stages | {"plan"})
    project.assert_quiet()


def test_a_parameter_changed_and_snakemake_asked(project):
    project.set({"training": {"poses": {"learning_rate": 2e-3}}})
    assert project.snakemake().jobs == LIFTER | IGE | REPORT | CURVES
    project.assert_quiet()


def test_a_comment_changed(project):
    project.append("ige/geometry/cameras.py", "\n# Nothing but a comment.\n")
    project.append("params.yaml", "\n# Nothing but a comment.\n")
    made = project.repro()
    assert (made.jobs, made.stages) == (set(), {"plan"})
    project.assert_quiet()


# By package: a module of it, the jobs, and the stages of DVC beside `plan`. What comes out as it was ends the
# matter: no table is made anew.
CODE = {
    "geometry": (
        "ige/geometry/alignment.py",
        {"prepare_clips"} | SETS | LIFTER | IGE | {"draw_poses"} | PAGE,
        {"pose-data", *MODELS_OF_POSES, "report"},
    ),
    "descent": (
        "ige/descent/unroll.py",
        LIFTER | IGE | DECONV,
        {*MODELS_OF_POSES, MODEL_OF_SHAPES, "report"},
    ),
    "grids": (
        "ige/grids/voxelise.py",
        SHARDS | DECONV | {"draw_shape_sets", "draw_shapes"} | PAGE,
        {"shape-data", MODEL_OF_SHAPES, "report"},
    ),
    "poses": ("ige/poses/energies.py", LIFTER | IGE, {*MODELS_OF_POSES, "report"}),
    "shapes": ("ige/shapes/rendering.py", SHARDS | DECONV, {"shape-data", MODEL_OF_SHAPES, "report"}),
    "report": ("ige/report/tables.py", {"tabulate_poses"} | METRICS | PAGE, {"report"}),
}


@pytest.mark.parametrize("package", CODE)
def test_code_changed(project, package):
    module, jobs, stages = CODE[package]
    project.append(module, "\n_CHANGED = True\n")
    made = project.repro()
    assert (made.jobs, made.stages) == (jobs, stages | {"plan"})
    project.assert_quiet()


def test_code_changed_then_reverted_after_a_commit_of_dvc(project):
    module = "ige/report/tables.py"
    before = (project.folder / module).read_text()
    project.append(module, "\n_CHANGED = True\n")
    assert project.snakemake().jobs == {"tabulate_poses"} | METRICS | PAGE
    project.assert_quiet()
    (project.folder / module).write_text(before)
    made = project.repro()
    # What decided the stages before is in DVC's cache of runs.
    assert (made.jobs, made.stages) == ({"tabulate_poses"} | METRICS | PAGE, {"report"})
    project.assert_quiet()


def test_a_rule_changed(project):
    project.edit("workflow/rules/5_report.smk", "{input.checks} --csv", "{input.checks}  --csv")
    made = project.repro()
    assert (made.jobs, made.stages) == ({"tabulate_poses"} | METRICS | PAGE, {"plan", "report"})
    project.assert_quiet()


def test_a_model_added(project):
    project.set({"train": {"poses": ["mean-pose", "lifter-128-1", "ige-t2"]}})
    made = project.repro()
    assert made.jobs == {"train_poses mean-pose", "evaluate_poses mean-pose"} | REPORT
    assert made.stages == {"plan", "train-poses@mean-pose", "report"}
    project.assert_quiet()


def test_a_model_renamed(project):
    text = (project.folder / "params.yaml").read_text()
    (project.folder / "params.yaml").write_text(text.replace("ige-t2", "ige-two"))
    made = project.repro()
    assert made.jobs == {"train_poses ige-two", "evaluate_poses ige-two"} | REPORT | CURVES
    assert made.stages == {"plan", "train-poses@ige-two", "report"}
    assert not (project.run_folder / "models/poses/ige-t2").exists()
    assert (project.run_folder / "unlisted/models/poses/ige-t2/seed0/model.pt").is_file()
    project.assert_quiet()


# By task: the name that is set, its value, the model that goes, its stage, and the jobs.
REMOVED = {
    "poses": (
        "train.poses",
        ["lifter-128-1"],
        "models/poses/ige-t2",
        "train-poses@ige-t2",
        REPORT | CURVES,
    ),
    "shapes": ("train.shapes", [], "models/shapes/deconv", MODEL_OF_SHAPES, METRICS | CURVES | PAGE),
}


@pytest.mark.parametrize("task", REMOVED)
def test_a_model_removed_and_taken_back(linked, task):
    name, value, model, stage, jobs = REMOVED[task]
    before, params = linked.results(), (linked.folder / "params.yaml").read_text()
    linked.set(nested(name, value))
    made = linked.repro()
    assert (made.jobs, made.stages) == (jobs, {"plan", "report"})
    assert not (linked.run_folder / model).exists()
    linked.assert_quiet()
    (linked.folder / "params.yaml").write_text(params)
    made = linked.repro()
    # The plan is in DVC's cache of runs.
    assert (made.jobs, made.stages) == (jobs, {stage, "report"})
    assert linked.results() == before
    linked.assert_quiet()
