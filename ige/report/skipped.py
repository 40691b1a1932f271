"""What was left out on the way, from the skipped.csv files, by reason."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.storage.tables import read_csv

_MOST_REASONS = 5  # of one file; the rarer ones are counted together


@dataclass(frozen=True, slots=True)
class SkippedGroup:
    """What one file lists for one reason: so many rows, so many frames in all.

    `file` is its path below the folder that all files share.
    """

    file: str
    reason: str
    rows: int
    frames: int


def read_skipped(paths: Sequence[Path]) -> list[SkippedGroup]:
    """Count rows and frames by reason, those with most frames first; a file without rows counts as 0.

    Raises:
        InputError: if a file is missing or no list of what was skipped.
    """
    if not paths:
        return []
    folder = os.path.commonpath([path.parent for path in paths])
    return [group for path in paths for group in _groups(path, Path(os.path.relpath(path, folder)))]


def _groups(path: Path, name: Path) -> list[SkippedGroup]:
    file = name.as_posix()
    rows, frames = Counter[str](), Counter[str]()
    for row in read_csv(path):
        try:
            reason, count = row["reason"], int(row["frames"])
        except (KeyError, ValueError) as error:
            raise InputError(
                "is no list of what was skipped", where=path, expected="columns id, frames, reason"
            ) from error
        rows[reason] += 1
        frames[reason] += count
    reasons = sorted(rows, key=lambda reason: (-frames[reason], reason))
    shown, rest = reasons[:_MOST_REASONS], reasons[_MOST_REASONS:]
    groups = [SkippedGroup(file, reason, rows[reason], frames[reason]) for reason in shown]
    if rest:
        words = f"{len(rest)} more reasons, e.g. {rest[0]}"
        counts = sum(rows[each] for each in rest), sum(frames[each] for each in rest)
        groups.append(SkippedGroup(file, words, *counts))
    return groups or [SkippedGroup(file, "nothing was left out", 0, 0)]
