"""A folder of motion-capture files as clips: which files, what they claim, what is left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.fetch.finding import own_files
from ige.params.poses import MocapSettings
from ige.poses.clips import Clip, Skipped
from ige.poses.mocap.naming import (
    MOTION_SUFFIXES,
    Claim,
    claim_of,
    first_match,
    is_motion,
    natural,
    read_manifest,
    require_used,
)
from ige.poses.mocap.reading import Take, read_take
from ige.poses.mocap.repeats import difference
from ige.poses.mocap.rigs import known_rigs

# A repeat in another form may lack some frames at its ends, no more.
_LEAST_SHARED = 0.9


def read_folder(folder: Path, settings: MocapSettings) -> tuple[list[Clip], list[Skipped]]:
    """Read all BVH and AMC files below a folder.

    Every motion file becomes a clip, or a row of what was left out: by the settings (0 frames, it is not
    read), as the repeat of another clip, or in part as leading T-pose.

    Returns:
        Clips sorted by subject, action and take (numbers by their value), and what was left out, by file.

    Raises:
        InputError: if the folder is missing or empty, a file cannot be read, two files claim the same
            subject, action and take, a repeat repeats nothing, or a pattern or the manifest names a file that
            is not there.
    """
    files = _motion_files(folder)
    _require_patterns(folder, settings, files)
    skipped = [
        Skipped(file, 0, f"left out by the settings: {skip.reason}")
        for file in files
        if (skip := first_match(settings.skip, file)) is not None
    ]
    claims = _claims(folder, files, settings, {row.id for row in skipped})
    repeats = {file for file in claims if any(fnmatchcase(file, pattern) for pattern in settings.repeats)}
    kept = _kept_files(folder, claims, repeats)
    takes = _read_all(folder, claims, settings)
    skipped += [_t_pose_row(file, takes[file].dropped) for file in kept.values() if takes[file].dropped]
    skipped += [
        _repeat_row(folder, takes, file, kept[claims[file]], settings.repeat_bound_mm)
        for file in sorted(repeats)
    ]
    return (
        [takes[kept[claim]].clip for claim in sorted(kept, key=_order)],
        sorted(skipped, key=lambda row: natural(row.id)),
    )


def _motion_files(folder: Path) -> list[str]:
    """Paths of motion files below the folder, in an order that no file system decides."""
    if not folder.is_dir():
        raise InputError("no such folder", where=folder, expected="a folder of BVH or AMC files")
    own = (path for path in own_files(folder) if is_motion(path.name))
    files = sorted(path.relative_to(folder).as_posix() for path in own)
    if not files:
        raise InputError(
            "no motion files", where=folder, expected=f"files that end in {', '.join(MOTION_SUFFIXES)}"
        )
    return files


def _require_patterns(folder: Path, settings: MocapSettings, files: list[str]) -> None:
    require_used(folder, "files", [entry.pattern for entry in settings.files], files)
    require_used(folder, "skip", [entry.pattern for entry in settings.skip], files)
    # What can be fetched may lack them. Misspelt ones show all the same: two files then claim the same take.
    if not settings.fetch:
        require_used(folder, "repeats", settings.repeats, files)


def _claims(folder: Path, files: list[str], settings: MocapSettings, left_out: set[str]) -> dict[str, Claim]:
    manifest = None if settings.manifest is None else read_manifest(folder / settings.manifest, files)
    return {
        file: claim_of(folder, file, first_match(settings.files, file), manifest)
        for file in files
        if file not in left_out
    }


def _kept_files(folder: Path, claims: Mapping[str, Claim], repeats: set[str]) -> dict[Claim, str]:
    """Find the one file of each claim that becomes a clip."""
    kept: dict[Claim, str] = {}
    for file, claim in claims.items():
        if file in repeats:
            continue
        if claim in kept:
            raise InputError(
                f"two files claim {claim}",
                where=folder,
                found=f"{kept[claim]} and {file}",
                next_step="If one repeats the other in another form, list it under poses.mocap.repeats;"
                " else tell them apart by a manifest.",
            )
        kept[claim] = file
    for file in sorted(repeats):
        if claims[file] not in kept:
            raise InputError(
                f"listed under poses.mocap.repeats, but no other file claims {claims[file]}",
                where=folder / file,
            )
    return kept


def _read_all(folder: Path, claims: Mapping[str, Claim], settings: MocapSettings) -> dict[str, Take]:
    rigs = known_rigs(folder)
    takes: dict[str, Take] = {}
    with progress("reading motion files", len(claims)) as shown:
        for file, claim in claims.items():
            facts = first_match(settings.files, file)
            takes[file] = read_take(folder, file, claim, facts, rigs, settings.drop_t_pose)
            shown.advance(file=file)
    return takes


def _t_pose_row(file: str, dropped: int) -> Skipped:
    return Skipped(f"{file} frames 0-{dropped - 1}", dropped, "leading T-pose, not part of the motion")


def _repeat_row(
    folder: Path, takes: Mapping[str, Take], file: str, original: str, bound_mm: float
) -> Skipped:
    """Check that a file repeats the clip whose claim it shares, and say how far apart they are."""
    found = difference(takes[file], takes[original])
    if found.mean_mm > bound_mm or found.shared < _LEAST_SHARED:
        raise InputError(
            f"not a repeat of {original}",
            where=folder / file,
            expected=f"at most {bound_mm:g} mm mean Procrustes difference over {_LEAST_SHARED:.0%} of it",
            found=f"{found.mean_mm:.1f} mm over {found.shared:.0%}",
            next_step="Give it a take of its own and remove it from poses.mocap.repeats, or skip it.",
        )
    take = takes[file]
    return Skipped(
        file,
        len(take.clip.positions_world) + take.dropped,
        f"repeats {original}: {found.mean_mm:.1f} mm mean Procrustes difference,"
        f" {found.worst_frame_mm:.1f} mm in the worst frame",
    )


def _order(claim: Claim) -> tuple[Any, ...]:
    return natural(claim.subject), natural(claim.action), natural(claim.take)
