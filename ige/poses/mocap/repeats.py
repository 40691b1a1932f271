"""Is a motion file another form of a clip? Compared frame by frame after the best similarity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ige.geometry.alignment import procrustes
from ige.geometry.skeletons import H36M_16
from ige.poses.clips import Clip
from ige.poses.mocap.motion import Floats
from ige.poses.mocap.reading import Take

_SHIFT_SECONDS = 0.25
_SEARCH_FRAMES = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two clips are apart on the 16 joints of Human3.6M.

    Attributes:
        mean_mm: mean over frames and joints of the distance after the best similarity of each frame.
        worst_frame_mm: the largest mean over joints of a frame.
        shared: share of the longer clip's length that both cover.
    """

    mean_mm: float
    worst_frame_mm: float
    shared: float


def difference(one: Take, other: Take) -> Difference:
    """Compare two takes at the lower of their rates, shifted in time as fits best within a quarter second."""
    slow, fast = sorted((one, other), key=lambda take: take.clip.fps)
    tick = 1.0 / fast.clip.fps
    # Times count from the beginning of the files: their T-poses need not be equally long.
    start = (slow.dropped / slow.clip.fps) - (fast.dropped / fast.clip.fps)
    count = round(_SHIFT_SECONDS / tick)
    shifts = [start + tick * number for number in range(-count, count + 1)]
    means = [float(np.mean(_distances_mm(slow.clip, fast.clip, shift, _SEARCH_FRAMES))) for shift in shifts]
    best = shifts[int(np.argmin(means))]
    distances = _distances_mm(slow.clip, fast.clip, best, len(slow.clip.positions_world))
    longest = max(_seconds(slow.clip), _seconds(fast.clip))
    shared = len(distances) / slow.clip.fps / longest
    return Difference(float(distances.mean()), float(distances.max()), min(shared, 1.0))


def _seconds(clip: Clip) -> float:
    return len(clip.positions_world) / clip.fps


def _distances_mm(slow: Clip, fast: Clip, shift: float, frames: int) -> Floats:
    """Mean distance over joints for up to `frames` frames of the slow clip that the fast one covers."""
    times = np.arange(len(slow.positions_world)) / slow.fps + shift
    last = (len(fast.positions_world) - 1) / fast.fps
    covered = np.flatnonzero((times >= 0.0) & (times <= last))
    if not len(covered):
        return np.array([np.inf])
    covered = covered[:: -(-len(covered) // frames)]
    there = H36M_16.select(slow.positions_world[covered]).astype(np.float64)
    here = _at_times(H36M_16.select(fast.positions_world), times[covered] * fast.fps)
    distances: Floats = np.linalg.norm(procrustes(here, there) - there, axis=-1).mean(axis=-1)
    return 1000.0 * distances


def _at_times(poses: Floats, places: Floats) -> Floats:
    """Interpolate poses (F, J, 3) at fractional frames (N,)."""
    before = np.minimum(places.astype(np.int64), len(poses) - 1)
    after = np.minimum(before + 1, len(poses) - 1)
    share = (places - before)[:, None, None]
    return np.asarray((1.0 - share) * poses[before] + share * poses[after], dtype=np.float64)
