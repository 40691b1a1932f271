"""What the subcommands of the report share."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ige.commands.arguments import Call, Commands, Options, add_code, add_paths, code_of, command


def report_stage(commands: Commands, name: str, call: Call, text: str) -> argparse.ArgumentParser:
    """Declare a stage of the report: its command notes in `--record` what it made."""
    parser = command(commands, name, call, text)
    add_code(parser)
    add_paths(parser, record="provenance to write")
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


def record(
    options: Options,
    stage: str,
    inputs: Iterable[Path],
    outputs: Iterable[Path],
    settings: Mapping[str, Any] | None = None,
) -> None:
    """Write the provenance of what a stage made."""
    from ige.storage.provenance import write_provenance

    write_provenance(
        options.record,
        stage=stage,
        settings=settings or {},
        code=code_of(options),
        inputs=inputs,
        outputs=outputs,
    )
