"""Curves over time: how values move from key to key, sway, and settle.

A track has the frames on its first axis. Moves between keys follow the minimum-jerk curve that describes
human reaching (Flash and Hogan, "The coordination of arm movements", J. Neuroscience 5, 1985).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Track = NDArray[np.float64]

SWAY_WAVES = 4  # sine waves in a sway: enough that it does not look periodic
SWAY_HERTZ = (0.08, 0.7)  # slow drift to breathing and fidgeting


@dataclass(frozen=True, slots=True)
class Keys:
    """When each of K key poses is reached and left.

    Attributes:
        arrive: (K,) seconds; the first key holds from the beginning, so its arrival does not matter.
        leave: (K,) seconds, `arrive[k] <= leave[k] < arrive[k + 1]`; the last key holds to the end.
    """

    arrive: Track
    leave: Track

    def weights(self, times: Track) -> Track:
        """Return the share (F, K) of each key at each time; shares are >= 0 and sum to 1."""
        starts, durations = self.leave[:-1], self.arrive[1:] - self.leave[:-1]
        progress = minimum_jerk((times[:, None] - starts) / durations)
        ones, zeros = np.ones((len(times), 1)), np.zeros((len(times), 1))
        return np.hstack([ones, progress]) - np.hstack([progress, zeros])


def minimum_jerk(progress: Track) -> Track:
    """Ease from 0 to 1 with velocity and acceleration zero at both ends; constant outside [0, 1]."""
    u = np.clip(progress, 0.0, 1.0)
    return np.asarray(u**3 * (10.0 - 15.0 * u + 6.0 * u**2))


def bump(progress: Track) -> Track:
    """Rise from 0 to 1 at half of the way and fall back, twice smooth; zero outside [0, 1]."""
    u = np.clip(progress, 0.0, 1.0)
    return np.asarray(64.0 * (u * (1.0 - u)) ** 3)


def sway(rng: np.random.Generator, times: Track, columns: int) -> Track:
    """Return slow random curves (F, columns) of about unit variance: no body is ever still."""
    frequencies = rng.uniform(*SWAY_HERTZ, (SWAY_WAVES, columns))
    phases = rng.uniform(0.0, 2.0 * math.pi, (SWAY_WAVES, columns))
    waves = np.sin(2.0 * math.pi * times[:, None, None] * frequencies + phases)
    return np.asarray(waves.sum(axis=1) * math.sqrt(2.0 / SWAY_WAVES))


def smooth(values: Track, sigma_frames: float) -> Track:
    """Average over time (the first axis) with Gaussian weights; the ends are continued as they are.

    A weighted mean leaves no interval that its values were in, so limits stay kept.
    """
    radius = math.ceil(3.0 * sigma_frames)
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (offsets / max(sigma_frames, 1e-9)) ** 2)
    weights /= weights.sum()
    padded = np.concatenate([values[:1].repeat(radius, 0), values, values[-1:].repeat(radius, 0)])
    result = np.zeros_like(values)
    for shift, weight in enumerate(weights):
        result += weight * padded[shift : shift + len(values)]
    return result
