"""Feet on the floor: where they stand, when they step, how they roll.

Footfalls come first and the body follows, so that a standing foot stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ige.geometry.rotations import about_vertical
from ige.poses.procedural.body import Body
from ige.poses.procedural.kinematics import about_left, ball_offset, rotate
from ige.poses.procedural.limits import Track
from ige.poses.procedural.tracks import Keys, bump, minimum_jerk

FULL_STRIDE_M = 1.2  # of one foot; from here on feet roll fully
HEEL_RISE = np.radians(52.0)  # when the toes leave the floor
TOE_RISE = np.radians(17.0)  # when the heel comes down
CLEARANCE_M = 0.045
LEAST_CLEARANCE = 0.5  # share of the clearance that even the smallest step needs
ROLL_S = 0.3  # how long before the step the heel rises, where the foot stands long enough
STANCE_ROLL = 0.38  # otherwise this share of the time it stands
TOES_STAY = 0.85  # share of the heel's rise that the toes do not follow


@dataclass(frozen=True, slots=True)
class Footfalls:
    """Where one foot stands: N places.

    Attributes:
        keys: when it stands on each.
        places: (N, 3): x, y below the ankle in metres, world, and the direction of the foot in radians.
    """

    keys: Keys
    places: Track


@dataclass(frozen=True, slots=True)
class Feet:
    """Both feet over F frames, right first, world.

    Attributes:
        ankles: (F, 2, 3) metres.
        yaws: (F, 2) radians, whereto the feet point.
        pitches: (F, 2) radians, positive with the heel up.
        toes: (F, 2) radians, extension of the toes.
        loads: (F, 2) between 0 (in the air) and 1 (standing).
    """

    ankles: Track
    yaws: Track
    pitches: Track
    toes: Track
    loads: Track


def step(body: Body, footfalls: tuple[Footfalls, Footfalls], times: Track) -> Feet:
    """Return the feet (right, left) at the given times (F,)."""
    tracks = [_one_foot(falls, times) for falls in footfalls]
    places, pitches, lifts, loads = (np.stack(track, axis=1) for track in zip(*tracks, strict=True))
    yaws = places[..., 2]
    ground = np.concatenate([places[..., :2], lifts[..., None]], axis=-1)
    return Feet(
        ankles=ankles_above(body, ground, yaws, pitches),
        yaws=yaws,
        pitches=pitches,
        toes=TOES_STAY * np.maximum(pitches, 0.0),
        loads=loads,
    )


def ankles_above(body: Body, ground: Track, yaws: Track, pitches: Track) -> Track:
    """Return ankles (..., 3) of feet that roll over the ball (heel up) or the heel (toes up).

    Args:
        body: the bone lengths.
        ground: (..., 3) the point below the ankle when the sole is flat.
        yaws: (...,) radians.
        pitches: (...,) radians, positive with the heel up.
    """
    heel = np.array([-body.heel, 0.0, -body.ankle_height])
    pivots = np.where(pitches[..., None] > 0.0, ball_offset(body), heel)
    rolled = pivots - rotate(about_left(pitches), pivots)
    flat = ground + np.array([0.0, 0.0, body.ankle_height])
    return np.asarray(flat + rotate(about_vertical(yaws), rolled))


def foot_rotations(yaws: Track, pitches: Track) -> Track:
    """Return rotations (..., 3, 3), world, of feet that point along `yaws`, heels up by `pitches`."""
    return about_vertical(yaws) @ about_left(pitches)


def _one_foot(falls: Footfalls, times: Track) -> tuple[Track, Track, Track, Track]:
    """Return places (F, 3), pitches (F,), lifts (F,) and loads (F,)."""
    keys, places = falls.keys, falls.places
    lengths = np.linalg.norm(np.diff(places[:, :2], axis=0), axis=1)
    vigour = np.clip(lengths / FULL_STRIDE_M, 0.0, 1.0)
    stands = keys.leave - keys.arrive
    before = np.minimum(ROLL_S, STANCE_ROLL * stands[:-1])
    after = np.minimum(ROLL_S, STANCE_ROLL * stands[1:]) * 0.5
    off, on = keys.leave[:-1], keys.arrive[1:]
    swing = on - off
    now = times[:, None]
    rise = minimum_jerk((now - off + before) / before) * (1.0 - minimum_jerk((now - off) / (0.65 * swing)))
    tip = minimum_jerk((now - on + 0.6 * swing) / (0.5 * swing)) * (1.0 - minimum_jerk((now - on) / after))
    pitches = (vigour * (HEEL_RISE * rise - TOE_RISE * tip)).sum(axis=1)
    in_air = bump((now - off) / swing)
    lifts = (CLEARANCE_M * np.maximum(vigour, LEAST_CLEARANCE) * in_air).sum(axis=1)
    loads = 1.0 - np.clip(in_air.sum(axis=1), 0.0, 1.0)
    return keys.weights(times) @ places, pitches, lifts, loads
