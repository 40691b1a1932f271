"""Clips and cameras that stand in for Human3.6M's: its 210 sequences by name, invented poses, few frames."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

import ige.poses.h36m
from ige.geometry.cameras import Camera, look_at
from ige.poses.clips import Clip
from ige.poses.h36m.names import CAMERAS, FPS, LICENCE, SUBJECTS
from ige.poses.procedural.source import make_clip

_SEQUENCES = Path(ige.poses.h36m.__file__).with_name("frames.csv")
_AZIMUTHS_DEGREES = (70.0, -71.0, 110.0, -116.0)
_DISTANCES_M = (5.2, 5.1, 5.4, 4.2)
_HEIGHTS_M = (1.56, 1.61, 1.49, 1.57)


def sequences() -> list[tuple[str, str, str]]:
    """Subject, action and take of all 210 sequences, as they are numbered in the real set."""
    with _SEQUENCES.open(newline="") as file:
        return [(row["subject"], row["action"], row["take"]) for row in csv.DictReader(file)]


@cache
def _made_clip(seed: int, subject: str, action: str, take: str, frames: int) -> Clip:
    # Takes called "0" come out unlike those called "1": the procedural source counts from one.
    made = make_clip(seed, subject, action, int(take) + 1, frames / FPS, FPS)
    return Clip(made.positions_world, subject, action, take, FPS, LICENCE, "procedural")


def made_clips(frames: int = 12, seed: int = 0, subjects: Sequence[str] = SUBJECTS) -> list[Clip]:
    """Make one clip of each sequence of these subjects, `frames` to `frames + 3` frames long, in order."""
    return [
        _made_clip(seed, subject, action, take, frames + number % 4)
        for number, (subject, action, take) in enumerate(sequences())
        if subject in subjects
    ]


def made_rigs(seed: int = 0) -> dict[str, tuple[Camera, ...]]:
    """Make four cameras for each subject: lenses are the same for all, places differ by centimetres."""
    rng = np.random.default_rng(seed)
    lenses = [
        {
            "focal": 1145.0 + rng.uniform(-3.0, 5.0, 2),
            "centre": 512.0 + rng.uniform(-4.0, 7.0, 2),
            "radial": np.array([-0.2, 0.24, -0.003]) + rng.uniform(-0.01, 0.01, 3),
            "tangential": rng.uniform(-0.002, 0.002, 2),
        }
        for _ in CAMERAS
    ]
    return {
        subject: tuple(
            Camera(name=name, extrinsics=_placed(number, rng), **lenses[number])
            for number, name in enumerate(CAMERAS)
        )
        for subject in SUBJECTS
    }


def _placed(number: int, rng: np.random.Generator) -> np.ndarray:
    azimuth = np.radians(_AZIMUTHS_DEGREES[number])
    flat = _DISTANCES_M[number] * np.array([np.cos(azimuth), np.sin(azimuth)])
    eye = np.array([*flat, _HEIGHTS_M[number]]) + rng.uniform(-0.05, 0.05, 3)
    return look_at(eye, np.array([0.0, 0.0, 0.9]) + rng.uniform(-0.03, 0.03, 3))
