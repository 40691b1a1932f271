"""Stage `prepare_lifting_set`: what the cameras of a rig see of the clips of one split.

| in | out |
| --- | --- |
| clips.h5 | lifting set: pairs of 2D observations and 3D poses in the camera frame |
| | skipped.csv: ranges of frames that a camera does not see whole |

Each clip is turned about the world's vertical by each yaw and seen by each camera. A frame is kept if every
joint of both skeletons is inside the image; lens distortion is part of what is observed.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.geometry.cameras import Camera, in_image, look_at, project, world_to_camera
from ige.geometry.rotations import about_vertical
from ige.geometry.skeletons import H36M_16, MPII_16
from ige.params.poses import (
    ExplicitCamera,
    ExplicitRig,
    LiftingSettings,
    NoisyProjection,
    Projection,
    RingCamera,
    RingRig,
)
from ige.poses.clips import Clip, Skipped, read_clip_file, write_skipped
from ige.poses.lifting_set import LiftingSet, Split, write_lifting_set

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Integer = TypeVar("Integer", np.uint8, np.int16, np.int32)

_SEEN_JOINTS = sorted({*H36M_16.source, *MPII_16.source})
_NOT_SEEN = "a joint is outside the image or behind the camera"


@dataclass(frozen=True, slots=True)
class _View:
    """One clip, turned by one yaw, before one camera."""

    clip: int
    camera: int
    yaw: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is kept of a view: M frames."""

    view: _View
    frames: NDArray[np.int64]
    observed: NDArray[np.float32]
    poses_cam: NDArray[np.float32]


def prepare_lifting_set(
    *, clips: Path, split: Split, out: Path, skipped: Path, settings: LiftingSettings
) -> None:
    """Write the pairs of one split, and the ranges of frames that were left out.

    Args:
        clips: clips.h5.
        split: "train", "validation" (clips held out of the training subjects) or "test".
        out: the lifting set.
        skipped: skipped.csv; an id is subject/action/take/camera/yaw/first-last frame, and `frames` counts
            the frames of that range that `frame_step` takes.
        settings: rig, splits, yaws, frame step, kind of observation.

    Raises:
        InputError: if the clips cannot be read, the split has no clip or no visible frame, or the rig holds
            a camera that cannot be.
        StorageError: if a file cannot be written.
    """
    cameras = rig_cameras(settings.rig)
    content = read_clip_file(clips)
    all_clips, source = content.clips, content.source
    chosen = choose_clips(all_clips, split, settings, where=clips)
    seen: list[_Seen] = []
    dropped: list[Skipped] = []
    with progress(f"seeing clips of {split}", len(chosen)) as bar:
        for number in chosen:
            for view_seen, view_dropped in _see_clip(number, all_clips[number], cameras, settings):
                seen.append(view_seen)
                dropped.extend(view_dropped)
            bar.advance(1, clip=all_clips[number].name)
    _require_pairs(seen, dropped, split, clips)
    write_skipped(skipped, dropped)
    write_lifting_set(out, _collect(seen, all_clips, cameras, source, split, settings))


def _require_pairs(seen: Sequence[_Seen], dropped: Sequence[Skipped], split: Split, where: Path) -> None:
    kept = sum(len(part.frames) for part in seen)
    left_out = sum(row.frames for row in dropped)
    if kept == 0:
        raise InputError(
            f"no frame of split {split} is wholly inside the image of any camera",
            where=where,
            found=f"{left_out} frames, none seen",
            next_step="Compare the cameras of poses.lifting.rig with where the clips are in the world",
        )
    log.info("%s: %d pairs, %d frames left out", split, kept, left_out)


def rig_cameras(rig: RingRig | ExplicitRig) -> tuple[Camera, ...]:
    """Build the cameras of a rig.

    Raises:
        InputError: naming the camera, if one has no valid place or matrix.
    """
    described: Sequence[RingCamera | ExplicitCamera] = rig.cameras
    try:
        if isinstance(rig, RingRig):
            matrices = [_ring_extrinsics(camera, rig.look_at_m) for camera in rig.cameras]
        else:
            matrices = [np.array(camera.extrinsics, dtype=np.float64) for camera in rig.cameras]
        return tuple(
            Camera(
                name=camera.name,
                extrinsics=extrinsics,
                focal=np.array(camera.focal_pixels, dtype=np.float64),
                centre=np.array(camera.centre_pixels, dtype=np.float64),
                radial=np.array(camera.radial, dtype=np.float64),
                tangential=np.array(camera.tangential, dtype=np.float64),
            )
            for camera, extrinsics in zip(described, matrices, strict=True)
        )
    except ValueError as error:
        raise InputError(str(error), where="poses.lifting.rig.cameras") from error


def _ring_extrinsics(camera: RingCamera, target: Sequence[float]) -> Floats:
    azimuth = np.radians(camera.azimuth_degrees)
    eye = (camera.distance_m * np.cos(azimuth), camera.distance_m * np.sin(azimuth), camera.height_m)
    return look_at(eye, target)


def choose_clips(clips: Sequence[Clip], split: Split, settings: LiftingSettings, where: Path) -> list[int]:
    """Return the numbers of the clips of a split, in the order of subject, action and take.

    Every `validation_every`-th clip of the training subjects, in that order, belongs to validation and no
    longer to training.

    Args:
        clips: all clips.
        split: "train", "validation" or "test".
        settings: the subjects of each split, `validation_every`.
        where: the file of the clips, named in errors.

    Raises:
        InputError: if the split names a subject that no clip has, or holds no clip.
    """
    subjects = settings.splits.test if split == "test" else settings.splits.train
    _require_known(subjects, clips, "test" if split == "test" else "train", where)
    keys = [(clip.subject, clip.action, clip.take) for clip in clips]
    chosen = sorted((n for n, clip in enumerate(clips) if clip.subject in subjects), key=keys.__getitem__)
    every = settings.validation_every
    if split == "train":
        return [number for place, number in enumerate(chosen, start=1) if place % every]
    if split == "validation" and len(chosen) < every:
        raise InputError(
            "the training subjects have too few clips to hold one out for validation",
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


def _see_clip(
    number: int, clip: Clip, cameras: Sequence[Camera], settings: LiftingSettings
) -> Iterator[tuple[_Seen, list[Skipped]]]:
    """Yield what each camera keeps of the clip at each yaw, and the ranges that it does not keep."""
    frames = np.arange(0, len(clip.positions_world), settings.frame_step)
    joints_world = clip.positions_world[frames].astype(np.float64)
    turns = about_vertical(np.radians(settings.yaws_degrees))
    for (yaw, turn), (index, camera) in product(enumerate(turns), enumerate(cameras)):
        joints_cam = world_to_camera(joints_world @ turn.T, camera.extrinsics)
        is_shown = in_image(joints_cam[:, _SEEN_JOINTS], camera, settings.rig.image_pixels)
        is_seen = np.asarray(is_shown.all(axis=-1))
        name = f"{clip.name}/{camera.name}/{settings.yaws_degrees[yaw]:g}"
        exact = project(MPII_16.select(joints_cam[is_seen]), camera.radial, camera.tangential)
        offsets_pixels = _detector_offsets(len(frames), settings.observation, name)[is_seen]
        seen = _Seen(
            view=_View(number, index, yaw),
            frames=frames[is_seen],
            observed=(exact + offsets_pixels / camera.focal).astype(np.float32),
            poses_cam=H36M_16.select(joints_cam[is_seen]).astype(np.float32),
        )
        yield (
            seen,
            [
                Skipped(f"{name}/{frames[first]}-{frames[last]}", last - first + 1, _NOT_SEEN)
                for first, last in _runs(~is_seen)
            ],
        )


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last index of each run of marked entries."""
    edges = np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8))
    firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]


def _detector_offsets(frames: int, observation: Projection | NoisyProjection, name: str) -> Floats:
    """Return by how many pixels a detector misses each joint, (F, 16, 2).

    The seed is made of the name of the view, so that its noise does not depend on which others there are.
    """
    shape = (frames, len(MPII_16.names), 2)
    if isinstance(observation, Projection):
        return np.zeros(shape)
    words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype="<u4")
    rng = np.random.default_rng([observation.seed, *words.tolist()])
    offsets = observation.sigma_pixels * rng.standard_normal(shape)
    is_outlier = rng.random(shape[:-1]) < observation.outlier_share
    far = observation.outlier_pixels * rng.standard_normal(shape)
    return np.asarray(offsets + is_outlier[..., None] * far)


def _collect(
    seen: Sequence[_Seen],
    clips: Sequence[Clip],
    cameras: tuple[Camera, ...],
    source: str,
    split: Split,
    settings: LiftingSettings,
) -> LiftingSet:
    numbers = _per_sample(seen, [part.view.clip for part in seen], np.int32)
    names: dict[str, tuple[str, ...]] = {}
    indices: dict[str, NDArray[np.int16]] = {}
    for fact in ("subject", "action", "take"):
        of_clips = [getattr(clips[part.view.clip], fact) for part in seen]
        names[fact] = tuple(sorted(set(of_clips)))
        indices[fact] = _per_sample(seen, [names[fact].index(name) for name in of_clips], np.int16)
    return LiftingSet(
        observed=np.concatenate([part.observed for part in seen]),
        poses_cam=np.concatenate([part.poses_cam for part in seen]),
        camera=_per_sample(seen, [part.view.camera for part in seen], np.uint8),
        yaw=_per_sample(seen, [part.view.yaw for part in seen], np.uint8),
        frame=np.concatenate([part.frames for part in seen]).astype(np.int32),
        clip=numbers,
        **indices,
        cameras=cameras,
        subjects=names["subject"],
        actions=names["action"],
        takes=names["take"],
        yaws_degrees=settings.yaws_degrees,
        split=split,
        source=source,
        observation=settings.observation.subtree(),
    )


def _per_sample(seen: Sequence[_Seen], values: Sequence[int], dtype: type[Integer]) -> NDArray[Integer]:
    """Repeat one value of each view for each of its frames."""
    return np.repeat(np.array(values, dtype=dtype), [len(part.frames) for part in seen])
