"""Who does what in a motion file: from a manifest, from patterns of the settings, or from its CMU name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol, TypeVar

from ige.base.errors import InputError
from ige.params.poses import FilePattern
from ige.storage.tables import read_csv

MOTION_SUFFIXES = (".bvh", ".amc", ".bvh.gz", ".amc.gz")
_COLUMNS = ("file", "subject", "action", "take")
_CMU_NAME = re.compile(r"(\d+)_(\d+)")
_NUMBERED_NAME = re.compile(r"(.*\D)?(\d+)")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a motion file claims to be; two files that are kept must not claim the same."""

    subject: str
    action: str
    take: str

    def __str__(self) -> str:
        return f"subject {self.subject}, action {self.action}, take {self.take}"


class _HasPattern(Protocol):
    @property
    def pattern(self) -> str: ...


_P = TypeVar("_P", bound=_HasPattern)


def is_motion(name: str) -> bool:
    """Say whether a file's name is that of a motion."""
    return name.lower().endswith(MOTION_SUFFIXES)


def first_match(patterns: Sequence[_P], file: str) -> _P | None:
    """Return the first of the patterns that fits a file's path below the folder."""
    return next((entry for entry in patterns if fnmatchcase(file, entry.pattern)), None)


def require_used(folder: Path, section: str, patterns: Iterable[str], files: Sequence[str]) -> None:
    """Refuse a pattern that fits no file: it is most likely misspelt, and its facts would be lost.

    Raises:
        InputError: for the first such pattern.
    """
    for pattern in patterns:
        if not any(fnmatchcase(file, pattern) for file in files):
            raise InputError(
                f"the pattern {pattern!r} of poses.mocap.{section} fits no motion file",
                where=folder,
                expected=f"a pattern such as {files[0]!r}",
            )


def read_manifest(path: Path, files: Sequence[str]) -> dict[str, Claim]:
    """Read a manifest: which file holds which subject, action and take.

    Raises:
        InputError: if a column or a cell is missing, a file stands there twice or is not among `files`.
    """
    claims: dict[str, Claim] = {}
    for number, row in enumerate(read_csv(path), start=2):
        where = f"{path}, line {number}"
        lacking = [column for column in _COLUMNS if not row.get(column, "").strip()]
        if lacking:
            raise InputError(f"the manifest has no {lacking[0]}", where=where, expected=", ".join(_COLUMNS))
        file, subject, action, take = (row[column].strip() for column in _COLUMNS)
        if file not in files:
            raise InputError(
                f"the manifest names {file!r}, which is no motion file of the folder",
                where=where,
                expected=f"a path below {path.parent} that ends in {', '.join(MOTION_SUFFIXES)}",
            )
        if file in claims:
            raise InputError(f"the manifest names {file!r} twice", where=where)
        claims[file] = Claim(subject, action, take)
    return claims


def claim_of(
    folder: Path, file: str, facts: FilePattern | None, manifest: Mapping[str, Claim] | None
) -> Claim:
    """Tell subject, action and take of a file.

    A CMU name such as 02_05.amc or 002_05.bvh.gz gives subject "2", take "5" and, as CMU numbers trials and
    does not name actions, the action "02_05". Of another name a number at the end is the take, and what
    stands before it is the action. The settings' `subject` and `action` go before either.

    Raises:
        InputError: if the file is not in the manifest, or its name and the settings do not tell all three.
    """
    if manifest is not None:
        if file not in manifest:
            raise InputError("a motion file that the manifest does not name", where=folder / file)
        said = manifest[file]
        subject, action, take = said.subject, said.action, said.take
    else:
        subject, action, take = _from_name(file)
    if facts is not None:
        subject, action = facts.subject or subject, facts.action or action
    if not subject or not action:
        raise InputError(
            f"cannot tell the {'action' if subject else 'subject'} from the file's name",
            where=folder / file,
            expected="a CMU name such as 02_05.bvh",
            next_step="Write a manifest, or give subject and action for a pattern under poses.mocap.files.",
        )
    return Claim(subject, action, take)


def _from_name(file: str) -> tuple[str, str, str]:
    name = file.rpartition("/")[2]
    suffix = next(
        suffix for suffix in sorted(MOTION_SUFFIXES, key=len)[::-1] if name.lower().endswith(suffix)
    )
    stem = name[: -len(suffix)]
    if cmu := _CMU_NAME.fullmatch(stem):
        subject, take = int(cmu[1]), int(cmu[2])
        return str(subject), f"{subject:02d}_{take:02d}", str(take)
    if numbered := _NUMBERED_NAME.fullmatch(stem):
        return "", (numbered[1] or "").rstrip("_- "), str(int(numbered[2]))
    return "", stem, "1"


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Key that sorts "S9" before "S11"."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text) if part
    )
