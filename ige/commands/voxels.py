"""Subcommands of the stages that train and score models of shapes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ige.base.errors import InputError
from ige.base.jobs import only_job_for
from ige.base.memory import keep_freed_memory
from ige.commands.arguments import Commands, Options, add_path_lists, add_paths, code_of, params_of, stage

if TYPE_CHECKING:
    from ige.params.params import Params


def add_voxel_stages(commands: Commands) -> None:
    """Declare the stages of models of shapes, in flow order."""
    _add_train_shapes(commands)
    _add_evaluate_shapes(commands)


def _add_train_shapes(commands: Commands) -> None:
    text = (
        "Train a model that reconstructs shapes, once per seed. Goes on from its checkpoint if it was "
        "interrupted."
    )
    parser = stage(commands, "train-shapes", _train_shapes, text)
    _add_model_and_device(parser)
    parser.add_argument("--folder", type=Path, help="where the meshes lie, if new views are made of them")
    add_paths(parser, checkpoints="folder of checkpoints")
    add_path_lists(
        parser,
        train="shards that it learns from",
        validation="shards that it is validated on",
        initials="models to start from, one per seed, or none",
    )
    _add_outputs(
        parser,
        models="models to write, one per seed",
        histories="history.csv to write, one per seed",
        records="provenance to write, one per seed",
    )


def _train_shapes(options: Options) -> None:
    from ige.params import stages
    from ige.shapes.voxels.train import train_shapes

    params = params_of(options)
    _check_model(params, options.model)
    settings = stages.train_shapes(params, options.model)
    keep_freed_memory()
    with only_job_for(options.models[0]):
        train_shapes(
            name=options.model,
            train=options.train,
            validation=options.validation,
            initials=options.initials,
            models=options.models,
            histories=options.histories,
            records=options.records,
            checkpoints=options.checkpoints,
            folder=options.folder,
            settings=settings,
            code=code_of(options),
            device=options.device,
        )


def _add_evaluate_shapes(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.shapes.voxels.evaluate import evaluate_shapes

        params = params_of(options)
        _check_model(params, options.model)
        settings = stages.evaluate_shapes(params, options.model)
        keep_freed_memory()
        with only_job_for(options.scores[0]):
            evaluate_shapes(
                name=options.model,
                test=options.test,
                models=options.models,
                scores=options.scores,
                records=options.records,
                predictions=options.predictions,
                settings=settings,
                code=code_of(options),
                device=options.device,
            )

    text = "Compare what a model's seeds reconstruct with the truth, on the test models."
    parser = stage(commands, "evaluate-shapes", call, text)
    _add_model_and_device(parser)
    add_paths(parser, predictions="examples to write")
    add_path_lists(parser, test="shards of test models", models="models, one per seed")
    _add_outputs(
        parser,
        scores="scores to write, one per seed",
        records="provenance to write, one per seed",
    )


def _add_model_and_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", required=True, metavar="NAME", help="model@resolution, or model@resolution@category"
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")


def _add_outputs(parser: argparse.ArgumentParser, **helps: str) -> None:
    """Declare lists of at least one path."""
    for name, text in helps.items():
        parser.add_argument(f"--{name}", type=Path, required=True, nargs="+", metavar="FILE", help=text)


def _check_model(params: Params, trained: str) -> None:
    """Raise InputError unless the settings define a model of this name, at a resolution that is made."""
    from ige.params.naming import split_shape_trained

    shapes, models = params.shapes, params.models.shapes
    try:
        name, resolution, category = split_shape_trained(trained)
    except ValueError as error:
        raise InputError(
            "no name of a trained model of shapes",
            expected="model@resolution or model@resolution@category, e.g. ige@32",
            found=trained,
        ) from error
    if name not in models:
        raise InputError(f"no model {name}", expected=f"one of {', '.join(models)} (models.shapes)")
    if resolution not in shapes.grids.resolutions:
        sizes = " or ".join(map(str, shapes.grids.resolutions))
        raise InputError(
            f"no grids of {resolution} cells per side", expected=f"{sizes} (shapes.grids.resolutions)"
        )
    if category is not None and category not in shapes.categories:
        raise InputError(
            f"no category {category}", expected=f"one of {', '.join(shapes.categories)} (shapes.categories)"
        )
