"""Files of Human3.6M as VideoPose3D packs them, written from clips and cameras.

As `data/prepare_data_h36m.py`, `data/prepare_data_2d_h36m_sh.py` and
`data/tools/prepare_data_2d_h36m_generic.py` of https://github.com/facebookresearch/VideoPose3D do: pickled
dictionaries in compressed NPZ files, no S11 Directions, a `layout_name` in the files of CPN alone, which also
hold subjects without 3D poses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from h36m_detections import DAMAGED, H36M_17, HOURGLASS, detected

from ige.geometry.cameras import Camera
from ige.poses.clips import Clip
from ige.poses.h36m.names import sequence_name

Rigs = Mapping[str, Sequence[Camera]]

POSITIONS = "data_3d_h36m.npz"
FILES = {
    "vp3d-sh-pt": "data_2d_h36m_sh_pt_mpii.npz",
    "vp3d-sh-ft": "data_2d_h36m_sh_ft_h36m.npz",
    "vp3d-cpn-ft": "data_2d_h36m_cpn_ft_h36m_dbb.npz",
    "vp3d-gt": "data_2d_h36m_gt.npz",
}
# The first two are the detections that Martinez et al. packed.
_NOISE = {
    "vp3d-sh-pt": ("sh", 8.0),
    "vp3d-sh-ft": ("sh-ft", 4.0),
    "vp3d-cpn-ft": ("cpn", 3.0),
    "vp3d-gt": ("gt", 0.0),
}
_MPII = {"num_joints": 16, "keypoints_symmetry": [[3, 4, 5, 13, 14, 15], [0, 1, 2, 10, 11, 12]]}
_H36M = {"num_joints": 17, "keypoints_symmetry": [[4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]]}


def write_positions(folder: Path, clips: Sequence[Clip]) -> Path:
    """Write data_3d_h36m.npz."""
    path = folder / POSITIONS
    np.savez_compressed(path, positions_3d=np.array(positions_table(clips), dtype=object))
    return path


def write_keypoints(folder: Path, clips: Sequence[Clip], rigs: Rigs, detector: str) -> Path:
    """Write data_2d_h36m_<detector>.npz."""
    path = folder / FILES[detector]
    save_keypoints(path, keypoints_table(clips, rigs, detector), keypoints_metadata(detector))
    return path


def save_keypoints(path: Path, table: Any, metadata: Any) -> None:
    """Write a file of 2D poses with this content."""
    arrays = {"positions_2d": table, "metadata": metadata}
    np.savez_compressed(path, **{name: np.array(value, dtype=object) for name, value in arrays.items()})


def positions_table(clips: Sequence[Clip]) -> dict[str, dict[str, np.ndarray]]:
    """Return {subject: {sequence: (F, 32, 3) float32 metres}}, in memory as turned HDF5 arrays are."""
    table: dict[str, dict[str, np.ndarray]] = {}
    for clip in _packed(clips):
        millimetres = (1000.0 * clip.positions_world.astype(np.float64)).reshape(-1, 96).T
        metres = np.ascontiguousarray(millimetres).reshape(32, 3, -1).transpose(2, 0, 1) / 1000
        table.setdefault(clip.subject, {})[sequence_name(clip.action, clip.take)] = metres.astype("float32")
    return table


def keypoints_table(
    clips: Sequence[Clip], rigs: Rigs, detector: str
) -> dict[str, dict[str, list[np.ndarray]]]:
    """Return {subject: {sequence: [pixels of each camera, (F, J, 2) float32]}}."""
    noise, sigma_pixels = _NOISE[detector]
    joints = keypoints_joints(detector)
    table: dict[str, dict[str, list[np.ndarray]]] = {}
    for clip in _packed(clips):
        table.setdefault(clip.subject, {})[sequence_name(clip.action, clip.take)] = [
            detected(clip, camera, joints, noise, sigma_pixels, lengths=detector != "vp3d-gt").astype(
                "float32"
            )
            for camera in rigs[clip.subject]
        ]
    if detector == "vp3d-cpn-ft":
        first = next(iter(table.values()))
        table["S2"] = {"Directions 1": next(iter(first.values()))}
    return table


def keypoints_joints(detector: str) -> tuple[str, ...]:
    """Return the names of the joints in a file."""
    return HOURGLASS if "-sh-" in detector else H36M_17


def keypoints_metadata(detector: str) -> dict[str, Any]:
    """Return what a file says of its joints."""
    if "-sh-" in detector:
        return dict(_MPII)
    return {"layout_name": "h36m", **_H36M} if detector == "vp3d-cpn-ft" else dict(_H36M)


def _packed(clips: Sequence[Clip]) -> list[Clip]:
    return [clip for clip in clips if (clip.subject, clip.action, clip.take) != DAMAGED[:3]]
