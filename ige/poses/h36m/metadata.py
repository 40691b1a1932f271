"""The cameras of Human3.6M from `metadata.xml` of its official software.

Element `w0` holds 300 numbers between square brackets. With cameras c = 0..3 in the order of `names.CAMERAS`
and subjects s = 1..11, six numbers from index 6 (11 c + s - 1) are the extrinsics: three angles a, b, g in
radians and the camera's position T in millimetres,

    R = Rx(a) Ry(b) Rz(g)        X_cam = R (X_world - T)

with right-handed rotations about the axes, and nine numbers from index 264 + 9 c the intrinsics: fx, fy, cx,
cy, k1, k2, k3, p1, p2, the same for all subjects.

The coefficients of distortion are taken as they are and applied as OpenCV does (`ige.geometry.cameras`). The
published code of Martinez et al. 2017 (`cameras.py` of 3d-pose-baseline) applies the same coefficients
without OpenCV's factor 2 at the tangential part. Projections differ by at most 0.25 pixels within a quarter
of the image's width from its centre.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.fetch.finding import locate
from ige.geometry.cameras import Camera
from ige.poses.h36m.names import CAMERAS, SUBJECTS
from ige.poses.h36m.studio import studio_camera

METADATA = "metadata.xml"
NUMBERS = 300

_SUBJECTS_IN_FILE = 11
_INTRINSICS = 6 * _SUBJECTS_IN_FILE * len(CAMERAS)


def read_cameras(folder: Path) -> dict[str, tuple[Camera, ...]]:
    """Read the four cameras of each subject that has 3D poses.

    Raises:
        InputError: if there is no `metadata.xml`, it has no `w0` of 300 finite numbers, or these cannot be
            cameras in a studio.
    """
    from ige.storage.foreign import read_xml_text

    path = locate(folder, METADATA)
    if path is None:
        raise InputError(
            f"no {METADATA}",
            where=folder,
            expected="the file of the official software, which holds the cameras",
            next_step="Or set poses.h36m.cameras to cameras-h5 if you have h36m.zip",
        )
    numbers = _numbers(path, read_xml_text(path, "w0"))
    return {
        subject: tuple(_camera(path, numbers, index, subject) for index in range(len(CAMERAS)))
        for subject in SUBJECTS
    }


def _numbers(path: Path, text: str) -> NDArray[np.float64]:
    words = re.split(r"[\s,;]+", text.strip().removeprefix("[").removesuffix("]").strip())
    expected = f"{NUMBERS} numbers in element w0"
    if len(words) != NUMBERS:
        raise InputError(
            "wrong number of camera parameters", where=path, expected=expected, found=str(len(words))
        )
    try:
        numbers = np.array([float(word) for word in words])
    except ValueError as error:
        raise InputError("no numbers", where=path, expected=expected, found=str(error)) from error
    if not np.isfinite(numbers).all():
        first = int(np.flatnonzero(~np.isfinite(numbers))[0])
        raise InputError(
            "camera parameters that are not finite",
            where=path,
            expected=expected,
            found=f"{words[first]} at {first}",
        )
    return numbers


def _camera(path: Path, numbers: NDArray[np.float64], index: int, subject: str) -> Camera:
    start = 6 * (_SUBJECTS_IN_FILE * index + int(subject[1:]) - 1)
    a, b, g = numbers[start : start + 3]
    first = _INTRINSICS + 9 * index
    return studio_camera(
        CAMERAS[index],
        rotation_xyz(a, b, g),
        numbers[start + 3 : start + 6],
        numbers[first : first + 9],
        where=f"{path}, camera {CAMERAS[index]} of {subject}",
        stored_as="as three angles in radians",
    )


def rotation_xyz(a: float, b: float, g: float) -> NDArray[np.float64]:
    """Return Rx(a) Ry(b) Rz(g), 3x3, for angles in radians."""
    (sa, sb, sg), (ca, cb, cg) = np.sin([a, b, g]), np.cos([a, b, g])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, ca, -sa], [0.0, sa, ca]])
    about_y = np.array([[cb, 0.0, sb], [0.0, 1.0, 0.0], [-sb, 0.0, cb]])
    about_z = np.array([[cg, -sg, 0.0], [sg, cg, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray(about_x @ about_y @ about_z)
