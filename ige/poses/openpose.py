"""Folders of OpenPose's JSON: one file per frame, each with all people that were found, model BODY_25."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.poses.layouts import LAYOUTS, Detections

log = logging.getLogger(__name__)

LAYOUT = "openpose25"
_NUMBERS = 3 * len(LAYOUTS[LAYOUT])


def read_openpose(folder: Path) -> Detections:
    """Read a folder of OpenPose JSON files, frames in the natural order of their names (2 before 10).

    Of several people in a frame the one with the largest sum of scores counts: most joints, most surely seen.
    Identity is not tracked from frame to frame.

    Raises:
        InputError: if the folder holds no JSON, a file is not OpenPose's or of another model than BODY_25, or
            a frame holds no person.
    """
    files = sorted((path for path in folder.iterdir() if path.suffix == ".json"), key=_natural)
    if not files:
        raise InputError("no OpenPose files", where=folder, expected="one .json per frame", found="none")
    frames = [_people(path) for path in files]
    empty = [path for path, people in zip(files, frames, strict=True) if not len(people)]
    if empty:
        raise InputError(
            "a frame without a person",
            where=empty[0],
            expected="a person in every frame",
            found=f"{len(empty)} of {len(files)} frames without one",
            next_step="Nothing is interpolated: move the files of these frames elsewhere",
        )
    crowded = sum(len(people) > 1 for people in frames)
    if crowded:
        log.warning(
            "%s: several people in %d of %d frames; in each the one with the largest sum of scores is lifted",
            *(folder, crowded, len(files)),
        )
    values = np.stack([people[int(np.argmax(people[:, :, 2].sum(axis=1)))] for people in frames])
    return Detections(folder, LAYOUT, tuple(path.name for path in files), values)


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _people(path: Path) -> NDArray[np.float64]:
    """Read the people of one frame, (P, 25, 3)."""
    try:
        people = [person["pose_keypoints_2d"] for person in json.loads(path.read_bytes())["people"]]
        values = [np.asarray(person, dtype=np.float64) for person in people]
    except OSError as error:
        raise InputError("cannot be read", where=path, found=str(error)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            "not a file of OpenPose's",
            where=path,
            expected='JSON {"people": [{"pose_keypoints_2d": [x, y, score, ...]}, ...]}',
            found=f"{type(error).__name__}: {error}",
        ) from error
    for person in values:
        if person.shape != (_NUMBERS,):
            raise InputError(
                "another number of joints than BODY_25 has",
                where=path,
                expected=f"{_NUMBERS} numbers (25 joints x, y, score)",
                found=f"{person.size}",
                next_step="Run OpenPose with --model_pose BODY_25",
            )
    return np.reshape(values, (len(values), -1, 3)) if values else np.empty((0, _NUMBERS // 3, 3))
