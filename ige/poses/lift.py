"""Tool `lift`: keypoints of somebody's own images to poses in 3D.

| in | out |
| --- | --- |
| a trained model, keypoints in pixels, the camera that took them | poses (F, 16, 3), metres, camera frame |

One view cannot give scale: a small person near by and a tall one far away look the same. The result is scaled
to the mean bone length of the training skeletons, or to a given height; see `body_size`. docs/lift.md is the
guide.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.cameras import Camera, from_pixels, project, to_pixels
from ige.geometry.skeletons import H36M_16, MPII_16
from ige.poses.body_size import bone_length_of_height, resize
from ige.poses.camera_file import read_camera
from ige.poses.keypoints import read_keypoints
from ige.poses.layouts import to_mpii16
from ige.poses.models import PoseModel, is_root_relative, lift_in_batches, load_pose_model
from ige.storage.atomic import write_bytes, write_text
from ige.storage.tables import write_csv

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

_SUFFIXES = (".npy", ".csv", ".json")
_HEIGHTS_M = (0.3, 3.0)
_LARGEST_RADIUS = 2.0  # normalised: 63 degrees off the optical axis
_SMALLEST_EXTENT = 5.0  # pixels
_LARGE_MISFIT = 0.2  # median distance of projected joints from their keypoints, in sizes of the person
_BATCH = 4096
_BOTH = tuple(name for name in H36M_16.names if name in MPII_16.names)


def lift_poses(
    *,
    model: Path,
    keypoints: Path,
    camera: Path,
    out: Path,
    skeleton: str,
    height_m: float | None,
    steps: int | None,
) -> NDArray[np.float32]:
    """Lift keypoints and write the poses.

    Args:
        model: a model.pt that `train_poses` wrote.
        keypoints: pixels, as `keypoints.read_keypoints` reads them.
        camera: as `camera_file.read_camera` reads it.
        out: .npy, .csv or .json.
        skeleton: the joints of the keypoints, a name in `layouts.LAYOUTS`.
        height_m: stature of the person; None scales to the mean bone length of the training poses.
        steps: descent steps; None for as many as the model was trained with.

    Returns:
        What was written: (F, 16, 3) float32, metres, camera frame (x right, y down, z forward), joints in the
        order of `H36M_16`.

    Raises:
        InputError: if an input is missing, damaged or not what it should be.
        StorageError: if the result cannot be written.
    """
    _check_arguments(out, height_m, steps)
    lens = read_camera(camera)
    detections = read_keypoints(keypoints, skeleton)
    pixels = to_mpii16(detections)
    lifter, attributes = _load(model)
    observed = from_pixels(pixels, lens.focal, lens.centre)
    _warn_of_strange(pixels, observed)
    free = _lift(lifter, observed, lens, steps)
    if not np.isfinite(free).all() or not np.ptp(free, axis=1).any(axis=-1).all():
        raise InputError(
            "the model answers no pose for these keypoints", where=model, found="numbers without sense"
        )
    length = float(attributes["bone_length_m"]) if height_m is None else bone_length_of_height(free, height_m)
    poses_cam = resize(free, length)
    _tell(pixels, poses_cam, lens, length)
    result = poses_cam.astype(np.float32)
    _write(out, result, detections.frames)
    return result


def _check_arguments(out: Path, height_m: float | None, steps: int | None) -> None:
    if out.suffix.lower() not in _SUFFIXES:
        raise InputError(
            "unknown suffix", where=out, expected=", ".join(_SUFFIXES), found=out.suffix or "none"
        )
    low, high = _HEIGHTS_M
    if height_m is not None and not low <= height_m <= high:
        raise InputError("no height of a person", expected=f"{low} to {high} metres", found=str(height_m))
    if steps is not None and steps < 0:
        raise InputError("a number of steps that cannot be", expected="0 or more", found=str(steps))


def _load(path: Path) -> tuple[PoseModel, dict[str, Any]]:
    """Read a model that places its poses before the camera."""
    model, attributes = load_pose_model(path)
    if is_root_relative(model):
        raise InputError(
            "a metric lifter, whose poses lie about the hips and nowhere before a camera",
            where=path,
            expected="scale: free",
            found="scale: metric",
        )
    return model, attributes


def _warn_of_strange(pixels: Floats, observed: Floats) -> None:
    """Warn of numbers that can hardly be pixels of this camera."""
    far = np.linalg.norm(observed, axis=-1).max(axis=1) > _LARGEST_RADIUS
    if far.any():
        log.warning(
            "in %d of %d frames keypoints lie more than 63 degrees off the optical axis: are these pixels, "
            "and are focal length and centre those of this image size?",
            *(far.sum(), len(far)),
        )
    small = np.ptp(pixels, axis=1).max(axis=-1) < _SMALLEST_EXTENT
    if small.any():
        log.warning(
            "in %d of %d frames the person is smaller than %g pixels: are the keypoints pixels, and not "
            "fractions of the image?",
            *(small.sum(), len(small), _SMALLEST_EXTENT),
        )


def _lift(model: PoseModel, observed: Floats, lens: Camera, steps: int | None) -> Floats:
    """Return poses (F, 16, 3), free in scale."""
    points = torch.tensor(observed, dtype=torch.float32)
    distortion = torch.tensor(np.concatenate([lens.radial, lens.tangential]), dtype=torch.float32)
    distortions = distortion.expand(len(points), -1)
    poses = lift_in_batches(model, points, distortions, steps=steps, batch_size=_BATCH)
    return np.asarray(poses.numpy(), dtype=np.float64)


def _tell(pixels: Floats, poses_cam: Floats, lens: Camera, length: float) -> None:
    """Log how large the person is and how well the poses explain the keypoints."""
    projected = to_pixels(project(poses_cam, lens.radial, lens.tangential), lens.focal, lens.centre)
    ours = projected[:, [H36M_16.names.index(name) for name in _BOTH]]
    given = pixels[:, [MPII_16.names.index(name) for name in _BOTH]]
    difference = float(np.median(np.linalg.norm(ours - given, axis=-1)))
    size = float(np.median(np.ptp(given, axis=1).max(axis=-1)))
    level = logging.WARNING if difference > _LARGE_MISFIT * size else logging.INFO
    log.log(
        level,
        "%d poses; bones of %.2f m in all; joints project %.1f pixels (median) from their keypoints%s",
        *(len(poses_cam), length, difference),
        ": model, camera and keypoints do not fit each other" if level == logging.WARNING else "",
    )


def _write(out: Path, poses_cam: NDArray[np.float32], frames: Sequence[str]) -> None:
    suffix = out.suffix.lower()
    if suffix == ".npy":
        stream = io.BytesIO()
        np.save(stream, poses_cam, allow_pickle=False)
        write_bytes(out, stream.getvalue())
    elif suffix == ".csv":
        columns = [f"{name}_{axis}" for name in H36M_16.names for axis in "xyz"]
        rows = zip(frames, poses_cam.reshape(len(poses_cam), -1), strict=True)
        write_csv(
            out,
            ["frame", *columns],
            ({"frame": frame, **dict(zip(columns, row, strict=True))} for frame, row in rows),
        )
    else:
        content = {
            "unit": "m",
            "coordinates": "camera: x right, y down, z forward",
            "joints": list(H36M_16.names),
            "frames": list(frames),
            "poses": poses_cam.astype(float).tolist(),
        }
        write_text(out, json.dumps(content, allow_nan=False) + "\n")
