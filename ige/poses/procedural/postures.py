"""Tables of sitting: what legs do on a chair and on the floor.

The origin is below the seat, x forward, y outward from the middle; lengths are in leg lengths, angles in
degrees. A leg on the left is the mirror image of one on the right.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LegPose:
    """One leg of a posture.

    Attributes:
        ahead, outward, lift: of the point below the ankle; lift is from the floor.
        toe_out, heel_up: degrees, of the foot.
        free: 1 if the foot hangs at its ankle, 0 if it keeps its own rotation.
        knee: whereto the knee bends: ahead, outward, up.
    """

    ahead: float
    outward: float
    lift: float
    toe_out: float
    heel_up: float
    free: float
    knee: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Posture:
    """The lower body of one way to sit or stand.

    Attributes:
        pelvis_ahead: of the hips, from the seat, in leg lengths.
        height: of the hips: "stand", "seat" or "floor".
        tilt, lean: degrees forward, of the pelvis and of the spine above it.
        leading, other: legs of the leading side and of the other.
        gestures: what the hands do meanwhile, where the posture decides it.
    """

    pelvis_ahead: float
    height: str
    tilt: float
    lean: float
    leading: LegPose
    other: LegPose
    gestures: tuple[str, ...]


_UP = (0.6, 0.1, 0.8)
_STAND = LegPose(0.52, 0.13, 0.0, 8, 0, 0, (1.0, 0.1, 0.2))
_FLAT = LegPose(0.52, 0.15, 0.0, 8, 0, 0, _UP)
_WIDE = LegPose(0.48, 0.28, 0.0, 22, 0, 0, (0.6, 0.4, 0.8))
_TUCKED = LegPose(0.33, 0.12, 0.0, 5, 30, 0, _UP)
_STRETCHED = LegPose(0.8, 0.13, 0.0, 12, -20, 0, (0.2, 0.1, 1.0))
_CROSSED_OVER = LegPose(0.68, -0.04, 0.02, 10, -5, 0.5, (0.4, 0.2, 1.0))
_CROSSED_UNDER = LegPose(0.62, -0.02, 0.0, 10, 0, 0, (0.4, 0.2, 1.0))
_FOLDED_UP = LegPose(0.56, -0.04, 0.34, 0, 0, 1, (0.6, 0.8, 0.5))
_LONG = LegPose(0.97, 0.1, 0.0, 12, -75, 0.5, (0.0, 0.1, 1.0))
_KNEE_UP = LegPose(0.7, 0.12, 0.0, 6, 0, 0, (0.5, 0.1, 1.0))
_TAILOR_FRONT = LegPose(0.5, 0.06, 0.03, 0, 0, 1, (0.5, 0.8, 0.55))
_TAILOR_BACK = LegPose(0.44, 0.09, 0.03, 0, 0, 1, (0.5, 0.8, 0.55))
_FOLDED = LegPose(0.46, 0.06, 0.03, 0, 0, 1, (0.5, 0.8, 0.55))

_SEATED = (
    "hands on thighs",
    "hands in lap",
    "explain seated",
    "lean on knees",
    "arms crossed seated",
    "chin in hand",
)
_FLOOR = ("hands behind", "hug knees", "hands on knees", "hands in lap")

POSTURES = {
    "stand": Posture(0.47, "stand", 2, 0, _STAND, _STAND, ("hang", "hands on hips", "hang")),
    "chair": Posture(0.0, "seat", -6, 6, _FLAT, _FLAT, _SEATED),
    "chair, wide": Posture(0.0, "seat", 0, 12, _WIDE, _WIDE, _SEATED),
    "chair, leaning back": Posture(0.03, "seat", -16, -2, _STRETCHED, _STRETCHED, _SEATED),
    "chair, feet back": Posture(0.0, "seat", 4, 8, _TUCKED, _FLAT, _SEATED),
    "chair, ankles crossed": Posture(0.0, "seat", -10, 4, _CROSSED_OVER, _CROSSED_UNDER, _SEATED),
    "chair, one leg folded": Posture(0.0, "seat", -12, 6, _FOLDED_UP, _FLAT, _SEATED),
    "floor, legs long": Posture(
        0.0, "floor", -14, 12, _LONG, _LONG, ("hands behind", "hands on knees", "hands in lap")
    ),
    "floor, knees up": Posture(
        0.0, "floor", -22, 32, _KNEE_UP, _KNEE_UP, ("hug knees", "hands behind", "hug knees")
    ),
    "floor, tailor": Posture(
        0.0, "floor", -19, 26, _TAILOR_FRONT, _TAILOR_BACK, ("hold ankles", "hands in lap", "explain seated")
    ),
    "floor, one knee up": Posture(0.0, "floor", -22, 28, _KNEE_UP, _LONG, _FLOOR),
    "floor, half tailor": Posture(
        0.0, "floor", -22, 28, _KNEE_UP, _FOLDED, ("hug knees", "hands behind", "hands on knees")
    ),
}
CHAIR = tuple(name for name in POSTURES if name.startswith("chair"))
FLOOR = tuple(name for name in POSTURES if name.startswith("floor"))
