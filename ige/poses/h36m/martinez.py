"""Human3.6M as Martinez et al. packed it for "A simple yet effective baseline" (ICCV 2017).

    h36m.zip, or extracted:
    h36m/S1/MyPoses/3D_positions/Directions 1.h5       3D_positions: 96 x F, millimetres, world
    h36m/S1/StackedHourglass/Directions_1.54138969.h5  poses: (F, 16, 2), pixels (see `detections`)
    h36m/cameras.h5                                    subject1/camera1/{R, T, f, c, k, p, Name}

An extracted tree may lie up to three folders deeper. The archive is taken if it is there, else the tree.

`cameras.h5` holds the numbers of the official metadata.xml: R (3x3) is stored transposed, the position T is
in millimetres, k are three radial and p two tangential coefficients, `Name` are the letters of the camera's
number; vectors are columns. Sources: `load_camera_params` in copies of the code of Martinez et al. before
2020 (https://github.com/una-dinosauria/3d-pose-baseline/issues/146 says where its numbers come from) and
`data/prepare_data_h36m.py` of https://github.com/facebookresearch/VideoPose3D. How the coefficients of
distortion are applied stands in `metadata`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.fetch.finding import find_extracted, locate
from ige.geometry.cameras import Camera
from ige.poses.h36m.checks import finite_at, sequence_at, subject_at
from ige.poses.h36m.names import CAMERAS, SUBJECTS, metres_of
from ige.poses.h36m.studio import studio_camera
from ige.storage.plain_arrays import Shape

ARCHIVE = "h36m.zip"

_POSITIONS = re.compile(r"(?:.*/)?(S[0-9]+)/MyPoses/3D_positions/([^/]+)\.h5")
_POSITIONS_TREES = ("**/S*/MyPoses/3D_positions/*.h5",)
_CAMERAS = re.compile(r"(?:.*/)?cameras\.h5")
_CAMERAS_TREES = ("**/cameras.h5",)
_SHAPES = {"R": (3, 3), "T": (3, 1), "f": (2, 1), "c": (2, 1), "k": (3, 1), "p": (2, 1)}


@dataclass(frozen=True, slots=True)
class Member:
    """One file, from an archive or from an extracted tree.

    Attributes:
        parts: what the groups of the pattern matched.
        source: the extracted file, or the bytes of one in an archive.
        where: what errors call it.
        origin: its place below the source's folder.
    """

    parts: tuple[str, ...]
    source: Path | bytes
    where: str
    origin: str


def read_members(
    folder: Path, archive_name: str, pattern: re.Pattern[str], trees: Sequence[str]
) -> Iterator[Member]:
    """Read the files of an archive, or of a tree extracted from it.

    Args:
        folder: of the source.
        archive_name: zip or tar.
        pattern: that the whole path of a wanted file matches.
        trees: the same for an extracted tree, as globs that may begin with `**/`.

    Yields:
        Files in the order of their paths, those of an archive in its own order; nothing if there is neither.

    Raises:
        InputError: if a file cannot be read.
    """
    from ige.storage.archives import open_archive

    archive = locate(folder, archive_name)
    if archive is not None:
        inside = archive.relative_to(folder).as_posix()
        with open_archive(archive) as opened:
            for name, content in opened.iterate(lambda name: pattern.fullmatch(name) is not None):
                if match := pattern.fullmatch(name):
                    yield Member(match.groups(), content, f"{archive}/{name}", f"{inside}/{name}")
        return
    for path in (path for tree in trees for path in find_extracted(folder, tree)):
        origin = path.relative_to(folder).as_posix()
        if match := pattern.fullmatch(origin):
            yield Member(match.groups(), path, str(path), origin)


def read_positions(folder: Path) -> Iterator[tuple[str, str, str, NDArray[np.float32], str]]:
    """Read the sequences of all subjects that are there, one after the other.

    Yields:
        subject, action, take, positions_world (F, 32, 3) float32 metres, and the file below the folder.

    Raises:
        InputError: if a file cannot be read, a name is unknown, or an array is not what it should be.
    """
    for member in read_members(folder, ARCHIVE, _POSITIONS, _POSITIONS_TREES):
        subject = subject_at(member.parts[0], member.where)
        action, take = sequence_at(member.parts[1], member.where)
        values = array_at(member, "3D_positions", (96, None), "f")
        yield subject, action, take, metres_of(values.T).reshape(-1, 32, 3), member.origin


def array_at(member: Member, name: str, shape: Shape, kinds: str) -> NDArray[Any]:
    """Read one array of an HDF5 file: finite numbers, at least one.

    Raises:
        InputError: if the file is none, or has no such array.
    """
    from ige.storage.foreign import read_hdf5

    arrays = read_hdf5(member.source, member.where, {name: (shape, kinds)})
    return finite_at(arrays[name], f"{member.where}/{name}")


def read_cameras_h5(folder: Path) -> dict[str, tuple[Camera, ...]]:
    """Read the four cameras of each subject that has 3D poses.

    Raises:
        InputError: if there is no `cameras.h5`, or it does not hold cameras of a studio in this layout.
    """
    members = list(read_members(folder, ARCHIVE, _CAMERAS, _CAMERAS_TREES))
    if len(members) != 1:
        raise InputError(
            "no cameras.h5" if not members else "several files cameras.h5",
            where=folder,
            expected=f"one, in {ARCHIVE} or extracted from it",
            found=", ".join(member.origin for member in members) or "none",
            next_step="Or set poses.h36m.cameras to metadata if you have metadata.xml",
        )
    return _rigs(members[0])


def _rigs(member: Member) -> dict[str, tuple[Camera, ...]]:
    from ige.storage.foreign import read_hdf5

    groups = {
        (subject, name): f"subject{subject[1:]}/camera{number}"
        for subject in SUBJECTS
        for number, name in enumerate(CAMERAS, start=1)
    }
    wanted = {f"{group}/{part}": (shape, "f") for group in groups.values() for part, shape in _SHAPES.items()}
    arrays = read_hdf5(member.source, member.where, wanted)
    letters = _letters(member, [f"{group}/Name" for group in groups.values()])
    rigs: dict[str, tuple[Camera, ...]] = {}
    for (subject, name), group in groups.items():
        if letters[f"{group}/Name"] != name:
            raise InputError(
                "another camera",
                where=f"{member.where}/{group}/Name",
                expected=name,
                found=repr(letters[f"{group}/Name"]),
            )
        parts = {part: arrays[f"{group}/{part}"] for part in _SHAPES}
        rigs[subject] = (*rigs.get(subject, ()), _camera(parts, name, f"{member.where}/{group}"))
    return rigs


def _letters(member: Member, names: Sequence[str]) -> dict[str, str]:
    """Read texts that MATLAB wrote as the numbers of their letters, in a column or flat."""
    from ige.storage.foreign import read_hdf5

    try:
        arrays = read_hdf5(member.source, member.where, dict.fromkeys(names, ((8, 1), "uif")))
    except InputError:
        arrays = read_hdf5(member.source, member.where, dict.fromkeys(names, ((8,), "uif")))
    return {
        name: "".join(chr(int(number)) if 32 < number < 127 else "?" for number in array.reshape(-1))
        for name, array in arrays.items()
    }


def _camera(parts: Mapping[str, NDArray[Any]], name: str, where: str) -> Camera:
    numbers = {part: finite_at(array, f"{where}/{part}").astype(np.float64) for part, array in parts.items()}
    return studio_camera(
        name,
        numbers["R"].T,
        numbers["T"].reshape(3),
        np.concatenate([numbers[part].reshape(-1) for part in "fckp"]),
        where=where,
        stored_as="stored transposed",
    )
