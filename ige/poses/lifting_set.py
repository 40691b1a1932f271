"""The file of a lifting set: pairs of 2D observations and 3D poses, and the cameras that saw them.

| array | shape, type | holds |
| --- | --- | --- |
| observed | (N, 16, 2) f4 | normalised, distorted, in the order of `skeletons.MPII_16` |
| poses_cam | (N, 16, 3) f4 | metres, camera frame, in the order of `skeletons.H36M_16` |
| camera, yaw | (N,) u1 | indices into the cameras and `yaws_degrees` |
| subject, action, take | (N,) i2 | indices into the lists of names |
| frame, clip | (N,) i4 | frame within the clip; number of the clip in clips.h5 |
| cameras/extrinsics, focal, centre, radial, tangential | (C, ...) f8 | as in `cameras.Camera` |
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ige.geometry.cameras import Camera
from ige.poses.stored_cameras import camera_arrays, stored_cameras
from ige.storage.arrays import read_arrays, write_arrays

KIND = "lifting-set"
Split = Literal["train", "validation", "test"]

_PER_SAMPLE = (
    *("observed", "poses_cam", "camera", "yaw"),
    *("subject", "action", "take", "frame", "clip"),
)
_ATTRIBUTES = ("subjects", "actions", "takes", "yaws_degrees", "split", "source", "observation")


@dataclass(frozen=True, slots=True, eq=False)
class LiftingSet:
    """Pairs of one split; the arrays are those of the table above.

    Attributes:
        observed: (N, 16, 2).
        poses_cam: (N, 16, 3).
        camera: (N,) index into `cameras`.
        yaw: (N,) index into `yaws_degrees`.
        subject: (N,) index into `subjects`.
        action: (N,) index into `actions`.
        take: (N,) index into `takes`.
        frame: (N,) frame within the clip.
        clip: (N,) number of the clip in clips.h5.
        cameras: the rig; the world of its extrinsics is the clip turned by the yaw.
        subjects: names.
        actions: names.
        takes: names.
        yaws_degrees: turns of the clips about the vertical.
        split: "train", "validation" or "test".
        source: of the clips, e.g. "procedural".
        observation: the settings by which `observed` was made.
    """

    observed: NDArray[np.float32]
    poses_cam: NDArray[np.float32]
    camera: NDArray[np.uint8]
    yaw: NDArray[np.uint8]
    subject: NDArray[np.int16]
    action: NDArray[np.int16]
    take: NDArray[np.int16]
    frame: NDArray[np.int32]
    clip: NDArray[np.int32]
    cameras: tuple[Camera, ...]
    subjects: tuple[str, ...]
    actions: tuple[str, ...]
    takes: tuple[str, ...]
    yaws_degrees: tuple[float, ...]
    split: Split
    source: str
    observation: dict[str, Any]

    def distortion(self) -> NDArray[np.float32]:
        """Return k1, k2, k3, p1, p2 of the camera of each sample, (N, 5)."""
        of_cameras = np.stack([np.concatenate([camera.radial, camera.tangential]) for camera in self.cameras])
        return np.asarray(of_cameras[self.camera], dtype=np.float32)


def write_lifting_set(path: Path, content: LiftingSet) -> None:
    """Write a lifting set; the same content gives the same bytes.

    Raises:
        StorageError: if the file cannot be written.
    """
    arrays = {name: getattr(content, name) for name in _PER_SAMPLE}
    arrays |= camera_arrays(content.cameras)
    attributes = {name: getattr(content, name) for name in _ATTRIBUTES}
    attributes["camera_names"] = [camera.name for camera in content.cameras]
    write_arrays(path, KIND, arrays, attributes)


def read_lifting_set(path: Path) -> LiftingSet:
    """Read a lifting set whole.

    Raises:
        InputError: if the file is missing, of another kind or damaged.
    """
    content = read_arrays(path, KIND)
    attributes = content.attributes
    return LiftingSet(
        **{name: content.arrays[name] for name in _PER_SAMPLE},
        cameras=stored_cameras(attributes["camera_names"], content.arrays),
        subjects=tuple(attributes["subjects"]),
        actions=tuple(attributes["actions"]),
        takes=tuple(attributes["takes"]),
        yaws_degrees=tuple(attributes["yaws_degrees"]),
        split=attributes["split"],
        source=attributes["source"],
        observation=attributes["observation"],
    )
