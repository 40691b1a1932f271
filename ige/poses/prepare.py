"""Stage `prepare_clips`: whatever the source, the same file of clips.

| in | out |
| --- | --- |
| the chosen source (and its folder) | clips.h5: per clip (F, 32, 3) metres, world, z up |
| | skipped.csv: what was left out, and why |
"""

from __future__ import annotations

import logging
from pathlib import Path

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.params.poses import MocapSettings, ProceduralSettings
from ige.params.stages import SourceSettings
from ige.poses.clips import Clip, Skipped, write_clips, write_skipped
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
    clips, left_out = _read(folder, settings.chosen)
    write_skipped(skipped, left_out)
    # Ranges of frames of a clip that was kept are rows too, but no skipped files.
    parts = tuple(f"{clip.origin} frames " for clip in clips)
    files = [row for row in left_out if not row.id.startswith(parts)]
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
    write_clips(out, clips, source=_name(settings.chosen))
    frames = sum(len(clip.positions_world) for clip in clips)
    log.info("%d clips, %d frames, %d rows in %s", len(clips), frames, len(left_out), skipped.name)


def _read(
    folder: Path | None, chosen: ProceduralSettings | MocapSettings
) -> tuple[list[Clip], list[Skipped]]:
    if isinstance(chosen, MocapSettings):
        if folder is None:
            raise InputError("the mocap source needs a folder", next_step="Give it with --folder")
        return read_folder(folder, chosen)
    number = len(chosen.subjects) * len(chosen.actions) * chosen.takes
    clips = []
    with progress("making clips", number) as bar:
        for clip in make_clips(chosen):
            clips.append(clip)
            bar.advance(1, clip=clip.name)
    return clips, []


def _name(chosen: ProceduralSettings | MocapSettings) -> str:
    return "mocap" if isinstance(chosen, MocapSettings) else "procedural"
