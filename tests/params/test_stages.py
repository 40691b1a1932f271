import pytest

from ige.base.codehash import code_version
from ige.params import stages
from ige.params.stages import MODULES


def test_a_generated_source_does_not_depend_on_the_motion_files(params, changed):
    other = changed({"poses": {"mocap": {"repeat_bound_mm": 1.0}}})
    assert stages.prepare_clips(other) == stages.prepare_clips(params)
    assert stages.prepare_clips(changed({"poses": {"procedural": {"seed": 1}}})) != stages.prepare_clips(
        params
    )
    assert stages.prepare_clips(changed({"poses": {"source": "mocap"}})).chosen == params.poses.mocap


def test_a_model_does_not_depend_on_the_definition_of_another(params, changed):
    other = changed({"models": {"poses": {"ige-t4": {"hidden": 32}}}})
    assert stages.train_poses(other, "ige-t4") != stages.train_poses(params, "ige-t4")
    assert stages.train_poses(other, "ige-t2") == stages.train_poses(params, "ige-t2")


def test_what_does_not_learn_does_not_depend_on_the_training(params, changed):
    other = changed({"training": {"poses": {"epochs": 99}}})
    assert stages.train_poses(other, "nearest-pose") == stages.train_poses(params, "nearest-pose")
    assert stages.train_poses(other, "lifter-128-1") != stages.train_poses(params, "lifter-128-1")


def test_other_steps_concern_one_model(params, changed):
    other = changed({"evaluation": {"poses": {"other_steps": {"ige-t4": [1, 8]}}}})
    assert stages.evaluate_poses(other, "ige-t4").other_steps == (1, 8)
    assert stages.evaluate_poses(other, "ige-t2") == stages.evaluate_poses(params, "ige-t2")


def test_a_shard_depends_on_the_chosen_source_and_views_alone(params, changed):
    shard = stages.prepare_shapes(params, "car")
    unused = {"shapes": {"folder": {"up": "z"}, "views": {"turntable": {"count": 3}}, "max_skipped": 0}}
    assert stages.prepare_shapes(changed(unused), "car") == shard
    assert stages.prepare_shapes(params, "table") != shard
    assert stages.prepare_shapes(changed({"shapes": {"views": {"kind": "turntable"}}}), "car") != shard
    assert stages.prepare_shapes(changed({"shapes": {"source": "shapenet"}}), "car").source.version == 1


def test_another_cut_of_the_models_changes_no_shard_of_the_same_models(params, changed):
    other = changed({"shapes": {"splits": {"test_share": 0.5}, "models_per_shard": 7}})
    assert stages.prepare_shapes(other, "car") == stages.prepare_shapes(params, "car")
    assert stages.prepare_manifest(other) != stages.prepare_manifest(params)


@pytest.mark.parametrize("stage", MODULES)
def test_every_stage_has_code(stage):
    assert len(code_version(MODULES[stage])) == 12


def test_tables_of_poses_depend_on_what_they_say_of_the_data_alone(params, changed):
    tables = stages.tabulate_poses(params)
    unused = {"training": {"poses": {"epochs": 99}}, "poses": {"h36m": {"frames": "part"}}}
    assert stages.tabulate_poses(changed(unused)) == tables
    assert tables.h36m is None
    assert stages.tabulate_poses(changed({"poses": {"lifting": {"validation_held_out": False}}})) != tables
    part = changed({"poses": {"source": "h36m", "h36m": {"frames": "part"}}})
    assert stages.tabulate_poses(part).h36m == part.poses.h36m


def test_tables_of_shapes_depend_on_source_and_split_alone(params, changed):
    tables = stages.tabulate_shape_sets(params)
    unused = {"shapes": {"shapenet": {"version": 2}, "models_per_shard": 7, "max_skipped": 9}}
    assert stages.tabulate_shape_sets(changed(unused)) == tables
    assert stages.tabulate_shape_sets(changed({"shapes": {"splits": {"order": "hash"}}})) != tables
    assert stages.tabulate_shape_sets(changed({"shapes": {"source": "shapenet"}})).shapenet.version == 1


SHAPE_TRAINING = {"training": {"shapes": {"batch_size": 3}}}


@pytest.mark.parametrize(
    ("over", "changes"),
    [
        ({"models": {"shapes": {"head": {"epochs": 99}}}}, False),
        ({"models": {"shapes": {"ige": {"epochs": 99}}}}, True),
        ({"training": {"poses": {"batch_size": 3}}}, False),
        (SHAPE_TRAINING, True),
        ({"evaluation": {"shapes": {"threshold": "half"}}}, True),
        ({"evaluation": {"shapes": {"views": "all"}}}, False),
        ({"shapes": {"images": {"supersample": 1}}}, False),
        ({"shapes": {"images": {"supersample": 1}}, "training": {"shapes": {"fresh_views": True}}}, True),
    ],
)
def test_a_model_of_shapes_depends_on_what_trains_it_alone(params, changed, over, changes):
    before, after = (stages.train_shapes(values, "ige@32") for values in (params, changed(over)))
    assert (before.subtree() != after.subtree()) is changes


def test_a_baseline_of_shapes_does_not_depend_on_the_training(params, changed):
    before, after = (stages.train_shapes(v, "oracle@32") for v in (params, changed(SHAPE_TRAINING)))
    assert before == after
    assert before.training is None


def test_a_model_of_one_category_knows_that_alone(params, changed):
    one_each = changed({"models": {"shapes": {"ige": {"scope": "each"}}}, "train": {"each": ["car", "lamp"]}})
    assert [name for name in one_each.trained_shapes() if "@32@" in name] == ["ige@32@car", "ige@32@lamp"]
    assert one_each.shape_initial_of("ige@32@lamp") == "deconv@32"
    assert stages.train_shapes(one_each, "ige@32@lamp").categories == ("lamp",)
    assert stages.evaluate_shapes(one_each, "ige@32@lamp").categories == ("lamp",)
    assert stages.evaluate_shapes(one_each, "deconv@32").categories == params.shapes.categories
