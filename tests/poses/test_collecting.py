from __future__ import annotations

import numpy as np

from ige.poses.clips import Clip
from ige.poses.collecting import Collected


def clip(subject: str, action: str) -> Clip:
    return Clip(np.zeros((9, 32, 3), np.float32), subject, action, "1", 50.0, "none", "x")


def test_room_follows_room_and_pairs_are_counted_by_action() -> None:
    pairs = Collected([clip("S1", "Eating"), clip("S5", "Walking"), clip("S1", "Walking")], most=100)
    assert pairs.room(2, 0, 0, np.arange(4)) == slice(0, 4)
    assert pairs.room(0, 0, 1, np.array([], dtype=np.int64)) == slice(4, 4)
    assert pairs.room(0, 1, 0, np.array([3, 7])) == slice(4, 6)
    assert pairs.room(2, 0, 1, np.arange(3)) == slice(6, 9)
    assert pairs.count == 9
    counts = pairs.by_action()
    assert (counts["S1", "Walking"], counts["S1", "Eating"], counts["S5", "Walking"]) == (7, 2, 0)
