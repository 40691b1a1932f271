"""Human3.6M's names and units: the same whichever layout they come from.

A sequence is called `Directions 1`, or `Directions` for a take without a number, which is take "0" here.
The number says nothing about which take was performed first, and it differs from subject to subject. S1 has
`TakingPhoto` and `WalkingDog` in the official files, the others `Photo` and `WalkDog`; files of detections
put underscores for the blanks.
"""

from __future__ import annotations

import difflib
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError

SUBJECTS = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
ACTIONS = (
    *("Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing", "Purchases"),
    *("Sitting", "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking", "WalkTogether"),
)
CAMERAS = ("54138969", "55011271", "58860488", "60457274")
FPS = 50.0
LICENCE = "Human3.6M terms of use"

_OTHER_NAMES = {"TakingPhoto": "Photo", "WalkingDog": "WalkDog", "WalkingTogether": "WalkTogether"}
_NAME = re.compile(r"([A-Za-z]+)(?:[ _]([0-9]{1,2}))?")


def parse_name(name: str) -> tuple[str, str]:
    """Split a name such as "Directions 1", "Directions_1" or "TakingPhoto" into action and take.

    Raises:
        InputError: if it is no name of a sequence; says which action is meant, if one is near.
    """
    match = _NAME.fullmatch(name)
    word = name if match is None else match[1]
    action = _OTHER_NAMES.get(word, word)
    if match is None or action not in ACTIONS:
        raise InputError(
            f"unknown sequence {name[:80]!r}",
            expected="an action of Human3.6M, with or without a number, e.g. 'Directions 1'",
            next_step=_suggestion(word, ACTIONS),
        )
    return action, match[2] or "0"


def sequence_name(action: str, take: str) -> str:
    """Return the name of a sequence as the official files have it, apart from S1's two other words."""
    return action if take == "0" else f"{action} {take}"


def require_subject(subject: str) -> str:
    """Return the subject if it is one that has 3D poses.

    Raises:
        InputError: if not.
    """
    if subject not in SUBJECTS:
        raise InputError(f"unknown subject {subject[:80]!r}", expected=", ".join(SUBJECTS))
    return subject


def sequence_order(subject: str, action: str, take: str) -> tuple[int, int, int]:
    """Return what clips are sorted by: subject, action, take."""
    return SUBJECTS.index(subject), ACTIONS.index(action), int(take)


def metres_of(millimetres: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Return metres in single precision, rounded once, so that all layouts agree."""
    return (millimetres.astype(np.float64) / 1000.0).astype(np.float32)


def _suggestion(word: str, known: tuple[str, ...]) -> str | None:
    near = difflib.get_close_matches(word[:80], [*known, *_OTHER_NAMES], n=1)
    return f"Did you mean {near[0]}?" if near else None
