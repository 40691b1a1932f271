"""Human3.6M as VideoPose3D packs it (Pavllo et al., CVPR 2019).

    data_3d_h36m.npz             positions_3d: {subject: {sequence: (F, 32, 3)}}, metres, world
    data_2d_h36m_<detector>.npz  positions_2d: {subject: {sequence: [(F, J, 2) of each camera]}}, pixels
                                 metadata: {num_joints, keypoints_symmetry, sometimes layout_name}

Sequences are named as in the official files, cameras come in the order of `names.CAMERAS`. S11 Directions is
missing in all of them; the files of CPN and Mask R-CNN also hold S2, S3 and S4, which have no 3D poses. There
are no cameras in them. Source: `data/prepare_data_h36m.py`, `data/prepare_data_2d_h36m_sh.py` and
`DATASETS.md` of https://github.com/facebookresearch/VideoPose3D.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.fetch.finding import locate
from ige.poses.h36m.checks import numbers_at, sequence_at, subject_at

POSITIONS = "data_3d_h36m.npz"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file holds of one sequence.

    Attributes:
        subject: as it is called there.
        sequence: as it is called there.
        value: whatever stands there.
        where: what errors call it.
        origin: its place below the source's folder.
    """

    subject: str
    sequence: str
    value: Any
    where: str
    origin: str


def read_positions(folder: Path) -> Iterator[tuple[str, str, str, NDArray[np.float32], str]]:
    """Read the sequences of all subjects that are there, one after the other.

    Yields:
        subject, action, take, positions_world (F, 32, 3) float32 metres, and the file below the folder with
        the sequence's place in it.

    Raises:
        InputError: if the file cannot be read or holds code, a name is unknown, or an array is not what it
            should be.
    """
    path = locate(folder, POSITIONS)
    if path is None:
        return
    for entry in entries(folder, path, read_arrays_of(path, "positions_3d")["positions_3d"]):
        subject = subject_at(entry.subject, entry.where)
        action, take = sequence_at(entry.sequence, entry.where)
        values = numbers_at(entry.value, (None, 32, 3), entry.where, "f")
        yield subject, action, take, np.ascontiguousarray(values, dtype=np.float32), entry.origin


def read_arrays_of(path: Path, *names: str) -> dict[str, Any]:
    """Return what a file holds under these names, without running any code in it.

    Raises:
        InputError: if it is no such file, one of them is missing, or it holds more than arrays in plain
            containers.
    """
    from ige.storage.npz import read_npz

    found = read_npz(path, objects=True)
    for name in names:
        if name not in found:
            raise InputError(
                f"no {name} in it",
                where=path,
                expected=f"a file that VideoPose3D packed, with {' and '.join(names)}",
                found=", ".join(sorted(found))[:200] or "nothing",
            )
    return {name: found[name] for name in names}


def entries(folder: Path, path: Path, table: Any) -> Iterator[Entry]:
    """Yield the sequences of all subjects, in the file's order.

    The table is emptied on the way, so that no more than one sequence is in memory twice.

    Raises:
        InputError: if it is no table of tables with texts for names.
    """
    inside = path.relative_to(folder).as_posix()
    for subject, sequences in _items(table, str(path), "{subject: {sequence: arrays}}"):
        place = f"{path}/{subject}"
        for sequence, value in _items(sequences, place, "{sequence: arrays}"):
            yield Entry(subject, sequence, value, f"{place}/{sequence}", f"{inside}/{subject}/{sequence}")


def _items(table: Any, where: str, expected: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(table, Mapping):
        raise InputError("no table", where=where, expected=expected, found=type(table).__name__)
    for name in list(table):
        if not isinstance(name, str) or not name.isprintable():
            raise InputError("a name that is no text", where=where, expected=expected, found=repr(name)[:80])
        yield name, table.pop(name) if isinstance(table, dict) else table[name]
