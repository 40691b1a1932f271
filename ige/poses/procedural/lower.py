"""The lower body of a performance: what walking, standing and sitting have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ige.poses.procedural.body import Body, Manner
from ige.poses.procedural.feet import Feet
from ige.poses.procedural.kinematics import Pelvis, pelvis_rotation
from ige.poses.procedural.limits import SIDE_SIGNS, Track
from ige.poses.procedural.tracks import smooth

REACH = 0.985  # of the leg's length, from hip to ankle: the pelvis stays so low
SETTLE_S = 0.06


@dataclass(frozen=True, slots=True)
class Performer:
    """Who performs, and when: body, manner, leading side (0 right, 1 left), times (F,) in seconds, fps."""

    body: Body
    manner: Manner
    leading: int
    times: Track
    fps: float

    @property
    def sides(self) -> tuple[int, int]:
        """The leading side and the other, as indices."""
        return self.leading, 1 - self.leading


@dataclass(frozen=True, slots=True)
class LowerBody:
    """Pelvis and legs over F frames, as planned; world.

    Attributes:
        position: (F, 3) midpoint of the hips, metres.
        heading, tilt, roll: (F,) radians: to the left, forward, to the left.
        feet: where the feet should be.
        knees: (F, 2, 3) whereto the knees bend.
        free: (F, 2) share to which a foot hangs at its ankle instead of keeping its rotation.
        swing: (F, 2) between -1 and 1: how far each arm swings forward.
        twist: (F,) radians, of the thorax to the left, against the pelvis.
        lean: (F,) radians, spine flexion that the legs' motion asks for.
        carried: whether a seat holds the pelvis, so that it does not sink until a foot is down.
    """

    position: Track
    heading: Track
    tilt: Track
    roll: Track
    feet: Feet
    knees: Track
    free: Track
    swing: Track
    twist: Track
    lean: Track
    carried: bool

    def pelvis(self, tilt: Track) -> Pelvis:
        """Return the pelvis with more forward tilt (F,)."""
        return Pelvis(self.position, pelvis_rotation(self.heading, self.tilt + tilt, self.roll))


def standing_height(body: Body) -> float:
    """Return the height of the hips of a relaxed stand, metres."""
    return body.ankle_height + 0.985 * body.leg


def within_reach(body: Body, position: Track, heading: Track, ankles: Track, fps: float) -> Track:
    """Lower a pelvis (F, 3) as far as both ankles (F, 2, 3) are within the legs' reach; smooth in time."""
    left = np.stack([-np.sin(heading), np.cos(heading)], axis=-1)
    hips = position[:, None, :2] + SIDE_SIGNS[:, None] * body.hip_half_breadth * left[:, None]
    aside = np.sum((ankles[..., :2] - hips) ** 2, axis=-1)
    highest = ankles[..., 2] + np.sqrt(np.maximum((REACH * body.leg) ** 2 - aside, (0.3 * body.leg) ** 2))
    lowered = position.copy()
    lowered[:, 2] = smooth(np.minimum(position[:, 2], highest.min(axis=1)), SETTLE_S * fps)
    return lowered
