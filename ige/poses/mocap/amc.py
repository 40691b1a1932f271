"""AMC files (Acclaim): joint angles of an ASF skeleton, a line per bone in each frame.

A joint is named after the bone that ends there: "lfemur" is the left knee; "root" is the root's own place.
Frames of joints have the file's axes in the rest pose.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ige.base.errors import InputError
from ige.poses.mocap.asf import Skeleton, read_asf, turned
from ige.poses.mocap.motion import Floats, Motion, forward_kinematics
from ige.poses.mocap.text import at_line, finite_table, not_finite, read_text, shown

# AMC does not say its rate; the CMU database was recorded at 120 frames per second (mocap.cs.cmu.edu).
CMU_FPS = 120.0


def find_asf(path: Path) -> Path:
    """Find the skeleton of an AMC file in its folder: 01_14.amc goes with 01.asf, else with the only one.

    Raises:
        InputError: if there is none, or several and none of that name.
    """
    stem = path.name.lower().removesuffix(".gz").removesuffix(".amc")
    skeletons = {
        found.name.lower().removesuffix(".gz").removesuffix(".asf"): found
        for found in sorted(path.parent.iterdir())
        if found.name.lower().endswith((".asf", ".asf.gz"))
    }
    prefix = stem.rpartition("_")[0] or stem
    for name in (stem, prefix):
        if name in skeletons:
            return skeletons[name]
    if len(skeletons) == 1:
        return next(iter(skeletons.values()))
    raise InputError(
        "no ASF skeleton for this AMC file",
        where=path,
        expected=f"{prefix}.asf in the same folder, or a single .asf",
        found=", ".join(found.name for found in skeletons.values()) or "no .asf file",
    )


def read_amc(path: Path, asf: Path) -> Motion:
    """Read an AMC motion of the skeleton in an ASF file; either may be gzip.

    Raises:
        InputError: if either file cannot be read, or a frame lacks a bone, repeats one, or has another number
            of values than the skeleton's degrees of freedom.
    """
    skeleton = read_asf(asf)
    columns = {}
    start = 0
    for bone in skeleton.bones:
        columns[bone.name] = slice(start, start + len(bone.dof))
        start += len(bone.dof)
    values, degrees = _Frames(path, asf, columns).read(skeleton.degrees)
    parents = [bone.parent for bone in skeleton.bones]
    positions, rotations = forward_kinematics(parents, *_local_frames(skeleton, columns, values, degrees))
    return Motion(
        names=tuple(bone.name for bone in skeleton.bones),
        positions=positions,
        rotations=rotations,
        fps=CMU_FPS,
        metres_per_unit=skeleton.metres_per_unit,
    )


class _Frames:
    """Reads the frames of an AMC file as one row of numbers each."""

    def __init__(self, path: Path, asf: Path, columns: dict[str, slice]) -> None:
        self._path = path
        self._asf = asf
        self._columns = {name: place for name, place in columns.items() if place.stop > place.start}
        self._width = max(place.stop for place in columns.values())
        self._rows: list[list[str]] = []
        self._missing: set[str] = set()

    def read(self, degrees: bool) -> tuple[Floats, bool]:
        """Return the values (F, D) and whether angles are in degrees."""
        lines = read_text(self._path).splitlines()
        specified = False
        for number, line in enumerate(lines, start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0].startswith(":"):
                keyword = words[0].upper()
                specified = specified or keyword == ":FULLY-SPECIFIED"
                degrees = {":DEGREES": True, ":RADIANS": False}.get(keyword, degrees)
            elif not specified:
                raise InputError(
                    "not an AMC file", where=self._path, expected=":FULLY-SPECIFIED", found=shown(line)
                )
            elif len(words) == 1 and words[0].isdecimal():
                self._begin(int(words[0]), number)
            else:
                self._take(words, number)
        self._finish(len(lines))
        if not self._rows:
            raise InputError("no frames", where=self._path, expected="1 or more")
        return self._numbers(lines), degrees

    def _begin(self, frame: int, number: int) -> None:
        self._finish(number - 1)
        if frame != len(self._rows) + 1:
            raise InputError(
                "frames are not in sequence",
                where=at_line(self._path, number),
                expected=f"frame {len(self._rows) + 1}",
                found=str(frame),
            )
        self._rows.append([""] * self._width)
        self._missing = set(self._columns)

    def _finish(self, number: int) -> None:
        if self._missing:
            raise InputError(
                f"frame {len(self._rows)} is not complete",
                where=at_line(self._path, number),
                expected=f"{len(self._columns)} bones, as {self._asf.name} has",
                found=f"{len(self._columns) - len(self._missing)}, without {sorted(self._missing)[0]}",
            )

    def _take(self, words: list[str], number: int) -> None:
        place = self._columns.get(words[0])
        if place is None or words[0] not in self._missing:
            what = (
                "a bone that the skeleton does not move"
                if place is None
                else "a bone that this frame has already"
            )
            if not self._rows:
                what = "text before the first frame"
            raise InputError(
                what,
                where=at_line(self._path, number),
                expected=f"a bone of {self._asf.name}",
                found=shown(words[0]),
            )
        if len(words) - 1 != place.stop - place.start:
            raise InputError(
                f"{shown(words[0])} has the wrong number of values",
                where=at_line(self._path, number),
                expected=f"{place.stop - place.start}, its degrees of freedom in {self._asf.name}",
                found=str(len(words) - 1),
            )
        self._rows[-1][place] = words[1:]
        self._missing.discard(words[0])

    def _numbers(self, lines: list[str]) -> Floats:
        table = finite_table(self._rows)
        if table is None:
            words = (
                (at_line(self._path, number), line.split()) for number, line in enumerate(lines, start=1)
            )
            raise not_finite((where, line[1:]) for where, line in words if line and line[0] in self._columns)
        return table


def _local_frames(
    skeleton: Skeleton, columns: dict[str, slice], values: Floats, degrees: bool
) -> tuple[Floats, Floats]:
    """Turn values (F, D) into bone ends (F, J, 3) and turns (F, J, 3, 3) in the parents' frames."""
    positions = np.empty((len(values), len(skeleton.bones), 3))
    rotations = np.empty((len(values), len(skeleton.bones), 3, 3))
    for index, bone in enumerate(skeleton.bones):
        facts = dict(zip(bone.dof, values[:, columns[bone.name]].T, strict=True))
        zero = np.zeros(len(values))
        angles = np.stack([facts.get(f"R{axis}", zero) for axis in bone.axes], axis=-1)
        turn = turned(np.deg2rad(angles) if degrees else angles, bone.axes)
        rotations[:, index] = bone.frame @ turn @ bone.frame.T
        if bone.parent < 0:
            place = np.stack([facts.get(f"T{axis}", zero) for axis in "XYZ"], axis=-1)
            positions[:, index] = skeleton.root_position + place
        else:
            positions[:, index] = rotations[:, index] @ bone.vector
    return positions, rotations
