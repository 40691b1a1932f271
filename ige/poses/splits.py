"""Which clips train, validate and test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ige.base.errors import InputError
from ige.params.poses import LiftingSettings
from ige.poses.clips import Clip
from ige.poses.lifting_set import Split


def subjects_of(split: Split, settings: LiftingSettings) -> tuple[str, ...]:
    """Return the subjects of a split; validation clips are clips of the training subjects."""
    return settings.splits.test if split == "test" else settings.splits.train


def choose_clips(clips: Sequence[Clip], split: Split, settings: LiftingSettings, where: Path) -> list[int]:
    """Return the numbers of the clips of a split, in the order of subject, action and take.

    Every `validation_every`-th clip of the training subjects, in that order, belongs to validation; with
    `validation_held_out` it no longer belongs to training.

    Args:
        clips: all clips.
        split: "train", "validation" or "test".
        settings: the subjects of each split, `validation_every`, `validation_held_out`.
        where: the file of the clips, named in errors.

    Raises:
        InputError: if the split names a subject that no clip has, or holds no clip.
    """
    subjects = subjects_of(split, settings)
    _require_known(subjects, clips, "test" if split == "test" else "train", where)
    keys = [(clip.subject, clip.action, clip.take) for clip in clips]
    chosen = sorted((n for n, clip in enumerate(clips) if clip.subject in subjects), key=keys.__getitem__)
    every = settings.validation_every
    if split == "train" and settings.validation_held_out:
        return [number for place, number in enumerate(chosen, start=1) if place % every]
    if split == "validation" and len(chosen) < every:
        raise InputError(
            "the training subjects have too few clips to take one for validation",
            where=where,
            expected=f"at least {every} (poses.lifting.validation_every) of {', '.join(subjects)}",
            found=f"{len(chosen)}, and the subjects {', '.join(_subjects(clips))}",
        )
    return chosen[every - 1 :: every] if split == "validation" else chosen


def _require_known(subjects: Sequence[str], clips: Sequence[Clip], part: str, where: Path) -> None:
    unknown = sorted(set(subjects) - set(_subjects(clips)))
    if unknown:
        raise InputError(
            f"poses.lifting.splits.{part} names subjects that no clip has",
            where=where,
            expected=f"some of {', '.join(_subjects(clips))}",
            found=", ".join(unknown),
        )


def _subjects(clips: Sequence[Clip]) -> list[str]:
    return sorted({clip.subject for clip in clips})
