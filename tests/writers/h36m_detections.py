"""What detectors would find in the images of made clips: projected joints, moved a little."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from ige.geometry.cameras import Camera, project, to_pixels, world_to_camera
from ige.geometry.skeletons import H36M_32
from ige.poses.clips import Clip

HOURGLASS = (
    *("RAnkle", "RKnee", "RHip", "LHip", "LKnee", "LAnkle", "Hips", "Spine", "Neck", "HeadBack"),
    *("RWrist", "RElbow", "RShoulder", "LShoulder", "LElbow", "LWrist"),
)
H36M_17 = (
    *("Hips", "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle"),
    *("Spine", "Neck", "HeadCentre", "HeadBack"),
    *("LShoulder", "LElbow", "LWrist", "RShoulder", "RElbow", "RWrist"),
)
DAMAGED = ("S11", "Directions", "0", "54138969")  # the video that cannot be played
_LONGER = (0, 0, 1, 0, 3, 0, 0, -2)  # frames more than the poses have, view after view


def joints_32(names: Sequence[str]) -> list[int]:
    """Return where joints stand among the 32."""
    return [H36M_32.names.index(name) for name in names]


def extra_frames(clip: Clip, camera: Camera) -> int:
    """Return by how many frames the detections of a view are longer than the poses; negative if shorter."""
    return _LONGER[_number(clip, camera, "length") % len(_LONGER)]


def detected(
    clip: Clip,
    camera: Camera,
    joints: Sequence[str],
    detector: str,
    sigma_pixels: float,
    lengths: bool = True,
) -> np.ndarray:
    """Return pixels (F, J, 2) in double precision.

    Args:
        clip: the poses.
        camera: that sees them.
        joints: names among the 32.
        detector: another name, other noise.
        sigma_pixels: of the noise; 0 for exact projections.
        lengths: let some views be longer or shorter than the poses.
    """
    shown = clip.positions_world.astype(np.float64)[:, joints_32(joints)]
    extra = extra_frames(clip, camera) if lengths else 0
    shown = (
        np.concatenate([shown, shown[-1:].repeat(extra, axis=0)])
        if extra > 0
        else shown[: len(shown) + extra]
    )
    points = project(world_to_camera(shown, camera.extrinsics), camera.radial, camera.tangential)
    pixels = to_pixels(points, camera.focal, camera.centre)
    rng = np.random.default_rng(_number(clip, camera, detector))
    return pixels + sigma_pixels * rng.standard_normal(pixels.shape)


def _number(clip: Clip, camera: Camera, word: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{clip.name}/{camera.name}/{word}".encode()).digest()[:8], "big")
