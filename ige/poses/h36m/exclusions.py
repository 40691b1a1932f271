"""Known faults of Human3.6M: `exclusions.csv` beside this file, each row with its reason and public source.

| applies | what it means |
| --- | --- |
| detections | the view has no usable video: observations from images leave it out, projections do not |
| strict | the 3D poses themselves are wrong: the clip is left out under `exclusions: strict` alone |

The published protocols keep the clips of the second kind. Which takes these are is told by two sources that
agree: the thread in the table calls them Greeting, SittingDown 1 and Waiting 1, `mvn/datasets/human36m.py` of
https://github.com/karfly/learnable-triangulation-pytorch Greeting-2, SittingDown-2 and Waiting-1, in the
order in which metadata.xml lists the two takes of each action. Which frames are wrong is nowhere told, so
they are left out whole. There are also fewer poses than frames of video (Waiting 1: 1,612 and 3,393, in
https://github.com/facebookresearch/VideoPose3D/issues/215): just as many as S8 has under the same name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ige.poses.clips import Clip, Skipped, ViewExclusion
from ige.storage.tables import read_csv

_FILE = Path(__file__).with_name("exclusions.csv")


@dataclass(frozen=True, slots=True)
class Fault:
    """A row of exclusions.csv; `camera` is None where all are meant."""

    subject: str
    action: str
    take: str
    camera: str | None
    applies: str
    reason: str
    source: str


def known_faults() -> tuple[Fault, ...]:
    """Read the committed table."""
    return tuple(
        Fault(
            subject=row["subject"],
            action=row["action"],
            take=row["take"],
            camera=row["camera"] or None,
            applies=row["applies"],
            reason=row["reason"],
            source=row["source"],
        )
        for row in read_csv(_FILE)
    )


def exclude(
    clips: Sequence[Clip], exclusions: Literal["published", "strict"]
) -> tuple[list[Clip], list[Skipped], tuple[ViewExclusion, ...]]:
    """Leave out what is known to be wrong.

    Args:
        clips: all clips.
        exclusions: "published" as the published protocols do, "strict" also what has wrong 3D poses.

    Returns:
        The clips that stay, a row for each that does not, and the views that detections must not use.
    """
    faults = {(fault.subject, fault.action, fault.take): fault for fault in known_faults()}
    kept, skipped, views = [], [], []
    for clip in clips:
        fault = faults.get((clip.subject, clip.action, clip.take))
        if fault is not None and fault.applies == "strict" and exclusions == "strict":
            reason = f"{fault.reason} ({fault.source})"
            skipped.append(Skipped(clip.name, len(clip.positions_world), reason))
            continue
        kept.append(clip)
        if fault is not None and fault.applies == "detections":
            views.append(
                ViewExclusion(
                    subject=fault.subject,
                    action=fault.action,
                    take=fault.take,
                    camera=fault.camera,
                    applies="detections",
                    reason=f"{fault.reason} ({fault.source})",
                )
            )
    return kept, skipped, tuple(views)
