"""What the subcommands share: how arguments are declared."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ige.base.jobs import in_workflow
from ige.commands.memory import LIBRARIES_BYTES, require_addresses

if TYPE_CHECKING:
    from ige.params.params import Params

Options: TypeAlias = argparse.Namespace
Call: TypeAlias = Callable[[Options], int | None]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def command(commands: Commands, name: str, call: Call, text: str) -> argparse.ArgumentParser:
    """Declare a subcommand; the first sentence of its text is its line in `ige --help`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=text.split(". ")[0].rstrip("."), description=text
    )
    parser.set_defaults(call=call)
    return parser


def stage(commands: Commands, name: str, call: Call, text: str) -> argparse.ArgumentParser:
    """Declare a stage: a subcommand that reads settings and notes its code version."""
    parser = command(commands, name, guarded(call, LIBRARIES_BYTES), text)
    add_settings(parser)
    add_code(parser)
    return parser


def guarded(call: Call, needed: int) -> Call:
    """Let a stage begin only with the planned code and with so many bytes of addresses for its libraries.

    Also notes what its files are like before it reads them, so that its record can tell of what was read.
    """

    def guarded_call(options: Options) -> int | None:
        from ige.storage.file_digests import note_states

        require_addresses(needed)
        _require_planned_code(options)
        note_states(_paths_in(options))
        return call(options)

    return guarded_call


def _require_planned_code(options: Options) -> None:
    # Only the workflow hands in what it has computed a moment ago, in the folder that it runs in.
    if options.code is not None and in_workflow():
        from ige.workflow.code import require_planned

        require_planned(options.command.replace("-", "_"), options.code, Path(".snakemake"))


def _paths_in(options: Options) -> Iterator[Path]:
    for value in vars(options).values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Path):
                yield each


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare `--settings`."""
    parser.add_argument("--settings", type=Path, required=True, help="a run's params.json, or params.yaml")


def add_code(parser: argparse.ArgumentParser) -> None:
    """Declare `--code`."""
    parser.add_argument("--code", help="version of the code (default: computed)")


def code_of(options: Options) -> str:
    """Return the version of the stage's code that the workflow handed in, or compute it."""
    if options.code is not None:
        return str(options.code)
    from ige.base.codehash import code_version
    from ige.params.stages import MODULES

    return code_version(MODULES[options.command.replace("-", "_")])


def add_paths(parser: argparse.ArgumentParser, **helps: str) -> None:
    """Declare required paths, by name and help text."""
    for name, text in helps.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=Path, required=True, metavar="FILE", help=text
        )


def add_path_lists(parser: argparse.ArgumentParser, **helps: str) -> None:
    """Declare required lists of paths, by name and help text."""
    for name, text in helps.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=Path, required=True, nargs="*", metavar="FILE", help=text
        )


def params_of(options: Options) -> Params:
    """Read the settings that a stage was given."""
    from ige.params.load import read_params

    return read_params(options.settings)
