"""Stage `prepare_detections`: what a detector found in all videos, in one file that is read at once.

| in | out |
| --- | --- |
| the files of the chosen detector | detections.h5: per view `views/<number>/pixels` (F, 16, 2) float32 |
| | detector; subject, action, take, camera and origin of each view; views that are known to be missing |

Pixels are as detected, distortion included, in the order of `skeletons.MPII_16`, from frame 0 on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.poses.h36m.detections import DetectedView, ViewKey, known_gaps, read_detections
from ige.poses.h36m.names import CAMERAS, sequence_order
from ige.storage.arrays import damaged, read_arrays, write_arrays

if TYPE_CHECKING:
    from ige.params.poses import Detections

log = logging.getLogger(__name__)

KIND = "detections"

_VIEWS = 840  # of Human3.6M: 210 sequences, four cameras
_KEY = ("subject", "action", "take", "camera")


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """What a file of detections holds.

    Attributes:
        detector: its name in the parameters.
        views: (F, 16, 2) float32 pixels by subject, action, take and camera.
        gaps: views that the published files of the detector do not have, with the reason.
    """

    detector: str
    views: dict[ViewKey, NDArray[np.float32]]
    gaps: dict[ViewKey, str] = field(default_factory=dict)


def prepare_detections(*, folder: Path, out: Path, settings: Detections) -> None:
    """Write the detections of one detector to one file.

    Args:
        folder: where the files of Human3.6M lie.
        out: detections.h5.
        settings: the chosen detector.

    Raises:
        InputError: if its files are missing, damaged or not what they should be.
        StorageError: if the file cannot be written.
    """
    if not folder.is_dir():
        raise InputError("no such folder", where=folder, expected="the files of Human3.6M")
    views = []
    with progress(f"reading detections of {settings.detector}", _VIEWS) as shown:
        for view in read_detections(folder, settings.detector):
            views.append(view)
            shown.advance(view="/".join(view.key))
    gaps = known_gaps(settings.detector)
    write_detected(out, settings.detector, views, gaps)
    frames = sum(len(view.pixels) for view in views)
    missing = len(gaps.keys() - {view.key for view in views})
    log.info("%d views, %d frames, %d views are known to be missing", len(views), frames, missing)


def write_detected(
    path: Path, detector: str, views: Iterable[DetectedView], gaps: Mapping[ViewKey, str] | None = None
) -> None:
    """Write detections to an HDF5 file, in the order of subjects, actions, takes and cameras.

    Args:
        path: to write.
        detector: its name in the parameters.
        views: in any order.
        gaps: views that may be missing, with the reason; those that are there are left out of it.

    Raises:
        ValueError: if pixels are not (F, 16, 2) float32 or not finite, or a view is there twice.
        StorageError: if the file cannot be written.
    """
    ordered = sorted(views, key=lambda view: _place(view.key))
    present = {view.key for view in ordered}
    if len(present) != len(ordered):
        raise ValueError("a view is there twice")
    for view in ordered:
        _require_pixels(view)
    missing = {key: reason for key, reason in (gaps or {}).items() if key not in present}
    attributes = {
        "detector": detector,
        "views": [{**dict(zip(_KEY, view.key, strict=True)), "origin": view.origin} for view in ordered],
        "gaps": [
            {**dict(zip(_KEY, key, strict=True)), "reason": missing[key]}
            for key in sorted(missing, key=_place)
        ],
    }
    arrays = {_array_name(number): view.pixels for number, view in enumerate(ordered)}
    write_arrays(path, KIND, arrays, attributes)


def read_detected(path: Path) -> Detected:
    """Read a file of detections whole.

    Raises:
        InputError: if the file is missing, of another kind, or damaged.
    """
    content = read_arrays(path, KIND)
    try:
        rows = content.attributes["views"]
        return Detected(
            detector=content.attributes["detector"],
            views={_key(row): content.arrays[_array_name(number)] for number, row in enumerate(rows)},
            gaps={_key(row): row["reason"] for row in content.attributes["gaps"]},
        )
    except KeyError as error:
        raise damaged(path, KIND, f"no {error}") from error


def _key(row: Mapping[str, str]) -> ViewKey:
    return row["subject"], row["action"], row["take"], row["camera"]


def _place(key: ViewKey) -> tuple[int, int, int, int]:
    return (*sequence_order(*key[:3]), CAMERAS.index(key[3]))


def _require_pixels(view: DetectedView) -> None:
    pixels = view.pixels
    if pixels.ndim != 3 or pixels.shape[1:] != (16, 2) or pixels.dtype != np.float32:
        raise ValueError(f"{view.key}: pixels are {pixels.dtype}{pixels.shape}, not float32 (F, 16, 2)")
    if not np.isfinite(pixels).all():
        raise ValueError(f"{view.key}: pixels are not finite")


def _array_name(number: int) -> str:
    return f"views/{number:05d}/pixels"
