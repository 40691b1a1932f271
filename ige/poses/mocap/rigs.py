"""Rigs: how the joints of a named skeleton become the 32 joints of Human3.6M.

A rig is a JSON file, `<name>.rig.json`. Those of the package stand beside this module, because the hash of
its code covers the files there; a motion folder may hold its own. A rig gives 24 points of the body
(`POINTS`), each by one of three rules:

* `"joint"`: the place of that joint;
* `{"joint": weight, ...}`: a weighted sum of joints, whose weights add up to 1: between them, or beyond;
* `{"at": "joint", "offset": [x, y, z]}`: a point fixed to a joint, in the joint's frame and the file's unit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ige.base.errors import InputError
from ige.geometry.skeletons import H36M_32
from ige.poses.mocap.motion import Floats, Motion
from ige.poses.mocap.text import read_text, shown

RIG_SUFFIX = ".rig.json"

# Human3.6M repeats joints where its chains begin and end; its hips are the middle of the two hip joints.
_HIPS = "Hips"
_SAME_AS = {
    "SpineBase": _HIPS,
    **{f"{side}Collar": "Neck" for side in "LR"},
    **{f"{side}Thumb": f"{side}Wrist" for side in "LR"},
    **{f"{side}Hand": f"{side}HandEnd" for side in "LR"},
}
_LAYOUT = tuple(_SAME_AS.get(name, name) for name in H36M_32.names)
POINTS = tuple(name for name in H36M_32.names if name != _HIPS and name not in _SAME_AS)

_SHOWN_NAMES = 12


@dataclass(frozen=True, slots=True)
class Rig:
    """A named skeleton.

    Attributes:
        name: e.g. "cc4".
        metres_per_unit: of its files, or None where the files say it.
        up: the axis that points up in its files, "y" or "z".
        weights: for each of POINTS, weights of joints that add up to 1.
        offsets: for the points that are fixed to a joint, its name and (3,) in its frame.
    """

    name: str
    metres_per_unit: float | None
    up: Literal["y", "z"]
    weights: dict[str, dict[str, float]]
    offsets: dict[str, tuple[str, Floats]]

    @property
    def joints(self) -> frozenset[str]:
        """Names of the joints that a file of this rig must have."""
        return frozenset(name for weights in self.weights.values() for name in weights)

    def joints_32(self, motion: Motion) -> Floats:
        """Place Human3.6M's 32 joints, (F, 32, 3), in the axes and the unit of the motion."""
        column = {name: index for index, name in enumerate(motion.names)}
        points = {name: self._point(name, motion, column) for name in POINTS}
        points[_HIPS] = (points["LHip"] + points["RHip"]) / 2
        return np.stack([points[name] for name in _LAYOUT], axis=1)

    def _point(self, name: str, motion: Motion, column: dict[str, int]) -> Floats:
        point = np.zeros((len(motion.positions), 3))
        for joint, weight in self.weights[name].items():
            point += weight * motion.positions[:, column[joint]]
        if name in self.offsets:
            joint, offset = self.offsets[name]
            point += motion.rotations[:, column[joint]] @ offset
        return point


def read_rig(path: Path) -> Rig:
    """Read a rig's JSON file.

    Raises:
        InputError: if it is no JSON, or lacks a point, or a rule cannot be read.
    """
    try:
        content = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"not a JSON file (line {error.lineno}: {error.msg})", where=path) from error
    expected = {"name", "description", "metres_per_unit", "up", "points"}
    if not isinstance(content, dict) or set(content) != expected:
        found = ", ".join(sorted(content)) if isinstance(content, dict) else "no mapping"
        raise InputError("not a rig", where=path, expected=", ".join(sorted(expected)), found=found)
    unit, up, points = content["metres_per_unit"], content["up"], content["points"]
    if not (unit is None or (_is_number(unit) and unit > 0)) or up not in ("y", "z"):
        raise InputError(
            "a wrong unit or axis",
            where=path,
            expected="metres_per_unit above 0 or null, up y or z",
            found=f"{unit}, {up}",
        )
    if not isinstance(points, dict) or set(points) != set(POINTS):
        found = ", ".join(sorted(set(points) ^ set(POINTS))) if isinstance(points, dict) else "no mapping"
        raise InputError("missing or unknown points", where=path, expected=", ".join(POINTS), found=found)
    weights, offsets = {}, {}
    for name, rule in points.items():
        weights[name] = _weights(path, name, rule)
        if isinstance(rule, dict) and "at" in rule:
            offsets[name] = (str(rule["at"]), np.array(rule["offset"], dtype=np.float64))
    return Rig(str(content["name"]), unit, up, weights, offsets)


def _weights(path: Path, name: str, rule: Any) -> dict[str, float]:
    if isinstance(rule, str):
        return {rule: 1.0}
    if isinstance(rule, dict) and set(rule) == {"at", "offset"}:
        offset = rule["offset"]
        if (
            isinstance(rule["at"], str)
            and isinstance(offset, list)
            and len(offset) == 3
            and all(map(_is_number, offset))
        ):
            return {rule["at"]: 1.0}
    elif (
        isinstance(rule, dict) and all(map(_is_number, rule.values())) and abs(sum(rule.values()) - 1) < 1e-6
    ):
        return {joint: float(weight) for joint, weight in rule.items()}
    raise InputError(
        f"cannot read the rule of {name}",
        where=path,
        expected='"joint", weights of joints that add up to 1, or {"at": "joint", "offset": [x, y, z]}',
        found=shown(json.dumps(rule)),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def known_rigs(folder: Path) -> tuple[Rig, ...]:
    """Rigs of a motion folder, `*.rig.json`, and then those of this package: the first that fits counts."""
    own = sorted(path for path in folder.rglob(f"*{RIG_SUFFIX}"))
    return tuple(read_rig(path) for path in (*own, *packaged_rigs()))


def packaged_rigs() -> tuple[Path, ...]:
    """Files of the rigs that come with this package."""
    return tuple(sorted(Path(__file__).parent.glob(f"*{RIG_SUFFIX}")))


def recognise(names: Iterable[str], rigs: Sequence[Rig], path: Path) -> Rig:
    """Find the first rig all of whose joints are among these names.

    Raises:
        InputError: if there is none; it shows the names and the closest rig.
    """
    names = list(names)
    for rig in rigs:
        if rig.joints <= set(names):
            return rig
    joints = [name for name in names if not name.endswith(".end")]
    more = f" and {len(joints) - _SHOWN_NAMES} more" if len(joints) > _SHOWN_NAMES else ""
    closest = max(rigs, key=lambda rig: len(rig.joints & set(names)) / len(rig.joints))
    common = len(closest.joints & set(names))
    lacking = sorted(closest.joints - set(names))[:3]
    raise InputError(
        "unknown rig",
        where=path,
        expected=f"the joints of a known rig ({', '.join(sorted(rig.name for rig in rigs))})",
        found=", ".join(joints[:_SHOWN_NAMES]) + more,
        next_step=f"Closest is {closest.name} with {common} of {len(closest.joints)} names"
        f" (lacking {', '.join(lacking)}). To add one, write a NAME{RIG_SUFFIX}: see docs/mocap.md.",
    )
