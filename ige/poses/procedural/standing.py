"""Standing: feet that stay, now and then a step to another place, weight that shifts from leg to leg."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ige.geometry.rotations import about_vertical
from ige.poses.procedural.feet import Feet, Footfalls, step
from ige.poses.procedural.limits import SIDE_SIGNS, Track
from ige.poses.procedural.lower import LowerBody, Performer, standing_height, within_reach
from ige.poses.procedural.tracks import Keys, smooth, sway

STEP_S, BETWEEN_STEPS_S = 0.55, 0.1
SHIFT_S = 0.22  # how gently the body follows its feet
HALF_AREA_M = 0.7
HIPS_BACK = 0.24  # of the leg's length, when the trunk bends by a right angle: balance


@dataclass(frozen=True, slots=True)
class Stance:
    """A way to stand.

    Attributes:
        every_s: mean time between changes of place.
        move_m: standard deviation of how far one goes.
        turn_degrees: standard deviation of how far one turns.
        shift: how far weight shifts, 1 for restless.
    """

    every_s: float
    move_m: float
    turn_degrees: float
    shift: float


def stand(rng: np.random.Generator, who: Performer, stance: Stance, crouch: Track, bend: Track) -> LowerBody:
    """Stand, crouch by `crouch` (F,) leg lengths, hips back where the trunk bends by `bend` (F,) radians."""
    body, times = who.body, who.times
    feet = step(body, _footfalls(rng, who, stance), times)
    restless = sway(rng, times, 3)
    load = feet.loads * (1.0 + SIDE_SIGNS * np.tanh(0.6 * stance.shift * restless[:, :1]) * 0.75)
    load /= load.sum(axis=1, keepdims=True)
    middle = np.sum(load[..., None] * feet.ankles, axis=1)[:, :2]
    heading = smooth(feet.yaws.mean(axis=1), SHIFT_S * who.fps) + 0.05 * restless[:, 1]
    ahead = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    back = HIPS_BACK * np.sin(np.clip(bend, 0.0, math.pi / 2.0)) - 0.25 * body.foot / body.leg + 0.25 * crouch
    middle = smooth(middle, SHIFT_S * who.fps) - body.leg * back[:, None] * ahead
    height = standing_height(body) - crouch * body.leg
    position = np.concatenate([middle, height[:, None]], axis=-1)
    uneven = smooth(load[:, 1] - load[:, 0], SHIFT_S * who.fps)
    zeros = np.zeros_like(feet.yaws)
    return LowerBody(
        position=within_reach(body, position, heading, feet.ankles, who.fps),
        heading=heading,
        tilt=np.zeros_like(heading),
        roll=-math.radians(5.0) * uneven,
        feet=feet,
        knees=_knees(feet, heading),
        free=zeros,
        swing=0.12 * np.stack([restless[:, 2], -restless[:, 2]], axis=-1),
        twist=math.radians(2.0) * restless[:, 2],
        lean=math.radians(2.0) * restless[:, 1],
        carried=False,
    )


def _knees(feet: Feet, heading: Track) -> Track:
    """Return whereto knees bend, (F, 2, 3): over the feet, a little to where the body looks."""
    return about_vertical(0.7 * feet.yaws + 0.3 * heading[:, None])[..., 0]


def _footfalls(rng: np.random.Generator, who: Performer, stance: Stance) -> tuple[Footfalls, Footfalls]:
    place, heading = rng.uniform(-0.5, 0.5, 2), rng.uniform(-math.pi, math.pi)
    now, end = rng.uniform(-0.5, 1.0) * stance.every_s, who.times[-1]
    stands = [_stand_at(rng, who, place, heading)]
    moves: list[tuple[float, int]] = []
    while now < end:
        turn = math.radians(stance.turn_degrees) * np.clip(rng.normal(), -1.6, 1.6)
        heading += np.clip(turn, -1.0, 1.0)
        place = np.clip(
            place + stance.move_m * np.clip(rng.normal(size=2), -1.3, 1.3), -HALF_AREA_M, HALF_AREA_M
        )
        stands.append(_stand_at(rng, who, place, heading))
        moves.append((now, 1 if turn > 0.0 else 0))
        now += 2.0 * STEP_S + BETWEEN_STEPS_S + rng.uniform(0.5, 1.5) * stance.every_s / who.manner.tempo
    sides = []
    for side in (0, 1):
        off = np.array([at + (side != first) * (STEP_S + BETWEEN_STEPS_S) for at, first in moves])
        arrive = np.concatenate([[-10.0], off + STEP_S])
        leave = np.concatenate([off, [end + 10.0]])
        sides.append(Footfalls(Keys(arrive, leave), np.stack([pair[side] for pair in stands])))
    return sides[0], sides[1]


def _stand_at(rng: np.random.Generator, who: Performer, place: Track, heading: float) -> Track:
    """Return x, y, direction of both feet, (2, 3), a little irregular."""
    apart = who.manner.stance * who.body.scale * rng.uniform(0.8, 1.4)
    stagger = 0.05 * rng.normal()
    offsets = np.stack([SIDE_SIGNS * stagger, SIDE_SIGNS * apart, np.zeros(2)], axis=-1)
    turned = offsets @ about_vertical(heading).T
    directions = heading + SIDE_SIGNS * (who.manner.toe_out + 0.08 * rng.normal(size=2))
    return np.stack([place[0] + turned[:, 0], place[1] + turned[:, 1], directions], axis=-1)
