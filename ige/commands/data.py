"""Subcommands about external data: check-data, estimate."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ige.commands.arguments import Commands, Options, command


def add_data_tools(commands: Commands) -> None:
    """Declare the tools."""
    _add_check_data(commands)
    _add_estimate(commands)


def _add_check_data(commands: Commands) -> None:
    def call(options: Options) -> int:
        from ige.doctor.check_data import check_sources

        return check_sources(
            settings=options.settings,
            presets=options.configfile,
            sources=options.source,
            folder=options.folder,
            hashes=options.hash,
            out=sys.stdout,
        )

    text = (
        "Say of every external file whether it is there, complete and what it should be. What is missing "
        "comes with the page to get it from, its exact name and where to put it. docs/data.md tells more."
    )
    parser = command(commands, "check-data", call, text)
    _add_parameters(parser)
    parser.add_argument(
        "--source", nargs="+", default=[], metavar="NAME", help="only these: h36m, shapenet, mocap, meshes"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the files of the one --source lie, if not in data/sources/NAME"
    )
    parser.add_argument("--hash", action="store_true", help="read all files and compare their SHA-256, too")


def _add_estimate(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.doctor.budget import estimate

        estimate(settings=options.settings, presets=options.configfile, cores=options.cores, out=sys.stdout)

    text = "Print disk, core-hours, GPU-hours and memory of a run before it starts, stage by stage."
    parser = command(commands, "estimate", call, text)
    _add_parameters(parser)
    parser.add_argument("--cores", type=_cores, metavar="N", help="that the run may use (default: all)")


def _add_parameters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--settings", type=Path, default=Path("params.yaml"), help="default: params.yaml")
    parser.add_argument(
        "--configfile", type=Path, nargs="*", default=[], help="presets laid over it, as for snakemake"
    )


def _cores(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, found {text!r}")
    return int(text)
