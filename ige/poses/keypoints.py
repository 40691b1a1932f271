"""Keypoints that a detector found in the frames of one view: CSV, NPY, or a folder of OpenPose JSON.

| source | holds |
| --- | --- |
| wide CSV | a row per frame: `frame,<joint>_x,<joint>_y[,<joint>_score]...`, columns in any order |
| long CSV | a row per joint: `frame,joint,x,y[,score]`, rows in any order within a frame |
| NPY | numbers (F, J, 2) or (F, J, 3), joints in the order of the layout, the third being a score |
| folder | OpenPose's JSON, BODY_25: see `openpose` |

Pixels throughout; an empty cell of a CSV is a missing joint. `layouts` names the joints.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.poses.layouts import LAYOUTS, Detections
from ige.poses.openpose import LAYOUT as OPENPOSE
from ige.poses.openpose import read_openpose
from ige.storage.tables import read_csv

Floats = NDArray[np.float64]

_WIDE = "frame,<joint>_x,<joint>_y[,<joint>_score]..."
_LONG = "frame,joint,x,y[,score]"
_COORDINATES = ("x", "y", "score")
_DEFAULT_LAYOUT = "mpii16"


def read_keypoints(path: Path, layout: str) -> Detections:
    """Read keypoints.

    Args:
        path: a .csv or .npy file, or a folder of OpenPose JSON.
        layout: a name in `LAYOUTS`; a folder is openpose25 and may be given with the default, mpii16.

    Raises:
        InputError: if the layout is unknown, or the source is missing, empty, damaged, or holds other joints
            than the layout.
    """
    if layout not in LAYOUTS:
        raise InputError("unknown skeleton of keypoints", expected=", ".join(LAYOUTS), found=layout)
    if path.is_dir():
        if layout not in (OPENPOSE, _DEFAULT_LAYOUT):
            raise InputError("a folder holds OpenPose JSON", where=path, expected=OPENPOSE, found=layout)
        return read_openpose(path)
    if not path.is_file():
        raise InputError("no such file", where=path, expected="keypoints: .csv, .npy, or a folder")
    readers = {".csv": _read_csv, ".npy": _read_npy}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            "unknown kind of keypoints",
            where=path,
            expected=".csv, .npy, or the folder of OpenPose's JSON files",
            found=path.suffix or "no suffix",
        )
    detections = reader(path, layout)
    if not detections.frames:
        raise InputError("no frames", where=path, expected="at least one", found="none")
    return detections


def _read_npy(path: Path, layout: str) -> Detections:
    try:
        with path.open("rb") as stream:
            values = np.lib.format.read_array(stream, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise InputError(
            "not a readable NPY file of numbers",
            where=path,
            expected="what numpy.save writes",
            found=str(error),
        ) from error
    joints = len(LAYOUTS[layout])
    fits = values.ndim == 3 and values.shape[1] == joints and values.shape[2] in (2, 3)
    if not fits or values.dtype.kind not in "iuf":
        others = [name for name, names in LAYOUTS.items() if values.shape[1:2] == (len(names),)]
        raise InputError(
            "keypoints of another shape",
            where=path,
            expected=f"numbers (F, {joints}, 2) or (F, {joints}, 3) for {layout}",
            found=f"{values.dtype} {values.shape}",
            next_step=f"Are these --skeleton {' or '.join(others)}?"
            if others and layout not in others
            else None,
        )
    full = np.ones((len(values), joints, 3))
    full[:, :, : values.shape[2]] = values
    return Detections(path, layout, tuple(str(frame) for frame in range(len(values))), full)


def _read_csv(path: Path, layout: str) -> Detections:
    rows = read_csv(path)
    if not rows:
        raise InputError("no frames", where=path, expected="at least one row", found="a header alone")
    columns = set(rows[0])
    if columns in ({"frame", "joint", "x", "y"}, {"frame", "joint", *_COORDINATES}):
        return _from_long(path, layout, rows)
    if "frame" not in columns:
        raise InputError(
            "no column named frame",
            where=path,
            expected=f"{_WIDE} or {_LONG}",
            found=", ".join(list(rows[0])[:5]),
        )
    return _from_wide(path, layout, rows)


def _from_wide(path: Path, layout: str, rows: Sequence[dict[str, str]]) -> Detections:
    names = LAYOUTS[layout]
    known = {f"{name}_{coordinate}" for name in names for coordinate in _COORDINATES}
    columns = [column for column in rows[0] if column != "frame"]
    for column in columns:
        if column not in known:
            close = difflib.get_close_matches(column, known, n=1)
            raise InputError(
                f"unknown column {column}",
                where=path,
                expected=f"{_WIDE} with the joints of {layout}: {', '.join(names)}",
                next_step=f"Did you mean {close[0]}?" if close else None,
            )
    complete = [name for name in names if {f"{name}_x", f"{name}_y"} <= set(columns)]
    _require_joints(path, layout, complete)
    frames = [row["frame"] for row in rows]
    _require_unique(path, frames, "frame")
    values = np.ones((len(rows), len(names), 3))
    for frame, row in enumerate(rows):
        for column in columns:
            name, _, coordinate = column.rpartition("_")
            value = _number(path, row[column], f"frame {row['frame']}, {column}")
            values[frame, names.index(name), _COORDINATES.index(coordinate)] = value
    return Detections(path, layout, tuple(frames), values)


def _from_long(path: Path, layout: str, rows: Sequence[dict[str, str]]) -> Detections:
    names = LAYOUTS[layout]
    frames = list(dict.fromkeys(row["frame"] for row in rows))
    place = {frame: index for index, frame in enumerate(frames)}
    _require_unique(path, [f"{row['frame']}, {row['joint']}" for row in rows], "frame and joint")
    found: dict[str, list[str]] = {frame: [] for frame in frames}
    values = np.ones((len(frames), len(names), 3))
    for row in rows:
        where = f"frame {row['frame']}, {row['joint']}"
        if row["joint"] not in names:
            raise InputError(f"{where}: unknown joint", where=path, expected=f"one of {', '.join(names)}")
        found[row["frame"]].append(row["joint"])
        cells = [row[name] for name in _COORDINATES if name in row]
        numbers = [_number(path, cell, where) for cell in cells]
        values[place[row["frame"]], names.index(row["joint"]), : len(numbers)] = numbers
    for frame in frames:
        _require_joints(path, layout, found[frame], frame)
    return Detections(path, layout, tuple(frames), values)


def _number(path: Path, cell: str, where: str) -> float:
    try:
        return float(cell) if cell.strip() else float("nan")
    except ValueError as error:
        raise InputError(f"{where}: no number", where=path, found=repr(cell)) from error


def _require_joints(path: Path, layout: str, found: Iterable[str], frame: str | None = None) -> None:
    present = set(found)
    lacking = [name for name in LAYOUTS[layout] if name not in present]
    if lacking:
        raise InputError(
            "missing joints" if frame is None else f"frame {frame}: missing joints",
            where=path,
            expected=f"the {len(LAYOUTS[layout])} joints of {layout}",
            found=f"{len(present)}, without {', '.join(lacking)}",
        )


def _require_unique(path: Path, labels: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for label in labels:
        if label in seen:
            raise InputError(f"the same {what} twice", where=path, found=label)
        seen.add(label)
