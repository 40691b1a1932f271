"""Subcommands about what was made: explain, verify."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ige.commands.arguments import Commands, Options, command


def add_provenance_tools(commands: Commands) -> None:
    """Declare the tools."""
    _add_explain(commands)
    _add_verify(commands)


def _add_explain(commands: Commands) -> None:
    def call(options: Options) -> None:
        from dataclasses import asdict

        from ige.workflow.explain import Run
        from ige.workflow.explain_text import text_of

        run = Run.around(options.path)
        explained = run.explain(options.path)
        before = [*run.ancestors(explained)] if options.all else None
        if options.json:
            jobs = {} if before is None else {"before": [asdict(one) for _, one in before]}
            print(json.dumps(asdict(explained) | jobs, ensure_ascii=False))  # noqa: T201
        else:
            print(text_of(explained, before))  # noqa: T201

    text = (
        "Tell how a file of a run came to be: rule, command, parameters, inputs, code, machine. Says of each "
        "whether it is still the same, and which command makes the file anew. docs/provenance.md tells more."
    )
    parser = command(commands, "explain", call, text)
    parser.add_argument("path", type=Path, metavar="PATH", help="a file below runs/<run>/")
    parser.add_argument("--all", action="store_true", help="also all jobs before it, up to the sources")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_verify(commands: Commands) -> None:
    def call(options: Options) -> int:
        from ige.workflow.code import versions
        from ige.workflow.verify import verify_all

        return verify_all(options.runs, versions(), out=sys.stdout)

    text = (
        "Check that every file of a run still is what its record says. Reads everything: results, and what "
        "they were made from. One line for each fault; exit code 2 if there is one."
    )
    parser = command(commands, "verify", call, text)
    parser.add_argument(
        "runs", nargs="*", metavar="RUN", help="names or folders of runs (default: all below runs/)"
    )
