"""Stage `prepare_clips`: whatever the source, the same file of clips.

| in | out |
| --- | --- |
| the chosen source (and its folder) | clips.h5: per clip (F, 32, 3) metres, world, z up; recorded cameras |
| | skipped.csv: what was left out, and why |
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.params.poses import H36mSettings, MocapSettings, ProceduralSettings
from ige.params.stages import SourceSettings
from ige.poses.clips import Clip, ClipFile, Skipped, write_clips, write_skipped
from ige.poses.h36m.read import read_h36m
from ige.poses.mocap.folder import read_folder
from ige.poses.procedural.source import make_clips

log = logging.getLogger(__name__)


def prepare_clips(*, folder: Path | None, out: Path, skipped: Path, settings: SourceSettings) -> None:
    """Write the clips of the chosen source to one file.

    Args:
        folder: where the files of a source with files lie.
        out: clips.h5.
        skipped: skipped.csv.
        settings: the chosen source.

    Raises:
        InputError: if the source has a fault, or more was skipped than `max_skipped` allows.
        StorageError: if a file cannot be written.
    """
    content, left_out = _read(folder, settings.chosen)
    clips = content.clips
    write_skipped(skipped, left_out)
    files = _skipped_files(content, left_out)
    if len(files) > settings.max_skipped:
        for row in files:
            # The workflow removes the outputs of a failed job, the list of reasons among them.
            log.warning("skipped %s: %s", row.id, row.reason)
        raise InputError(
            "too many files were skipped",
            where=folder,
            expected=f"at most {settings.max_skipped} (poses.max_skipped)",
            found=str(len(files)),
            next_step="The lines above give each with its reason",
        )
    if not clips:
        raise InputError("no clips are left", where=folder, expected="at least one", found="none")
    write_clips(out, clips, content.source, content.rigs, content.exclusions)
    frames = sum(len(clip.positions_world) for clip in clips)
    log.info("%d clips, %d frames, %d rows in %s", len(clips), frames, len(left_out), skipped.name)


def _skipped_files(content: ClipFile, left_out: Sequence[Skipped]) -> list[Skipped]:
    """Return the rows that count as skipped files."""
    if content.source == "h36m":
        return []  # the rows are known faults of the set, and what the user's part of it lacks
    # Ranges of frames of a clip that was kept are rows too, but no files.
    parts = tuple(f"{clip.origin} frames " for clip in content.clips)
    return [row for row in left_out if not row.id.startswith(parts)]


def _read(
    folder: Path | None, chosen: ProceduralSettings | MocapSettings | H36mSettings
) -> tuple[ClipFile, list[Skipped]]:
    if isinstance(chosen, ProceduralSettings):
        return ClipFile(tuple(_generated(chosen)), "procedural", rigs={}, exclusions=()), []
    source = "mocap" if isinstance(chosen, MocapSettings) else "h36m"
    if folder is None:
        raise InputError(f"the {source} source needs a folder", next_step="Give it with --folder")
    if isinstance(chosen, MocapSettings):
        clips, skipped = read_folder(folder, chosen)
        return ClipFile(tuple(clips), source, rigs={}, exclusions=()), skipped
    read = read_h36m(folder, chosen)
    return ClipFile(tuple(read.clips), source, rigs=read.rigs, exclusions=read.exclusions), read.skipped


def _generated(chosen: ProceduralSettings) -> Iterator[Clip]:
    number = len(chosen.subjects) * len(chosen.actions) * chosen.takes
    with progress("making clips", number) as bar:
        for clip in make_clips(chosen):
            yield clip
            bar.advance(1, clip=clip.name)
