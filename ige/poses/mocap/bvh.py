"""BVH files: a skeleton of joints with offsets and channels, then one line of numbers per frame.

Any order of joints and channels is read. A rotation is the product of its channels from left to right.
Position channels, which may stand on any joint, replace the joint's OFFSET on their axes, as exporters mean
them. End sites become joints named after their parent: "Head.end".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ige.base.errors import InputError
from ige.poses.mocap.motion import Floats, Motion, euler_matrices, forward_kinematics
from ige.poses.mocap.text import at_line, finite_numbers, finite_table, not_finite, read_text, shown

_CHANNELS = {f"{axis}{kind}".upper(): (axis, kind) for axis in "XYZ" for kind in ("position", "rotation")}
_FRAMES = re.compile(r"\s*frames\s*:\s*(\S*)\s*$", re.IGNORECASE)
_FRAME_TIME = re.compile(r"\s*frame\s+time\s*:\s*(\S*)\s*$", re.IGNORECASE)
# Headers round the frame time to a few digits: 0.016667 s means 60 frames per second.
_WHOLE_FPS_TOLERANCE = 5e-4


@dataclass(slots=True)
class _Joint:
    name: str
    parent: int
    where: str
    offset: list[float] | None = None
    channels: list[tuple[str, str]] | None = None


def read_bvh(path: Path) -> Motion:
    """Read a BVH file, plain or gzip.

    Raises:
        InputError: if the file is not BVH, is truncated, has several roots or no frames, or holds a line with
            another number of values than it has channels, a value that is no finite number, or text after the
            frames.
    """
    lines = read_text(path).splitlines()
    start = _start_of_motion(path, lines)
    joints = _Skeleton(path).read(lines[:start])
    frames, fps, first = _motion_header(path, lines, start)
    values = _values(path, lines, first, frames, sum(len(joint.channels or ()) for joint in joints))
    positions, rotations = forward_kinematics(
        [joint.parent for joint in joints], *_local_frames(joints, values)
    )
    names = tuple(joint.name for joint in joints)
    return Motion(names=names, positions=positions, rotations=rotations, fps=fps, metres_per_unit=None)


def _start_of_motion(path: Path, lines: list[str]) -> int:
    """Index of the line behind MOTION."""
    head = next((line.strip() for line in lines if line.strip()), "")
    if head.upper() != "HIERARCHY":
        raise InputError("not a BVH file", where=path, expected="HIERARCHY first", found=shown(head))
    for index, line in enumerate(lines):
        if line.strip().upper() == "MOTION":
            return index + 1
    raise InputError("no MOTION section", where=path, next_step="The file is truncated: fetch it again.")


@dataclass(slots=True)
class _Skeleton:
    """Reads the lines up to MOTION, keeping track of the braces that are open."""

    path: Path
    joints: list[_Joint] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    pending: bool = False

    def read(self, lines: list[str]) -> list[_Joint]:
        for number, words in _statements(lines):
            self._take(words, at_line(self.path, number))
        end = at_line(self.path, len(lines))
        if self.open or self.pending:
            raise InputError(f"{max(len(self.open), 1)} braces are not closed before MOTION", where=end)
        if not self.joints:
            raise InputError("no ROOT before MOTION", where=end)
        for joint in self.joints:
            if joint.offset is None or joint.channels is None:
                lacks = "OFFSET" if joint.offset is None else "CHANNELS"
                raise InputError(f"joint {shown(joint.name)} has no {lacks}", where=joint.where)
        return self.joints

    def _take(self, words: list[str], where: str) -> None:
        key = words[0].upper()
        if self.pending and key != "{":
            raise InputError("a joint without its brace", where=where, expected="{", found=shown(words[0]))
        if key in ("HIERARCHY", "MOTION"):
            return
        if key in ("ROOT", "JOINT", "END"):
            self._begin(key, " ".join(words[1:]), where)
        elif key == "{":
            self._enter(where)
        elif not self.open:
            raise InputError("text outside of a joint", where=where, expected="ROOT", found=shown(words[0]))
        elif key == "}":
            self.open.pop()
        elif key == "OFFSET":
            self.joints[self.open[-1]].offset = finite_numbers(words[1:], 3, where, "OFFSET")
        elif key == "CHANNELS":
            self.joints[self.open[-1]].channels = _channels(words[1:], where)
        else:
            raise InputError(
                "unknown keyword",
                where=where,
                expected="JOINT, End Site, OFFSET, CHANNELS",
                found=shown(words[0]),
            )

    def _begin(self, key: str, name: str, where: str) -> None:
        if key == "ROOT" and self.joints:
            raise InputError(
                "a second root",
                where=where,
                expected="one person per file",
                found=f"{shown(self.joints[0].name)} and {shown(name)}",
                next_step="Split the file into one per root.",
            )
        if key != "ROOT" and not self.open:
            raise InputError("a joint outside of the root", where=where, expected="ROOT", found=shown(name))
        parent = self.open[-1] if self.open else -1
        if key == "END":
            self.joints.append(_Joint(f"{self.joints[parent].name}.end", parent, where, channels=[]))
        else:
            self.joints.append(_Joint(name, parent, where))
        names = [joint.name for joint in self.joints]
        if not name or names.count(names[-1]) > 1:
            raise InputError("a joint needs a name of its own", where=where, found=shown(name))
        self.pending = True

    def _enter(self, where: str) -> None:
        if not self.pending:
            raise InputError("a brace without a joint", where=where)
        self.open.append(len(self.joints) - 1)
        self.pending = False


def _statements(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Split lines at braces, which exporters put on their own lines or behind a name."""
    for number, line in enumerate(lines, start=1):
        for part in re.split(r"([{}])", line):
            if part.strip():
                yield number, part.split()


def _channels(words: list[str], where: str) -> list[tuple[str, str]]:
    if not words or not words[0].isdecimal() or int(words[0]) != len(words) - 1:
        raise InputError(
            "the number of channels is wrong",
            where=where,
            expected=f"{len(words[1:])}, as many as are named",
            found=shown(words[0] if words else ""),
        )
    channels = []
    for word in words[1:]:
        if word.upper() not in _CHANNELS or _CHANNELS[word.upper()] in channels:
            raise InputError(
                "unknown or repeated channel",
                where=where,
                expected="Xposition ... Zrotation",
                found=shown(word),
            )
        channels.append(_CHANNELS[word.upper()])
    return channels


def _motion_header(path: Path, lines: list[str], start: int) -> tuple[int, float, int]:
    """Frames, frames per second, and the index of the line where the frames begin."""
    filled = [index for index in range(start, min(start + 20, len(lines))) if lines[index].strip()]
    found: list[tuple[str, str]] = []
    for pattern, name, index in zip((_FRAMES, _FRAME_TIME), ("Frames:", "Frame Time:"), filled, strict=False):
        match = pattern.match(lines[index])
        if match is None:
            raise InputError(
                "a wrong motion header",
                where=at_line(path, index + 1),
                expected=name,
                found=shown(lines[index]),
            )
        found.append((match[1], at_line(path, index + 1)))
    if len(found) < 2:
        raise InputError(
            "the file ends in its motion header", where=path, next_step="It is truncated: fetch it again."
        )
    (count, count_where), (seconds, seconds_where) = found
    if not count.isdecimal() or int(count) == 0:
        raise InputError("no frames", where=count_where, expected="Frames: 1 or more", found=shown(count))
    period = finite_numbers([seconds], 1, seconds_where, "Frame Time")[0]
    if period <= 0:
        raise InputError("Frame Time is not positive", where=seconds_where, found=shown(seconds))
    return int(count), _fps(period), filled[1] + 1


def _fps(period: float) -> float:
    whole = round(1 / period)
    return float(whole) if abs(whole * period - 1) < _WHOLE_FPS_TOLERANCE else 1 / period


def _values(path: Path, lines: list[str], first: int, frames: int, channels: int) -> Floats:
    """Read the motion block, (F, C)."""
    numbers = [index + 1 for index in range(first, len(lines)) if lines[index].strip()]
    rows = [lines[number - 1].split() for number in numbers]
    for number, row in zip(numbers[:frames], rows, strict=False):
        if len(row) != channels:
            truncated = number == len(lines) and len(row) < channels
            raise InputError(
                "a frame has the wrong number of values",
                where=at_line(path, number),
                expected=f"{channels}, one per channel",
                found=str(len(row)),
                next_step="The file is truncated: fetch it again." if truncated else None,
            )
    values = finite_table(rows[:frames])
    if values is None:
        raise not_finite((at_line(path, number), row) for number, row in zip(numbers, rows, strict=True))
    if len(rows) > frames and not _is_frame(rows[frames]):
        raise InputError(
            "text after the frames", where=at_line(path, numbers[frames]), found=shown(" ".join(rows[frames]))
        )
    if len(rows) != frames:
        raise InputError(
            "Frames does not match the motion", where=path, expected=f"{frames} frames", found=str(len(rows))
        )
    return values


def _is_frame(row: list[str]) -> bool:
    try:
        [float(word) for word in row]
    except ValueError:
        return False
    return True


def _local_frames(joints: list[_Joint], values: Floats) -> tuple[Floats, Floats]:
    """Turn channel values (F, C) into places (F, J, 3) and turns (F, J, 3, 3) in the parents' frames."""
    positions = np.empty((len(values), len(joints), 3))
    rotations = np.empty((len(values), len(joints), 3, 3))
    column = 0
    for index, joint in enumerate(joints):
        positions[:, index] = joint.offset
        turns = []
        for axis, kind in joint.channels or ():
            if kind == "position":
                positions[:, index, "XYZ".index(axis)] = values[:, column]
            else:
                turns.append((axis, column))
            column += 1
        angles = np.deg2rad(values[:, [place for _, place in turns]])
        rotations[:, index] = euler_matrices(angles, "".join(axis for axis, _ in turns))
    return positions, rotations
