"""One motion file to one clip: rig, unit, axes, T-pose, place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from ige.base.errors import InputError
from ige.geometry.skeletons import H36M_32
from ige.params.poses import FilePattern
from ige.poses.clips import Clip
from ige.poses.mocap.amc import find_asf, read_amc
from ige.poses.mocap.bvh import read_bvh
from ige.poses.mocap.motion import Floats, Motion
from ige.poses.mocap.naming import Claim
from ige.poses.mocap.rigs import Rig, recognise
from ige.poses.mocap.tpose import leading_t_pose_frames

LICENCE_NOT_STATED = "not stated"

_LEAST_HEIGHT_M, _GREATEST_HEIGHT_M = 0.8, 2.3
_FARTHEST_M = 1000.0
# From the ankle to the head the body is as tall as these bones together; the foot is left out.
_HEIGHT_BONES = (
    *(("RAnkle", "RKnee"), ("RKnee", "RHip"), ("Hips", "Spine")),
    *(("Spine", "Neck"), ("Neck", "HeadCentre"), ("HeadCentre", "HeadBack")),
)
_FEET = ("RAnkle", "RToeBase", "RToeEnd", "LAnkle", "LToeBase", "LToeEnd")
# The lowest foot stands on the floor most of the time; below are soles that sink in and noise.
_FLOOR_PERCENTILE = 5.0


@dataclass(frozen=True, slots=True)
class Take:
    """A clip, and how many leading frames of its file it lacks."""

    clip: Clip
    dropped: int


def read_take(
    folder: Path, file: str, claim: Claim, facts: FilePattern | None, rigs: tuple[Rig, ...], drop_t_pose: bool
) -> Take:
    """Read a motion file as a clip; `facts` of the settings go before what the file says.

    The clip is moved so that the middle of the hips' range is over the origin and the floor at height 0.

    Raises:
        InputError: if the file cannot be read, its rig is unknown, or the body is impossibly large or far.
    """
    path = folder / file
    facts = FilePattern(pattern=file) if facts is None else facts
    motion = _read_motion(path)
    rig = recognise(motion.names, rigs, path)
    joints = z_up(rig.joints_32(motion), facts.up or rig.up) * _unit(path, motion, rig, facts)
    _check_height(path, joints)
    fps = facts.fps or motion.fps
    dropped = leading_t_pose_frames(joints, fps) if drop_t_pose else 0
    joints = joints[dropped:]
    shift = place_on_floor(joints)
    _check_reach(path, joints + shift)
    notes = [f"{dropped} leading T-pose frames dropped"] if dropped else []
    # Adding 0 to a rounded -0.0 makes it 0.0.
    notes.append(f"moved by ({', '.join(f'{round(value, 3) + 0.0:.3f}' for value in shift)}) m")
    clip = Clip(
        positions_world=(joints + shift).astype(np.float32),
        subject=claim.subject,
        action=claim.action,
        take=claim.take,
        fps=fps,
        licence=facts.licence or LICENCE_NOT_STATED,
        origin=file,
        notes="; ".join(notes),
    )
    return Take(clip, dropped)


def _read_motion(path: Path) -> Motion:
    if path.name.lower().removesuffix(".gz").endswith(".bvh"):
        return read_bvh(path)
    return read_amc(path, find_asf(path))


def _unit(path: Path, motion: Motion, rig: Rig, facts: FilePattern) -> float:
    for unit in (facts.metres_per_unit, motion.metres_per_unit, rig.metres_per_unit):
        if unit is not None:
            return unit
    raise InputError(
        f"neither the file nor the rig {rig.name} says its unit",
        where=path,
        next_step="Set metres_per_unit for this file under poses.mocap.files.",
    )


def z_up(points: Floats, up: Literal["y", "z"]) -> Floats:
    """Turn points (..., 3) so that z points up; y-up becomes z-up by (x, -z, y)."""
    if up == "z":
        return points
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1)


def body_height(joints: Floats) -> float:
    """Height from ankle to head, as the median over frames of the bones' lengths; joints (F, 32, 3)."""
    place = {name: joints[:, index] for index, name in enumerate(H36M_32.names)}
    lengths = [np.linalg.norm(place[end] - place[start], axis=-1) for start, end in _HEIGHT_BONES]
    return float(np.median(np.sum(lengths, axis=0)))


def _check_height(path: Path, joints: Floats) -> None:
    height = body_height(joints)
    if not _LEAST_HEIGHT_M <= height <= _GREATEST_HEIGHT_M:
        raise InputError(
            "the body has an impossible size from ankle to head",
            where=path,
            expected=f"{_LEAST_HEIGHT_M} to {_GREATEST_HEIGHT_M} m",
            found=f"{height:.3g} m",
            next_step="Set metres_per_unit for this file under poses.mocap.files (0.01 for centimetres).",
        )


def _check_reach(path: Path, joints: Floats) -> None:
    reach = float(np.abs(joints).max())
    if reach > _FARTHEST_M:
        raise InputError(
            "the body travels impossibly far",
            where=path,
            expected=f"at most {_FARTHEST_M:g} m from the middle of its path",
            found=f"{reach:.3g} m",
            next_step="Look for a damaged frame.",
        )


def place_on_floor(joints: Floats) -> Floats:
    """Return the shift (3,) that centres the hips' range over the origin and puts the floor at height 0."""
    hips = joints[:, H36M_32.names.index("Hips")]
    middle = (hips.min(axis=0) + hips.max(axis=0)) / 2
    feet = joints[:, [H36M_32.names.index(name) for name in _FEET], 2]
    floor = np.percentile(feet.min(axis=1), _FLOOR_PERCENTILE)
    return -np.array([middle[0], middle[1], floor])
