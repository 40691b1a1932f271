"""Bodies: the bone lengths and the manner of a subject, drawn from the seed and the subject's name.

Lengths are fractions of stature after Drillis and Contini, "Body segment parameters" (1966), as drawn in
Winter, "Biomechanics and Motor Control of Human Movement", figure 4.1. Hip and shoulder joints lie further
inside than the breadths measured there; theirs, and the division of trunk and head, are ours, near
Human3.6M's skeleton.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

STATURE_M = (1.55, 1.95)
REFERENCE_STATURE_M = 1.75  # offsets in the tables of gestures and postures are metres on a body this tall

HIP_HALF_BREADTH = 0.074
THIGH = 0.245
SHANK = 0.246
ANKLE_HEIGHT = 0.039
FOOT = 0.095  # from below the ankle to the ball
TOES = 0.042
HEEL = 0.03  # behind the ankle
BALL_HEIGHT = 0.011
LUMBAR = 0.133
THORAX = 0.152
NECK = 0.072
NECK_FORWARD = 0.03
HEAD = 0.113
SHOULDER_HALF_BREADTH = 0.102
SHOULDER_DROP = 0.01
UPPER_ARM = 0.186
FOREARM = 0.146
HAND = 0.08
THUMB = 0.055

# Standard deviations of proportions, as fractions: legs against trunk, thigh against shank, and so on.
PROPORTION_SPREAD = {
    "legs": 0.035,
    "thigh": 0.025,
    "arms": 0.035,
    "forearm": 0.025,
    "shoulders": 0.06,
    "hips": 0.06,
}


@dataclass(frozen=True, slots=True)
class Body:
    """Bone lengths in metres; left and right are equal. Names as in the module's table of fractions."""

    stature: float
    hip_half_breadth: float
    thigh: float
    shank: float
    ankle_height: float
    foot: float
    toes: float
    heel: float
    ball_height: float
    lumbar: float
    thorax: float
    neck: float
    neck_forward: float
    head: float
    shoulder_half_breadth: float
    shoulder_drop: float
    upper_arm: float
    forearm: float
    hand: float
    thumb: float

    @property
    def leg(self) -> float:
        """Length of the stretched leg from hip to ankle."""
        return self.thigh + self.shank

    @property
    def scale(self) -> float:
        """Size relative to the body for which the tables of gestures and postures are written."""
        return self.stature / REFERENCE_STATURE_M


@dataclass(frozen=True, slots=True)
class Manner:
    """How a subject moves, whatever the action: what makes subjects differ beyond their bones.

    Attributes:
        amplitude: factor of swings and gestures.
        tempo: factor of speeds.
        right_handed: which hand leads.
        toe_out: radians; each foot is turned out by so much.
        stance: half the distance of the feet, metres on the reference body.
        stoop: radians of spine flexion that are always there.
        elbows_out: radians of shoulder abduction that are always there.
    """

    amplitude: float
    tempo: float
    right_handed: bool
    toe_out: float
    stance: float
    stoop: float
    elbows_out: float


def seeded(seed: int, *names: str) -> np.random.Generator:
    """Return a generator that depends on the seed and the names alone, whatever else is drawn elsewhere."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def draw_body(seed: int, subject: str) -> Body:
    """Draw the bone lengths of a subject; standing straight, the top of the head is at `stature`."""
    rng = seeded(seed, subject, "body")
    stature = rng.uniform(*STATURE_M)
    part = {
        name: 1.0 + spread * np.clip(rng.normal(), -2.0, 2.0) for name, spread in PROPORTION_SPREAD.items()
    }
    thigh, shank = THIGH * part["legs"] * part["thigh"], SHANK * part["legs"] / part["thigh"]
    ankle_height = ANKLE_HEIGHT * part["legs"]
    upright = (1.0 - ankle_height - thigh - shank) / (LUMBAR + THORAX + NECK + HEAD)
    fractions = {
        "hip_half_breadth": HIP_HALF_BREADTH * part["hips"],
        "thigh": thigh,
        "shank": shank,
        "ankle_height": ankle_height,
        "foot": FOOT * part["legs"],
        "toes": TOES * part["legs"],
        "heel": HEEL * part["legs"],
        "ball_height": BALL_HEIGHT,
        "lumbar": LUMBAR * upright,
        "thorax": THORAX * upright,
        "neck": NECK * upright,
        "neck_forward": NECK_FORWARD,
        "head": HEAD * upright,
        "shoulder_half_breadth": SHOULDER_HALF_BREADTH * part["shoulders"],
        "shoulder_drop": SHOULDER_DROP,
        "upper_arm": UPPER_ARM * part["arms"] * part["forearm"],
        "forearm": FOREARM * part["arms"] / part["forearm"],
        "hand": HAND * part["arms"],
        "thumb": THUMB * part["arms"],
    }
    return Body(stature=stature, **{name: float(value * stature) for name, value in fractions.items()})


def draw_manner(seed: int, subject: str) -> Manner:
    """Draw how a subject moves."""
    rng = seeded(seed, subject, "manner")
    return Manner(
        amplitude=float(rng.uniform(0.8, 1.25)),
        tempo=float(rng.uniform(0.85, 1.15)),
        right_handed=bool(rng.random() < 0.8),
        toe_out=float(np.radians(rng.uniform(2.0, 14.0))),
        stance=float(rng.uniform(0.085, 0.15)),
        stoop=float(np.radians(rng.uniform(-3.0, 12.0))),
        elbows_out=float(np.radians(rng.uniform(-3.0, 8.0))),
    )
