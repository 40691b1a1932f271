"""Walking along curved paths: footfalls from the path, the body above them in the phases of gait.

Stance takes 62 percent of the gait cycle, pelvis and arms move as in Perry and Burnfield, "Gait Analysis"
(2010): the pelvis is highest over the standing foot and lowest with both feet down, turns forward with the
leg that swings, drops a little on its side; thorax and arms turn against it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ige.geometry.rotations import about_vertical
from ige.poses.procedural.feet import Footfalls, step
from ige.poses.procedural.limits import Track
from ige.poses.procedural.lower import LowerBody, Performer, standing_height, within_reach
from ige.poses.procedural.tracks import Keys, sway

STEP_PER_LEG = 0.72  # length of a step at speed 1 m/s, in leg lengths
STANCE_AHEAD, STANCE_BEHIND = (
    0.58,
    0.66,
)  # steps: how far ahead of the body a foot comes down, behind it leaves
SWAY_M, DIP_M, BOB_M = 0.022, 0.02, 0.016  # of the pelvis: aside, below standing, up and down
PELVIS_TURN, PELVIS_DROP, THORAX_TURN = np.radians([5.0, 3.5, 9.0])  # with a step of full vigour
PELVIS_TILT, LEAN = np.radians([3.0, 2.0])
FULL_STEP_M = 0.65  # from here on the body moves with full vigour
CLOCK_S = 0.02  # resolution of the way that is planned
MARGIN_S = 4.0  # footfalls are planned so long before and after the clip
PATH_POINTS = 720
HALF_AREA_M = 1.15


@dataclass(frozen=True, slots=True)
class Gait:
    """A way to walk.

    Attributes:
        speed: m/s on the reference body, for a manner of tempo 1.
        spread: how much speed changes on the way, as a share.
        eight: walk in figures of eight instead of loops.
    """

    speed: float
    spread: float
    eight: bool


def walk(rng: np.random.Generator, who: Performer, gait: Gait) -> LowerBody:
    """Walk along a closed path inside an area of about 3 x 3 m, beginning anywhere on it."""
    body, times = who.body, who.times
    path = _Path(rng, gait.eight)
    clock = np.arange(-MARGIN_S, times[-1] + MARGIN_S, CLOCK_S)
    speed = gait.speed * who.manner.tempo * math.sqrt(body.scale)
    speeds = speed * (1.0 + gait.spread * np.tanh(sway(rng, clock, 1)[:, 0]))
    travelled = np.cumsum(speeds) * CLOCK_S
    length = STEP_PER_LEG * body.leg * speed**0.45
    here = np.interp(times, clock, travelled)
    feet = step(body, _footfalls(who, path, clock, travelled, length), times)
    phase = math.pi * here / length
    right_ahead = np.cos(phase + STANCE_AHEAD * math.pi)
    x, y, heading = path.at(here)
    aside = -SWAY_M * body.scale * np.cos(phase)
    height = standing_height(body) - (DIP_M - BOB_M * np.cos(2.0 * phase)) * body.scale
    vigour = who.manner.amplitude * min(1.0, length / FULL_STEP_M)
    position = np.stack([x - aside * np.sin(heading), y + aside * np.cos(heading), height], axis=-1)
    zeros = np.zeros_like(heading)
    return LowerBody(
        position=within_reach(body, position, heading, feet.ankles, who.fps),
        heading=heading + vigour * PELVIS_TURN * right_ahead,
        tilt=zeros + PELVIS_TILT,
        roll=vigour * PELVIS_DROP * np.cos(phase),
        feet=feet,
        knees=about_vertical(feet.yaws)[..., 0],
        free=np.zeros_like(feet.yaws),
        swing=vigour * np.stack([-right_ahead, right_ahead], axis=-1),
        twist=-vigour * THORAX_TURN * right_ahead,
        lean=zeros + LEAN,
        carried=False,
    )


class _Path:
    """A closed curve on the floor by the distance travelled on it."""

    def __init__(self, rng: np.random.Generator, eight: bool) -> None:
        angle = np.linspace(0.0, 2.0 * math.pi, PATH_POINTS + 1)
        long, short = rng.uniform(1.0, 1.2), rng.uniform(0.75, 1.0)
        if eight:
            x, y = long * np.sin(angle), 0.6 * long * np.sin(2.0 * angle)
        else:
            dent = rng.uniform(-0.12, 0.12, 2)
            x = long * np.cos(angle) + dent[0] * np.cos(2.0 * angle)
            y = short * np.sin(angle) + dent[1] * np.sin(2.0 * angle)
        turned = about_vertical(rng.uniform(0.0, 2.0 * math.pi))[:2, :2]
        clockwise = -1.0 if rng.random() < 0.5 else 1.0
        points = np.stack([x - x.mean(), clockwise * (y - y.mean())], axis=-1) @ turned.T
        points *= min(1.0, HALF_AREA_M / np.abs(points).max())
        steps = np.diff(points, axis=0)
        self._distance = np.concatenate([[0.0], np.cumsum(np.linalg.norm(steps, axis=1))])
        self._points = points
        headings = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        self._middles = 0.5 * (self._distance[1:] + self._distance[:-1])
        self._headings = headings
        self._turn = 2.0 * math.pi * round((headings[-1] - headings[0]) / (2.0 * math.pi))
        self._start = rng.uniform(0.0, self._distance[-1])

    def at(self, travelled: Track) -> tuple[Track, Track, Track]:
        """Return x, y (metres) and the heading (radians, continuous) after these distances, each (F,)."""
        total = self._distance[-1]
        rounds, place = np.divmod(travelled + self._start, total)
        x = np.interp(place, self._distance, self._points[:, 0])
        y = np.interp(place, self._distance, self._points[:, 1])
        middles = np.concatenate([self._middles[-1:] - total, self._middles, self._middles[:1] + total])
        ends = (self._headings[-1:] - self._turn, self._headings, self._headings[:1] + self._turn)
        heading = np.interp(place, middles, np.concatenate(ends)) + rounds * self._turn
        return np.asarray(x), np.asarray(y), np.asarray(heading)


def _footfalls(
    who: Performer, path: _Path, clock: Track, travelled: Track, length: float
) -> tuple[Footfalls, Footfalls]:
    first, last = math.ceil(travelled[0] / length) + 1, math.floor(travelled[-1] / length) - 1
    sides = []
    for side, sign in ((0, -1.0), (1, 1.0)):
        numbers = np.array([n for n in range(first, last + 1) if n % 2 == side])
        x, y, heading = path.at(numbers * length)
        aside = sign * 0.75 * who.manner.stance * who.body.scale
        places = np.stack([x - aside * np.sin(heading), y + aside * np.cos(heading), heading], axis=-1)
        places[:, 2] += sign * who.manner.toe_out * 0.7
        arrive = np.interp((numbers - STANCE_AHEAD) * length, travelled, clock)
        leave = np.interp((numbers + STANCE_BEHIND) * length, travelled, clock)
        sides.append(Footfalls(Keys(arrive, leave), places))
    return sides[0], sides[1]
