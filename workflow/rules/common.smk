# What all rules share: the validated parameters, the versions of the code, and named input functions.

import shlex

from ige.base.digests import digest_of_json
from ige.params import stages
from ige.report.deciding import deciding_settings
from ige.shapes.listing import open_listing
from ige.shapes.manifest import list_shapes
from ige.workflow import code, sources

PARAMS = run.params_or_exit(config)
RUN = f"runs/{PARAMS.run}"
SETTINGS = f"{RUN}/params.json"
CODE = code.versions()
run.prepare(Path(f"{RUN}/locks"), CODE, ROOT / "workflow/code.json")


wildcard_constraints:
    split="train|validation|test",
    model="|".join(PARAMS.models.poses),
    category="|".join(PARAMS.shapes.categories),
    block=r"\d+",
    seed=r"\d+",


SEEDS = PARAMS.training.poses.seeds
MOTION_FOLDER = run.or_exit(lambda: sources.motion_folder(PARAMS))
FOLDER = f"--folder {shlex.quote(str(MOTION_FOLDER))}" if MOTION_FOLDER else ""

SHAPE_FOLDER = run.or_exit(lambda: sources.shape_folder(PARAMS))
SHAPE_FOLDER_OPTION = f"--folder {shlex.quote(str(SHAPE_FOLDER))}" if SHAPE_FOLDER else ""
SHAPE_SETTINGS = stages.prepare_manifest(PARAMS)
SHAPE_FILES = run.or_exit(lambda: open_listing(SHAPE_SETTINGS.source, SHAPE_FOLDER))
SHAPES = run.or_exit(lambda: list_shapes(SHAPE_SETTINGS, SHAPE_FOLDER))
SHARDS = {(shard.category, shard.split, f"{shard.block:03d}"): shard.ids for shard in SHAPES.shards()}
# A category without models has no shard and no figure.
SHAPE_CATEGORIES = list(dict.fromkeys(category for category, _, _ in SHARDS))


def start_run():
    """Keep a second run of the same name from starting, and write the settings that the jobs read."""
    run.start(Path(f"{RUN}/locks/run.lock"), Path(SETTINGS), PARAMS)


def explain_failure():
    run.explain_failure(RUN)


def motion_files(wildcards):
    """Every file of the motion folder that decides the clips; none for a generated source."""
    return sources.motion_files(MOTION_FOLDER)


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


def per_seed(pattern):
    """The files of all seeds of one model: fills {seed} in, leaves {model} to the rule."""
    return [f"{RUN}/{pattern}".replace("{seed}", str(seed)) for seed in SEEDS]


def initial_models(wildcards):
    """The models whose weights this one starts from, one per seed."""
    initial = PARAMS.initial_of(wildcards.model)
    return per_seed(f"models/poses/{initial}/seed{{seed}}/model.pt") if initial else []


def of_selected(pattern):
    """A file of each selected model, in the order of params.yaml."""
    return expand(f"{RUN}/{pattern}", model=PARAMS.train.poses, seed=SEEDS)


def of_learning(pattern):
    """A file of each selected model that learns: the others have no history to draw."""
    names = [name for name in PARAMS.train.poses if stages.train_poses(PARAMS, name).training]
    return expand(f"{RUN}/{pattern}", model=names, seed=SEEDS)
