"""What the subcommands of stages share that note in a record what they made."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ige.commands.arguments import Options, add_paths, code_of


def add_record(parser: argparse.ArgumentParser) -> None:
    """Declare `--record`."""
    add_paths(parser, record="provenance to write")


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Declare `--inputs`, for a stage that is given a folder or names: only the workflow knows the files."""
    parser.add_argument(
        "--inputs",
        type=Path,
        nargs="*",
        default=[],
        metavar="FILE",
        help="all files of the source that decide the result, for the provenance",
    )


def record(
    options: Options,
    stage: str,
    inputs: Iterable[Path],
    outputs: Iterable[Path],
    settings: Mapping[str, Any] | None = None,
    asked: Mapping[str, Any] | None = None,
) -> None:
    """Write the provenance of what a stage made."""
    from ige.storage.provenance import write_provenance

    write_provenance(
        options.record,
        stage=stage,
        settings=settings or {},
        asked=asked,
        code=code_of(options),
        inputs=inputs,
        outputs=outputs,
    )
