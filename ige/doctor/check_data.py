"""Tool `check-data`: what there is of every external file, and what to do about the rest.

| in | out |
| --- | --- |
| params.yaml and presets; sources.csv; folders of sources | a row per group of files, then what to do |

0 if nothing that the parameters ask for is missing or wrong, else 2. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ige.base.errors import EXIT_CODE_USER_ERROR
from ige.doctor.advice import advise
from ige.doctor.digests import compare_digests
from ige.doctor.holdings import FINE, Holding, take_stock
from ige.doctor.table import Column, print_table
from ige.fetch.source_list import read_source_list
from ige.params.load import read_params
from ige.workflow.sources import SOURCE_LIST

CHECKSUMS = Path("workflow/checksums.csv")
_COLUMNS = (Column("state"), Column("source"), Column("group"), Column("found"), Column("needed"))


def check_sources(
    *,
    settings: Path,
    presets: Sequence[Path],
    sources: Sequence[str],
    folder: Path | None,
    hashes: bool,
    out: TextIO,
) -> int:
    """Print what there is of the external files.

    Args:
        settings: params.yaml, or the params.json of a run.
        presets: laid over it, as `snakemake --configfile` does.
        sources: names of sources; empty for all.
        folder: where the files of the only source lie; None: at their usual place.
        hashes: whether to read the files and compare their SHA-256.
        out: where to print; a table on a terminal, plain lines elsewhere.

    Returns:
        0 if nothing that the parameters ask for is missing or wrong, else 2.

    Raises:
        SettingsError: if the parameters cannot be.
        InputError: if there is no such source, or the list of files or a file cannot be read.
    """
    params = read_params(settings, presets)
    holdings = take_stock(params, read_source_list(SOURCE_LIST), sources, folder)
    if hashes:
        holdings = [compare_digests(holding, CHECKSUMS) for holding in holdings]
    print_table(_COLUMNS, [_row(holding) for holding in holdings], out)
    for line in advise([holding for holding in holdings if holding.needed or sources]):
        out.write(f"{line}\n")
    lacking = [holding for holding in holdings if holding.needed and holding.state not in FINE]
    names = " + ".join(path.name for path in (settings, *presets))
    if lacking:
        groups = ", ".join(f"{holding.source} {holding.group}" for holding in lacking)
        out.write(f"\nRun {params.run} ({names}) lacks: {groups}. docs/data.md tells more.\n")
        return EXIT_CODE_USER_ERROR
    out.write(f"\nRun {params.run} ({names}) lacks nothing{_that_is_asked_for(holdings)}.\n")
    return 0


def _that_is_asked_for(holdings: Sequence[Holding]) -> str:
    needed = [holding for holding in holdings if holding.needed]
    if not needed:
        return ": it asks for none of these"
    if any(holding.state == "downloadable" for holding in needed):
        return " that the workflow cannot download"
    return ""


def _row(holding: Holding) -> list[str]:
    return [holding.state, holding.source, holding.group, holding.found, "yes" if holding.needed else ""]
