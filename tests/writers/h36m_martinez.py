"""Files of Human3.6M as Martinez et al. packed them, written from clips and cameras.

Layout, from the code that reads it (https://github.com/una-dinosauria/3d-pose-baseline before 2020, and
`data/prepare_data_h36m.py` and `data/prepare_data_2d_h36m_sh.py` of
https://github.com/facebookresearch/VideoPose3D): names with blanks for 3D, with underscores for 2D; vectors
of cameras as columns, names as numbers of letters.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np
from h36m_detections import DAMAGED, HOURGLASS, detected

from ige.geometry.cameras import Camera
from ige.poses.clips import Clip
from ige.poses.h36m.names import sequence_name

Rigs = Mapping[str, Sequence[Camera]]

ZIP = "h36m.zip"
TAR = "stacked_hourglass_fined_tuned_240.tar.gz"
SIGMA_PIXELS = {"sh": 8.0, "sh-ft": 4.0}
_SUBJECTS = range(1, 12)  # all of Human3.6M have cameras


def write_h36m_zip(folder: Path, clips: Sequence[Clip], rigs: Rigs, *, packed: bool = True) -> Path:
    """Write h36m.zip, or the tree that it would be extracted to; returns what was written."""
    return _write(folder / ZIP if packed else folder, zip_members(clips, rigs))


def write_fine_tuned(folder: Path, clips: Sequence[Clip], rigs: Rigs, *, packed: bool = True) -> Path:
    """Write the archive of fine-tuned detections, or its tree; returns what was written."""
    return _write(folder / TAR if packed else folder, fine_tuned_members(clips, rigs))


def zip_members(clips: Sequence[Clip], rigs: Rigs) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of every file of h36m.zip."""
    yield "h36m/cameras.h5", cameras_h5(rigs)
    for clip in clips:
        name = sequence_name(clip.action, clip.take)
        millimetres = 1000.0 * clip.positions_world.astype(np.float64)
        content = hdf5({"3D_positions": millimetres.reshape(-1, 96).T})
        yield f"h36m/{clip.subject}/MyPoses/3D_positions/{name}.h5", content
    for subject, name, content in hourglass(clips, rigs, "sh"):
        yield f"h36m/{subject}/StackedHourglass/{name}", content


def fine_tuned_members(clips: Sequence[Clip], rigs: Rigs) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of every file of the archive of fine-tuned detections."""
    for subject, name, content in hourglass(clips, rigs, "sh-ft"):
        yield f"{subject}/StackedHourglassFineTuned240/{name}", content


def hourglass(clips: Sequence[Clip], rigs: Rigs, detector: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield subject, file name and content of the detections of every view but the damaged one."""
    for clip in clips:
        name = sequence_name(clip.action, clip.take).replace(" ", "_")
        for camera in rigs[clip.subject]:
            if (clip.subject, clip.action, clip.take, camera.name) != DAMAGED:
                pixels = detected(clip, camera, HOURGLASS, detector, SIGMA_PIXELS[detector])
                yield clip.subject, f"{name}.{camera.name}.h5", hdf5({"poses": pixels})


def cameras_h5(rigs: Rigs) -> bytes:
    """Return the file of cameras; subjects without poses get those of another."""
    arrays = {}
    for subject in _SUBJECTS:
        rig = rigs.get(f"S{subject}", next(iter(rigs.values())))
        for number, camera in enumerate(rig, start=1):
            for part, values in camera_parts(camera).items():
                arrays[f"subject{subject}/camera{number}/{part}"] = values
    return hdf5(arrays)


def camera_parts(camera: Camera) -> dict[str, np.ndarray]:
    """Return the arrays that stand for one camera."""
    rotation, shift = camera.extrinsics[:, :3], camera.extrinsics[:, 3]
    return {
        "R": rotation.T,
        "T": -1000.0 * (rotation.T @ shift)[:, None],
        "f": camera.focal[:, None],
        "c": camera.centre[:, None],
        "k": camera.radial[:, None],
        "p": camera.tangential[:, None],
        "Name": np.array([[ord(letter)] for letter in camera.name], dtype=np.uint16),
    }


def hdf5(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return an HDF5 file of these arrays."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, values in arrays.items():
            file.create_dataset(name, data=values, track_times=False)
    return stream.getvalue()


def _write(place: Path, members: Iterator[tuple[str, bytes]]) -> Path:
    if place.name == ZIP:
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in members:
                archive.writestr(name, content)
    elif place.name == TAR:
        with tarfile.open(place, "w:gz", compresslevel=1) as archive:
            for name, content in members:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    else:
        for name, content in members:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
    return place
