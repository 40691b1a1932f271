# What all rules share: the validated parameters, the versions of the code, and named input functions.

import shlex
from dataclasses import asdict
from itertools import chain

from ige.base.digests import digest_of_json
from ige.params import stages
from ige.params.naming import folder_of, split_trained, trained_in
from ige.report.deciding import deciding_settings
from ige.shapes.listing import open_listing
from ige.workflow import code, places, sources
from ige.workflow.voxels import shards_of_model

PARAMS = run.params_or_exit(config)
RUN = f"runs/{PARAMS.run}"
SETTINGS = f"{RUN}/{places.SETTINGS}"
CODE = code.versions(Path(".snakemake"))
run.prepare(Path(f"{RUN}/locks"), CODE, ROOT / "workflow/code.json", main=workflow.is_main_process)


wildcard_constraints:
    split="train|validation|test",
    model=f"(?:{'|'.join(PARAMS.models.poses)})(?:/(?:{'|'.join(PARAMS.poses.lifting.observations)}))?",
    observation="|".join(PARAMS.poses.lifting.observations),
    source="h36m",
    group="[a-z0-9-]+",
    folder=".+/(?:h36m|meshes|mocap|shapenet)",
    category="|".join(PARAMS.shapes.categories),
    trained=rf"(?:{'|'.join(PARAMS.models.shapes)})/\d+(?:/(?:{'|'.join(PARAMS.shapes.categories)}))?",
    block=r"\d+",
    seed=r"\d+",


SEEDS = PARAMS.training.poses.seeds
TRAINED = PARAMS.trained()
OBSERVATIONS = PARAMS.train.observations
POSE_DATA = run.or_exit(lambda: sources.pose_data(PARAMS))
POSE_FOLDER_OPTION = f"--folder {shlex.quote(str(POSE_DATA.folder))}" if POSE_DATA else ""

SHAPE_SETTINGS = stages.prepare_manifest(PARAMS)
SHAPE_DATA, SHAPES = run.or_exit(lambda: sources.shape_data(PARAMS))
SHAPE_FOLDER_OPTION = f"--folder {shlex.quote(str(SHAPE_DATA.folder))}" if SHAPE_DATA else ""
# Without models the source is not there yet: its shards are known, and can be made, once it is.
SHAPE_FILES = (
    open_listing(SHAPE_SETTINGS.source, SHAPE_DATA and SHAPE_DATA.folder) if SHAPES.entries else None
)
SHARDS = {(shard.category, shard.split, f"{shard.block:03d}"): shard.ids for shard in SHAPES.shards()}
# Without shards there is nothing to train on yet.
TRAINED_SHAPES = PARAMS.trained_shapes() if SHARDS else []
SHAPE_SEEDS = PARAMS.training.shapes.seeds
# A category without models has no shard and no figure.
SHAPE_CATEGORIES = list(dict.fromkeys(category for category, _, _ in SHARDS))


# What is asked for and not there, by source: filled while Snakemake looks for what the targets need.
MISSING = {}
# What this run downloads before it can be planned with.
COMING = []


def start_run():
    """End at once if data is missing; keep a second run from starting; write the settings of the jobs."""
    if MISSING and not workflow.execution_settings.keep_going:
        run.end_for_want_of_data(sources.screen(list(MISSING.values())))
    run.start(Path(RUN), PARAMS)
    # Before Snakemake finds it out, in the middle of a run and in its own words.
    jobs = [*workflow.dag.needrun_jobs()]
    run.look_at_places(
        read=[file for job in jobs for file in job.input],
        written=[file for job in jobs for file in [*job.output, *job.log]],
    )


def explain_failure(logs):
    run.keep_records(Path(RUN), EXPECTED)
    run.explain_failure(RUN, logs)


def end_run():
    """Say what a second call will do, if this one has brought data of which the first plan knew nothing."""
    run.keep_records(Path(RUN), EXPECTED)
    if COMING:
        run.say_that_data_came(SHAPE_DATA.source)


def require(data, groups):
    """Note what a source lacks, and return the files that are there or can be downloaded."""
    if sources.screen([(data, groups)]):
        if data.source not in MISSING:
            run.warn_of_missing(data.source)
        known = MISSING.get(data.source, (data, []))[1]
        MISSING[data.source] = (data, list(dict.fromkeys([*known, *groups])))
    return [*data.listed, *data.files(groups)]


def source_files(wildcards):
    """The files of one group of a source."""
    return require(POSE_DATA, [wildcards.group])


def rows_of_group(wildcards):
    """What the list of sources says of one group, in short: a changed checksum is checked."""
    files = [asdict(presence.file) for presence in POSE_DATA.groups[wildcards.group]]
    return digest_of_json(files)


def checks_of_sources():
    """The records that the files are what they should be: of Human3.6M, which people bring themselves.

    Inputs of tables and figures and of nothing before them: a check that is made anew, because its code has
    changed or a wrong file was put right, trains nothing anew. What changes clips are the files.
    """
    if PARAMS.poses.source != "h36m":
        return []
    return [f"{RUN}/data/poses/checks/h36m-{group}.json" for group in POSE_DATA.groups]


def motion_files(wildcards):
    """Every file that decides the clips; none for a generated source."""
    if POSE_DATA is None:
        return []
    if PARAMS.poses.source == "mocap":
        return require(POSE_DATA, list(POSE_DATA.groups))
    return require(POSE_DATA, sources.pose_groups(PARAMS))


def detection_files(wildcards):
    """The files that hold the detections of an observation."""
    return require(POSE_DATA, [sources.detection_group(PARAMS, wildcards.observation)])


def detects(observation):
    """Whether what is observed are detections, which lie in files of their own."""
    return bool(sources.detection_group(PARAMS, observation))


def detections_of(wildcards):
    """The detections of an observation, if it is one that detects."""
    name = wildcards.observation
    return [f"{RUN}/data/poses/{name}/detections.h5"] if detects(name) else []


def shape_source(wildcards):
    """What has to be downloaded before there are models; nothing once they are there."""
    if SHAPE_DATA is None or SHAPES.entries:
        return []
    COMING[:] = require(SHAPE_DATA, list(SHAPE_DATA.groups))
    return COMING


def pairs_of(split):
    """The pairs of a split that a model is trained or tested on: those of its observation."""
    return lambda wildcards: f"{RUN}/data/poses/{split_trained(name_of(wildcards))[1]}/{split}.h5"


def models_of_shard(wildcards):
    """The ids of the models in one shard."""
    return list(SHARDS[wildcards.category, wildcards.split, wildcards.block])


def mesh_files(wildcards):
    """The files that decide the models of one shard, a zip file once; none for a generated source."""
    models = models_of_shard(wildcards)
    return run.or_exit(lambda: sources.mesh_files(SHAPE_FILES, wildcards.category, models))


def of_shards(suffix):
    """A file of each shard, in the order of the manifest."""
    return [f"{RUN}/data/shapes/{category}/{split}-{block}{suffix}" for category, split, block in SHARDS]


def shards_of_split(split):
    """The shards of a split that a model of shapes is trained or tested on."""
    return lambda wildcards: run.or_exit(
        lambda: [
            f"{RUN}/data/shapes/{category}/{split}-{block}.h5"
            for category, _, block in shards_of_model(SHARDS, name_of(wildcards), split)
        ]
    )


def name_of(wildcards):
    """The name of a trained model; its folder is the wildcard."""
    return trained_in(wildcards.get("model") or wildcards.trained)


def per_seed(pattern, seeds=SEEDS):
    """The files of all seeds of one model: fills {seed} in, leaves the model to the rule."""
    return [f"{RUN}/{pattern}".replace("{seed}", str(seed)) for seed in seeds]


def initial_shape_models(wildcards):
    """The models of shapes whose weights this one starts from, one per seed."""
    initial = PARAMS.shape_initial_of(name_of(wildcards))
    return (
        per_seed(f"models/shapes/{folder_of(initial)}/seed{{seed}}/model.pt", SHAPE_SEEDS) if initial else []
    )


def of_selected_shapes(pattern):
    """A file of each selected model of shapes, in the order of params.yaml."""
    return expand(f"{RUN}/{pattern}", trained=map(folder_of, TRAINED_SHAPES), seed=SHAPE_SEEDS)


def learning(names, train):
    """The trained models that learn: the others have no history."""
    return [name for name in names if train(PARAMS, name).training]


def of_learning_shapes(pattern):
    """A file of each selected model of shapes that learns."""
    names = learning(TRAINED_SHAPES, stages.train_shapes)
    return expand(f"{RUN}/{pattern}", trained=map(folder_of, names), seed=SHAPE_SEEDS)


def initial_models(wildcards):
    """The models whose weights this one starts from, one per seed."""
    initial = PARAMS.initial_of(name_of(wildcards))
    return per_seed(f"models/poses/{folder_of(initial)}/seed{{seed}}/model.pt") if initial else []


def of_selected(pattern):
    """A file of each selected model, in the order of params.yaml."""
    return expand(f"{RUN}/{pattern}", model=map(folder_of, TRAINED), seed=SEEDS)


def of_learning(pattern):
    """A file of each selected model that learns."""
    names = learning(TRAINED, stages.train_poses)
    return expand(f"{RUN}/{pattern}", model=map(folder_of, names), seed=SEEDS)
