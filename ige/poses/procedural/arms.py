"""Tables of arm poses, and of places that hands go to.

An arm pose is what the arm looks like; where it has a contact, inverse kinematics bring the wrist there.
Degrees and metres on the reference body; contacts are (ahead, outward, up) in their frame, mirrored for the
left.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """A place for a wrist.

    Attributes:
        frame: "head" (at joint HeadCentre), "thorax" (at Neck), "pelvis" (at Hips), "floor" (below the hips,
            level), "thigh" (from hip to knee: `at[0]` is the share of the way, then outward and up) or
            "shank" (from knee to ankle: share, outward, level ahead).
        at: the place in that frame.
    """

    frame: str
    at: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ArmPose:
    """One arm.

    Attributes:
        angles: degrees of shoulder flexion, abduction and external rotation, elbow flexion, forearm
            pronation, wrist flexion.
        contact: the place that the wrist goes to, in `CONTACTS`.
        relaxed: share to which the arm hangs plumb and swings with the legs.
    """

    angles: tuple[float, float, float, float, float, float]
    contact: str | None = None
    relaxed: float = 0.0


CONTACTS = {
    "ear": Contact("head", (0.11, 0.145, -0.07)),
    "mouth": Contact("head", (0.125, 0.06, -0.085)),
    "chin": Contact("head", (0.09, 0.05, -0.13)),
    "camera": Contact("head", (0.25, 0.075, -0.03)),
    "camera, low": Contact("thorax", (0.36, 0.08, -0.16)),
    "brow": Contact("head", (0.1, 0.17, 0.05)),
    "back of head": Contact("head", (-0.04, 0.15, 0.07)),
    "other elbow": Contact("thorax", (0.23, -0.07, -0.22)),
    "under other elbow": Contact("thorax", (0.22, -0.04, -0.28)),
    "other shoulder": Contact("thorax", (0.17, -0.03, -0.1)),
    "waist": Contact("pelvis", (0.0, 0.2, 0.12)),
    "small of back": Contact("pelvis", (-0.15, 0.03, 0.13)),
    "pocket": Contact("pelvis", (0.07, 0.22, -0.03)),
    "lap": Contact("pelvis", (0.24, 0.04, 0.12)),
    "clasped": Contact("pelvis", (0.2, 0.035, 0.02)),
    "bowl": Contact("pelvis", (0.36, 0.12, 0.26)),
    "table": Contact("pelvis", (0.38, 0.2, 0.22)),
    "thigh": Contact("thigh", (0.62, 0.0, 0.1)),
    "above knee": Contact("thigh", (0.9, 0.0, 0.11)),
    "on knee, leaning": Contact("thigh", (0.92, -0.03, 0.12)),
    "shin": Contact("shank", (0.3, -0.06, 0.1)),
    "ankle": Contact("shank", (0.8, 0.0, 0.07)),
    "floor behind": Contact("floor", (-0.24, 0.27, 0.06)),
    "low shelf": Contact("floor", (0.62, 0.1, 0.4)),
    "low shelf, other": Contact("floor", (0.6, 0.14, 0.42)),
    "box on floor": Contact("floor", (0.55, 0.16, 0.22)),
    "dog": Contact("floor", (0.58, 0.08, 0.5)),
    "watch": Contact("thorax", (0.3, -0.03, -0.13)),
    "hand on watch": Contact("thorax", (0.25, 0.03, -0.17)),
    "phone in hand": Contact("thorax", (0.31, 0.04, -0.17)),
}

ARMS = {
    "hang": ArmPose((3, 7, 0, 14, 20, 5), relaxed=1.0),
    "offer": ArmPose((48, 18, 5, 50, -60, -5)),
    "beat in": ArmPose((28, 18, -30, 95, 0, 0)),
    "beat out": ArmPose((30, 28, 30, 85, -30, 0)),
    "wide": ArmPose((35, 50, 25, 45, -50, -10)),
    "count": ArmPose((35, 15, -15, 110, 0, 0)),
    "point ahead": ArmPose((86, 8, 0, 8, 40, 0)),
    "point aside": ArmPose((40, 68, 0, 12, 30, 0)),
    "point far": ArmPose((112, 22, 0, 6, 40, 0)),
    "point down": ArmPose((42, 12, 0, 10, 30, 0)),
    "point across": ArmPose((75, -28, -15, 25, 30, 0)),
    "wave": ArmPose((25, 72, 72, 85, 0, 0)),
    "wave high": ArmPose((150, 25, 0, 25, 0, 0)),
    "shake hands": ArmPose((48, 6, -8, 48, 0, 0)),
    "salute": ArmPose((110, 44, -54, 142, 40, 0), "brow"),
    "phone": ArmPose((63, 2, -18, 150, 20, 10), "ear"),
    "mouth": ArmPose((60, -5, -44, 142, 0, 10), "mouth"),
    "chin": ArmPose((47, -10, -52, 147, 0, 20), "chin"),
    "camera": ArmPose((68, 6, -34, 117, 20, 10), "camera"),
    "camera low": ArmPose((32, 7, -33, 97, 20, 10), "camera, low"),
    "look at screen": ArmPose((28, 5, -40, 103, 0, 10), "phone in hand"),
    "crossed over": ArmPose((24, -4, -63, 96, 40, 0), "other elbow"),
    "crossed under": ArmPose((19, 2, -63, 93, 40, 0), "under other elbow"),
    "hold shoulder": ArmPose((29, -8, -63, 125, 30, 0), "other shoulder"),
    "on hip": ArmPose((-12, 42, -62, 92, 0, 30), "waist"),
    "behind back": ArmPose((-38, 13, -63, 90, 0, 0), "small of back"),
    "in pocket": ArmPose((-12, 16, -12, 42, 20, 0), "pocket", relaxed=0.15),
    "clasped": ArmPose((10, 3, -56, 53, 20, 0), "clasped"),
    "behind head": ArmPose((161, 39, -68, 150, 0, 0), "back of head"),
    "up": ArmPose((168, 10, 0, 10, 0, 0)),
    "up aside": ArmPose((150, 38, 10, 12, 0, 0)),
    "aside": ArmPose((15, 76, 10, 10, 20, 0)),
    "muscle": ArmPose((15, 78, 82, 112, -40, 20)),
    "lap": ArmPose((9, 6, -45, 78, 40, 0), "lap"),
    "thigh": ArmPose((18, 10, -12, 48, 50, 0), "thigh"),
    "on knee": ArmPose((34, 10, -10, 42, 50, 0), "above knee"),
    "leaning on knee": ArmPose((42, 12, -25, 62, 20, 0), "on knee, leaning"),
    "hug shin": ArmPose((52, 12, -28, 55, 20, 0), "shin"),
    "hold ankle": ArmPose((40, 8, -22, 42, 30, 0), "ankle"),
    "bowl": ArmPose((32, 14, -30, 92, -20, 0), "bowl"),
    "table": ArmPose((38, 22, -25, 72, 50, 0), "table"),
    "floor behind": ArmPose((-34, 20, 20, 12, -30, -60), "floor behind"),
    "reach low": ArmPose((62, 8, 0, 20, 10, 0), "low shelf"),
    "reach low, other": ArmPose((58, 12, 0, 28, 10, 0), "low shelf, other"),
    "lift box": ArmPose((60, 10, -8, 20, 0, 10), "box on floor"),
    "carry": ArmPose((22, 10, -14, 88, -20, 0), relaxed=0.1),
    "reach ahead": ArmPose((82, 8, 0, 18, 0, 0)),
    "reach high": ArmPose((138, 12, 0, 14, 0, 0)),
    "look at item": ArmPose((38, 10, -22, 105, -30, 0)),
    "leash": ArmPose((44, 10, -8, 32, 20, 0)),
    "leash tight": ArmPose((62, 12, -4, 14, 20, 0)),
    "leash close": ArmPose((20, 10, -12, 75, 20, 0)),
    "stroke dog": ArmPose((62, 8, 0, 18, 40, 0), "dog"),
    "cigarette low": ArmPose((10, 14, -8, 48, 0, 0), relaxed=0.5),
    "cigarette ready": ArmPose((25, 14, -22, 100, 0, 10)),
    "watch": ArmPose((41, 1, -58, 101, 40, 0), "watch"),
    "hand on watch": ArmPose((27, 9, -53, 114, 30, 0), "hand on watch"),
}
