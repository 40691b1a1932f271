"""Human3.6M as Martinez et al. packed it for "A simple yet effective baseline" (ICCV 2017).

    h36m.zip, or extracted:
    h36m/S1/MyPoses/3D_positions/Directions 1.h5       3D_positions: 96 x F, millimetres, world
    h36m/S1/StackedHourglass/Directions_1.54138969.h5  poses: (F, 16, 2), pixels (see `detections`)
    h36m/cameras.h5                                    subject1/camera1/{R, T, f, c, k, p, Name}

An extracted tree may lie up to three folders deeper. The archive is taken if it is there, else the tree.

`cameras.h5` holds the numbers of the official metadata.xml: R (3x3) is stored transposed, the position T is in
millimetres, k are three radial and p two tangential coefficients, `Name` the letters of the camera's number. Sources:
`load_camera_params` in the code of Martinez et al. (`src/cameras.py` of
https://github.com/una-dinosauria/3d-pose-baseline, releases before 2020) and `prepare_data_h36m.py` of
https://github.com/facebookresearch/VideoPose3D. How `ige.geometry.cameras` applies the coefficients stands in `metadata`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.fetch.presence import find_extracted, locate
from ige.geometry.cameras import Camera
from ige.poses.h36m.checks import numbers_at, sequence_at, subject_at
from ige.poses.h36m.names import CAMERAS, SUBJECTS

ARCHIVE = "h36m.zip"
LARGEST_BYTES = 64 * 2**20  # of one file: ten times the longest sequence

_POSITIONS = re.compile(r"(?:.*/)?(S[0-9]+)/MyPoses/3D_positions/([^/]+)\.h5")
_POSITIONS_TREE = "**/S*/MyPoses/3D_positions/*.h5"
_CAMERAS = re.compile(r"(?:.*/)?cameras\.h5")
_CAMERAS_TREE = "**/cameras.h5"
_CAMERA_PARTS = {"R": 9, "T": 3, "f": 2, "c": 2, "k": 3, "p": 2}
_NEAREST_M, _FARTHEST_M = 1.0, 20.0


@dataclass(frozen=True, slots=True)
class Member:
    """One file, from an archive or from an extracted tree.

    Attributes:
        parts: what the groups of the pattern matched.
        content: its bytes.
        where: what errors call it.
        origin: its place below the source's folder.
    """

    parts: tuple[str, ...]
    content: bytes
    where: str
    origin: str


def read_members(
    folder: Path, archive_name: str, pattern: re.Pattern[str], tree: str
) -> Iterator[Member]:
    """Read the files of an archive, or of a tree extracted from it.

    Args:
        folder: of the source.
        archive_name: zip or tar.
        pattern: that the whole path of a wanted file matches.
        tree: the same for an extracted tree, as a glob that may begin with `**/`.

    Yields:
        Files in the order of their paths; those of an archive in its own order.

    Raises:
        InputError: if there is no such file, or one cannot be read.
    """
    from ige.storage.archives import open_archive

    archive = locate(folder, archive_name)
    if archive is not None:
        inside = archive.relative_to(folder).as_posix()
        with open_archive(archive) as opened:
            for name, content in opened.iterate(lambda name: pattern.fullmatch(name) is not None):
                yield _member(pattern, name, content, f"{archive}/{name}", f"{inside}/{name}")
        return
    for path in find_extracted(folder, tree):
        origin = path.relative_to(folder).as_posix()
        if pattern.fullmatch(origin) is not None:
            yield _member(pattern, origin, _read(path), str(path), origin)


def read_positions(folder: Path) -> Iterator[tuple[str, str, str, NDArray[np.float32], str]]:
    """Read the sequences of all subjects that are there, one after the other.

    Yields:
        subject, action, take, positions_world (F, 32, 3) float32 metres, and the file below the folder.

    Raises:
        InputError: if a file cannot be read, a name is unknown, or an array is not what it should be.
    """
    for member in read_members(folder, ARCHIVE, _POSITIONS, _POSITIONS_TREE):
        subject = subject_at(member.parts[0], member.where)
        action, take = sequence_at(member.parts[1], member.where)
        values = numbers_at(dataset(member, "3D_positions"), (96, None), member.where)
        metres = (values.T.astype(np.float64) / 1000.0).astype(np.float32).reshape(-1, 32, 3)
        yield subject, action, take, metres, member.origin


def dataset(member: Member, name: str) -> Any:
    """Return one dataset of an HDF5 file.

    Raises:
        InputError: if the file is none, or has no such dataset.
    """
    from ige.storage.foreign import read_hdf5_bytes

    return read_hdf5_bytes(member.content, member.where, [name])[name]


def read_cameras_h5(folder: Path) -> dict[str, tuple[Camera, ...]]:
    """Read the four cameras of each subject that has 3D poses.

    Raises:
        InputError: if there is no `cameras.h5`, or it does not hold cameras of a studio in this layout.
    """
    from ige.storage.foreign import read_hdf5_bytes

    members = list(read_members(folder, ARCHIVE, _CAMERAS, _CAMERAS_TREE))
    if len(members) != 1:
        raise InputError(
            "no cameras.h5" if not members else "several files cameras.h5",
            where=folder,
            expected=f"one, in {ARCHIVE} or extracted from it",
            found=", ".join(member.origin for member in members) or "none",
            next_step="Or set poses.h36m.cameras to metadata if you have metadata.xml",
        )
    member = members[0]
    names = [
        f"{_group(subject, index)}/{part}"
        for subject in SUBJECTS
        for index in range(len(CAMERAS))
        for part in (*_CAMERA_PARTS, "Name")
    ]
    arrays = read_hdf5_bytes(member.content, member.where, names)
    return {
        subject: tuple(
            _camera(arrays, _group(subject, index), CAMERAS[index], member.where)
            for index in range(len(CAMERAS))
        )
        for subject in SUBJECTS
    }


def _group(subject: str, index: int) -> str:
    return f"subject{subject[1:]}/camera{index + 1}"


def _camera(arrays: dict[str, NDArray[Any]], group: str, name: str, where: str) -> Camera:
    place = f"{where}/{group}"
    # The file's vectors are columns, copies of it hold them flat: the numbers count.
    parts = {
        part: numbers_at(arrays[f"{group}/{part}"].reshape(-1), (size,), f"{place}/{part}").astype(np.float64)
        for part, size in _CAMERA_PARTS.items()
    }
    found = _letters(arrays[f"{group}/Name"])
    if found != name:
        raise InputError("another camera", where=f"{place}/Name", expected=name, found=found)
    position = parts["T"] / 1000.0
    distance = float(np.linalg.norm(position))
    if not _NEAREST_M <= distance <= _FARTHEST_M:
        raise InputError(
            "a camera at an implausible place",
            where=f"{place}/T",
            expected=f"{_NEAREST_M:g} to {_FARTHEST_M:g} m from the origin, in millimetres",
            found=f"{distance:g} m",
        )
    rotation = parts["R"].reshape(3, 3).T
    try:
        return Camera(
            name=name,
            extrinsics=np.concatenate([rotation, -(rotation @ position)[:, None]], axis=1),
            focal=parts["f"],
            centre=parts["c"],
            radial=parts["k"],
            tangential=parts["p"],
        )
    except ValueError as error:
        raise InputError(str(error), where=place, expected="a camera of Human3.6M") from error


def _letters(value: NDArray[Any]) -> str:
    """Read a text that MATLAB stored as the numbers of its letters."""
    numbers = value.reshape(-1)
    if numbers.dtype.kind not in "uif" or len(numbers) > 80 or not ((numbers > 31) & (numbers < 127)).all():
        return f"no letters but {numbers.dtype} {str(numbers[:8])[:80]}"
    return "".join(chr(int(number)) for number in numbers)


def _member(pattern: re.Pattern[str], name: str, content: bytes, where: str, origin: str) -> Member:
    match = pattern.fullmatch(name)
    assert match is not None
    return Member(match.groups(), content, where, origin)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise InputError(
                "too large", where=path, expected=f"at most {LARGEST_BYTES:,} bytes", found=f"{size:,}"
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError("cannot be read", where=path, found=str(error.strerror)) from error
