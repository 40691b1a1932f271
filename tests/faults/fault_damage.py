"""Damage to files: bits that flip, ends that are lost, pages of zeros."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

PAGE_BYTES = 512


def damage(path: Path, rng: random.Random) -> str:
    """Damage a file in its place, so that its content is another; return how."""
    content = path.read_bytes()
    altered, how = _altered(content, rng)
    while altered == content:
        altered, how = _altered(content, rng)
    with path.open("r+b") as stream:
        stream.write(altered)
        stream.truncate()
    return how


def _altered(content: bytes, rng: random.Random) -> tuple[bytes, str]:
    how = rng.choice(("flip", "flip", "cut", "cut", "zeros")) if content else "append"
    if how == "append":
        return b"\0", "one byte too many"
    place = rng.randrange(len(content))
    if how == "flip":
        altered = bytearray(content)
        altered[place] ^= 1 << rng.randrange(8)
        return bytes(altered), f"a bit of byte {place} flipped"
    if how == "cut":
        place = rng.choice((0, place, len(content) - 1))
        return content[:place], f"cut to {place} of {len(content)} bytes"
    start = place // PAGE_BYTES * PAGE_BYTES
    zeros = bytes(min(PAGE_BYTES, len(content) - start))
    return content[:start] + zeros + content[start + PAGE_BYTES :], f"zeros from byte {start} on"


def files_of(run: Path, patterns: Sequence[str]) -> list[Path]:
    """The files below a run that match a pattern, in order."""
    return sorted({path for pattern in patterns for path in run.glob(pattern) if path.is_file()})


def owner_of(name: str, owners: Mapping[str, str]) -> str:
    """The stage that makes a file, by the longest beginning of its name below the run."""
    return owners[max((start for start in owners if name.startswith(start)), key=len)]
