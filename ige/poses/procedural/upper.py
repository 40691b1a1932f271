"""The upper body of a performance: gestures follow each other, hands reach what they are to touch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ige.poses.procedural.arms import ARMS, CONTACTS, Contact
from ige.poses.procedural.body import Body
from ige.poses.procedural.gestures import GESTURES, Gesture, Wave
from ige.poses.procedural.kinematics import Pelvis, Trunk, rotate, shoulder_joints
from ige.poses.procedural.limits import ARM_BOUNDS, SIDE_SIGNS, TRUNK_BOUNDS, Track, clamp
from ige.poses.procedural.lower import LowerBody, Performer
from ige.poses.procedural.reach import reach, wrists_of
from ige.poses.procedural.tracks import Keys, sway

PELVIS_SHARE = 0.45  # of the trunk's flexion, done by tipping the pelvis, unless one sits on it
COLLAR_LIFT = math.radians(12.0)  # for an arm raised to the horizontal
COLLAR_FORWARD = math.radians(8.0)  # for an arm straight ahead
ARM_SWING = math.radians(24.0)
ELBOW_SWING = math.radians(14.0)
ARM_VARIATION = math.radians(5.0)
TRUNK_VARIATION = math.radians(3.0)
CONTACT_VARIATION_M = 0.012
UNREST = math.radians(1.6)
LONGEST_CORRECTION_M = 0.3  # by which a contact moves the wrist of an arm pose


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sequence of K gestures, angles in radians.

    Attributes:
        keys: when.
        arms: (K, 2, 8) by side and `limits.ARM_DOFS`.
        contacts: for each key and side the place of the wrist, or nothing.
        waves: (K, 2, 8) amplitudes of motions to and fro.
        hertz: (K, 2) their rates.
        relaxed: (K, 2) share to which arms hang and swing.
        trunk: (K, 3) flexion, left bend, left twist.
        head: (K, 3) nod, left tilt, left turn.
        crouch: (K,) leg lengths.
    """

    keys: Keys
    arms: Track
    contacts: tuple[tuple[Contact | None, Contact | None], ...]
    waves: Track
    hertz: Track
    relaxed: Track
    trunk: Track
    head: Track
    crouch: Track


def compose(
    rng: np.random.Generator, who: Performer, keys: Keys, names: tuple[str, ...], swap: float
) -> Phrase:
    """Turn names of gestures into numbers, each a little different every time.

    Args:
        rng: where variation comes from.
        who: the performer.
        keys: when each gesture is made.
        names: of the gestures, in `gestures.GESTURES`.
        swap: probability that the other hand leads from a gesture on.
    """
    leading = (who.leading + np.cumsum(rng.random(len(names)) < swap)) % 2
    gestures = [GESTURES[name] for name in names]
    pairs = [_by_side(gesture, int(side)) for gesture, side in zip(gestures, leading, strict=True)]
    arms = np.zeros((len(names), 2, 8))
    arms[..., 2:] = np.radians([[ARMS[arm].angles for arm, _ in pair] for pair in pairs])
    arms[..., 2:6] += ARM_VARIATION * rng.normal(size=(len(names), 2, 4))
    arms[..., 3] += who.manner.elbows_out
    arms = clamp(_with_collars(arms), ARM_BOUNDS)
    waves = np.zeros_like(arms)
    waves[..., 2:6] = np.radians([[_degrees(wave) for _, wave in pair] for pair in pairs])
    sign = SIDE_SIGNS[leading][:, None] * np.array([0.0, 1.0, 1.0]) + np.array([1.0, 0.0, 0.0])
    varied = TRUNK_VARIATION * rng.normal(size=(2, len(names), 3))
    return Phrase(
        keys=keys,
        arms=arms,
        contacts=tuple((_contact(rng, one[0]), _contact(rng, two[0])) for one, two in pairs),
        waves=waves * who.manner.amplitude,
        hertz=np.array([[wave.hertz if wave else 0.0 for _, wave in pair] for pair in pairs])
        * who.manner.tempo
        * rng.uniform(0.85, 1.15, (len(names), 1)),
        relaxed=np.array([[ARMS[arm].relaxed for arm, _ in pair] for pair in pairs]),
        trunk=sign * np.radians([gesture.trunk for gesture in gestures]) * who.manner.amplitude + varied[0],
        head=sign * np.radians([gesture.head for gesture in gestures]) + varied[1],
        crouch=np.array([gesture.crouch for gesture in gestures]) * rng.uniform(0.8, 1.15, len(names)),
    )


def trunk_angles(
    rng: np.random.Generator, who: Performer, phrase: Phrase, weights: Track, lower: LowerBody, gaze: float
) -> tuple[Track, Track]:
    """Return the pelvis' additional tilt (F,) and the trunk's angles (F, 4, 3), within limits.

    Args:
        rng: where unrest comes from.
        who: the performer.
        phrase: the gestures.
        weights: (F, K) shares of the gestures.
        lower: the legs, which lean and twist the trunk too.
        gaze: radians, how far the head wanders to the sides.
    """
    unrest = sway(rng, who.times, 6)
    bend = weights @ phrase.trunk + 0.8 * UNREST * unrest[:, :3]
    tilt = (0.0 if lower.carried else PELVIS_SHARE) * bend[:, 0]
    spine = bend.copy()
    spine[:, 0] += lower.lean - tilt + who.manner.stoop
    spine[:, 2] += lower.twist
    head = weights @ phrase.head + unrest[:, 3:] * np.array([2.0 * UNREST, 1.5 * UNREST, gaze])
    head[:, 0] -= 0.35 * lower.lean + 0.5 * who.manner.stoop
    head[:, 2] -= 0.5 * lower.twist
    angles = np.stack([0.5 * spine, 0.5 * spine, 0.5 * head, 0.5 * head], axis=1)
    return tilt, clamp(angles, TRUNK_BOUNDS)


def arm_angles(
    rng: np.random.Generator,
    who: Performer,
    phrase: Phrase,
    weights: Track,
    swing: Track,
    pelvis: Pelvis,
    trunk: Trunk,
    legs: Track,
) -> Track:
    """Return arm angles (F, 2, 8), within limits.

    Args:
        rng: where unrest and the phases of waves come from.
        who: the performer.
        phrase: the gestures.
        weights: (F, K) shares of the gestures.
        swing: (F, 2) how far each arm swings forward, between -1 and 1.
        pelvis: of all frames.
        trunk: likewise.
        legs: (F, 2, 5, 3) their joints.
    """
    body = who.body
    arms = np.einsum("fk,ksd->fsd", weights, phrase.arms) + _waves(rng, who, phrase, weights)
    relaxed = weights @ phrase.relaxed
    bent = np.arcsin(np.clip(-trunk.thorax_rotation[:, 2, 0], -1.0, 1.0))
    arms[..., 2] += relaxed * (ARM_SWING * swing + bent[:, None])
    arms[..., 5] += ELBOW_SWING * np.maximum(relaxed * swing, -0.6)
    arms[..., 2:6] += UNREST * sway(rng, who.times, 8).reshape(-1, 2, 4)
    arms = clamp(_with_collars(arms), ARM_BOUNDS)
    shoulders = shoulder_joints(body, trunk, arms)
    goals = shoulders + rotate(trunk.thorax_rotation[:, None], wrists_of(body, arms))
    planned = wrists_of(body, phrase.arms)
    for key, contacts in enumerate(phrase.contacts):
        for side, contact in enumerate(contacts):
            if contact is not None:
                place = _place(body, contact, side, pelvis, trunk, legs)
                off = place - shoulders[:, side] - rotate(trunk.thorax_rotation, planned[key, side])
                goals[:, side] += _correction(body, weights[:, key], off)
    return reach(body, trunk, shoulders, arms, goals)


def _correction(body: Body, share: Track, off: Track) -> Track:
    """Return by how much (F, 3) a wrist moves for a contact of share (F,) that its arm pose misses by `off`.

    Late (the cube): on the way the arm pose decides. Never far: the body may still be elsewhere.
    """
    far = np.linalg.norm(off, axis=-1, keepdims=True) / (LONGEST_CORRECTION_M * body.scale)
    return np.asarray(share[:, None] ** 3 * off / (1.0 + far**4) ** 0.25)


def _by_side(gesture: Gesture, leading: int) -> tuple[tuple[str, Wave | None], tuple[str, Wave | None]]:
    pair = ((gesture.leading, gesture.wave), (gesture.other, gesture.other_wave))
    return pair if leading == 0 else (pair[1], pair[0])


def _degrees(wave: Wave | None) -> tuple[float, float, float, float]:
    return wave.degrees if wave else (0.0, 0.0, 0.0, 0.0)


def _contact(rng: np.random.Generator, arm: str) -> Contact | None:
    name = ARMS[arm].contact
    if name is None:
        return None
    ahead, outward, up = np.array(CONTACTS[name].at) + CONTACT_VARIATION_M * rng.normal(size=3)
    return Contact(CONTACTS[name].frame, (float(ahead), float(outward), float(up)))


def _with_collars(arms: Track) -> Track:
    """Let the collar bones follow the upper arms: they rise and come forward with them."""
    down = np.cos(arms[..., 2]) * np.cos(arms[..., 3])
    ahead = np.sin(arms[..., 2]) * np.cos(arms[..., 3])
    collars = np.stack([COLLAR_LIFT * (1.0 - down), COLLAR_FORWARD * ahead], axis=-1)
    return np.concatenate([collars, arms[..., 2:]], axis=-1)


def _waves(rng: np.random.Generator, who: Performer, phrase: Phrase, weights: Track) -> Track:
    begun = rng.uniform(0.0, 2.0 * math.pi, phrase.hertz.shape)
    phases = 2.0 * math.pi * who.times[:, None, None] * phrase.hertz + begun
    return np.asarray(np.einsum("fk,fks,ksd->fsd", weights, np.sin(phases), phrase.waves))


def _place(body: Body, contact: Contact, side: int, pelvis: Pelvis, trunk: Trunk, legs: Track) -> Track:
    """Return a contact's place (F, 3), world."""
    ahead, outward, up = contact.at
    offset = np.array([ahead, SIDE_SIGNS[side] * outward, up]) * body.scale
    if contact.frame in ("thigh", "shank"):
        first = 0 if contact.frame == "thigh" else 1
        start, end = legs[:, side, first], legs[:, side, first + 1]
        aside = SIDE_SIGNS[side] * outward * body.scale * pelvis.rotation[..., 1]
        out = np.array([0.0, 0.0, up]) if first == 0 else up * _level_ahead(pelvis)
        return np.asarray(start + ahead * (end - start) + aside + body.scale * out)
    if contact.frame == "floor":
        axis = _level_ahead(pelvis)
        left = np.stack([-axis[:, 1], axis[:, 0], axis[:, 2]], axis=-1)
        ground = pelvis.position * np.array([1.0, 1.0, 0.0])
        return np.asarray(ground + offset[0] * axis + offset[1] * left + np.array([0.0, 0.0, offset[2]]))
    origin, rotation = {
        "head": (trunk.head, trunk.head_rotation),
        "thorax": (trunk.neck, trunk.thorax_rotation),
        "pelvis": (pelvis.position, pelvis.rotation),
    }[contact.frame]
    return origin + rotate(rotation, offset)


def _level_ahead(pelvis: Pelvis) -> Track:
    """Return the horizontal direction (F, 3) that the pelvis looks to, from its left-pointing axis."""
    left = pelvis.rotation[..., 1] * np.array([1.0, 1.0, 0.0])
    left /= np.linalg.norm(left, axis=-1, keepdims=True)
    return np.stack([left[:, 1], -left[:, 0], left[:, 2]], axis=-1)
