"""What members of archives may be called and how much they may unpack to."""

from __future__ import annotations

import re
from dataclasses import dataclass

RATIO_FROM = 64 << 20  # bytes unpacked; honest tables of zeros shrink beyond any ratio, but are smaller

_DRIVE = re.compile(r"[A-Za-z]:")


class RefusedError(ValueError):
    """What is wrong with a member."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be unpacked; what is beyond raises RefusedError.

    Attributes:
        most_bytes: of one member, unpacked.
        most_total: of all members, unpacked.
        most_ratio: bytes unpacked from each packed one, where more than 64 MiB are unpacked.
    """

    most_bytes: int
    most_total: int
    most_ratio: float

    def check_member(self, unpacked: int, packed: int) -> None:
        """Refuse a member of so many bytes, or that was packed in too few."""
        if unpacked > self.most_bytes:
            raise RefusedError(
                f"{_in_words(unpacked)} or more unpacked, {_in_words(self.most_bytes)} at most"
            )
        self._check_ratio(unpacked, packed)

    def check_total(self, unpacked: int, packed: int) -> None:
        """Refuse so many bytes of all members, or if they were packed in too few."""
        if unpacked > self.most_total:
            raise RefusedError(
                f"{_in_words(unpacked)} or more unpacked in all, {_in_words(self.most_total)} at most"
            )
        self._check_ratio(unpacked, packed)

    def _check_ratio(self, unpacked: int, packed: int) -> None:
        if unpacked > RATIO_FROM and unpacked > self.most_ratio * packed:
            raise RefusedError(
                f"a decompression bomb: {_in_words(unpacked)} or more unpacked from {_in_words(packed)}"
            )


def plain_name(name: str) -> str:
    """Return a member's name without parts that mean nothing; empty for the archive's own folder.

    Raises:
        RefusedError: if it leads out of the archive or would on another system.
    """
    if not name.isprintable():
        raise RefusedError("a name with letters that cannot be printed")
    if name.startswith("/") or _DRIVE.match(name):
        raise RefusedError("an absolute path")
    if "\\" in name:
        raise RefusedError("a path with backslashes")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise RefusedError("a path that leads out of the archive")
    return "/".join(parts)


def is_litter(name: str) -> bool:
    """Say whether macOS added this file."""
    last = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or last == ".DS_Store" or last.startswith("._")


def _in_words(size: int) -> str:
    return f"{size / 2**20:.0f} MiB" if size >= 1 << 20 else f"{size} bytes"
