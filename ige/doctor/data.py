"""Whether the data that the parameters ask for is there."""

from __future__ import annotations

import gzip
import re
import zlib
from fnmatch import fnmatch
from pathlib import Path

from ige.doctor.check import Check
from ige.fetch.presence import compact
from ige.params.params import Params
from ige.workflow.sources import SourceData, motion_files

_MOTIONS = (".bvh", ".bvh.gz", ".amc", ".amc.gz")
_AMC_BYTES_PER_FRAME = {".amc": 767, ".amc.gz": 265}  # of CMU's files, 29 bones
_HEADER_BYTES = 1 << 18  # a BVH hierarchy of 100 joints takes 32 kB


def what_lacks(name: str, data: SourceData) -> Check | None:
    """Tell what a source lacks, or why it is of no use; None if nothing is amiss."""
    absent = data.absent(list(data.groups))
    if absent:
        names = compact([presence.file.file for presence in absent])
        found = f"{data.folder}: {len(absent)} files missing or not as they should be: {names}"
        return Check(name, "missing", found, "ige check-data tells where to get them and where to put them")
    return Check(name, "missing", data.problem) if data.problem else None


def check_data(params: Params, data: SourceData | None) -> Check:
    """Tell where the poses come from and whether they are there.

    Args:
        params: all settings.
        data: what there is of the source of poses; None where poses are generated.
    """
    if data is None:
        return Check("poses", "ok", "poses are generated, nothing to download")
    if (lack := what_lacks("poses", data)) is not None:
        return lack
    if params.poses.source == "mocap":
        files = motions(data.folder)
        if not files:
            return Check("poses", "missing", f"no motion files in {data.folder}", "See docs/mocap.md")
        return Check("poses", "ok", f"{len(files)} motion files in {data.folder}")
    return Check("poses", "ok", f"{', '.join(data.groups)} of {data.source} in {data.folder}")


def motions(folder: Path) -> list[Path]:
    """List the files that hold motions."""
    return [Path(file) for file in motion_files(folder) if file.lower().endswith(_MOTIONS)]


def count_frames(params: Params, folder: Path) -> int:
    """Count the frames of a folder's motions, roughly: from BVH headers, and from the sizes of AMC files."""
    mocap = params.poses.mocap
    left_out = [*mocap.repeats, *(skip.pattern for skip in mocap.skip)]
    files = [
        file
        for file in motions(folder)
        if not any(fnmatch(file.relative_to(folder).as_posix(), pattern) for pattern in left_out)
    ]
    return sum(_frames(file) for file in files)


def _frames(file: Path) -> int:
    """Count the frames of a motion; a file that cannot be read counts nothing, its stage will tell why."""
    name = file.name.lower()
    for suffix, size in _AMC_BYTES_PER_FRAME.items():
        if name.endswith(suffix):
            return file.stat().st_size // size
    try:
        with gzip.open(file) if name.endswith(".gz") else file.open("rb") as stream:
            found = re.search(rb"Frames:\s*(\d+)", stream.read(_HEADER_BYTES))
    except (OSError, EOFError, zlib.error):
        return 0
    return int(found[1]) if found else 0
