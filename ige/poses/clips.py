"""Clips: where every pose source ends, and where every lifting set begins.

| file | holds |
| --- | --- |
| clips.h5 | per clip the joints, `clips/<number>/positions` (F, 32, 3); subject, action, take, fps, licence |
| | `cameras/...` (C, ...): the cameras that recorded each subject, if the source tells them |
| | which views of which clips are not to be used, and why |
| skipped.csv | what was left out, with its reason |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.cameras import Camera
from ige.poses.stored_cameras import camera_arrays, stored_cameras
from ige.storage.arrays import read_arrays, write_arrays
from ige.storage.tables import write_csv

KIND = "clips"
SKIPPED_COLUMNS = ("id", "frames", "reason")

Rigs = Mapping[str, Sequence[Camera]]

_FACTS = ("subject", "action", "take", "fps", "licence", "origin", "notes")
_NO_RIGS: Rigs = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Clip:
    """One performance of one action by one subject.

    Attributes:
        positions_world: (F, 32, 3) float32, metres, world frame (z up), in the order of `skeletons.H36M_32`.
        subject: e.g. "S1".
        action: e.g. "Walking".
        take: tells repeated performances apart, e.g. "1".
        fps: frames per second.
        licence: under which the source may be used.
        origin: the file it was read from, relative to its folder, or "procedural".
        notes: what was changed when it was read, e.g. "5 leading T-pose frames dropped".
    """

    positions_world: NDArray[np.float32]
    subject: str
    action: str
    take: str
    fps: float
    licence: str
    origin: str
    notes: str = ""

    @property
    def name(self) -> str:
        """Subject, action and take as one path-like name."""
        return f"{self.subject}/{self.action}/{self.take}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was left out: a row of skipped.csv."""

    id: str
    frames: int
    reason: str


@dataclass(frozen=True, slots=True)
class ViewExclusion:
    """A view of a clip that is not to be used.

    Attributes:
        subject: of the clip.
        action: of the clip.
        take: of the clip.
        camera: its name; None for all cameras.
        applies: "detections" if only observations from its images suffer, "always" if the clip does.
        reason: why, in one line.
    """

    subject: str
    action: str
    take: str
    camera: str | None
    applies: Literal["detections", "always"]
    reason: str

    @property
    def view(self) -> str:
        """Subject, action, take and camera as one path-like name; without a camera that of the clip."""
        clip = f"{self.subject}/{self.action}/{self.take}"
        return clip if self.camera is None else f"{clip}/{self.camera}"


@dataclass(frozen=True, slots=True)
class ClipFile:
    """What a file of clips holds.

    Attributes:
        clips: in the order in which they were written.
        source: where they come from, e.g. "h36m".
        rigs: by subject the cameras that recorded it; empty if the source tells none.
        exclusions: views that are not to be used.
    """

    clips: tuple[Clip, ...]
    source: str
    rigs: dict[str, tuple[Camera, ...]]
    exclusions: tuple[ViewExclusion, ...]


def write_clips(
    path: Path,
    clips: Sequence[Clip],
    source: str,
    rigs: Rigs = _NO_RIGS,
    exclusions: Sequence[ViewExclusion] = (),
) -> None:
    """Write clips to an HDF5 file, with the cameras that recorded each subject where they are known.

    Raises:
        ValueError: if positions are not (F, 32, 3) float32 or not finite, two clips share subject, action
            and take, or two cameras of a subject share a name.
        StorageError: if the file cannot be written.
    """
    _require_unique([clip.name for clip in clips])
    recorded = [(subject, camera) for subject, cameras in sorted(rigs.items()) for camera in cameras]
    _require_unique([f"{subject}/{camera.name}" for subject, camera in recorded])
    arrays = camera_arrays([camera for _, camera in recorded])
    for number, clip in enumerate(clips):
        _require_positions(clip)
        arrays[_array_name(number)] = clip.positions_world
    attributes = {
        "source": source,
        "clips": [{name: getattr(clip, name) for name in _FACTS} for clip in clips],
        "cameras": [{"subject": subject, "name": camera.name} for subject, camera in recorded],
        "exclusions": [asdict(exclusion) for exclusion in exclusions],
    }
    write_arrays(path, KIND, arrays, attributes)


def _require_positions(clip: Clip) -> None:
    positions = clip.positions_world
    if positions.ndim != 3 or positions.shape[1:] != (32, 3) or positions.dtype != np.float32:
        raise ValueError(
            f"{clip.name}: positions are {positions.dtype}{positions.shape}, not float32 (F, 32, 3)"
        )
    if not np.isfinite(positions).all():
        raise ValueError(f"{clip.name}: positions are not finite")


def _require_unique(names: Sequence[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(f"more than once: {', '.join(twice)}")


def read_clip_file(path: Path) -> ClipFile:
    """Read a file of clips whole.

    Raises:
        InputError: if the file is missing, of another kind, of another version or damaged.
    """
    content = read_arrays(path, KIND)
    attributes = content.attributes
    try:
        recorded = attributes["cameras"]
        exclusions = attributes["exclusions"]
    except KeyError as error:
        raise InputError(
            "clips of another version of ige", where=path, next_step="Delete the file and prepare them again"
        ) from error
    cameras = stored_cameras([row["name"] for row in recorded], content.arrays)
    rigs: dict[str, tuple[Camera, ...]] = {}
    for row, camera in zip(recorded, cameras, strict=True):
        rigs[row["subject"]] = (*rigs.get(row["subject"], ()), camera)
    return ClipFile(
        clips=tuple(
            Clip(positions_world=content.arrays[_array_name(number)], **facts)
            for number, facts in enumerate(attributes["clips"])
        ),
        source=attributes["source"],
        rigs=rigs,
        exclusions=tuple(ViewExclusion(**row) for row in exclusions),
    )


def write_skipped(path: Path, skipped: Sequence[Skipped]) -> None:
    """Write skipped.csv; an empty list gives a file with the header alone."""
    rows = [{"id": row.id, "frames": row.frames, "reason": row.reason} for row in skipped]
    write_csv(path, SKIPPED_COLUMNS, rows)


def _array_name(number: int) -> str:
    return f"clips/{number:05d}/positions"
