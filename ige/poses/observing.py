"""What is observed of a view: exact projections, noisy ones, or what a detector found in its images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.cameras import Camera, from_pixels
from ige.geometry.skeletons import MPII_16
from ige.params.poses import Detections, LiftingSettings, NoisyProjection, RecordedRig
from ige.poses.clips import Clip, Skipped, ViewExclusion
from ige.poses.detected import Detected, read_detected
from ige.poses.rigs import Rig
from ige.poses.seeing import Floats, Sight

_NO_DETECTION = "the detections end before this frame"
_NO_POSE = "the clip ends before this detection"
_NO_VIEW = "detections of a view that the clips do not have"
_NOT_TURNED = 0.0  # the one yaw that detections have


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One clip, turned by one yaw, before one camera.

    Attributes:
        name: subject/action/take/camera/yaw.
        key: subject, action, take, camera.
        camera: whose lens counts.
        frames: (F,) the frames of the clip that `frame_step` takes.
    """

    name: str
    key: tuple[str, str, str, str]
    camera: Camera
    frames: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What is observed of a view.

    Attributes:
        frames: how many of the view's frames are observed, from the first on.
        points: (frames, 16, 2) normalised; None if projections are observed.
        offsets: (frames, 16, 2) normalised, by which projections are moved; None if they are exact.
        skipped: frames without a partner.
    """

    frames: int
    points: Floats | None
    offsets: Floats | None
    skipped: tuple[Skipped, ...]

    def write(self, sight: Sight, block: slice, kept: NDArray[np.bool_], out: NDArray[np.float32]) -> None:
        """Write what is observed of the kept frames of a block to (M, 16, 2); `sight` shows these M alone."""
        if self.points is not None:
            out[:] = self.points[block][kept]
        else:
            sight.write_image(out, None if self.offsets is None else self.offsets[block][kept])


class Observer:
    """Tells what is observed of each view.

    Args:
        settings: of the lifting set.
        detections: the file of detections, where they are observed.
        exclusions: views that are not to be used.

    Raises:
        InputError: if detections are wanted and there is no file of them, they are of another detector, or
            clips are turned or put before cameras that did not record them.
    """

    def __init__(
        self, settings: LiftingSettings, detections: Path | None, exclusions: Sequence[ViewExclusion]
    ) -> None:
        self._settings = settings.observation
        self._step = settings.frame_step
        self._path = detections
        self._detected: Detected | None = None
        if isinstance(settings.observation, Detections):
            _require_recorded(settings)
            self._detected = _read(detections, settings.observation.detector)
        self._excluded = {
            (row.subject, row.action, row.take, row.camera): row.reason
            for row in exclusions
            if row.applies == "always" or self._detected is not None
        }

    def observe(self, view: View) -> Observed:
        """Return what is observed of a view.

        Raises:
            InputError: naming the view, if there are no detections of it.
        """
        count = len(view.frames)
        if self._detected is not None:
            return self._align(view, self._detected)
        if isinstance(self._settings, NoisyProjection):
            return Observed(count, None, _noise(count, self._settings, view.name) / view.camera.focal, ())
        return Observed(count, None, None, ())

    def _align(self, view: View, detected: Detected) -> Observed:
        """Clip and detections both begin at frame 0; the one that is longer has frames without partner."""
        if view.key not in detected.views:
            raise InputError(
                f"no detections of {'/'.join(view.key)}",
                where=self._path,
                expected="detections of every view that is not excluded",
                found=f"{len(detected.views)} other views",
            )
        pixels = detected.views[view.key][:: self._step]
        common = min(len(pixels), len(view.frames))
        points = from_pixels(pixels[:common].astype(np.float64), view.camera.focal, view.camera.centre)
        beyond = np.arange(common, max(len(pixels), len(view.frames))) * self._step
        reason = _NO_DETECTION if len(view.frames) > common else _NO_POSE
        rows = (range_row(view.name, beyond, reason),) if len(beyond) else ()
        return Observed(common, points, None, rows)

    def reason_against(self, view: View) -> str | None:
        """Return why a view is not to be used; None if it is."""
        excluded = self._excluded.get(view.key, self._excluded.get((*view.key[:3], None)))
        if excluded is None and self._detected is not None and view.key not in self._detected.views:
            return self._detected.gaps.get(view.key)
        return excluded

    def unused(self, clips: Sequence[Clip], rig: Rig) -> Iterator[Skipped]:
        """Yield the detected views of the rig's subjects that no clip and camera make, as their frames."""
        known = {
            (clip.subject, clip.action, clip.take, camera)
            for clip in clips
            for camera in rig.of_subject.get(clip.subject, {})
        }
        for key, pixels in ({} if self._detected is None else self._detected.views).items():
            if key[0] in rig.of_subject and key not in known:
                frames = np.arange(0, len(pixels), self._step)
                yield range_row(f"{'/'.join(key)}/{_NOT_TURNED:g}", frames, _NO_VIEW)


def range_row(name: str, frames: NDArray[Any], reason: str) -> Skipped:
    """List a range of frames that is left out."""
    return Skipped(f"{name}/{frames[0]}-{frames[-1]}", len(frames), reason)


def _require_recorded(settings: LiftingSettings) -> None:
    """Refuse detections before other cameras, or of turned clips: no image shows those."""
    if not isinstance(settings.rig, RecordedRig):
        raise InputError(
            "detections need the cameras that recorded the clips",
            where="poses.lifting.rig.kind",
            expected="recorded",
            found=settings.rig.kind,
        )
    if any(settings.yaws_degrees):
        raise InputError(
            "detections belong to clips that are not turned",
            where="poses.lifting.yaws_degrees",
            expected="[0.0]",
            found=str(list(settings.yaws_degrees)),
        )


def _read(path: Path | None, detector: str) -> Detected:
    if path is None:
        raise InputError(
            f"the observation is {detector} detections, but no file of them is given",
            next_step="Give it with --detections",
        )
    detected = read_detected(path)
    if detected.detector != detector:
        raise InputError(
            "detections of another detector", where=path, expected=detector, found=detected.detector
        )
    return detected


def _noise(frames: int, settings: NoisyProjection, name: str) -> Floats:
    """Return by how many pixels a detector misses each joint, (F, 16, 2).

    The seed is made of the name of the view, so that its noise does not depend on which others there are.
    """
    shape = (frames, len(MPII_16.names), 2)
    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype="<u4")
    rng = np.random.default_rng([settings.seed, *words.tolist()])
    offsets = settings.sigma_pixels * rng.standard_normal(shape)
    is_outlier = rng.random(shape[:-1]) < settings.outlier_share
    far = settings.outlier_pixels * rng.standard_normal(shape)
    return np.asarray(offsets + is_outlier[..., None] * far)
