"""2D poses that detectors found in the images of Human3.6M: pixels, in the order of `skeletons.MPII_16`.

| detector | file | joints |
| --- | --- | --- |
| sh | h36m.zip: S1/StackedHourglass/Directions_1.54138969.h5, poses (F, 16, 2) | hourglass |
| sh-ft | stacked_hourglass_fined_tuned_240.tar.gz: S1/StackedHourglassFineTuned240/... | hourglass |
| vp3d-sh-pt | data_2d_h36m_sh_pt_mpii.npz: the first again, packed by VideoPose3D | hourglass |
| vp3d-sh-ft | data_2d_h36m_sh_ft_h36m.npz: the second again | hourglass |
| vp3d-cpn-ft | data_2d_h36m_cpn_ft_h36m_dbb.npz | 17 of Human3.6M |
| vp3d-gt | data_2d_h36m_gt.npz: 3D poses, projected by VideoPose3D | 17 of Human3.6M |

Hourglass joints are the 16 of MPII, named after the joints of Human3.6M that Martinez et al. match with them
(`SH_NAMES` in `src/data_utils.py` of https://github.com/una-dinosauria/3d-pose-baseline). The 17 are what
VideoPose3D leaves of the 32 (`common/h36m_dataset.py` of https://github.com/facebookresearch/VideoPose3D).

CPN's detections are longer than the poses by some frames: 1,561,382 against 1,559,752 of the training
subjects (https://github.com/jfzhang95/PoseAug/issues/46); VideoPose3D takes the first frames of them
(`run.py`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.fetch.finding import locate
from ige.geometry.skeletons import MPII_16
from ige.poses.h36m import martinez, videopose3d
from ige.poses.h36m.checks import numbers_at, sequence_at, subject_at
from ige.poses.h36m.counts import NOT_PACKED
from ige.poses.h36m.exclusions import known_faults
from ige.poses.h36m.names import CAMERAS

log = logging.getLogger(__name__)

ViewKey = tuple[str, str, str, str]

HOURGLASS_JOINTS = (
    *("RAnkle", "RKnee", "RHip", "LHip", "LKnee", "LAnkle", "Hips", "Spine", "Neck", "HeadBack"),
    *("RWrist", "RElbow", "RShoulder", "LShoulder", "LElbow", "LWrist"),
)
H36M_17_JOINTS = (
    *(
        "Hips",
        "RHip",
        "RKnee",
        "RAnkle",
        "LHip",
        "LKnee",
        "LAnkle",
        "Spine",
        "Neck",
        "HeadCentre",
        "HeadBack",
    ),
    *("LShoulder", "LElbow", "LWrist", "RShoulder", "RElbow", "RWrist"),
)

_UNLABELLED = ("S2", "S3", "S4", "S10")  # subjects of Human3.6M whose 3D poses are kept back
_LEAST_PIXELS, _MOST_PIXELS = 10.0, 100_000.0  # of the largest coordinate of a view: images have 1000


@dataclass(frozen=True, slots=True)
class _Hourglass:
    archive: str
    member: re.Pattern[str]
    trees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Packed:
    file: str
    layout: str
    joints: tuple[str, ...]


# Descriptions of the archive, and code that reads it, differ in where it keeps these.
_PRETRAINED = _Hourglass(
    martinez.ARCHIVE,
    re.compile(r"(?:.*/)?(S[0-9]+)/(?:MyPoses/3D_positions/)?StackedHourglass/([^/]+)\.([0-9]+)\.h5"),
    ("**/S*/StackedHourglass/*.h5", "**/S*/MyPoses/3D_positions/StackedHourglass/*.h5"),
)
_FINE_TUNED = _Hourglass(
    "stacked_hourglass_fined_tuned_240.tar.gz",
    re.compile(r"(?:.*/)?(S[0-9]+)/StackedHourglassFineTuned240/([^/]+)\.([0-9]+)\.h5"),
    ("**/S*/StackedHourglassFineTuned240/*.h5",),
)
_SOURCES: Mapping[str, _Hourglass | _Packed] = {
    "sh": _PRETRAINED,
    "sh-ft": _FINE_TUNED,
    "vp3d-sh-pt": _Packed("data_2d_h36m_sh_pt_mpii.npz", "mpii", HOURGLASS_JOINTS),
    "vp3d-sh-ft": _Packed("data_2d_h36m_sh_ft_h36m.npz", "mpii", HOURGLASS_JOINTS),
    "vp3d-cpn-ft": _Packed("data_2d_h36m_cpn_ft_h36m_dbb.npz", "h36m", H36M_17_JOINTS),
    "vp3d-gt": _Packed("data_2d_h36m_gt.npz", "h36m", H36M_17_JOINTS),
}


@dataclass(frozen=True, slots=True, eq=False)
class DetectedView:
    """What a detector found in one video.

    Attributes:
        subject: e.g. "S1".
        action: e.g. "Walking".
        take: e.g. "1".
        camera: its number as a text.
        pixels: (F, 16, 2) float32 in the order of `skeletons.MPII_16`, from frame 0.
        origin: the file below the source's folder, and the place in it.
    """

    subject: str
    action: str
    take: str
    camera: str
    pixels: NDArray[np.float32]
    origin: str

    @property
    def key(self) -> ViewKey:
        """Subject, action, take and camera."""
        return self.subject, self.action, self.take, self.camera


def read_detections(folder: Path, detector: str) -> Iterator[DetectedView]:
    """Read the views of all subjects that are there, one after the other.

    Args:
        folder: of Human3.6M's files.
        detector: one of the table above.

    Raises:
        InputError: if there are none, a file cannot be read, a view is there twice, or an array is not what
            it should be.
    """
    source = _SOURCES[detector]
    views = _hourglass(folder, source) if isinstance(source, _Hourglass) else _packed(folder, source)
    origins: dict[ViewKey, str] = {}
    for view in views:
        if view.key in origins:
            raise InputError(
                f"detections of {'/'.join(view.key)} are there twice",
                where=folder,
                found=f"{origins[view.key]} and {view.origin}",
                next_step="Remove one of them",
            )
        origins[view.key] = view.origin
        yield view
    if not origins:
        name = source.archive if isinstance(source, _Hourglass) else source.file
        raise InputError(
            f"no detections of {detector}",
            where=folder,
            expected=f"{name} with detections, or a tree extracted from it",
            found="none" if locate(folder, name) is None else f"{name} without any",
        )


def known_gaps(detector: str) -> dict[ViewKey, str]:
    """Return the views that the published files of a detector do not have, and why."""
    reasons = {
        (fault.subject, fault.action, fault.take, camera): f"{fault.reason} ({fault.source})"
        for fault in known_faults()
        if fault.applies == "detections"
        for camera in ([fault.camera] if fault.camera else CAMERAS)
    }
    if isinstance(_SOURCES[detector], _Packed):
        for sequence in NOT_PACKED["videopose3d"]:
            for camera in CAMERAS:
                reason = "VideoPose3D leaves the sequence out, as one of its videos cannot be played"
                reasons.setdefault((*sequence, camera), reason)
    return reasons


def _hourglass(folder: Path, source: _Hourglass) -> Iterator[DetectedView]:
    order = _order(HOURGLASS_JOINTS)
    for member in martinez.read_members(folder, source.archive, source.member, source.trees):
        name, sequence, camera = member.parts
        subject = subject_at(name, member.where)
        action, take = sequence_at(sequence, member.where)
        if camera not in CAMERAS:
            raise InputError(
                "unknown camera", where=member.where, expected=", ".join(CAMERAS), found=camera[:80]
            )
        poses = martinez.array_at(member, "poses", (None, 16, 2), "fiu")
        pixels = _pixels(poses, order, member.where)
        yield DetectedView(subject, action, take, camera, pixels, member.origin)


def _packed(folder: Path, source: _Packed) -> Iterator[DetectedView]:
    path = locate(folder, source.file)
    if path is None:
        return
    arrays = videopose3d.read_arrays_of(path, "positions_2d", "metadata")
    _require_layout(arrays["metadata"], source, path)
    order = _order(source.joints)
    gaps = known_gaps("vp3d-gt")
    for entry in videopose3d.entries(folder, path, arrays["positions_2d"]):
        if entry.subject in _UNLABELLED:
            log.debug("passed over %s: %s has no 3D poses", entry.where, entry.subject)
            continue
        subject = subject_at(entry.subject, entry.where)
        action, take = sequence_at(entry.sequence, entry.where)
        for camera, value in zip(CAMERAS, _four(entry.value, entry.where), strict=True):
            if value is None and (subject, action, take, camera) in gaps:
                continue
            where = f"{entry.where}/{camera}"
            poses = numbers_at(value, (None, len(source.joints), None), where, "fiu")
            pixels = _pixels(poses, order, where)
            yield DetectedView(subject, action, take, camera, pixels, f"{entry.origin}/{camera}")


def _four(views: Any, where: str) -> Sequence[Any]:
    if not isinstance(views, list | tuple) or len(views) != len(CAMERAS):
        size = f" of {len(views)}" if isinstance(views, list | tuple) else ""
        raise InputError(
            "not one array for each camera",
            where=where,
            expected=f"a list of 4, for the cameras {', '.join(CAMERAS)}",
            found=f"{type(views).__name__}{size}",
        )
    return views


def _pixels(values: NDArray[Any], order: Sequence[int], where: str) -> NDArray[np.float32]:
    if values.shape[-1] < 2:
        raise InputError(
            "wrong shape", where=where, expected="x and y of each joint", found=str(values.shape)
        )
    pixels = np.ascontiguousarray(values[:, order, :2], dtype=np.float32)
    largest = float(np.abs(pixels).max())
    if not _LEAST_PIXELS <= largest <= _MOST_PIXELS:
        raise InputError(
            "no pixels of an image",
            where=where,
            expected=f"coordinates up to {_LEAST_PIXELS:g} at least and {_MOST_PIXELS:g} at most",
            found=f"up to {largest:g}",
        )
    return pixels


def _order(joints: Sequence[str]) -> list[int]:
    return [joints.index(name) for name in MPII_16.names]


def _require_layout(metadata: Any, source: _Packed, path: Path) -> None:
    """Check what a file says of its joints against the order in which they are taken."""
    where = f"{path}/metadata"
    if not isinstance(metadata, Mapping):
        raise InputError("no table", where=where, found=type(metadata).__name__)
    layout = metadata.get("layout_name", source.layout)
    if layout != source.layout:
        raise InputError(
            "another layout of joints", where=where, expected=source.layout, found=repr(layout)[:80]
        )
    count = metadata.get("num_joints")
    if count != len(source.joints):
        raise InputError(
            "another number of joints", where=where, expected=str(len(source.joints)), found=repr(count)[:80]
        )
    sides = [[n for n, name in enumerate(source.joints) if name.startswith(side)] for side in "LR"]
    found = metadata.get("keypoints_symmetry")
    try:
        same = [[int(joint) for joint in side] for side in found] == sides  # type: ignore[union-attr]
    except (TypeError, ValueError):
        same = False
    if not same:
        raise InputError(
            "another symmetry of joints (keypoints_symmetry: left, right)",
            where=where,
            expected=str(sides),
            found=repr(found)[:120],
        )
