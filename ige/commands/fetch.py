"""Subcommands that bring external files and check them."""

from __future__ import annotations

from ige.base.jobs import only_job_for
from ige.commands.arguments import Commands, Options, add_code, add_paths, command
from ige.commands.recording import add_inputs, add_record, record


def add_fetch_stages(commands: Commands) -> None:
    """Declare the stages of external files, in flow order."""
    _add_fetch_file(commands)
    _add_check_source(commands)


def _add_fetch_file(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.fetch.fetch import fetch_file

        with only_job_for(options.out):
            fetch_file(
                source_list=options.source_list,
                source=options.source,
                name=options.file,
                out=options.out,
                checksums=options.checksums,
            )

    text = "Download a file of the source list. Goes on where an earlier call stopped."
    parser = command(commands, "fetch-file", call, text)
    parser.add_argument("--source", required=True, metavar="NAME", help="the source, e.g. h36m")
    parser.add_argument("--file", required=True, metavar="NAME", help="the file's name in the list")
    add_paths(
        parser, source_list="sources.csv", checksums="checksums.csv, read and added to", out="file to write"
    )


def _add_check_source(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.fetch.check import check_source

        with only_job_for(options.out):
            check_source(
                source_list=options.source_list,
                source=options.source,
                folder=options.folder,
                groups=options.groups,
                out=options.out,
                checksums=options.checksums,
                part=options.part,
            )
            asked = {"source": options.source, "groups": options.groups, "part": options.part}
            record(options, "check_source", options.inputs, [options.out], asked=asked)

    text = "Check the files of a source against the source list. Writes down what they are."
    parser = command(commands, "check-source", call, text)
    parser.add_argument("--source", required=True, metavar="NAME", help="the source, e.g. h36m")
    parser.add_argument("--groups", required=True, nargs="+", metavar="NAME", help="groups of files to check")
    parser.add_argument(
        "--part", action="store_true", help="a part of each group is enough: warn of the rest"
    )
    add_paths(
        parser,
        source_list="sources.csv",
        folder="the source's folder",
        checksums="checksums.csv, read and added to",
        out="what the files are, to write (JSON)",
    )
    add_inputs(parser)
    add_code(parser)
    add_record(parser)
