"""Subcommands of the pose stages, from clips to scores."""

from __future__ import annotations

import argparse
from pathlib import Path

from ige.base.jobs import only_job_for
from ige.commands.arguments import Commands, Options, add_path_lists, add_paths, code_of, params_of, stage
from ige.commands.recording import add_inputs, add_record, record


def add_pose_stages(commands: Commands) -> None:
    """Declare the pose stages, in flow order."""
    _add_prepare_clips(commands)
    _add_prepare_detections(commands)
    _add_prepare_lifting_set(commands)
    _add_train_poses(commands)
    _add_evaluate_poses(commands)


def _add_prepare_clips(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.poses.prepare import prepare_clips

        settings = stages.prepare_clips(params_of(options))
        with only_job_for(options.out):
            prepare_clips(folder=options.folder, out=options.out, skipped=options.skipped, settings=settings)
            outputs = [options.out, options.skipped]
            record(options, "prepare_clips", options.inputs, outputs, settings.subtree())

    parser = stage(commands, "prepare-clips", call, "Make or read the clips: joints in the world over time.")
    parser.add_argument("--folder", type=Path, help="where the files lie (sources mocap and h36m)")
    add_paths(parser, out="clips.h5 to write", skipped="skipped.csv to write")
    add_inputs(parser)
    add_record(parser)


def _add_prepare_detections(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.poses.detected import prepare_detections

        settings = stages.prepare_detections(params_of(options), options.observation)
        with only_job_for(options.out):
            prepare_detections(folder=options.folder, out=options.out, settings=settings)
            asked = {"observation": options.observation}
            outputs = [options.out]
            record(options, "prepare_detections", options.inputs, outputs, settings.subtree(), asked)

    text = "Gather what a detector found in the images of Human3.6M."
    parser = stage(commands, "prepare-detections", call, text)
    _observation(parser)
    parser.add_argument("--folder", type=Path, required=True, help="where the files of Human3.6M lie")
    add_paths(parser, out="detections to write")
    add_inputs(parser)
    add_record(parser)


def _add_prepare_lifting_set(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.poses.lifting import prepare_lifting_set

        settings = stages.prepare_lifting_set(params_of(options), options.observation)
        with only_job_for(options.out):
            prepare_lifting_set(
                clips=options.clips,
                detections=options.detections,
                split=options.split,
                out=options.out,
                skipped=options.skipped,
                settings=settings,
            )
            asked = {"observation": options.observation, "split": options.split}
            inputs = [*filter(None, [options.clips, options.detections])]
            outputs = [options.out, options.skipped]
            record(options, "prepare_lifting_set", inputs, outputs, settings.subtree(), asked)

    text = "Pair what each camera sees of the clips with the poses in its frame."
    parser = stage(commands, "prepare-lifting-set", call, text)
    _observation(parser)
    parser.add_argument("--split", choices=("train", "validation", "test"), required=True)
    parser.add_argument(
        "--detections", type=Path, nargs="?", metavar="FILE", help="detections, if the observation is of them"
    )
    add_paths(parser, clips="clips.h5", out="lifting set to write", skipped="skipped.csv to write")
    add_record(parser)


def _add_train_poses(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.poses.train import train_poses

        settings = stages.train_poses(params_of(options), options.model)
        with only_job_for(options.models[0]):
            train_poses(
                name=options.model,
                train=options.train,
                validation=options.validation,
                initials=options.initials,
                models=options.models,
                histories=options.histories,
                records=options.records,
                checkpoints=options.checkpoints,
                settings=settings,
                code=code_of(options),
                device=options.device,
            )

    text = "Train a model that lifts poses, once per seed. Goes on from its checkpoint if it was interrupted."
    parser = stage(commands, "train-poses", call, text)
    _model_and_device(parser)
    add_paths(
        parser, train="training pairs", validation="validation pairs", checkpoints="folder of checkpoints"
    )
    add_path_lists(
        parser,
        initials="models to start from, one per seed, or none",
        models="models to write, one per seed",
        histories="history.csv to write, one per seed",
        records="provenance to write, one per seed",
    )


def _add_evaluate_poses(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.poses.evaluate import evaluate_poses

        settings = stages.evaluate_poses(params_of(options), options.model)
        with only_job_for(options.scores[0]):
            evaluate_poses(
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

    text = "Measure the errors of a model's seeds on the test subjects."
    parser = stage(commands, "evaluate-poses", call, text)
    _model_and_device(parser)
    add_paths(parser, test="test pairs", predictions="example poses to write")
    add_path_lists(
        parser,
        models="models, one per seed",
        scores="scores to write, one per seed",
        records="provenance to write, one per seed",
    )


def _observation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--observation", required=True, metavar="NAME", help="its name in params.yaml")


def _model_and_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, metavar="NAME", help="its name in params.yaml")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")
