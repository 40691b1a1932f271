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
