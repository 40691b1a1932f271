"""Which sequences an unpacked tree of Human3.6M lacks, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ige.base.errors import InputError
from ige.poses.h36m.counts import known_frames
from ige.poses.h36m.names import SUBJECTS, parse_name, sequence_name, sequence_order

_MOST_NAMES = 6


def lacking_sequences(files: Sequence[Path], subjects: Sequence[str]) -> list[str]:
    """Name the sequences of which there is no file, in order.

    Args:
        files: of sequences, in a folder with the name of their subject.
        subjects: whose sequences should be there.

    Returns:
        "Walking 1 of S9", ...
    """
    found = {key for file in files if (key := _key_of(file)) is not None}
    expected = {key for key in known_frames() if key[0] in subjects}
    lacking = sorted(expected - found, key=lambda key: sequence_order(*key))
    return [f"{sequence_name(action, take)} of {subject}" for subject, action, take in lacking]


def tell_lacking(files: Sequence[Path]) -> str:
    """Say in a few words which sequences the trees of some subjects lack; empty where none is.

    Args:
        files: of sequences; those of subjects of whom there is no file are not told.
    """
    subjects = [subject for subject in SUBJECTS if any(subject in file.parts for file in files)]
    names = lacking_sequences(files, subjects)
    rest = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + rest


def _key_of(file: Path) -> tuple[str, str, str] | None:
    subject = next((part for part in reversed(file.parts[:-1]) if part in SUBJECTS), None)
    try:
        return None if subject is None else (subject, *parse_name(file.stem))
    except InputError:
        return None  # `_ALL.cdf`, and whatever else lies there: reading tells
