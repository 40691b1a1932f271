"""Whether files are, to the byte, what the list of sources or their first use says."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import replace
from pathlib import Path

from ige.base.errors import InputError
from ige.doctor.holdings import Holding
from ige.fetch.checksums import content_of, known_content
from ige.fetch.presence import Presence
from ige.fetch.soundness import fault_of

_BLOCK_BYTES = 1 << 20


def compare_digests(holding: Holding, checksums: Path) -> Holding:
    """Read the files of a group that are there, with progress, and compare their SHA-256.

    Archives that were unpacked are not compared. Files of which no checksum is known are read to their end:
    what is damaged is wrong.

    Args:
        holding: what there is of the group.
        checksums: the file of records of what was at its first use.

    Raises:
        InputError: if a file cannot be read.
    """
    compared = [_compare(presence, checksums) for presence in holding.presences]
    wrong = sum(presence.state == "wrong" for presence, _ in compared)
    known = sum(equal for _, equal in compared)
    text = f"{holding.found}; {known} of {len(compared)} compared by SHA-256"
    presences = tuple(presence for presence, _ in compared)
    return replace(holding, state="wrong" if wrong else holding.state, found=text, presences=presences)


def _compare(presence: Presence, checksums: Path) -> tuple[Presence, bool]:
    """Compare one file; return what is there, and whether there was something to compare."""
    if presence.state != "present" or len(presence.paths) != 1:
        return presence, False
    expected = known_content(presence.file, checksums).sha256
    path, name = presence.paths[0], Path(presence.file.file).name
    if path.name not in (name, f"{name}.gz"):
        return presence, False
    if expected is None:
        fault = fault_of(path, path.name)
        return (replace(presence, state="wrong", detail=fault) if fault else presence), False
    found = content_of(path).sha256 if path.name == name else _digest_unpacked(path)
    if found == expected:
        return presence, True
    detail = f"expected sha256 {expected}, found {found}"
    if presence.file.sha256 is None:
        detail += (
            f", another file than at its first use; if you trust the new one, delete the line of "
            f"{presence.file.file} in {checksums}"
        )
    return replace(presence, state="wrong", detail=detail), True


def _digest_unpacked(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with gzip.open(path) as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError("cannot be unpacked", where=path, found=str(error)) from error
    return digest.hexdigest()
