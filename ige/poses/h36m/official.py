"""3D poses as Human3.6M's site gives them to registered users.

    Poses_D3_Positions_S1.tgz, ..., or extracted:
    S1/MyPoseFeatures/D3_Positions/Directions 1.cdf      variable Pose: F x 96, millimetres, world

An extracted tree may lie up to three folders deeper. For each subject the archive is taken if it is there,
else the tree. Files whose names begin with `_` (`_ALL.cdf`) are no sequences.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.fetch.finding import locate
from ige.poses.h36m.cdf import LARGEST_BYTES, read_pose
from ige.poses.h36m.checks import sequence_at
from ige.poses.h36m.names import SUBJECTS, metres_of

Sequence = tuple[str, str, str, NDArray[np.float32], str]

_MEMBER = re.compile(r"(?:.*/)?S[0-9]+/MyPoseFeatures/D3_Positions/[^_./][^/]*\.cdf")
_DEPTHS = ("", "*/", "*/*/", "*/*/*/")


def read_positions(folder: Path) -> Iterator[Sequence]:
    """Read the sequences of all subjects that are there, one after the other.

    Yields:
        subject, action, take, positions_world (F, 32, 3) float32 metres, and the file below the folder.

    Raises:
        InputError: if a file or an archive cannot be read, a name is unknown, or a subject lies there twice.
    """
    for subject in SUBJECTS:
        archive = locate(folder, archive_name(subject))
        if archive is not None:
            yield from _archived(folder, archive, subject)
        else:
            yield from _extracted(folder, subject)


def archive_name(subject: str) -> str:
    """Return the name of a subject's archive."""
    return f"Poses_D3_Positions_{subject}.tgz"


def _archived(folder: Path, archive: Path, subject: str) -> Iterator[Sequence]:
    from ige.storage.archives import open_archive

    with (
        tempfile.TemporaryDirectory(prefix="ige-cdf-") as temporary,
        open_archive(archive, most_bytes=LARGEST_BYTES) as opened,
    ):
        unpacked = Path(temporary) / "sequence.cdf"  # cdflib reads files alone
        for member, content in opened.iterate(_is_sequence):
            where = f"{archive}/{member}"
            path = PurePosixPath(member)
            found = path.parts[-4]
            if found != subject:
                raise InputError("another subject", where=where, expected=subject, found=found)
            unpacked.write_bytes(content)
            origin = f"{archive.relative_to(folder).as_posix()}/{member}"
            yield _sequence(unpacked, subject, path.stem, where, origin)


def _is_sequence(member: str) -> bool:
    return _MEMBER.fullmatch(member) is not None


def _extracted(folder: Path, subject: str) -> Iterator[Sequence]:
    places = [
        place
        for depth in _DEPTHS
        for place in sorted(folder.glob(f"{depth}{subject}/MyPoseFeatures/D3_Positions"))
        if place.is_dir()
    ]
    if len(places) > 1:
        raise InputError(
            f"{subject} lies there twice",
            where=folder,
            expected="one folder of each subject",
            found=", ".join(place.relative_to(folder).as_posix() for place in places),
            next_step="Remove all but one",
        )
    for place in places:
        for path in sorted(place.glob("*.cdf")):
            if not path.name.startswith(("_", ".")):
                origin = path.relative_to(folder).as_posix()
                yield _sequence(path, subject, path.stem, str(path), origin)


def _sequence(path: Path, subject: str, name: str, where: str, origin: str) -> Sequence:
    action, take = sequence_at(name, where)
    return subject, action, take, metres_of(read_pose(path, where)).reshape(-1, 32, 3), origin
