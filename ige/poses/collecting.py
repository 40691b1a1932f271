"""Pairs as they are found, in arrays that are allocated once: a set of millions is never held twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ige.params.poses import LiftingSettings
from ige.poses.clips import Clip
from ige.poses.lifting_set import LiftingSet, Split
from ige.poses.rigs import Rig

Integer = TypeVar("Integer", np.uint8, np.int16, np.int32)


class Collected:
    """Pairs in the order in which they come.

    Attributes:
        observed: (most, 16, 2).
        poses_cam: (most, 16, 3).
        count: how many pairs there are; what lies beyond is not written and takes no memory.
    """

    def __init__(self, clips: Sequence[Clip], most: int) -> None:
        self.observed = np.empty((most, 16, 2), dtype=np.float32)
        self.poses_cam = np.empty((most, 16, 3), dtype=np.float32)
        self.count = 0
        self._clips = clips
        self._frame = np.empty(most, dtype=np.int32)
        self._parts: list[tuple[int, int, int, int]] = []

    def room(self, clip: int, yaw: int, camera: int, frames: NDArray[np.int64]) -> slice:
        """Take room for the pairs of these frames of a view, and return where it is."""
        place = slice(self.count, self.count + len(frames))
        self._frame[place] = frames
        self.count = place.stop
        self._parts.append((clip, yaw, camera, len(frames)))
        return place

    def by_action(self) -> Counter[tuple[str, str]]:
        """Count the pairs of each subject and action."""
        counts: Counter[tuple[str, str]] = Counter()
        for number, _, _, pairs in self._parts:
            counts[self._clips[number].subject, self._clips[number].action] += pairs
        return counts

    def lifting_set(self, rig: Rig, split: Split, source: str, settings: LiftingSettings) -> LiftingSet:
        """Return the pairs with the facts of each."""
        numbers = [part[0] for part in self._parts]
        names: dict[str, tuple[str, ...]] = {}
        indices: dict[str, NDArray[np.int16]] = {}
        for fact in ("subject", "action", "take"):
            of_parts = [getattr(self._clips[number], fact) for number in numbers]
            names[fact] = tuple(sorted(set(of_parts)))
            indices[fact] = self._per_pair([names[fact].index(name) for name in of_parts], np.int16)
        return LiftingSet(
            observed=self.observed[: self.count],
            poses_cam=self.poses_cam[: self.count],
            camera=self._per_pair([part[2] for part in self._parts], np.uint8),
            yaw=self._per_pair([part[1] for part in self._parts], np.uint8),
            frame=self._frame[: self.count],
            clip=self._per_pair(numbers, np.int32),
            **indices,
            cameras=rig.cameras,
            subjects=names["subject"],
            actions=names["action"],
            takes=names["take"],
            yaws_degrees=settings.yaws_degrees,
            split=split,
            source=source,
            observation=settings.observation.subtree(),
        )

    def _per_pair(self, of_parts: Sequence[int], dtype: type[Integer]) -> NDArray[Integer]:
        """Repeat one value of each part for each of its pairs."""
        return np.repeat(np.array(of_parts, dtype=dtype), [part[3] for part in self._parts])
