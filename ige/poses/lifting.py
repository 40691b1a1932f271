"""Stage `prepare_lifting_set`: what cameras see of the clips of one split.

| in | out |
| --- | --- |
| clips.h5; a file of detections, if they are observed | lifting set: pairs of 2D observations and 3D poses |
| | skipped.csv: excluded views, and ranges of frames that were left out |

Each clip is turned about the world's vertical by each yaw and seen by each camera. With `visibility:
in-image` a frame is kept if every joint of both skeletons is inside the image, with `all` in any case; lens
distortion is part of what is observed. Clips and detections both begin at frame 0: where one is longer, its
last frames have no partner and are listed.
"""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.geometry.rotations import about_vertical
from ige.params.poses import LiftingSettings
from ige.poses.clips import ClipFile, Skipped, read_clip_file, write_skipped
from ige.poses.collecting import Collected
from ige.poses.lifting_set import Split, write_lifting_set
from ige.poses.observing import Observer, View, range_row
from ige.poses.rigs import Rig, rig_of
from ige.poses.seeing import Floats, Sight, see, seen_joints
from ige.poses.splits import choose_clips, subjects_of

log = logging.getLogger(__name__)

_MOST_INDICES = np.iinfo(np.uint8).max + 1
_NOT_SEEN = "a joint is outside the image or behind the camera"


def prepare_lifting_set(
    *,
    clips: Path,
    detections: Path | None,
    split: Split,
    out: Path,
    skipped: Path,
    settings: LiftingSettings,
) -> None:
    """Write the pairs of one split, and the ranges of frames that were left out.

    Args:
        clips: clips.h5.
        detections: what a detector found; None where projections are observed.
        split: "train", "validation" (clips of the training subjects) or "test".
        out: the lifting set.
        skipped: skipped.csv; an id is subject/action/take/camera/yaw/first-last frame, and `frames` counts
            the frames of that range that `frame_step` takes.
        settings: rig, splits, yaws, frame step, visibility, kind of observation, expected number of pairs.

    Raises:
        InputError: if a file cannot be read, the split has no clip or no visible frame, the rig holds a
            camera that cannot be, a view has no detections and is not excluded, a joint is behind a camera
            whose frames are all kept, or there is another number of pairs than expected.
        StorageError: if a file cannot be written.
    """
    content = read_clip_file(clips)
    chosen = choose_clips(content.clips, split, settings, where=clips)
    rig = rig_of(settings.rig, content.rigs, subjects_of(split, settings), where=clips)
    _require_numbers(rig, settings)
    observer = Observer(settings, detections, content.exclusions)
    seeing = _Seeing(content, clips, chosen, rig, observer, settings)
    with progress(f"seeing clips of {split}", len(chosen)) as bar:
        for number in chosen:
            seeing.see_clip(number)
            bar.advance(1, clip=content.clips[number].name)
    if split != "validation":
        seeing.skipped += observer.unused(content.clips, rig)
    pairs, left_out = seeing.pairs, seeing.skipped
    _require_pairs(pairs, left_out, split, clips)
    if (expected := settings.expected_pairs.get(split)) not in (None, pairs.count):
        _tell_counts(pairs, left_out)
        raise _unexpected(pairs, expected, split, clips)
    write_skipped(skipped, left_out)
    write_lifting_set(out, pairs.lifting_set(rig, split, content.source, settings))
    log.info("%s: %d pairs, %d frames left out", split, pairs.count, sum(row.frames for row in left_out))


class _Seeing:
    """Puts clips before their cameras.

    Attributes:
        pairs: those that were kept.
        skipped: what was not.
    """

    def __init__(
        self,
        content: ClipFile,
        where: Path,
        chosen: list[int],
        rig: Rig,
        observer: Observer,
        settings: LiftingSettings,
    ) -> None:
        self._clips, self._where = content.clips, where
        self._rig, self._observer, self._settings = rig, observer, settings
        self._turns = about_vertical(np.radians(settings.yaws_degrees))
        self.skipped: list[Skipped] = []
        self.pairs = Collected(content.clips, sum(map(self._most_pairs, chosen)))

    def _most_pairs(self, number: int) -> int:
        clip = self._clips[number]
        frames = len(range(0, len(clip.positions_world), self._settings.frame_step))
        return frames * len(self._turns) * len(self._rig.of_subject[clip.subject])

    def see_clip(self, number: int) -> None:
        """Put a clip before its cameras, at each yaw."""
        clip, step = self._clips[number], self._settings.frame_step
        frames = np.arange(0, len(clip.positions_world), step)
        for yaw, turn in enumerate(self._turns):
            joints_world = seen_joints(clip.positions_world[::step], turn)
            for camera, index in self._rig.of_subject[clip.subject].items():
                view = View(
                    name=f"{clip.name}/{camera}/{self._settings.yaws_degrees[yaw]:g}",
                    key=(clip.subject, clip.action, clip.take, camera),
                    camera=self._rig.cameras[index],
                    frames=frames,
                )
                if reason := self._observer.reason_against(view):
                    self.skipped.append(range_row(view.name, frames, reason))
                else:
                    self._see_view(view, (number, yaw, index), joints_world)

    def _see_view(self, view: View, indices: tuple[int, int, int], joints_world: Floats) -> None:
        observed = self._observer.observe(view)
        frames = view.frames[: observed.frames]
        is_kept = np.empty(len(frames), dtype=np.bool_)
        for block, sight in see(
            joints_world[:, :, : len(frames)], view.camera, self._settings.rig.image_pixels
        ):
            kept = self._kept(sight, view.name, frames[block])
            is_kept[block] = kept
            place = self.pairs.room(*indices, frames[block][kept])
            seen = sight.keep(kept)
            seen.write_poses(self.pairs.poses_cam[place])
            observed.write(seen, block, kept, self.pairs.observed[place])
        self.skipped += [
            range_row(view.name, frames[first : last + 1], _NOT_SEEN) for first, last in _runs(~is_kept)
        ]
        self.skipped += observed.skipped

    def _kept(self, sight: Sight, view: str, frames: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which frames are kept; all of them must have an image where all are to be kept."""
        if self._settings.visibility == "in-image":
            return sight.is_whole
        if not sight.is_imaged.all():
            raise InputError(
                f"a joint of {view} is behind the camera",
                where=self._where,
                expected="every joint in front of the camera (poses.lifting.visibility: all)",
                found=f"frame {frames[np.argmin(sight.is_imaged)]}",
                next_step="Check the cameras, or set visibility to in-image, which leaves such frames out",
            )
        return sight.is_imaged


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last index of each run of marked entries."""
    edges = np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8))
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]


def _require_numbers(rig: Rig, settings: LiftingSettings) -> None:
    """Refuse more cameras or yaws than the type of their indices can number."""
    counts = {"cameras": len(rig.cameras), "yaws": len(settings.yaws_degrees)}
    if max(counts.values()) > _MOST_INDICES:
        raise InputError(
            "too many cameras or yaws for a lifting set",
            where="poses.lifting",
            expected=f"at most {_MOST_INDICES} of each",
            found=", ".join(f"{count} {name}" for name, count in counts.items()),
        )


def _require_pairs(pairs: Collected, skipped: list[Skipped], split: Split, where: Path) -> None:
    if pairs.count > 0:
        return
    frames: Counter[str] = Counter()
    for row in skipped:
        frames[row.reason] += row.frames
    raise InputError(
        f"no pair of split {split} is left",
        where=where,
        found=", ".join(f"{count} frames: {reason}" for reason, count in frames.most_common()) or "no frames",
        next_step="Compare the cameras of poses.lifting.rig with where the clips are in the world"
        if _NOT_SEEN in frames
        else None,
    )


def _tell_counts(pairs: Collected, skipped: list[Skipped]) -> None:
    """Tell what explains a wrong number of pairs: the workflow removes the lists of a failed job."""
    left_out: Counter[tuple[str, str]] = Counter()
    for row in skipped:
        left_out["/".join(row.id.split("/")[:2]), row.reason] += row.frames
    for (subject, action), count in sorted(pairs.by_action().items()):
        log.warning("%s/%s: %d pairs", subject, action, count)
    for (action, reason), count in sorted(left_out.items()):
        log.warning("%s: %d frames left out: %s", action, count, reason)


def _unexpected(pairs: Collected, expected: int | None, split: Split, where: Path) -> InputError:
    by_subject: Counter[str] = Counter()
    for (subject, _), count in pairs.by_action().items():
        by_subject[subject] += count
    return InputError(
        f"another number of pairs of split {split} than poses.lifting.expected_pairs says",
        where=where,
        expected=str(expected),
        found=f"{pairs.count} ({', '.join(f'{name} {count}' for name, count in sorted(by_subject.items()))})",
        next_step="The lines above give them by subject and action, and what was left out",
    )
