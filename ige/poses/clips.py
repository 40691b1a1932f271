"""Clips: where every pose source ends, and where every lifting set begins.

| file | holds |
| --- | --- |
| clips.h5 | per clip the joints, `clips/<number>/positions` (F, 32, 3); subject, action, take, fps, licence |
| skipped.csv | what was left out, with its reason |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.storage.arrays import read_arrays, write_arrays
from ige.storage.tables import write_csv

KIND = "clips"
SKIPPED_COLUMNS = ("id", "frames", "reason")


@dataclass(frozen=True, slots=True)
class Clip:
    """One performance of one action by one subject.

    Attributes:
        positions_world: (F, 32, 3) float32, metres, world frame (z up), in the order of `skeletons.H36M_32`.
        subject: e.g. "S1".
        action: e.g. "Walking".
        take: tells repeated performances apart, e.g. "1".
        fps: frames per second.
        licence: under which the source may be used.
        origin: the file it was read from, relative to its folder, or "procedural".
        notes: what was changed when it was read, e.g. "5 leading T-pose frames dropped".
    """

    positions_world: NDArray[np.float32]
    subject: str
    action: str
    take: str
    fps: float
    licence: str
    origin: str
    notes: str = ""

    @property
    def name(self) -> str:
        """Subject, action and take as one path-like name."""
        return f"{self.subject}/{self.action}/{self.take}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was left out: a row of skipped.csv."""

    id: str
    frames: int
    reason: str


def write_clips(path: Path, clips: Sequence[Clip], source: str) -> None:
    """Write clips to an HDF5 file.

    Raises:
        ValueError: if positions are not (F, 32, 3) float32 or not finite.
        StorageError: if the file cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for number, clip in enumerate(clips):
        positions = clip.positions_world
        if positions.ndim != 3 or positions.shape[1:] != (32, 3) or positions.dtype != np.float32:
            raise ValueError(
                f"{clip.name}: positions are {positions.dtype}{positions.shape}, not float32 (F, 32, 3)"
            )
        if not np.isfinite(positions).all():
            raise ValueError(f"{clip.name}: positions are not finite")
        arrays[_array_name(number)] = positions
    facts = [
        {
            name: getattr(clip, name)
            for name in ("subject", "action", "take", "fps", "licence", "origin", "notes")
        }
        for clip in clips
    ]
    write_arrays(path, KIND, arrays, {"source": source, "clips": facts})


def read_clips(path: Path) -> list[Clip]:
    """Read the clips of a file, in the order in which they were written.

    Raises:
        InputError: if the file is missing, of another kind or damaged.
    """
    content = read_arrays(path, KIND)
    return [
        Clip(positions_world=content.arrays[_array_name(number)], **facts)
        for number, facts in enumerate(content.attributes["clips"])
    ]


def read_source(path: Path) -> str:
    """Name the source of a file of clips.

    Raises:
        InputError: if the file is missing, of another kind or damaged.
    """
    return str(read_arrays(path, KIND).attributes["source"])


def write_skipped(path: Path, skipped: Sequence[Skipped]) -> None:
    """Write skipped.csv; an empty list gives a file with the header alone."""
    rows = [{"id": row.id, "frames": row.frames, "reason": row.reason} for row in skipped]
    write_csv(path, SKIPPED_COLUMNS, rows)


def _array_name(number: int) -> str:
    return f"clips/{number:05d}/positions"
