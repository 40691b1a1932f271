"""Tables of gestures: what both arms, trunk and head do together.

Angles are in degrees; turns and bends are to the leading side.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wave:
    """A motion to and fro while a gesture lasts: degrees of an arm pose's first four angles, and its rate."""

    degrees: tuple[float, float, float, float]
    hertz: float


@dataclass(frozen=True, slots=True)
class Gesture:
    """One pose of the upper body.

    Attributes:
        leading, other: names in `arms.ARMS`.
        trunk: flexion, bend, twist.
        head: nod, tilt, turn.
        crouch: how far the hips go down, in leg lengths.
        wave, other_wave: of the leading arm and of the other.
    """

    leading: str
    other: str
    trunk: tuple[float, float, float] = (0.0, 0.0, 0.0)
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    crouch: float = 0.0
    wave: Wave | None = None
    other_wave: Wave | None = None


_BEAT = Wave((6.0, 3.0, 8.0, 13.0), 1.3)
_SMALL_BEAT = Wave((3.0, 2.0, 6.0, 9.0), 1.6)
_GREETING = Wave((0.0, 3.0, 14.0, 20.0), 1.7)
_HIGH = Wave((4.0, 15.0, 0.0, 12.0), 1.4)
_SHAKE = Wave((6.0, 0.0, 0.0, 10.0), 1.8)
_TUG = Wave((7.0, 5.0, 5.0, 8.0), 0.8)

GESTURES = {
    "hang": Gesture("hang", "hang"),
    "listen": Gesture("hang", "on hip", (2, 0, -4), (5, 6, 8)),
    "look around": Gesture("hang", "hang", (0, 0, 12), (-4, 0, 48)),
    # pointing the way
    "point ahead": Gesture("point ahead", "hang", (4, 0, -8), (0, 0, 4)),
    "point aside": Gesture("point aside", "hang", (0, 3, 16), (0, 0, 42)),
    "point far": Gesture("point far", "on hip", (-4, 0, -6), (-8, 0, 8)),
    "point down": Gesture("point down", "hang", (12, 0, -4), (20, 0, 4)),
    "point across": Gesture("point across", "hang", (4, 0, -22), (0, 0, -38)),
    "this way": Gesture("beat out", "hang", (2, 0, 6), (4, 0, 14), wave=_BEAT),
    # talking
    "explain": Gesture("beat in", "beat in", (4, 0, 0), (4, 0, 0), wave=_BEAT, other_wave=_SMALL_BEAT),
    "open hands": Gesture("offer", "offer", (6, 0, 0), (0, 6, 0), wave=_SMALL_BEAT, other_wave=_BEAT),
    "wide hands": Gesture("wide", "wide", (-2, 0, 0), (-5, 0, 0), wave=_SMALL_BEAT, other_wave=_SMALL_BEAT),
    "argue": Gesture("count", "hang", (8, 0, -8), (6, 0, -8), wave=_BEAT),
    "explain to one side": Gesture("beat out", "crossed under", (2, 4, 14), (2, 4, 26), wave=_BEAT),
    "explain seated": Gesture("beat in", "thigh", (6, 0, 6), (2, 0, 12), wave=_BEAT),
    "open hands seated": Gesture(
        "offer", "beat out", (10, 0, 0), (2, 4, -10), wave=_BEAT, other_wave=_SMALL_BEAT
    ),
    # greeting
    "wave": Gesture("wave", "hang", (0, -3, 4), (-4, 4, 8), wave=_GREETING),
    "wave high": Gesture("wave high", "hang", (-4, -6, 0), (-12, 0, 4), wave=_HIGH),
    "shake hands": Gesture("shake hands", "hang", (8, 0, -10), (4, 0, 4), wave=_SHAKE),
    "bow": Gesture("hang", "hang", (44, 0, 0), (18, 0, 0)),
    "bow, hand on heart": Gesture("hold shoulder", "hang", (26, 0, 0), (14, 0, 0)),
    "salute": Gesture("salute", "hang", (-3, 0, 0), (-2, 0, 0)),
    "welcome": Gesture("wide", "wide", (-3, 0, 0), (-6, 0, 0)),
    # the telephone
    "phone": Gesture("phone", "hang", (4, 0, 4), (8, 6, 6)),
    "phone, talking": Gesture("phone", "beat out", (2, 0, -8), (2, 6, -8), other_wave=_BEAT),
    "phone, other hand on hip": Gesture("phone", "on hip", (-3, 2, 8), (0, 8, 14)),
    "phone, arm across": Gesture("phone", "crossed under", (6, 0, 0), (12, 6, 0)),
    "phone, hand in pocket": Gesture("phone", "in pocket", (6, 0, 0), (10, 4, -12)),
    "phone, hand on thigh": Gesture("phone", "thigh", (8, 2, 2), (8, 6, 4)),
    "phone, elbow on knee": Gesture("phone", "leaning on knee", (20, 0, -4), (10, 4, 0)),
    # the camera
    "photo": Gesture("camera", "camera", (4, 0, 0), (2, 0, 0)),
    "photo, crouching": Gesture("camera", "camera", (14, 0, 0), (-2, 0, 0), 0.3),
    "photo, upward": Gesture("camera", "camera", (-9, 0, 0), (-22, 0, 0)),
    "photo, leaning": Gesture("camera", "camera", (16, -12, 10), (2, -6, 6), 0.1),
    "look at picture": Gesture("camera low", "camera low", (8, 0, 0), (28, 0, 0)),
    # posing
    "hands on hips": Gesture("on hip", "on hip", (-3, 0, 0), (-3, 0, 0)),
    "hand on hip": Gesture("on hip", "hang", (0, 9, 10), (-2, 6, 14)),
    "arms up": Gesture("up aside", "up aside", (-6, 0, 0), (-12, 0, 0)),
    "arms straight up": Gesture("up", "up", (-4, 0, 0), (-14, 0, 0)),
    "one arm up": Gesture("up", "on hip", (-3, -9, 4), (-10, 0, 10)),
    "arms aside": Gesture("aside", "aside", (0, 0, 0), (0, 0, 0)),
    "muscles": Gesture("muscle", "muscle", (-4, 0, 0), (0, 0, 12)),
    "muscle": Gesture("muscle", "on hip", (0, 4, 14), (0, 0, 30)),
    "hands behind head": Gesture("behind head", "behind head", (-6, 0, 0), (0, 0, 8)),
    "thinker": Gesture("chin", "crossed under", (6, 0, 0), (8, 6, 10)),
    "lunge": Gesture("point far", "aside", (8, 4, 14), (-4, 0, 12), 0.16),
    # buying
    "reach low": Gesture("reach low", "hang", (46, 0, -12), (-2, 0, 0), 0.16),
    "reach low, both": Gesture("reach low", "reach low, other", (50, 0, 0), (4, 0, 0), 0.22),
    "lift box": Gesture("lift box", "lift box", (46, 0, 0), (10, 0, 0), 0.4),
    "carry": Gesture("carry", "carry", (-2, 0, 0), (8, 0, 0)),
    "reach ahead": Gesture("reach ahead", "hang", (10, 0, -14), (0, 0, 0)),
    "reach high": Gesture("reach high", "hang", (-4, -6, -8), (-20, 0, 0)),
    "look at item": Gesture("look at item", "carry", (6, 0, 0), (24, 0, 4)),
    # sitting
    "hands on thighs": Gesture("thigh", "thigh", (2, 0, 0), (2, 0, 0)),
    "hands on knees": Gesture("on knee", "on knee", (12, 0, 0), (4, 0, 0)),
    "hands in lap": Gesture("lap", "lap", (2, 0, 0), (8, 0, -14)),
    "lean on knees": Gesture("leaning on knee", "leaning on knee", (27, 0, 0), (-8, 0, 6)),
    "arms crossed seated": Gesture("crossed over", "crossed under", (-3, 0, 0), (0, 0, 10)),
    "chin in hand": Gesture("chin", "leaning on knee", (21, 3, 6), (10, 8, 6)),
    "hands behind head seated": Gesture("behind head", "behind head", (-10, 0, 0), (-6, 0, 0)),
    "hands behind": Gesture("floor behind", "floor behind", (-14, 0, 0), (8, 0, 8)),
    "hold ankles": Gesture("hold ankle", "hold ankle", (14, 0, 0), (0, 0, 10)),
    "hug knees": Gesture("hug shin", "hug shin", (14, 0, 0), (2, 0, -8)),
    # eating
    "bite": Gesture("mouth", "bowl", (12, 0, -3), (12, 0, 0)),
    "at the bowl": Gesture("bowl", "bowl", (14, 0, 0), (20, 0, 0)),
    "at the table": Gesture("table", "table", (10, 0, 0), (14, 0, 0)),
    "chew": Gesture("table", "thigh", (4, 0, 0), (2, 0, 18), wave=_SMALL_BEAT),
    "drink": Gesture("mouth", "table", (-3, 0, 0), (-14, 0, 0)),
    # smoking
    "draw": Gesture("mouth", "hang", (0, 0, 0), (4, 0, 0)),
    "draw, arm across": Gesture("mouth", "crossed under", (2, 0, 0), (4, 0, 6)),
    "draw seated": Gesture("mouth", "thigh", (4, 0, 0), (4, 0, 0)),
    "exhale": Gesture("cigarette ready", "crossed under", (-3, 0, 6), (-10, 0, 16)),
    "cigarette low": Gesture("cigarette low", "in pocket", (0, 2, 4), (0, 0, 14)),
    "cigarette low seated": Gesture("on knee", "thigh", (8, 0, 0), (2, 0, 20)),
    "exhale seated": Gesture("cigarette ready", "thigh", (-2, 0, 4), (-8, 0, 14)),
    # waiting
    "arms crossed": Gesture("crossed over", "crossed under", (-2, 0, 0), (0, 0, 12)),
    "hands in pockets": Gesture("in pocket", "in pocket", (3, 0, 0), (4, 0, -16)),
    "hands clasped": Gesture("clasped", "clasped", (2, 0, 0), (6, 0, 8)),
    "hands behind back": Gesture("behind back", "behind back", (-3, 0, 0), (-2, 0, 22)),
    "look at watch": Gesture("watch", "hand on watch", (6, 0, 0), (28, 0, -4)),
    "look at screen": Gesture("look at screen", "hang", (8, 0, 0), (30, 0, 2)),
    # with a dog, with a friend
    "leash": Gesture("leash", "hang", (4, 0, -4), (14, 0, 0), wave=_TUG),
    "leash tight": Gesture("leash tight", "hang", (-5, -3, -12), (14, 0, 0), wave=_TUG),
    "leash close": Gesture("leash close", "hang", (4, 3, 6), (20, 0, 12), wave=_TUG),
    "stroke dog": Gesture("stroke dog", "leaning on knee", (42, 0, -10), (8, 0, 0), 0.3, wave=_TUG),
    "look at friend": Gesture("hang", "hang", (0, 0, 8), (2, 0, 46)),
    "talk to friend": Gesture("beat out", "hang", (0, 0, 12), (2, 4, 48), wave=_BEAT),
    "listen to friend": Gesture("in pocket", "hang", (3, 3, 6), (6, 6, 38)),
}
