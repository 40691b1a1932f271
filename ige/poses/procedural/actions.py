"""What each action is made of: a way to stand, walk or sit, and the gestures that come with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from ige.params.poses import Action
from ige.poses.procedural.postures import CHAIR, FLOOR
from ige.poses.procedural.standing import Stance
from ige.poses.procedural.walking import Gait

ACTIONS: tuple[str, ...] = get_args(Action)


@dataclass(frozen=True, slots=True)
class Seat:
    """A way to sit: which postures, each for `hold_s` (shortest, longest).

    With `from_standing`, one stands first, goes down, and may get up again; gestures come with the postures.
    """

    postures: tuple[str, ...]
    hold_s: tuple[float, float]
    from_standing: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """How gestures follow each other.

    Attributes:
        hold_s: shortest and longest time that a gesture is held.
        move_s: shortest and longest time from gesture to gesture.
        changes_hands: probability that the next gesture is led by the other hand.
        gaze_degrees: how far the head wanders to the sides.
    """

    hold_s: tuple[float, float]
    move_s: tuple[float, float]
    changes_hands: float
    gaze_degrees: float


@dataclass(frozen=True, slots=True)
class Script:
    """One way to perform an action.

    Attributes:
        base: what the legs do.
        pace: how quickly gestures change.
        gestures: names in `gestures.GESTURES`; a name that stands twice comes twice as often.
    """

    base: Stance | Gait | Seat
    pace: Pace
    gestures: tuple[str, ...]


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split("|"))


_STANDING = Stance(every_s=4.0, move_m=0.25, turn_degrees=35.0, shift=1.0)
_RESTLESS = Stance(every_s=2.6, move_m=0.35, turn_degrees=50.0, shift=1.3)
_CALM = Stance(every_s=6.0, move_m=0.15, turn_degrees=25.0, shift=1.5)
_IMPATIENT = Stance(every_s=3.2, move_m=0.2, turn_degrees=45.0, shift=2.0)
_BUSY = Stance(every_s=2.2, move_m=0.3, turn_degrees=55.0, shift=0.8)
_PULLED = Stance(every_s=1.6, move_m=0.3, turn_degrees=50.0, shift=0.8)
_CHAIR = Seat(CHAIR, (3.0, 6.0))
_EATING_CHAIR = Seat(
    _names("chair | chair | chair, wide | chair, feet back | chair, ankles crossed"), (4.0, 7.0)
)
_DOWN_TO_FLOOR = Seat(FLOOR, (1.6, 3.2), from_standing=True)
_DOWN_TO_ANYTHING = Seat((*CHAIR, *FLOOR), (1.4, 2.6), from_standing=True)

_SMOKING = Pace((0.9, 2.0), (0.7, 1.1), 0.05, 16.0)
_SITTING_DOWN = Pace((1.0, 2.0), (1.3, 1.9), 0.3, 14.0)
_WALKING = Pace((2.0, 5.0), (0.8, 1.4), 0.5, 9.0)

# The takes of an action go through its scripts in turn.
SCRIPTS: dict[str, tuple[Script, ...]] = {
    "Directions": (
        Script(
            _STANDING,
            Pace((0.5, 1.3), (0.55, 0.9), 0.3, 14.0),
            _names(
                "point ahead | point aside | point far | point down | point across | this way | listen | hang"
            ),
        ),
    ),
    "Discussion": (
        Script(
            _RESTLESS,
            Pace((0.9, 2.2), (0.55, 0.95), 0.3, 18.0),
            _names(
                "explain | open hands | wide hands | argue | explain to one side | listen | arms crossed"
                "| explain"
            ),
        ),
    ),
    "Eating": (
        Script(
            _EATING_CHAIR,
            Pace((0.5, 1.2), (0.7, 1.1), 0.1, 8.0),
            _names("bite | at the bowl | bite | at the table | bite | chew | drink"),
        ),
    ),
    "Greeting": (
        Script(
            _STANDING,
            Pace((0.9, 1.9), (0.6, 0.9), 0.25, 10.0),
            _names(
                "wave | wave | wave high | shake hands | bow | bow, hand on heart | salute | welcome | hang"
            ),
        ),
    ),
    "Phoning": (
        Script(
            _RESTLESS,
            Pace((1.5, 3.0), (0.6, 1.0), 0.0, 16.0),
            _names(
                "phone | phone, talking | phone, other hand on hip | phone, arm across"
                "| phone, hand in pocket | phone, talking"
            ),
        ),
        Script(
            _CHAIR,
            Pace((1.5, 3.5), (0.7, 1.1), 0.0, 16.0),
            _names("phone, hand on thigh | phone, elbow on knee | phone, talking | phone, arm across"),
        ),
    ),
    "Photo": (
        Script(
            _STANDING,
            Pace((1.2, 2.4), (0.7, 1.1), 0.2, 5.0),
            _names(
                "photo | photo, crouching | photo, upward | photo, leaning | photo | look at picture | hang"
            ),
        ),
    ),
    "Posing": (
        Script(
            _RESTLESS,
            Pace((0.8, 1.8), (0.7, 1.1), 0.4, 14.0),
            _names(
                "hands on hips | hand on hip | arms up | arms straight up | one arm up | arms aside | muscles"
                "| muscle | hands behind head | thinker | lunge | arms crossed"
            ),
        ),
    ),
    "Purchases": (
        Script(
            _BUSY,
            Pace((0.5, 1.2), (0.8, 1.2), 0.3, 14.0),
            _names(
                "reach low | reach low, both | lift box | carry | reach ahead | reach high | look at item"
                "| look around | carry"
            ),
        ),
    ),
    "Sitting": (
        Script(
            _CHAIR,
            Pace((1.0, 2.6), (0.7, 1.2), 0.3, 20.0),
            _names(
                "hands on thighs | hands on knees | hands in lap | explain seated | open hands seated"
                "| lean on knees | arms crossed seated | chin in hand | hands behind head seated"
            ),
        ),
    ),
    "SittingDown": (
        Script(_DOWN_TO_FLOOR, _SITTING_DOWN, ()),
        Script(_DOWN_TO_ANYTHING, _SITTING_DOWN, ()),
    ),
    "Smoking": (
        Script(
            _CALM,
            _SMOKING,
            _names("draw | draw, arm across | exhale | cigarette low | draw, arm across | exhale"),
        ),
        Script(_CHAIR, _SMOKING, _names("draw seated | exhale seated | cigarette low seated | draw seated")),
    ),
    "Waiting": (
        Script(
            _IMPATIENT,
            Pace((1.2, 2.8), (0.7, 1.1), 0.4, 28.0),
            _names(
                "arms crossed | hands on hips | hand on hip | hands in pockets | hands clasped"
                "| hands behind back | look at watch | look at screen | look around | hang"
            ),
        ),
    ),
    "WalkDog": (
        Script(
            Gait(speed=0.85, spread=0.35, eight=False),
            Pace((0.8, 2.0), (0.5, 0.9), 0.05, 16.0),
            _names("leash | leash tight | leash close | leash"),
        ),
        Script(
            _PULLED,
            Pace((0.9, 2.0), (0.7, 1.1), 0.05, 14.0),
            _names("leash | leash tight | leash close | stroke dog | stroke dog"),
        ),
    ),
    "Walking": (
        Script(Gait(speed=1.0, spread=0.1, eight=False), _WALKING, _names("hang | hang | look around")),
        Script(Gait(speed=0.95, spread=0.12, eight=True), _WALKING, ("hang",)),
    ),
    "WalkTogether": (
        Script(
            Gait(speed=0.9, spread=0.15, eight=False),
            Pace((1.0, 2.4), (0.6, 1.0), 0.0, 10.0),
            _names("look at friend | talk to friend | listen to friend | hang | talk to friend"),
        ),
    ),
}
