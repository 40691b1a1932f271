# Every result, by the stage of dvc.yaml that owns it, and the targets of these stages.

from ige.params.initials import with_initials
from ige.params.naming import split_shape_trained


def made_by(rule, **wildcards):
    """Every output of a rule, for all values of its wildcards."""
    return expand(paths(getattr(rules, rule).output), **wildcards)


def of_pose_model(name):
    """Whatever is trained and scored of a model of poses: once per observation."""
    folders = [folder_of(trained) for trained in TRAINED if split_trained(trained)[0] == name]
    return [*made_by("train_poses", model=folders), *made_by("evaluate_poses", model=folders)]


def of_shape_model(name):
    """Whatever is trained and scored of a model of shapes: once per resolution and part."""
    folders = [folder_of(trained) for trained in TRAINED_SHAPES if split_shape_trained(trained)[0] == name]
    return [*made_by("train_shapes", trained=folders), *made_by("evaluate_shapes", trained=folders)]


def of_shard(shard):
    """Whatever is made of a shard."""
    category, split, block = shard
    return made_by("prepare_shapes", category=category, split=split, block=block)


POSE_REPORT = [
    *made_by("tabulate_poses"),
    *made_by("tabulate_poses_by_action"),
    *made_by("draw_poses"),
]
SHAPE_REPORT = [
    *(chain(made_by("tabulate_shape_sets"), made_by("draw_shape_sets")) if SHARDS else []),
    *(chain(made_by("tabulate_shapes"), made_by("draw_shapes")) if TRAINED_SHAPES else []),
]
RESULTS = {
    "pose-data": [
        *made_by("prepare_clips"),
        *made_by("prepare_detections", observation=[name for name in OBSERVATIONS if detects(name)]),
        *made_by("prepare_lifting_set", observation=OBSERVATIONS, split=("train", "validation", "test")),
        *(made_by("check_source", source="h36m", group=[*POSE_DATA.groups]) if checks_of_sources() else []),
    ],
    "shape-data": [*made_by("prepare_manifest"), *chain(*map(of_shard, SHARDS))],
    **{f"train-poses@{name}": of_pose_model(name) for name in PARAMS.train.poses},
    **{f"train-shapes@{name}": of_shape_model(name) for name in PARAMS.train.shapes},
    "report": [
        *POSE_REPORT,
        *SHAPE_REPORT,
        *made_by("collect_metrics"),
        *made_by("collect_curves"),
        *(made_by("write_page") if SHARDS else []),
    ],
}
# What the selected models start from, too: what the rules can make and nothing else.
EXPECTED = {
    *chain(*RESULTS.values()),
    *made_by("train_poses", model=map(folder_of, with_initials(TRAINED, PARAMS.initial_of))),
    *made_by("train_shapes", trained=map(folder_of, with_initials(TRAINED_SHAPES, PARAMS.shape_initial_of))),
}

for stage, results in RESULTS.items():

    rule:
        name:
            stage
        input:
            results,


# Reads the Snakefile and does no more: that keeps runs/<run>/plan true, which the other stages of dvc.yaml depend on.
rule plan:
    input:
        [],


COMMANDS = {rule.name: rule.shellcmd for rule in workflow.rules if rule.shellcmd}
# Without shards nothing of shapes is expected, and nothing shall move because a disk is not there.
TASKS = ("poses", "shapes") if SHARDS else ("poses",)
if workflow.is_main_process:
    run.look(
        run.Reading(
            run=Path(RUN),
            planner=run.Planner(PARAMS, CODE, COMMANDS),
            expected=EXPECTED,
            folders=[
                *(f"{kind}/{task}" for kind in ("models", "scores", "curves") for task in TASKS),
                *(["figures", "tables"] if SHARDS else []),
            ],
            dry=workflow.output_settings.dryrun,
        )
    )
