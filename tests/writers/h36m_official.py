"""Human3.6M as its site gives it: CDF files by subject, packed or extracted, and metadata.xml."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from cdflib.cdfwrite import CDF

from ige.geometry.cameras import Camera
from ige.poses.clips import Clip
from ige.poses.h36m.names import CAMERAS

_FLOAT, _DOUBLE = 44, 45
_OFFICIAL_WORDS_OF_S1 = {"Photo": "TakingPhoto", "WalkDog": "WalkingDog"}


def official_name(clip: Clip) -> str:
    """The file's name without ending, with the words that S1 alone has."""
    word = _OFFICIAL_WORDS_OF_S1.get(clip.action, clip.action) if clip.subject == "S1" else clip.action
    return word if clip.take == "0" else f"{word} {clip.take}"


def write_cdf(
    path: Path, values: np.ndarray, variable: str = "Pose", compress: int = 0, whole: int = 0
) -> None:
    """Write one variable of one record in columns, as MATLAB does.

    Args:
        path: ends in .cdf.
        values: (F, 96), single or double precision.
        variable: its name.
        compress: level of gzip for the variable, 0 for none.
        whole: level of gzip for the file as a whole, 0 for none.
    """
    spec: dict[str, Any] = {
        "Variable": variable,
        "Data_Type": _FLOAT if values.dtype == np.float32 else _DOUBLE,
        "Num_Elements": 1,
        "Rec_Vary": True,
        "Dim_Sizes": list(values.shape),
        "Compress": compress,
    }
    with CDF(path, cdf_spec={"Majority": "column_major", "Compressed": whole}, delete=True) as file:
        # cdflib writes values in the order in which they lie in memory, whatever the file calls it.
        file.write_var(spec, var_data=np.ascontiguousarray(values.T).reshape(1, *values.shape))


def write_official(
    folder: Path, clips: Iterable[Clip], rigs: Mapping[str, Sequence[Camera]], *, packed: bool
) -> None:
    """Write Poses_D3_Positions_*.tgz, or what they hold, and metadata.xml."""
    by_subject: dict[str, list[Clip]] = {}
    for clip in clips:
        by_subject.setdefault(clip.subject, []).append(clip)
    for subject, mine in by_subject.items():
        if packed:
            with tempfile.TemporaryDirectory() as temporary:
                _write_tree(Path(temporary), mine)
                pack(Path(temporary), folder / f"Poses_D3_Positions_{subject}.tgz")
        else:
            _write_tree(folder, mine)
    write_metadata(folder, rigs)


def _write_tree(folder: Path, clips: Sequence[Clip]) -> None:
    for clip in clips:
        place = folder / clip.subject / "MyPoseFeatures" / "D3_Positions"
        place.mkdir(parents=True, exist_ok=True)
        millimetres = clip.positions_world.reshape(-1, 96).astype(np.float64) * 1000.0
        write_cdf(place / f"{official_name(clip)}.cdf", millimetres.astype(np.float32))


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder's content as tar.gz, in the order of names, with the folders as members of their own."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz", compresslevel=1) as packed:
        for path in sorted(folder.rglob("*")):
            member = packed.gettarinfo(path, arcname=path.relative_to(folder).as_posix())
            packed.addfile(member, io.BytesIO(path.read_bytes()) if path.is_file() else None)


def write_metadata(folder: Path, rigs: Mapping[str, Sequence[Camera]]) -> None:
    """Write metadata.xml with `w0`, the camera parameters of eleven subjects; others get zeros."""
    numbers = np.zeros(300)
    for subject, cameras in rigs.items():
        for camera in cameras:
            index = CAMERAS.index(camera.name)
            start = 6 * (11 * index + int(subject[1:]) - 1)
            rotation = camera.extrinsics[:, :3]
            numbers[start : start + 3] = _angles(rotation)
            numbers[start + 3 : start + 6] = -rotation.T @ camera.extrinsics[:, 3] * 1000.0
            lens = [camera.focal, camera.centre, camera.radial, camera.tangential]
            numbers[264 + 9 * index : 264 + 9 * (index + 1)] = np.concatenate(lens)
    write_w0(folder, " ".join(repr(float(number)) for number in numbers))


def write_w0(folder: Path, numbers: str) -> None:
    """Write metadata.xml with this text between the brackets of `w0`, among other elements as it has them."""
    folder.mkdir(parents=True, exist_ok=True)
    names = "".join(f"<camera>{name}</camera>" for name in CAMERAS)
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n<metadata>\n'
        f"  <dbcameras>\n    <index2id>{names}</index2id>\n    <w0>[{numbers}]</w0>\n  </dbcameras>\n"
        "</metadata>\n"
    )
    (folder / "metadata.xml").write_text(text)


def _angles(rotation: np.ndarray) -> tuple[float, float, float]:
    """Angles a, b, g of `Rx(a) Ry(b) Rz(g)`."""
    return (
        float(np.arctan2(-rotation[1, 2], rotation[2, 2])),
        float(np.arcsin(rotation[0, 2])),
        float(np.arctan2(-rotation[0, 1], rotation[0, 0])),
    )
