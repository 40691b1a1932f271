"""Small motion files, written by the tests: two of the known rigs in T-pose, and any other skeleton."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from ige.params.poses import MocapSettings

# name -> (parent, offset); a leaf's End Site hangs on it as "<name>.end". Y is up, Z forward, X to the left.
Tree = dict[str, tuple[str | None, tuple[float, float, float]]]


def _sides(tree: Tree, side: str, name: Callable[[str], str]) -> Tree:
    sign = 1.0 if side == "left" else -1.0
    return {
        name(joint): (
            parent if parent in (None, "hip", "chest", "Hips", "Spine1") else name(parent),
            (sign * x, y, z),
        )
        for joint, (parent, (x, y, z)) in tree.items()
    }


_DAZ_LIMBS: Tree = {
    "Thigh": ("hip", (9.0, 0.0, 0.0)),
    "Shin": ("Thigh", (0.0, -40.0, 0.0)),
    "Foot": ("Shin", (0.0, -40.0, 0.0)),
    "Foot.end": ("Foot", (0.0, -4.0, 12.0)),
    "Shldr": ("chest", (11.0, 15.0, 0.0)),
    "ForeArm": ("Shldr", (28.0, 0.0, 0.0)),
    "Hand": ("ForeArm", (24.0, 0.0, 0.0)),
    "Thumb2": ("Hand", (5.0, 0.0, 6.0)),
    "Mid1": ("Hand", (9.0, 0.0, 0.0)),
}
_DAZ: Tree = {
    "hip": (None, (0.0, 0.0, 0.0)),
    "abdomen": ("hip", (0.0, 20.0, 0.0)),
    "chest": ("abdomen", (0.0, 12.0, 0.0)),
    "neck": ("chest", (0.0, 22.0, 0.0)),
    "head": ("neck", (0.0, 7.0, 0.0)),
    **_sides(_DAZ_LIMBS, "left", lambda joint: f"l{joint}"),
    **_sides(_DAZ_LIMBS, "right", lambda joint: f"r{joint}"),
}
_CGSPEED_LIMBS: Tree = {
    "UpLeg": ("Hips", (1.5, -1.8, 0.0)),
    "Leg": ("UpLeg", (0.0, -7.5, 0.0)),
    "Foot": ("Leg", (0.0, -7.0, 0.0)),
    "ToeBase": ("Foot", (0.0, -0.5, 2.2)),
    "ToeBase.end": ("ToeBase", (0.0, 0.0, 1.1)),
    "Arm": ("Spine1", (3.5, 0.8, 0.0)),
    "ForeArm": ("Arm", (5.0, 0.0, 0.0)),
    "Hand": ("ForeArm", (3.4, 0.0, 0.0)),
    "HandIndex1": ("Hand", (0.7, 0.0, 0.0)),
    "HandIndex1.end": ("HandIndex1", (0.5, 0.0, 0.0)),
    "Thumb": ("Hand", (0.0, 0.0, 0.0)),
    "Thumb.end": ("Thumb", (0.6, 0.0, 0.6)),
}


def _cgspeed_name(side: str) -> Callable[[str], str]:
    return lambda joint: f"{side[0]}{joint}" if joint.startswith("Thumb") else f"{side}{joint}"


_CGSPEED: Tree = {
    "Hips": (None, (0.0, 0.0, 0.0)),
    "Spine": ("Hips", (0.0, 2.0, 0.0)),
    "Spine1": ("Spine", (0.0, 2.0, 0.0)),
    "Neck1": ("Spine1", (0.0, 1.6, 0.1)),
    "Head": ("Neck1", (0.0, 1.6, -0.1)),
    "Head.end": ("Head", (0.0, 1.6, 0.0)),
    **_sides(_CGSPEED_LIMBS, "left", _cgspeed_name("Left")),
    **_sides(_CGSPEED_LIMBS, "right", _cgspeed_name("Right")),
}
_ROOT_CHANNELS = "CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation"
_CHANNELS = "CHANNELS 3 Zrotation Xrotation Yrotation"


def _hierarchy(tree: Tree, name: str, depth: int) -> list[str]:
    parent, offset = tree[name]
    is_site = name.endswith(".end")
    head = "End Site" if is_site else f"{'ROOT' if parent is None else 'JOINT'} {name}"
    lines = [head, "{", f"OFFSET {offset[0]} {offset[1]} {offset[2]}"]
    if not is_site:
        lines.append(_ROOT_CHANNELS if parent is None else _CHANNELS)
    for child in _children(tree, name):
        lines += _hierarchy(tree, child, depth + 1)
    return [*lines, "}"]


def _children(tree: Tree, name: str) -> list[str]:
    return [child for child, (parent, _) in tree.items() if parent == name]


def _depth_first(tree: Tree, name: str) -> list[str]:
    return [name, *(joint for child in _children(tree, name) for joint in _depth_first(tree, child))]


@pytest.fixture
def trees() -> dict[str, Tree]:
    """Skeletons of two known rigs, by the name of the rig."""
    return {"daz-43": _DAZ, "cgspeed-31": _CGSPEED}


@pytest.fixture
def bvh_text() -> Callable[..., str]:
    """Write a BVH file of a tree.

    A frame maps joints to angles (z, x, y) in degrees, and "at" to the root's place; what it leaves out is 0.
    """

    def write(
        tree: Tree, frames: Sequence[Mapping[str, tuple[float, float, float]]], period: float = 1 / 60
    ) -> str:
        root = next(iter(tree))
        order = [name for name in _depth_first(tree, root) if not name.endswith(".end")]
        lines = [
            "HIERARCHY",
            *_hierarchy(tree, root, 0),
            "MOTION",
            f"Frames: {len(frames)}",
            f"Frame Time: {period:.6f}",
        ]
        for frame in frames:
            values = [*frame.get("at", (0.0, 0.0, 0.0))]
            for name in order:
                values += frame.get(name, (0.0, 0.0, 0.0))
            lines.append(" ".join(f"{value:.6f}" for value in values))
        return "\n".join(lines) + "\n"

    return write


@pytest.fixture
def arm_swing() -> Callable[..., list[dict[str, tuple[float, float, float]]]]:
    """Frames of a DAZ body that walks on with hanging arms, swinging its right arm by `degrees`."""

    def frames(count: int, degrees: float = 30.0) -> list[dict[str, tuple[float, float, float]]]:
        return [
            {
                "at": (0.0, 90.0, 1.0 * frame),
                "lShldr": (-80.0, 0.0, 0.0),
                "rShldr": (80.0, 0.0, degrees * frame / count),
                "rThigh": (0.0, -degrees * frame / count, 0.0),
            }
            for frame in range(count)
        ]

    return frames


@pytest.fixture
def write_file() -> Callable[[Path, str], Path]:
    """Write text to a file, gzip if its name says so."""

    def write(path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        return path

    return write


@pytest.fixture
def settings() -> Callable[..., MocapSettings]:
    """Make settings, of which a test names what matters to it."""

    def make(**changes: object) -> MocapSettings:
        usual: dict[str, object] = {
            "fetch": [],
            "manifest": None,
            "drop_t_pose": True,
            "files": [],
            "repeats": [],
            "repeat_bound_mm": 50.0,
            "skip": [],
        }
        return MocapSettings.model_validate({**usual, **changes})

    return make


_ASF = """# a body of three bones
:version 1.10
:name test
:units
  mass 1.0
  length 0.5
  angle deg
:documentation
   free text: begin end
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name thigh
     direction 0 -1 0
     length 8
     axis 0 0 20 XYZ
     dof rx rz
     limits (-160.0 20.0)
            (-70.0 70.0)
  end
  begin
     id 2
     name shin
     direction 0 -2 0
     length 6
     axis 0 90 0 XYZ
     dof rx
     limits (-10.0 170.0)
  end
  begin
     id 3
     name spine
     direction 0 1 0
     length 4
     axis 0 0 0 XYZ
  end
:hierarchy
  begin
    thigh shin
    root spine thigh
  end
"""
_AMC = """#!OML:ASF somewhere
:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
thigh 0 0
shin 0
2
root 1 2 3 0 90 0
thigh 30 0
shin 90
"""


@pytest.fixture
def asf_text() -> str:
    return _ASF


@pytest.fixture
def amc_text() -> str:
    return _AMC
