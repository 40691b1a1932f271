"""Sitting, sitting down and getting up: the lower body moves from posture to posture."""

from __future__ import annotations

import math

import numpy as np

from ige.geometry.rotations import about_vertical
from ige.poses.procedural.feet import Feet, ankles_above
from ige.poses.procedural.limits import SIDE_SIGNS, Track
from ige.poses.procedural.lower import LowerBody, Performer, standing_height
from ige.poses.procedural.postures import POSTURES, LegPose
from ige.poses.procedural.tracks import Keys, bump, sway

SEAT_M = (0.42, 0.49)  # of the hips above the floor
HIPS_ON_FLOOR_M = 0.095  # on the reference body
LEAN_PER_FALL = math.radians(26.0)  # spine flexion half way down, for a fall of one leg length
TILT_PER_FALL = math.radians(38.0)  # pelvis tilt, likewise
FOOT_LIFT = 0.07  # leg lengths, when a foot finds another place


def sit(rng: np.random.Generator, who: Performer, keys: Keys, names: tuple[str, ...]) -> LowerBody:
    """Take the postures `names` at the times of `keys`; where and whereto the seat looks is drawn."""
    body, times = who.body, who.times
    heights = {
        "stand": standing_height(body),
        "seat": rng.uniform(*SEAT_M),
        "floor": HIPS_ON_FLOOR_M * body.scale,
    }
    postures = [POSTURES[name] for name in names]
    weights = keys.weights(times)
    facing, place = rng.uniform(-math.pi, math.pi), rng.uniform(-0.6, 0.6, 2)
    restless = sway(rng, times, 4)
    tall = weights @ np.array([heights[posture.height] for posture in postures])
    ahead = body.leg * (weights @ np.array([posture.pelvis_ahead for posture in postures]))
    heading = facing + 0.03 * restless[:, 0]
    x, y = place[0] + ahead * math.cos(facing), place[1] + ahead * math.sin(facing)
    fall = _fall(keys, times, np.array([heights[posture.height] for posture in postures])) / body.leg
    legs = _leg_table(rng, who, [(posture.leading, posture.other) for posture in postures])
    feet, knees, free = _feet(who, keys, weights, legs, place, facing)
    tilt, lean = np.radians(weights @ np.array([(posture.tilt, posture.lean) for posture in postures])).T
    return LowerBody(
        position=np.stack([x, y, tall], axis=-1),
        heading=heading,
        tilt=tilt + TILT_PER_FALL * fall + 0.02 * restless[:, 1],
        roll=0.02 * restless[:, 2],
        feet=feet,
        knees=knees,
        free=free,
        swing=np.zeros_like(free),
        twist=0.05 * restless[:, 3],
        lean=lean + LEAN_PER_FALL * fall + 0.03 * restless[:, 1],
        carried=True,
    )


def _fall(keys: Keys, times: Track, heights: Track) -> Track:
    """Return (F,) metres: how far the hips fall or rise in the move that is under way, at its middle."""
    starts, durations = keys.leave[:-1], keys.arrive[1:] - keys.leave[:-1]
    return np.asarray(bump((times[:, None] - starts) / durations) @ np.abs(np.diff(heights)))


def _leg_table(rng: np.random.Generator, who: Performer, legs: list[tuple[LegPose, LegPose]]) -> Track:
    """Return (K, 2, 9): the leg poses by side, as the fields of `LegPose` with angles in radians, varied."""
    table = np.empty((len(legs), 2, 9))
    for key, pair in enumerate(legs):
        for side, leg in zip(who.sides, pair, strict=True):
            angles = np.radians([leg.toe_out, leg.heel_up])
            table[key, side] = (leg.ahead, leg.outward, leg.lift, *angles, leg.free, *leg.knee)
    table[..., 0] *= 1.0 + 0.05 * rng.normal(size=table.shape[:2])
    table[..., 1] += 0.02 * rng.normal(size=table.shape[:2])
    table[..., 7] += 0.12 * rng.normal(size=table.shape[:2])
    return table


def _feet(
    who: Performer, keys: Keys, weights: Track, legs: Track, place: Track, facing: float
) -> tuple[Feet, Track, Track]:
    """Return the feet, the directions of the knees (F, 2, 3), and how free the feet are (F, 2)."""
    body, times = who.body, who.times
    table = np.einsum("fk,ksd->fsd", weights, legs)
    starts, durations = keys.leave[:-1], keys.arrive[1:] - keys.leave[:-1]
    moved = np.minimum(np.linalg.norm(np.diff(legs[..., :2], axis=0), axis=-1) / 0.2, 1.0)
    lifts = table[..., 2] + FOOT_LIFT * (bump((times[:, None] - starts) / durations) @ moved)
    ground = np.stack([table[..., 0], SIDE_SIGNS * table[..., 1], lifts], axis=-1) * body.leg
    turn = about_vertical(np.asarray(facing))
    yaws = facing + SIDE_SIGNS * table[..., 3]
    pitches = table[..., 4]
    ankles = ankles_above(body, ground @ turn.T + np.array([*place, 0.0]), yaws, pitches)
    knees = np.stack([table[..., 6], SIDE_SIGNS * table[..., 7], table[..., 8]], axis=-1) @ turn.T
    toes = 0.6 * np.maximum(pitches, 0.0)
    return Feet(ankles, yaws, pitches, toes, np.ones_like(yaws)), knees, table[..., 5]
