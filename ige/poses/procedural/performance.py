"""A performance: legs, trunk and arms put together, angles kept within limits, feet put on the floor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ige.poses.procedural.actions import Script, Seat
from ige.poses.procedural.feet import foot_rotations
from ige.poses.procedural.kinematics import Pelvis, forward, pelvis_rotation, place_legs, place_trunk
from ige.poses.procedural.limits import LEG_BOUNDS, Angles, Track, clamp
from ige.poses.procedural.lower import LowerBody, Performer
from ige.poses.procedural.postures import POSTURES
from ige.poses.procedural.reach import foot_angles, leg_angles
from ige.poses.procedural.sitting import sit
from ige.poses.procedural.standing import Stance, stand
from ige.poses.procedural.tracks import Keys, smooth
from ige.poses.procedural.upper import Phrase, arm_angles, compose, trunk_angles
from ige.poses.procedural.walking import Gait, walk

SETTLE_S = 0.05  # standard deviation of the last smoothing
FLOOR_SETTLE_S = 0.08
HANGING_FOOT = np.radians([-18.0, -6.0, 0.0])  # ankle angles of a foot that nothing holds

# How far each joint stays above the floor, metres on the reference body; a flat foot touches everywhere.
THICKNESS = {
    **dict.fromkeys((0, 1, 6), 0.08),  # pelvis and hips
    **dict.fromkeys((2, 7), 0.05),  # knees
    **dict.fromkeys((3, 8), 0.068),  # ankles, above the heels
    **dict.fromkeys((4, 9), 0.019),  # balls
    **dict.fromkeys((5, 10), 0.012),  # toes
    **dict.fromkeys((19, 27), 0.03),  # wrists
    **dict.fromkeys((22, 30), 0.01),  # hands
}


@dataclass(frozen=True, slots=True)
class Performance:
    """F frames: joints (F, 32, 3) in metres, world, floor at z = 0, and the angles that they come from."""

    joints_world: Track
    angles: Angles


def perform(rng: np.random.Generator, who: Performer, script: Script) -> Performance:
    """Perform a script."""
    if isinstance(script.base, Seat):
        phrase, lower = _seated(rng, who, script, script.base)
    else:
        phrase = _phrase(rng, who, script)
        lower = _on_feet(rng, who, script.base, phrase)
    weights = phrase.keys.weights(who.times)
    tilt, trunk = trunk_angles(rng, who, phrase, weights, lower, math.radians(script.pace.gaze_degrees))
    pelvis = lower.pelvis(tilt)
    legs = _legs(who, lower, pelvis)
    leg_joints = place_legs(who.body, pelvis, legs)
    placed = place_trunk(who.body, pelvis, trunk)
    arms = arm_angles(rng, who, phrase, weights, lower.swing, pelvis, placed, leg_joints)
    sigma = SETTLE_S * who.fps
    angles = Angles(smooth(trunk, sigma), smooth(legs, sigma), smooth(arms, sigma))
    turned = smooth(np.stack([lower.heading, lower.tilt + tilt, lower.roll], axis=-1), sigma)
    settled = Pelvis(smooth(lower.position, sigma), pelvis_rotation(*turned.T))
    return Performance(_on_floor(who, forward(who.body, settled, angles), lower.carried), angles)


def _phrase(rng: np.random.Generator, who: Performer, script: Script) -> Phrase:
    begin = -rng.uniform(*script.pace.hold_s)
    names, keys = _sequence(rng, who, script.gestures, begin, script.pace.hold_s, script.pace.move_s)
    return compose(rng, who, keys, names, script.pace.changes_hands)


def _on_feet(rng: np.random.Generator, who: Performer, base: Stance | Gait, phrase: Phrase) -> LowerBody:
    if isinstance(base, Stance):
        weights = phrase.keys.weights(who.times)
        bend = (weights @ phrase.trunk)[:, 0]
        return stand(rng, who, base, weights @ phrase.crouch, bend)
    return walk(rng, who, base)


def _seated(rng: np.random.Generator, who: Performer, script: Script, seat: Seat) -> tuple[Phrase, LowerBody]:
    if not seat.from_standing:
        begin = -rng.uniform(*seat.hold_s)
        names, keys = _sequence(rng, who, seat.postures, begin, seat.hold_s, (0.9, 1.5))
        return _phrase(rng, who, script), sit(rng, who, keys, names)
    begin = -rng.uniform(0.0, 0.8)
    names, keys = _sequence(rng, who, seat.postures, begin, seat.hold_s, script.pace.move_s, rise=True)
    gestures = tuple(str(rng.choice(POSTURES[name].gestures)) for name in names)
    return compose(rng, who, keys, gestures, script.pace.changes_hands), sit(rng, who, keys, names)


def _sequence(
    rng: np.random.Generator,
    who: Performer,
    pool: tuple[str, ...],
    begin: float,
    hold_s: tuple[float, float],
    move_s: tuple[float, float],
    rise: bool = False,
) -> tuple[tuple[str, ...], Keys]:
    """Draw names from a pool until the clip's end, all of it before any comes again.

    With `rise`, names are of postures: the first is "stand", and so is what parts seats of two heights.
    """
    names: list[str] = []
    arrive: list[float] = []
    leave: list[float] = []
    deck: list[str] = ["stand"] if rise else []
    now, tempo = begin, who.manner.tempo
    while True:
        if not deck:
            deck = [str(name) for name in rng.permutation(pool)]
        names.append("stand" if rise and _part(names, deck[0]) else deck.pop(0))
        arrive.append(now)
        now += rng.uniform(*hold_s) / tempo
        leave.append(now)
        if now > who.times[-1]:
            return tuple(names), Keys(np.array(arrive), np.array(leave))
        now += rng.uniform(*move_s) / tempo


def _part(names: list[str], name: str) -> bool:
    """Say whether one has to stand up between the last of `names` and `name`."""
    between = {POSTURES[other].height for other in (*names[-1:], name)}
    return "stand" not in between and len(between) > 1


def _legs(who: Performer, lower: LowerBody, pelvis: Pelvis) -> Track:
    """Return leg angles (F, 2, 8), within limits."""
    hip_and_knee, shanks = leg_angles(who.body, pelvis, lower.feet.ankles, lower.knees)
    held = foot_angles(shanks, foot_rotations(lower.feet.yaws, lower.feet.pitches))
    free = lower.free[..., None]
    ankles = (1.0 - free) * held + free * HANGING_FOOT
    return clamp(np.concatenate([hip_and_knee, ankles, lower.feet.toes[..., None]], axis=-1), LEG_BOUNDS)


def _on_floor(who: Performer, joints: Track, carried: bool) -> Track:
    """Lift joints (F, 32, 3) smoothly so that nothing is below the floor; who is not carried stands on it."""
    heights = joints[:, list(THICKNESS), 2] - who.body.scale * np.array(list(THICKNESS.values()))
    lowest = heights.min(axis=1)
    lift = smooth(np.maximum(-lowest, 0.0) if carried else -lowest, FLOOR_SETTLE_S * who.fps)
    lift += max(0.0, float(-(lowest + lift).min()))
    return np.asarray(joints + lift[:, None, None] * np.array([0.0, 0.0, 1.0]))
