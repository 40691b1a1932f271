"""The command line: one subcommand per stage, in the order in which data flows, and a few tools.

Thin on purpose: a subcommand reads the settings, takes the part that its stage may see, and calls the stage.
Stages are imported only when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from ige.base.errors import EXIT_CODE_USER_ERROR, IgeError
from ige.base.jobs import end_with_workflow
from ige.base.logs import start_logging
from ige.commands.collecting import add_collecting_stages
from ige.commands.data import add_data_tools
from ige.commands.fetch import add_fetch_stages
from ige.commands.memory import lack_of_memory
from ige.commands.poses import add_pose_stages
from ige.commands.provenance import add_provenance_tools
from ige.commands.reconstruct import add_reconstruct_tool
from ige.commands.report import add_report_stages
from ige.commands.shapes import add_shape_stages, add_shape_tools
from ige.commands.tools import add_tools
from ige.commands.voxels import add_voxel_stages

DESCRIPTION = """\
Learned energy minimisation through inverse graphics: from raw data to the tables of the papers.

The workflow (`snakemake --cores N`) calls the stages below, in this order, with every path named; each can
also be called by hand. Parameters stand in params.yaml, a run's own copy in runs/<run>/params.json."""
EPILOG = "Start with `make demo`, or with `ige doctor` to see what is missing. README.md tells the rest."

EXIT_CODE_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand.

    Returns:
        0 if it succeeded, 2 after an error that the user can mend, 130 after Ctrl-C. A bug raises.
    """
    options = build_parser().parse_args(arguments)
    start_logging(options.verbose)
    end_with_workflow()
    try:
        return int(options.call(options) or 0)
    except BrokenPipeError:
        # The reader of our output (head, less) has gone; Python must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"ige {options.command}: interrupted; run the same command again", file=sys.stderr)  # noqa: T201
        return EXIT_CODE_INTERRUPTED
    except (IgeError, ImportError, MemoryError, OSError, RuntimeError) as error:
        told = lack_of_memory(options.command, error) or error
        if not isinstance(told, IgeError):
            raise
        print(f"ige {options.command}: {told}", file=sys.stderr)  # noqa: T201
        return EXIT_CODE_USER_ERROR


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as all errors of a user are."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and end with exit code 2."""
        self.exit(EXIT_CODE_USER_ERROR, f"{self.prog}: {message}. `{self.prog} --help` tells more\n")


def build_parser() -> argparse.ArgumentParser:
    """Make the parser with all subcommands."""
    parser: argparse.ArgumentParser = Parser(
        prog="ige",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--verbose", action="store_true", help="log more")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", title="stages and tools"
    )
    add_fetch_stages(commands)
    add_pose_stages(commands)
    add_shape_stages(commands)
    add_voxel_stages(commands)
    add_report_stages(commands)
    add_collecting_stages(commands)
    add_shape_tools(commands)
    add_reconstruct_tool(commands)
    add_provenance_tools(commands)
    add_data_tools(commands)
    add_tools(commands)
    return parser
