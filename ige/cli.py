"""The command line: one subcommand per stage, in the order in which data flows, and a few tools.

Thin on purpose: each subcommand reads the settings, takes the part that its stage may see, and calls the stage.
Stages are imported only when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ige.base.errors import EXIT_CODE_USER_ERROR, IgeError
from ige.base.jobs import end_with_workflow, only_job_for
from ige.base.logs import start_logging

if TYPE_CHECKING:
    from ige.params.params import Params

Options = argparse.Namespace
DESCRIPTION = """\
Learned energy minimisation through inverse graphics: from raw data to the tables of the papers.

The workflow (`snakemake --cores N`) calls the stages below, in this order, with every path named; each can
also be called by hand. Parameters stand in params.yaml, a run's own copy in runs/<run>/params.json."""
EPILOG = "Start with `make demo`, or with `ige doctor` to see what is missing. README.md tells the rest."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Returns:
        0 if it succeeded, 2 after an error that the user can mend. A bug raises.
    """
    options = build_parser().parse_args(arguments)
    start_logging(options.verbose)
    end_with_workflow()
    try:
        options.call(options)
    except IgeError as error:
        print(f"ige {options.command}: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_CODE_USER_ERROR
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; Python must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Make the parser with all subcommands."""
    parser = argparse.ArgumentParser(
        prog="ige",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--verbose", action="store_true", help="log more")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="stages and tools")
    _add_prepare_clips(commands)
    _add_prepare_lifting_set(commands)
    _add_train_poses(commands)
    _add_evaluate_poses(commands)
    _add_tabulate_poses(commands)
    _add_draw_poses(commands)
    _add_write_page(commands)
    _add_lift(commands)
    _add_doctor(commands)
    _add_headline(commands)
    _add_schema(commands)
    return parser


Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(
    commands: Commands, name: str, call: Callable[[Options], None], text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(  # type: ignore[attr-defined]
        name, help=text.split(". ")[0].rstrip("."), description=text
    )
    parser.set_defaults(call=call)
    return parser


def _stage(
    commands: Commands, name: str, call: Callable[[Options], None], text: str
) -> argparse.ArgumentParser:
    parser = _command(commands, name, call, text)
    parser.add_argument("--settings", type=Path, required=True, help="a run's params.json, or params.yaml")
    parser.add_argument("--code", default="by hand", help="version of the code, for the provenance record")
    return parser


def _paths(parser: argparse.ArgumentParser, **helps: str) -> None:
    for name, text in helps.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path, required=True, metavar="FILE", help=text)


def _path_lists(parser: argparse.ArgumentParser, **helps: str) -> None:
    for name, text in helps.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=Path, required=True, nargs="*", metavar="FILE", help=text
        )


def _params(options: Options) -> Params:
    from ige.params.load import read_params

    return read_params(options.settings)


def _add_prepare_clips(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.poses.prepare import prepare_clips

        settings = stages.prepare_clips(_params(options))
        with only_job_for(options.out):
            prepare_clips(
                folder=options.folder, out=options.out, skipped=options.skipped, settings=settings
            )

    parser = _stage(commands, "prepare-clips", call, "Make or read the clips: joints in the world over time.")
    parser.add_argument("--folder", type=Path, help="where the motion files lie (source mocap)")
    _paths(parser, out="clips.h5 to write", skipped="skipped.csv to write")


def _add_prepare_lifting_set(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.poses.lifting import prepare_lifting_set

        settings = stages.prepare_lifting_set(_params(options))
        with only_job_for(options.out):
            prepare_lifting_set(
                clips=options.clips,
                split=options.split,
                out=options.out,
                skipped=options.skipped,
                settings=settings,
            )

    text = "Pair what each camera sees of the clips with the poses in its frame."
    parser = _stage(commands, "prepare-lifting-set", call, text)
    parser.add_argument("--split", choices=("train", "validation", "test"), required=True)
    _paths(parser, clips="clips.h5", out="lifting set to write", skipped="skipped.csv to write")


def _add_train_poses(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.poses.train import train_poses

        settings = stages.train_poses(_params(options), options.model)
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
                code=options.code,
                device=options.device,
            )

    text = "Train a model that lifts poses, once per seed. Goes on from its checkpoint if it was interrupted."
    parser = _stage(commands, "train-poses", call, text)
    _model_and_device(parser)
    _paths(parser, train="training pairs", validation="validation pairs", checkpoints="folder of checkpoints")
    _path_lists(
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

        settings = stages.evaluate_poses(_params(options), options.model)
        with only_job_for(options.scores[0]):
            evaluate_poses(
                name=options.model,
                test=options.test,
                models=options.models,
                scores=options.scores,
                records=options.records,
                predictions=options.predictions,
                settings=settings,
                code=options.code,
                device=options.device,
            )

    text = "Measure the errors of a model's seeds on the test subjects."
    parser = _stage(commands, "evaluate-poses", call, text)
    _model_and_device(parser)
    _paths(parser, test="test pairs", predictions="example poses to write")
    _path_lists(
        parser,
        models="models, one per seed",
        scores="scores to write, one per seed",
        records="provenance to write, one per seed",
    )


def _model_and_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, metavar="NAME", help="its name in params.yaml")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")


def _add_tabulate_poses(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.tables import tabulate_poses

        with only_job_for(options.csv):
            tabulate_poses(
                scores=options.scores,
                csv=options.csv,
                markdown=options.markdown,
                latex=options.latex,
                record=options.record,
                code=options.code,
            )

    parser = _stage(commands, "tabulate-poses", call, "Gather scores into the table, beside published values.")
    _path_lists(parser, scores="scores of all models and seeds, in the order of the table")
    _paths(parser, csv="table to write", markdown="table to write", latex="table to write", record="provenance")
