"""2D poses that detectors found in the images of Human3.6M, in pixels and in the order of `skeletons.MPII_16`.

| detector | file | joints |
| --- | --- | --- |
| sh | h36m.zip: S1/StackedHourglass/Directions_1.54138969.h5, poses (F, 16, 2) | hourglass |
| sh-ft | stacked_hourglass_fined_tuned_240.tar.gz: S1/StackedHourglassFineTuned240/..., the same | hourglass |
| vp3d-sh-pt | data_2d_h36m_sh_pt_mpii.npz: the first again, packed by VideoPose3D | hourglass |
| vp3d-sh-ft | data_2d_h36m_sh_ft_h36m.npz: the second again | hourglass |
| vp3d-cpn-ft | data_2d_h36m_cpn_ft_h36m_dbb.npz | 17 of Human3.6M |
| vp3d-gt | data_2d_h36m_gt.npz: 3D poses, projected by VideoPose3D | 17 of Human3.6M |

Hourglass joints are the 16 of MPII, named after the joints of Human3.6M that Martinez et al. match with them (`SH_NAMES`
in `src/data_utils.py` of https://github.com/una-dinosauria/3d-pose-baseline). The 17 are what VideoPose3D leaves of the
32 (`common/h36m_dataset.py` of https://github.com/facebookresearch/VideoPose3D).

CPN's detections are longer than the poses by some frames: 1,561,382 against 1,559,752 of the training subjects
(https://github.com/jfzhang95/PoseAug/issues/46); both begin with the same frame. Those of the stacked hourglass are
as long as the poses.
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
from ige.fetch.presence import locate
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
    *("Hips", "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "Spine", "Neck", "HeadCentre", "HeadBack"),
    *("LShoulder", "LElbow", "LWrist", "RShoulder", "RElbow", "RWrist"),
)

_UNLABELLED = ("S2", "S3", "S4", "S10")  # subjects of Human3.6M whose 3D poses are kept back
_LEAST_PIXELS = 10.0  # detections whose largest coordinate is below are no pixels


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
