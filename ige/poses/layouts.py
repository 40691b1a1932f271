"""What detectors of people in images deliver, and how a lifter's 16 observed joints come from it.

| layout | joints | source |
| --- | --- | --- |
| mpii16 | 16, as in `skeletons.MPII_16` | detectors trained on MPII, projections of known poses |
| openpose25 | 25 | OpenPose, model BODY_25 |
| coco17 | 17 | detectors trained on COCO keypoints |
| h36m17 | 17 | detectors fine-tuned on Human3.6M, as CPN's detections in the files of VideoPose3D |

A joint is missing where a coordinate is not a finite number, where both are exactly 0, or where its score is
not positive. Nothing is interpolated. mpii16 and h36m17 have all 16 joints, which are taken as they are; what
the other layouts do not have is derived within one frame:

| joint | rule |
| --- | --- |
| Hips | MidHip; coco17: the midpoint of the hips |
| Neck | Neck; coco17: the midpoint of the shoulders |
| Spine | the midpoint of Hips and Neck: in Human3.6M's skeleton it lies halfway |
| HeadBack | from Neck through the ears' midpoint (or the one ear that is seen), 5/3 of that way |
| | without an ear: from Neck through the nose, twice that way |

The factors: as fractions of stature, a standing person has the neck at 0.815, the nose at 0.91, the ears at
0.925 and the top of the head at 1 (Drillis and Contini 1966 for neck and top; ears and nose by our measure).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.skeletons import MPII_16

Floats = NDArray[np.float64]

LAYOUTS: dict[str, tuple[str, ...]] = {
    "mpii16": MPII_16.names,
    "openpose25": (
        *("Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist"),
        *("MidHip", "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle"),
        *("REye", "LEye", "REar", "LEar"),
        *("LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel"),
    ),
    "coco17": (
        *("Nose", "LEye", "REye", "LEar", "REar"),
        *("LShoulder", "RShoulder", "LElbow", "RElbow", "LWrist", "RWrist"),
        *("LHip", "RHip", "LKnee", "RKnee", "LAnkle", "RAnkle"),
    ),
    "h36m17": (
        *("Hips", "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle"),
        *("Spine", "Neck", "HeadCentre", "HeadBack"),
        *("LShoulder", "LElbow", "LWrist", "RShoulder", "RElbow", "RWrist"),
    ),
}

_THROUGH_EARS = 5 / 3
_THROUGH_NOSE = 2.0
_NEEDS = {
    "openpose25": {
        "Hips": "MidHip",
        "Spine": "MidHip and Neck",
        "HeadBack": "Neck and an ear or the nose",
    },
    "coco17": {
        "Hips": "both hips",
        "Neck": "both shoulders",
        "Spine": "both hips and both shoulders",
        "HeadBack": "both shoulders and an ear or the nose",
    },
}


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """One person in each frame of one view.

    Attributes:
        where: the file or folder it was read from, for errors.
        layout: a name in `LAYOUTS`.
        frames: F labels, as the source names its frames.
        values: (F, J, 3): x and y in pixels, and a score (1 where the source has none).
    """

    where: Path
    layout: str
    frames: tuple[str, ...]
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """One point over all frames: (F, 2) pixels, and (F,) whether it is there."""

    pixels: Floats
    seen: NDArray[np.bool_]


def to_mpii16(detections: Detections) -> Floats:
    """Return the pixels (F, 16, 2) of the joints of `MPII_16`, by the rules at the head of this module.

    Raises:
        InputError: naming the first frame and joint if one is missing.
    """
    tracks = _tracks_of_mpii16(detections)
    seen = np.stack([track.seen for track in tracks], axis=1)
    if not seen.all():
        raise _missing(detections, seen)
    return np.stack([track.pixels for track in tracks], axis=1)


def _tracks_of_mpii16(detections: Detections) -> list[_Track]:
    names = LAYOUTS[detections.layout]
    seen = _seen(detections.values)

    def track(name: str) -> _Track:
        joint = names.index(name)
        return _Track(detections.values[:, joint, :2], seen[:, joint])

    derived = {} if set(MPII_16.names) <= set(names) else _derived(track, names)
    return [derived[name] if name in derived else track(name) for name in MPII_16.names]


def _seen(values: Floats) -> NDArray[np.bool_]:
    pixels, score = values[..., :2], values[..., 2]
    return np.asarray(np.isfinite(pixels).all(axis=-1) & (pixels != 0).any(axis=-1) & (score > 0))


def _derived(track: Callable[[str], _Track], names: tuple[str, ...]) -> dict[str, _Track]:
    """Derive what the layout does not have under the same name."""
    hips = track("MidHip") if "MidHip" in names else _midpoint(track("RHip"), track("LHip"))
    neck = track("Neck") if "Neck" in names else _midpoint(track("RShoulder"), track("LShoulder"))
    right_ear, left_ear = track("REar"), track("LEar")
    head = _first_seen(
        _beyond(neck, _midpoint(right_ear, left_ear), _THROUGH_EARS),
        _beyond(neck, right_ear, _THROUGH_EARS),
        _beyond(neck, left_ear, _THROUGH_EARS),
        _beyond(neck, track("Nose"), _THROUGH_NOSE),
    )
    return {"Hips": hips, "Neck": neck, "Spine": _midpoint(hips, neck), "HeadBack": head}


def _midpoint(first: _Track, second: _Track) -> _Track:
    return _Track((first.pixels + second.pixels) / 2, first.seen & second.seen)


def _beyond(start: _Track, through: _Track, factor: float) -> _Track:
    """Go from one point through another, `factor` times their distance."""
    pixels = start.pixels + factor * (through.pixels - start.pixels)
    return _Track(pixels, start.seen & through.seen)


def _first_seen(*candidates: _Track) -> _Track:
    """Take, frame by frame, the first candidate that is there."""
    chosen = candidates[-1]
    for candidate in reversed(candidates[:-1]):
        pixels = np.where(candidate.seen[:, None], candidate.pixels, chosen.pixels)
        chosen = _Track(pixels, candidate.seen | chosen.seen)
    return chosen


def _missing(detections: Detections, seen: NDArray[np.bool_]) -> InputError:
    frame, joint = (int(index) for index in np.argwhere(~seen)[0])
    name = MPII_16.names[joint]
    needs = _NEEDS.get(detections.layout, {}).get(name)
    lacking = int((~seen).any(axis=1).sum())
    return InputError(
        f"frame {detections.frames[frame]}: {name} is missing" + (f" (it needs {needs})" if needs else ""),
        where=detections.where,
        expected="every joint in every frame",
        found=f"{lacking} of {len(seen)} frames that lack a joint",
        next_step="Nothing is interpolated: leave these frames out, or fill the joints in yourself",
    )
