"""Human3.6M as clips: the same, whichever of the three layouts its user has.

Clips come in the order of subjects, actions and takes; positions are single precision metres, made from
millimetres by one rounding (VideoPose3D's files hold metres). Frames are left as they are, 50 a second.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.geometry.cameras import Camera
from ige.poses.clips import Clip, Skipped, ViewExclusion
from ige.poses.h36m.counts import NOT_PACKED, known_frames, log_part, require_all
from ige.poses.h36m.exclusions import exclude
from ige.poses.h36m.names import FPS, LICENCE, sequence_order

if TYPE_CHECKING:
    from ige.params.poses import H36mSettings

log = logging.getLogger(__name__)

# A person's largest extent: below it metres were taken for millimetres, above it the other way round.
_SMALLEST_M, _LARGEST_M = 0.3, 3.0
_FARTHEST_M = 20.0


@dataclass(frozen=True, slots=True)
class H36m:
    """What was read.

    Attributes:
        clips: in the order of subjects, actions and takes.
        skipped: sequences that were left out or are not there, and why.
        rigs: the four cameras of each subject.
        exclusions: views that are not to be used.
    """

    clips: list[Clip]
    skipped: list[Skipped]
    rigs: dict[str, tuple[Camera, ...]]
    exclusions: tuple[ViewExclusion, ...]


def read_h36m(folder: Path, settings: H36mSettings) -> H36m:
    """Read poses and cameras.

    Raises:
        InputError: if a file is missing or damaged, a sequence is there twice or holds no poses of people in
            a studio, or, with all frames asked for, any are missing.
    """
    if not folder.is_dir():
        raise InputError("no such folder", where=folder, expected="the files of Human3.6M")
    rigs = _cameras(folder, settings.cameras)
    clips = _clips(folder, settings.positions)
    found = {(clip.subject, clip.action, clip.take): len(clip.positions_world) for clip in clips}
    if settings.frames == "full":
        require_all(found, folder, settings.positions)
    else:
        log_part(found)
    kept, skipped, exclusions = exclude(clips, settings.exclusions)
    subjects = {clip.subject for clip in kept}
    _require_cameras(folder, rigs, subjects)
    return H36m(
        clips=kept,
        skipped=_not_there(settings, found) + skipped,
        rigs={subject: cameras for subject, cameras in rigs.items() if subject in subjects},
        exclusions=exclusions,
    )


def _cameras(folder: Path, source: str) -> dict[str, tuple[Camera, ...]]:
    if source == "metadata":
        from ige.poses.h36m.metadata import read_cameras

        return read_cameras(folder)
    from ige.poses.h36m.martinez import read_cameras_h5

    return read_cameras_h5(folder)


def _positions(folder: Path, layout: str) -> Iterator[tuple[str, str, str, NDArray[np.float32], str]]:
    if layout == "official":
        from ige.poses.h36m import official

        return official.read_positions(folder)
    if layout == "martinez":
        from ige.poses.h36m import martinez

        return martinez.read_positions(folder)
    from ige.poses.h36m import videopose3d

    return videopose3d.read_positions(folder)


def _clips(folder: Path, layout: str) -> list[Clip]:
    clips: dict[tuple[str, str, str], Clip] = {}
    contents: dict[bytes, str] = {}
    with progress("reading Human3.6M", len(known_frames())) as shown:
        for subject, action, take, positions, origin in _positions(folder, layout):
            _require_people(positions, folder / origin)
            key = (subject, action, take)
            if key in clips:
                raise InputError(
                    f"{subject} {action} {take} is there twice",
                    where=folder,
                    found=f"{clips[key].origin} and {origin}",
                    next_step="Remove one of them",
                )
            content = hashlib.sha256(np.ascontiguousarray(positions).data).digest()
            if content in contents:
                log.warning("%s holds the same poses as %s", origin, contents[content])
            contents.setdefault(content, origin)
            clips[key] = Clip(positions, subject, action, take, FPS, LICENCE, origin)
            shown.advance(sequence=clips[key].name)
    if not clips:
        raise InputError(
            f"no poses of Human3.6M in the {layout} layout",
            where=folder,
            next_step="Put the files there, or set poses.h36m.positions to the layout that you have",
        )
    return [clips[key] for key in sorted(clips, key=lambda key: sequence_order(*key))]


def _require_people(positions: NDArray[np.float32], where: Path) -> None:
    """Check that positions are finite, and as large and as near as people in a studio."""
    if not np.isfinite(positions).all():
        frame = int(np.argwhere(~np.isfinite(positions))[0, 0])
        raise InputError("positions that are not finite", where=where, found=f"the first in frame {frame}")
    size = float(np.median(np.ptp(positions, axis=1).max(axis=1)))
    farthest = float(np.abs(positions).max())
    if not _SMALLEST_M <= size <= _LARGEST_M or farthest > _FARTHEST_M:
        raise InputError(
            "no poses of people in a studio",
            where=where,
            expected=f"{_SMALLEST_M:g} to {_LARGEST_M:g} m large, within {_FARTHEST_M:g} m",
            found=f"{size:.3g} m large, up to {farthest:.3g} m away",
        )


def _require_cameras(folder: Path, rigs: Mapping[str, Any], subjects: set[str]) -> None:
    missing = sorted(subjects - rigs.keys())
    if missing:
        raise InputError(
            "no cameras of a subject", where=folder, expected="four cameras", found=f"none of {missing[0]}"
        )


def _not_there(settings: H36mSettings, found: Mapping[tuple[str, str, str], int]) -> list[Skipped]:
    """Make a row for each sequence that the layout or the user's part of it does not hold."""
    layout = settings.positions
    reasons = dict.fromkeys(NOT_PACKED.get(layout, ()), f"left out of the files of the layout {layout}")
    if settings.frames == "part":
        reasons = dict.fromkeys(known_frames(), "not there (poses.h36m.frames: part)") | reasons
    return [
        Skipped("/".join(key), known_frames()[key], reasons[key])
        for key in sorted(reasons, key=lambda key: sequence_order(*key))
        if key not in found
    ]
