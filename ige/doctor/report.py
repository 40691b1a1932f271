"""Tool `doctor`: what this machine has, what is missing, what to do about it, and what a run will cost.

| in | out |
| --- | --- |
| params.yaml and presets; the machine | a line per check; 0 if a run can start, else 2 |

Every check answers also where packages are missing; nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ige.base.errors import EXIT_CODE_USER_ERROR, IgeError
from ige.doctor.amounts import amounts
from ige.doctor.check import Check
from ige.doctor.data import check_data
from ige.doctor.estimate import check_work, jobs
from ige.doctor.machine import check_device, check_disk, check_processors, processors
from ige.doctor.rendering import check_platform, check_raster
from ige.doctor.shapes import check_shapes, shape_jobs
from ige.doctor.software import PACKAGES, check_package, check_python
from ige.doctor.voxel_jobs import voxel_jobs
from ige.params.load import read_params
from ige.params.params import Params
from ige.shapes.gl_platform import PLATFORMS, start_probe
from ige.workflow.sources import pose_data, shape_data

RUNS = Path("runs")
_COLOURS = {"ok": "green", "warning": "yellow", "missing": "bold red"}


def report(*, settings: Path, presets: Sequence[Path], out: TextIO) -> int:
    """Examine the machine and print what was found.

    Args:
        settings: params.yaml, or the params.json of a run.
        presets: laid over it, as `snakemake --configfile` does.
        out: where to print; a table on a terminal, plain lines elsewhere.

    Returns:
        0 if a run can start, 2 if something that it needs is missing.
    """
    checks = examine(settings, presets)
    _print(checks, out)
    lacking = [check.name for check in checks if check.status == "missing"]
    if lacking:
        out.write(f"A run cannot start yet, missing: {', '.join(lacking)}.\n")
        return EXIT_CODE_USER_ERROR
    over = f" --configfile {' '.join(map(str, presets))}" if presets else ""
    out.write(f"A run can start: snakemake --cores all{over}\n")
    return 0


def examine(settings: Path, presets: Sequence[Path]) -> list[Check]:
    """Make all checks, the slow ones at the same time as the others."""
    probes = [(platform, start_probe(platform)) for platform in PLATFORMS]
    checks = [check_python(), *(check_package(package) for package in PACKAGES)]
    checks += [check_processors(), check_device(), check_raster()]
    checks += [check_platform(platform, probe) for platform, probe in probes]
    try:
        params = read_params(settings, presets)
    except IgeError as error:
        return [*checks, Check("parameters", "missing", str(error), "Mend them: nothing else can be judged")]
    names = " + ".join(path.name for path in (settings, *presets))
    return [*checks, Check("parameters", "ok", f"{names}: run {params.run}"), *_examine_run(params)]


def _examine_run(params: Params) -> list[Check]:
    try:
        poses = pose_data(params)
        shapes, manifest = shape_data(params)
    except IgeError as error:
        return [Check("data", "missing", str(error))]
    data = [check_data(params, poses), check_shapes(params, shapes, manifest)]
    if any(check.status == "missing" for check in data):
        return data
    run = RUNS / params.run
    work = [
        *jobs(params, run, amounts(params, poses)),
        *shape_jobs(params, run, manifest),
        *voxel_jobs(params, run, manifest),
    ]
    disk = check_disk(RUNS / params.run, sum(job.bytes for job in work))
    return [*data, disk, check_work(work, processors())]


def _print(checks: Sequence[Check], out: TextIO) -> None:
    if out.isatty():
        _print_table(checks, out)
        return
    width = max(len(check.name) for check in checks)
    for check in checks:
        out.write(f"{check.status:<8} {check.name:<{width}}  {check.found}\n")
        if check.advice:
            out.write(f"{'':<8} {'':<{width}}  -> {check.advice}\n")


def _print_table(checks: Sequence[Check], out: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("check", "", "found", "what to do", box=None)
    for check in checks:
        status = Text(check.status, style=_COLOURS[check.status])
        table.add_row(Text(check.name), status, Text(check.found), Text(check.advice))
    Console(file=out).print(table)
