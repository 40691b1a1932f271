"""What the subcommands of the report share."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from ige.commands.arguments import Call, Commands, add_code, command, guarded
from ige.commands.memory import REPORT_LIBRARIES_BYTES
from ige.commands.recording import add_record


def report_stage(commands: Commands, name: str, call: Call, text: str) -> argparse.ArgumentParser:
    """Declare a stage of the report: its command notes in `--record` what it made."""
    parser = command(commands, name, guarded(call, REPORT_LIBRARIES_BYTES), text)
    add_code(parser)
    add_record(parser)
    parser.add_argument(
        "--records",
        type=Path,
        nargs="*",
        default=[],
        metavar="FILE",
        help="run.json that vouch for inputs without a digest of their own; they are checked",
    )
    return parser


def check_records(records: Iterable[Path]) -> None:
    """Check files that have no digest of their own.

    Raises:
        InputError: if one is not what its record says.
    """
    from ige.storage.provenance import check_outputs

    for record in records:
        check_outputs(record)
