"""The embedded pose source: people who do what Human3.6M's actors do, made from a seed.

It stands in for motion capture where none may be downloaded: bones, manners and motions are invented,
within what is known of human bodies. A clip depends on the seed, its subject, action and take, and on
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ige.base.errors import InputError
from ige.params.poses import ProceduralSettings
from ige.poses.clips import Clip
from ige.poses.procedural.actions import ACTIONS, SCRIPTS
from ige.poses.procedural.body import draw_body, draw_manner, seeded
from ige.poses.procedural.lower import Performer
from ige.poses.procedural.performance import Performance, perform

LICENCE = "MIT"
RESOLUTION_M = 1e-5  # of positions: coarser than what rounding differs by between machines


def make_clips(settings: ProceduralSettings) -> Iterator[Clip]:
    """Yield the clips of all subjects, actions and takes, in this order of loops."""
    for subject in settings.subjects:
        for action in settings.actions:
            for take in range(1, settings.takes + 1):
                yield make_clip(settings.seed, subject, action, take, settings.seconds, settings.fps)


def make_clip(seed: int, subject: str, action: str, take: int, seconds: float, fps: float) -> Clip:
    """Make one performance: positions in metres, world, z up, floor at z = 0, within 2 m of the origin.

    Raises:
        InputError: if the action is none of `ACTIONS`.
    """
    motion = make_performance(seed, subject, action, take, seconds, fps)
    positions = np.round(motion.joints_world / RESOLUTION_M) * RESOLUTION_M
    return Clip(
        positions_world=positions.astype(np.float32),
        subject=subject,
        action=action,
        take=str(take),
        fps=fps,
        licence=LICENCE,
        origin="procedural",
    )


def make_performance(
    seed: int, subject: str, action: str, take: int, seconds: float, fps: float
) -> Performance:
    """Make one performance with its joint angles; of at least one frame.

    Raises:
        InputError: if the action is none of `ACTIONS`.
    """
    if action not in SCRIPTS:
        raise InputError("no such action", expected=", ".join(ACTIONS), found=action)
    rng = seeded(seed, subject, action, str(take))
    manner = draw_manner(seed, subject)
    leads_as_usual = rng.random() < 0.85
    who = Performer(
        body=draw_body(seed, subject),
        manner=manner,
        leading=0 if manner.right_handed == leads_as_usual else 1,
        times=np.arange(max(1, round(seconds * fps))) / fps,
        fps=fps,
    )
    scripts = SCRIPTS[action]
    return perform(rng, who, scripts[(take - 1) % len(scripts)])
