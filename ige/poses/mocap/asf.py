"""ASF files (Acclaim): a skeleton of bones for the AMC motions beside it.

A bone starts where its parent ends and runs along `direction` for `length`; its angles turn it about the axes
of its own frame, which `axis` gives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ige.base.errors import InputError
from ige.poses.mocap.motion import Floats, euler_matrices
from ige.poses.mocap.text import at_line, finite_numbers, read_text, shown

_METRES_PER_INCH = 0.0254
_ROOT_ORDER = {"TX", "TY", "TZ", "RX", "RY", "RZ"}

Line = tuple[str, list[str]]  # where it stands, and its words


@dataclass(frozen=True, slots=True)
class Bone:
    """One bone; the root is one too, of no length.

    Attributes:
        name: as the AMC file calls it.
        parent: index of the parent bone, -1 for the root.
        vector: (3,), from the bone's start to its end in the rest pose, in the file's unit.
        frame: (3, 3), from the bone's own axes to the file's.
        axes: the order in which the angles act, such as "XYZ": X first.
        dof: names of the values of a frame, such as ("RX", "RZ").
    """

    name: str
    parent: int
    vector: Floats
    frame: Floats
    axes: str
    dof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """An ASF file: bones, parents before children, the root first."""

    bones: tuple[Bone, ...]
    root_position: Floats
    metres_per_unit: float
    degrees: bool


def read_asf(path: Path) -> Skeleton:
    """Read an ASF skeleton, plain or gzip.

    The length unit of CMU's files is `length` per inch: a value is value / length inches long.

    Raises:
        InputError: if a section is missing or holds what cannot be read.
    """
    sections = _sections(path)
    for name in ("root", "bonedata", "hierarchy"):
        if name not in sections:
            raise InputError(f"no :{name} section", where=path, expected="an ASF skeleton")
    units = {words[0].lower(): (where, words[1:]) for where, words in sections.get("units", [])}
    degrees = _angle_unit(units)
    root, position = _root(path, sections["root"])
    bones = {bone.name: bone for bone in _bones(sections["bonedata"], degrees)}
    return Skeleton(
        bones=tuple(_placed(path, root, bones, _children(sections["hierarchy"], bones))),
        root_position=position,
        metres_per_unit=_METRES_PER_INCH / _length_unit(units),
        degrees=degrees,
    )


def _sections(path: Path) -> dict[str, list[Line]]:
    """Lines below each `:keyword`, without comments."""
    sections: dict[str, list[Line]] = {}
    section: list[Line] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        words = line.split("#")[0].split()
        if words and words[0].startswith(":"):
            section = sections.setdefault(words[0][1:].lower(), [])
        elif words:
            section.append((at_line(path, number), words))
    if not sections:
        raise InputError("not an ASF file", where=path, expected=":root, :bonedata, :hierarchy")
    return sections


def _angle_unit(units: dict[str, Line]) -> bool:
    where, words = units.get("angle", ("", ["deg"]))
    if words not in (["deg"], ["rad"]):
        raise InputError(
            "unknown unit of angles", where=where, expected="deg or rad", found=shown(" ".join(words))
        )
    return words == ["deg"]


def _length_unit(units: dict[str, Line]) -> float:
    if "length" not in units:
        return 1.0
    where, words = units["length"]
    value = finite_numbers(words, 1, where, "length")[0]
    if value <= 0:
        raise InputError("the unit of length is not positive", where=where, found=words[0])
    return value


def _root(path: Path, lines: list[Line]) -> tuple[Bone, Floats]:
    facts = {words[0].lower(): (where, words[1:]) for where, words in lines}
    for name in ("order", "axis"):
        if name not in facts:
            raise InputError(f"the root has no {name}", where=path, expected=f"{name} below :root")
    where, order = facts["order"]
    dof = tuple(word.upper() for word in order)
    if not set(dof) <= _ROOT_ORDER or len(set(dof)) != len(dof):
        raise InputError(
            "cannot read the root's order", where=where, expected="TX ... RZ", found=shown(" ".join(order))
        )
    where, axis = facts["axis"]
    axes = _axes(" ".join(axis), where)
    where, words = facts.get("orientation", (str(path), ["0", "0", "0"]))
    if any(finite_numbers(words, 3, where, "orientation")):
        raise InputError(
            "a turned root", where=where, expected="orientation 0 0 0", found=shown(" ".join(words))
        )
    where, words = facts.get("position", (str(path), ["0", "0", "0"]))
    position = np.array(finite_numbers(words, 3, where, "position"))
    return Bone("root", -1, np.zeros(3), np.eye(3), axes, dof), position


def _axes(text: str, where: str) -> str:
    axes = text.upper()
    if sorted(axes) != ["X", "Y", "Z"]:
        raise InputError(
            "cannot read the order of axes", where=where, expected="such as XYZ", found=shown(text)
        )
    return axes


def _bones(lines: list[Line], degrees: bool) -> Iterable[Bone]:
    facts: dict[str, Line] = {}
    for where, words in lines:
        key = words[0].lower()
        if key == "begin":
            facts = {"begin": (where, [])}
        elif key == "end":
            yield _bone(facts, where, degrees)
            facts = {}
        else:
            facts[key] = (where, words[1:])
    if facts:
        raise InputError(
            "a bone without its end", where=facts["begin"][0] if "begin" in facts else lines[-1][0]
        )


def _bone(facts: dict[str, Line], end: str, degrees: bool) -> Bone:
    for name in ("name", "direction", "length", "axis"):
        if name not in facts:
            raise InputError(f"a bone without {name}", where=end)
    where, axis = facts["axis"]
    axes = _axes(" ".join(axis[3:]), where)
    angles = np.array(finite_numbers(axis[:3], 3, where, "axis"))
    direction = np.array(finite_numbers(facts["direction"][1], 3, facts["direction"][0], "direction"))
    size = np.linalg.norm(direction)
    length = finite_numbers(facts["length"][1], 1, facts["length"][0], "length")[0]
    if size == 0 or length < 0:
        raise InputError("a bone without direction or of negative length", where=facts["length"][0])
    where, dof = facts.get("dof", (end, []))
    if not {word.lower() for word in dof} <= {"rx", "ry", "rz"} or len(set(dof)) != len(dof):
        raise InputError(
            "cannot read the degrees of freedom", where=where, expected="rx ry rz", found=" ".join(dof)
        )
    return Bone(
        name=" ".join(facts["name"][1]),
        parent=-1,
        vector=direction / size * length,
        frame=turned(np.deg2rad(angles) if degrees else angles, axes),
        axes=axes,
        dof=tuple(word.upper() for word in dof),
    )


def turned(angles: Floats, axes: str) -> Floats:
    """Rotations (..., 3, 3) of Acclaim angles (..., n), radians: the first of `axes` acts first."""
    return euler_matrices(angles[..., ::-1], axes[::-1])


def _children(lines: list[Line], bones: dict[str, Bone]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    placed: set[str] = set()
    for where, words in lines:
        if words[0].lower() in ("begin", "end"):
            continue
        for name in words:
            if name not in bones and name != "root":
                raise InputError("a bone that is not in :bonedata", where=where, found=shown(name))
        repeated = [name for name in words[1:] if name in placed or name == "root"]
        if repeated:
            raise InputError("a bone with two parents", where=where, found=shown(repeated[0]))
        placed.update(words[1:])
        children.setdefault(words[0], []).extend(words[1:])
    return children


def _placed(path: Path, root: Bone, bones: dict[str, Bone], children: dict[str, list[str]]) -> list[Bone]:
    """Order bones so that parents come first."""
    placed = [root]
    waiting = [(name, 0) for name in children.get("root", [])]
    while waiting:
        name, parent = waiting.pop(0)
        bone = bones[name]
        waiting.extend((child, len(placed)) for child in children.get(name, []))
        placed.append(Bone(name, parent, bone.vector, bone.frame, bone.axes, bone.dof))
    lost = sorted(set(bones) - {bone.name for bone in placed})
    if lost:
        raise InputError("bones that do not hang on the root", where=path, found=", ".join(lost))
    return placed
