"""What runs again, and what does not: golden lists from `snakemake -n`."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.slow

SPLITS = ("train", "validation", "test")
PAGE = {"write_page"}
METRICS = {"collect_metrics"}
CURVES = {"collect_curves"}  # follow trainings alone
REPORT = {"tabulate_poses", "tabulate_poses_by_action", "draw_poses"} | METRICS | PAGE
SETS = {f"prepare_lifting_set projection/{split}" for split in SPLITS}
MODELS = ("mean-pose", "lifter-128-1", "ige-t2")
TRAIN = {f"train_poses {model}" for model in MODELS}
EVALUATE = {f"evaluate_poses {model}" for model in MODELS}
LEARNING = {
    f"{stage} {model}" for stage in ("train_poses", "evaluate_poses") for model in MODELS[1:]
} | CURVES
TRAINING = TRAIN | EVALUATE | REPORT | CURVES
POSES = {"prepare_clips"} | SETS | TRAINING
IGE = {"train_poses ige-t2", "evaluate_poses ige-t2"} | REPORT | CURVES
MANIFEST = {"prepare_manifest"}
SHARDS = {f"prepare_shapes car/{split}/000" for split in SPLITS}
SET_REPORT = {"tabulate_shape_sets", "draw_shape_sets"} | PAGE
SHAPE_MODELS = ("mean-shape@16", "deconv@16", "ige@16")
TRAIN_SHAPES = {f"train_shapes {model}" for model in SHAPE_MODELS}
EVALUATE_SHAPES = {f"evaluate_shapes {model}" for model in SHAPE_MODELS}
SHAPE_TABLE = {"tabulate_shapes"} | METRICS | PAGE
SHAPE_REPORT = {"draw_shapes"} | SHAPE_TABLE
SCORING = EVALUATE_SHAPES | SHAPE_REPORT
VOXELS = TRAIN_SHAPES | SCORING | CURVES
OF_SHARDS = SHARDS | SET_REPORT | VOXELS
SHAPES = MANIFEST | OF_SHARDS
EVERYTHING = POSES | SHAPES


def both_stages(*models):
    """Training and scoring of models of shapes."""
    return {f"{stage} {model}" for stage in ("train_shapes", "evaluate_shapes") for model in models}


# One changed value of each section of params.yaml, and exactly the jobs that read it or follow from it.
CHANGES = {
    "poses.procedural": ({"poses": {"procedural": {"seed": 1}}}, POSES),
    "poses.max_skipped": ({"poses": {"max_skipped": 1}}, POSES),
    "poses.mocap, not chosen": ({"poses": {"mocap": {"repeat_bound_mm": 1.0}}}, set()),
    "poses.lifting": ({"poses": {"lifting": {"frame_step": 2}}}, POSES - {"prepare_clips"}),
    "poses.lifting: an observation that is not selected": (
        {"poses": {"lifting": {"observations": {"noisy": {"sigma_pixels": 9.0}}}}},
        set(),
    ),
    "poses.h36m, not chosen": ({"poses": {"h36m": {"exclusions": "strict"}}}, set()),
    "train: one observation more": (
        {"train": {"observations": ["projection", "noisy"]}},
        {f"prepare_lifting_set noisy/{split}" for split in SPLITS}
        | {f"{stage} {model}@noisy" for stage in ("train_poses", "evaluate_poses") for model in MODELS}
        | REPORT
        | CURVES,
    ),
    "shapes.procedural": ({"shapes": {"procedural": {"seed": 1}}}, SHAPES),
    "shapes.categories: one more": (
        {"shapes": {"categories": ["car", "table"]}},
        MANIFEST | {f"prepare_shapes table/{split}/000" for split in SPLITS} | SET_REPORT | VOXELS,
    ),
    "shapes.folder, not chosen": ({"shapes": {"folder": {"up": "z"}}}, set()),
    "shapes.models_per_shard, still one": ({"shapes": {"models_per_shard": 2}}, MANIFEST | PAGE),
    "shapes.splits, still the same models": (
        {"shapes": {"splits": {"validation_share": 0.4}}},
        MANIFEST | {"tabulate_shape_sets"} | SHAPE_TABLE,
    ),
    "shapes.views": ({"shapes": {"views": {"random": {"count": 3}}}}, OF_SHARDS),
    "shapes.views, not chosen": ({"shapes": {"views": {"turntable": {"count": 2}}}}, set()),
    "shapes.grids": ({"shapes": {"grids": {"fill": "tolerant"}}}, OF_SHARDS),
    "shapes.images": ({"shapes": {"images": {"supersample": 1}}}, OF_SHARDS),
    "models: the model": ({"models": {"poses": {"ige-t2": {"hidden": 32}}}}, IGE),
    "models: what another starts from": (
        {"models": {"poses": {"lifter-128-1": {"dropout": 0.25}}}},
        LEARNING | REPORT,
    ),
    "models: one that is not selected": ({"models": {"poses": {"ige-t8": {"hidden": 32}}}}, set()),
    "train: one model less": ({"train": {"poses": ["mean-pose", "lifter-128-1"]}}, REPORT | CURVES),
    "train: one model more": (
        {"train": {"poses": [*MODELS, "ige-t1"]}},
        {"train_poses ige-t1", "evaluate_poses ige-t1"} | REPORT | CURVES,
    ),
    "training": ({"training": {"poses": {"learning_rate": 2.0e-3}}}, LEARNING | REPORT),
    "evaluation: of all": ({"evaluation": {"poses": {"examples": 3}}}, EVALUATE | REPORT),
    "evaluation: of one": (
        {"evaluation": {"poses": {"other_steps": {"ige-t2": [1]}}}},
        {"evaluate_poses ige-t2"} | REPORT,
    ),
    "models.shapes: the model": (
        {"models": {"shapes": {"ige": {"rule": {"momentum": 0.2}}}}},
        both_stages("ige@16") | SHAPE_REPORT | CURVES,
    ),
    "models.shapes: what another starts from": (
        {"models": {"shapes": {"deconv": {"epochs": 3}}}},
        both_stages("deconv@16", "ige@16") | SHAPE_REPORT | CURVES,
    ),
    "models.shapes: one that is not selected": ({"models": {"shapes": {"head": {"epochs": 9}}}}, set()),
    "train.shapes: one model less": ({"train": {"shapes": ["mean-shape", "deconv"]}}, SHAPE_REPORT | CURVES),
    "train.shapes: what another starts from is not shown": (
        {"train": {"shapes": ["mean-shape", "ige"]}},
        SHAPE_REPORT | CURVES,
    ),
    "train.shapes: one model more": (
        {"train": {"shapes": ["mean-shape", "deconv", "ige", "head"]}},
        both_stages("head@16") | SHAPE_REPORT | CURVES,
    ),
    "train.shapes: none": ({"train": {"shapes": []}}, METRICS | CURVES | PAGE),
    "train.shapes: one per category": (
        {
            "models": {"shapes": {"mean-shape": {"scope": "each"}}},
            "train": {"shapes": ["mean-shape", "deconv", "ige"]},
        },
        both_stages("mean-shape@16@car") | SHAPE_REPORT,
    ),
    "train.resolutions: one more": (
        {"train": {"resolutions": [16, 32]}},
        both_stages("mean-shape@32", "deconv@32", "ige@32") | SHAPE_REPORT | CURVES,
    ),
    "training.shapes": (
        {"training": {"shapes": {"learning_rate": 2.0e-3}}},
        both_stages("deconv@16", "ige@16") | SHAPE_REPORT | CURVES,
    ),
    "training.shapes.validation_views, of all": (
        {"training": {"shapes": {"validation_views": "all"}}},
        VOXELS,
    ),
    "evaluation.shapes.threshold, found in training": (
        {"evaluation": {"shapes": {"threshold": "half"}}},
        VOXELS,
    ),
    "evaluation.shapes.resolution": ({"evaluation": {"shapes": {"resolution": 16}}}, SCORING),
    "evaluation.shapes.examples": ({"evaluation": {"shapes": {"examples": 2}}}, SCORING),
    "evaluation.shapes.references": (
        {"evaluation": {"shapes": {"references": ["deconv", "mean-shape"]}}},
        SHAPE_TABLE,
    ),
    "evaluation.shapes.bootstrap": (
        {"evaluation": {"shapes": {"bootstrap": {"seed": 1}}}},
        SHAPE_TABLE,
    ),
}


def test_after_a_run_there_is_nothing_to_do(built_once):
    assert set(built_once.planned()) == set()


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_parameter_reruns_exactly_its_jobs(built_once, change):
    over, expected = CHANGES[change]
    planned = built_once.planned(over)
    assert set(planned) == expected
    assert max(planned.values(), default=1) == 1


def test_a_dry_run_changes_nothing_of_a_run(built):
    before = built.results()
    built.planned({"poses": {"lifting": {"frame_step": 2}}})
    assert built.results() == before


def test_a_first_run_does_everything(fresh):
    assert set(fresh.planned()) == EVERYTHING


def test_the_default_parameters_plan_a_job_for_every_model(fresh, params):
    done = fresh.call("-n", "--quiet", "host", configfiles=("params.yaml",))
    for name in params.train.poses:
        assert f"wildcards: model={name}" in done.stdout + done.stderr


def test_touched_files_rerun_nothing(built):
    for path in [
        *built.folder.rglob("ige/**/*.py"),
        *built.run_folder.rglob("*.h5"),
        built.folder / "params.yaml",
    ]:
        os.utime(path)
    assert set(built.planned()) == set()


HEAD = "from __future__ import annotations\n"
CODE = {
    "a comment": ("ige/poses/train.py", "from __future__", "# why\nfrom __future__", set()),
    "a docstring": ("ige/metrics/poses.py", '"""', '"""More words. ', set()),
    "the stage": (
        "ige/poses/train.py",
        "\nTHREADS = 1",
        "\nNEW = 1\nTHREADS = 1",
        TRAINING,
    ),
    "what one stage imports": ("ige/report/tables.py", "\ndef ", "\nNEW = 1\n\n\ndef ", None),
    "what all import": ("ige/storage/atomic.py", "\n_ADVICE", "\nNEW = 1\n_ADVICE", EVERYTHING),
    "the voxeliser": (
        "ige/grids/flood.py",
        "\nimport numpy",
        "\nNEW = 1\nimport numpy",
        OF_SHARDS,
    ),
    "the command line": ("ige/commands/arguments.py", "\ndef ", "\nNEW = 1\n\n\ndef ", set()),
    "the page's template": ("ige/report/page.html.j2", "</body>", "<!-- new --></body>", None),
    "a comment of a model of shapes": ("ige/shapes/voxels/energy.py", HEAD, "# why\n" + HEAD, set()),
    "the energy of shapes": ("ige/shapes/voxels/energy.py", HEAD, HEAD + "\nNEW = 1\n", VOXELS),
    "the descent": (
        "ige/descent/unroll.py",
        HEAD,
        HEAD + "\nNEW = 1\n",
        TRAINING | VOXELS,
    ),
    "the metrics of shapes": ("ige/metrics/voxels.py", HEAD, HEAD + "\nNEW = 1\n", SCORING),
    "the scoring of shapes": ("ige/shapes/voxels/evaluate.py", HEAD, HEAD + "\nNEW = 1\n", SCORING),
    "the table of reconstructions": (
        "ige/report/voxel_tables.py",
        HEAD,
        HEAD + "\nNEW = 1\n",
        SHAPE_TABLE,
    ),
    "the figures of reconstructions": (
        "ige/report/draw_voxels.py",
        HEAD,
        HEAD + "\nNEW = 1\n",
        {"draw_shapes"} | PAGE,
    ),
}


@pytest.mark.parametrize("edit", CODE)
def test_an_edit_of_code_reruns_exactly_what_imports_it(built, edit):
    name, old, new, expected = CODE[edit]
    built.edit(name, old, new)
    planned = set(built.planned())
    if expected is None:
        assert planned, "something must run again"
        assert planned <= REPORT | SET_REPORT | SHAPE_REPORT | CURVES, "and nothing but the report"
    else:
        assert planned == expected


def test_a_changed_data_file_is_made_again_and_what_follows(built):
    path = built.run_folder / "data/poses/projection/test.h5"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert set(built.planned()) == {"prepare_lifting_set projection/test"} | EVALUATE | REPORT


def test_a_missing_result_is_made_again_and_equals_the_old_one(built):
    before = built.results()
    (built.run_folder / "tables/poses.csv").unlink()
    assert {"tabulate_poses"} <= set(built.planned()) <= REPORT
    built.build()
    assert built.results() == before
    assert set(built.planned()) == set()


def test_a_damaged_shard_is_made_again_and_equals_the_old_one(built):
    before = built.results()
    path = built.run_folder / "data/shapes/car/test-000.h5"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert set(built.planned()) == {"prepare_shapes car/test/000"} | SET_REPORT | SCORING
    built.build()
    assert built.results() == before
    assert set(built.planned()) == set()
