"""How many frames Human3.6M has: `frames.csv` beside this file, a row for each of its 210 sequences.

Sources. The names of the sequences are those of metadata.xml. The frames of each are the lengths of the
frame-wise labels of https://github.com/jutanke/h36m_framewise_actions, a line for each frame, whose first
and second file of an action are its takes in the order of metadata.xml. They sum up to what others count
(issue 5 of https://github.com/hrhodin/UnsupervisedGeometryAwareRepresentationLearning, for four cameras):
S1 62,094, S5 99,079, S6 62,466, S7 and S8 166,299 frames, together 389,938, which with four cameras are the
1,559,752 pairs on which Human3.6M's protocols train. S9 and S11 have 137,661 frames, 550,644 pairs; without
S11 Directions, as VideoPose3D has them, 543,344 (https://github.com/QitaoZhao/ContextAware-PoseFormer/issues/11).
Threads that name single sequences agree too: S1 Walking 1 has 3,476 frames, S9 Waiting 1 has 1,612.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ige.base.errors import InputError
from ige.poses.h36m.exclusions import known_faults
from ige.poses.h36m.names import ACTIONS, SUBJECTS, sequence_name, sequence_order
from ige.storage.tables import read_csv

log = logging.getLogger(__name__)

TRAIN = ("S1", "S5", "S6", "S7", "S8")
TEST = ("S9", "S11")
# VideoPose3D leaves this sequence out when it packs, as one of its videos cannot be played.
NOT_PACKED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "videopose3d": (("S11", "Directions", "0"),),
}

_FILE = Path(__file__).with_name("frames.csv")

Key = tuple[str, str, str]


@cache
def known_frames() -> Mapping[Key, int]:
    """Return the number of frames of each sequence by subject, action and take."""
    return {(row["subject"], row["action"], row["take"]): int(row["frames"]) for row in read_csv(_FILE)}


def require_all(found: Mapping[Key, int], where: Path, layout: str) -> None:
    """Check that all sequences are there, with all their frames.

    Args:
        found: number of frames of each sequence.
        where: the folder, for errors.
        layout: "official", "martinez" or "videopose3d".

    Raises:
        InputError: naming the first sequence that is missing, unknown or of a wrong length, and how many
            more there are.
    """
    left_out = NOT_PACKED.get(layout, ())
    expected = {key: frames for key, frames in known_frames().items() if key not in left_out}
    wrong = [
        key
        for key in sorted(expected.keys() | found.keys(), key=lambda key: sequence_order(*key))
        if found.get(key) != expected.get(key) and not (key in left_out and found[key] == known_frames()[key])
    ]
    wrong = [key for key in wrong if not _swapped(key, found, expected)]
    if not wrong:
        training, testing = (
            sum(frames for key, frames in found.items() if key[0] in subjects) for subjects in (TRAIN, TEST)
        )
        log.info("all of Human3.6M: %d frames to train on, %d to test on", training, testing)
        return
    subject, action, take = key = wrong[0]
    others = f", and {len(wrong) - 1} more sequences are wrong" if len(wrong) > 1 else ""
    raise InputError(
        f"not all of Human3.6M: {subject} {sequence_name(action, take)!r}",
        where=where,
        expected=_frames(expected.get(key)),
        found=_frames(found.get(key)) + others,
        next_step="Get the missing files, or set poses.h36m.frames to part to take what is there",
    )


def _swapped(key: Key, found: Mapping[Key, int], expected: Mapping[Key, int]) -> bool:
    """Say whether the takes of an action are all there and only numbered the other way round.

    Nobody publishes which take came first: the lengths are what can be checked. Not so where a fault is known
    of one take: then it must be clear which it is.
    """

    def lengths(frames: Mapping[Key, int]) -> list[int]:
        return sorted(number for other, number in frames.items() if other[:2] == key[:2])

    faulty = {(fault.subject, fault.action) for fault in known_faults()}
    same = key in found and key in expected and key[:2] not in faulty and lengths(found) == lengths(expected)
    if same:
        log.warning("%s %s: the takes have each other's lengths", key[0], sequence_name(*key[1:]))
    return same


def _frames(number: int | None) -> str:
    return "no such sequence" if number is None else f"{number:,} frames"


def log_part(found: Mapping[Key, int]) -> None:
    """Say by subject how much there is of what there could be."""
    known = known_frames()
    for subject in SUBJECTS:
        mine = {key: frames for key, frames in found.items() if key[0] == subject}
        whole = {key: frames for key, frames in known.items() if key[0] == subject}
        actions = {action for _, action, _ in mine}
        log.info(
            "%s: %d of %d sequences, %d of %d frames%s",
            subject,
            len(mine),
            len(whole),
            sum(mine.values()),
            sum(whole.values()),
            "" if len(actions) == len(ACTIONS) else f", {len(actions)} of {len(ACTIONS)} actions",
        )
