"""The cameras before which clips are put: those of one rig for all, or those that recorded each subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.cameras import Camera, look_at
from ige.params.poses import ExplicitCamera, ExplicitRig, RecordedRig, RingCamera, RingRig


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """The cameras of a split.

    Attributes:
        cameras: all of them, as a lifting set lists them.
        of_subject: for each subject the index into `cameras` by the name of the camera, in their order.
    """

    cameras: tuple[Camera, ...]
    of_subject: dict[str, dict[str, int]]


def rig_of(
    settings: RingRig | ExplicitRig | RecordedRig,
    recorded: Mapping[str, Sequence[Camera]],
    subjects: Sequence[str],
    where: Path,
) -> Rig:
    """Return the cameras that see these subjects.

    Recorded cameras differ between subjects: a lifting set lists them as subject/camera, e.g. "S1/54138969".

    Args:
        settings: which cameras are taken.
        recorded: by subject the cameras that recorded it.
        subjects: of the split.
        where: the file that holds `recorded`, named in errors.

    Raises:
        InputError: naming the camera, if one has no valid place or matrix, or the subjects without recorded
            cameras.
    """
    if not isinstance(settings, RecordedRig):
        cameras = rig_cameras(settings)
        indices = {camera.name: index for index, camera in enumerate(cameras)}
        return Rig(cameras, dict.fromkeys(subjects, indices))
    if lacking := sorted(set(subjects) - set(recorded)):
        raise InputError(
            "poses.lifting.rig.kind is recorded, but the clips come without the cameras of some subjects",
            where=where,
            expected=f"cameras of {', '.join(sorted(subjects))}",
            found=f"none of {', '.join(lacking)}",
        )
    all_cameras: list[Camera] = []
    of_subject: dict[str, dict[str, int]] = {}
    for subject in sorted(subjects):
        of_subject[subject] = {
            camera.name: len(all_cameras) + number for number, camera in enumerate(recorded[subject])
        }
        all_cameras += [replace(camera, name=f"{subject}/{camera.name}") for camera in recorded[subject]]
    return Rig(tuple(all_cameras), of_subject)


def rig_cameras(rig: RingRig | ExplicitRig) -> tuple[Camera, ...]:
    """Build the cameras of a rig that the parameters describe.

    Raises:
        InputError: naming the camera, if one has no valid place or matrix.
    """
    described: Sequence[RingCamera | ExplicitCamera] = rig.cameras
    try:
        if isinstance(rig, RingRig):
            matrices = [_ring_extrinsics(camera, rig.look_at_m) for camera in rig.cameras]
        else:
            matrices = [np.array(camera.extrinsics, dtype=np.float64) for camera in rig.cameras]
        return tuple(
            Camera(
                name=camera.name,
                extrinsics=extrinsics,
                focal=np.array(camera.focal_pixels, dtype=np.float64),
                centre=np.array(camera.centre_pixels, dtype=np.float64),
                radial=np.array(camera.radial, dtype=np.float64),
                tangential=np.array(camera.tangential, dtype=np.float64),
            )
            for camera, extrinsics in zip(described, matrices, strict=True)
        )
    except ValueError as error:
        raise InputError(str(error), where="poses.lifting.rig.cameras") from error


def _ring_extrinsics(camera: RingCamera, target: Sequence[float]) -> NDArray[np.float64]:
    azimuth = np.radians(camera.azimuth_degrees)
    eye = (camera.distance_m * np.cos(azimuth), camera.distance_m * np.sin(azimuth), camera.height_m)
    return look_at(eye, target)
