"""Joint angles and how far human joints go.

Ranges are the normal ones of the American Academy of Orthopaedic Surgeons: "Joint Motion: Method of
Measuring and Recording" (1965), Greene and Heckman, "The Clinical Measurement of Joint Motion" (1994).
Where the skeleton has two joints for one measured range (the spine, the neck), each has half of it. The
toe's is that of the great toe's base. The collar bone's range is that of Inman, Saunders and Abbott,
"Observations on the function of the shoulder joint" (1944), kept to what the shoulder needs here.

Angles are zero when a body stands straight with hanging arms, palms to the thighs. Signs are anatomical, so
left and right read the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Track = NDArray[np.float64]

SEGMENTS = ("lumbar", "thorax", "neck", "head")
TRUNK_AXES = ("flexion", "left bend", "left twist")
SIDES = ("right", "left")
SIDE_SIGNS = np.array([-1.0, 1.0])  # y points to the left

# degrees: (lowest, highest)
SPINE_HALF = ((-15.0, 40.0), (-17.5, 17.5), (-22.5, 22.5))  # extension 30, flexion 80; bend 35; twist 45
NECK_HALF = ((-22.5, 22.5), (-22.5, 22.5), (-30.0, 30.0))  # flexion and extension 45; bend 45; twist 60
LEG_LIMITS = {
    "hip flexion": (-30.0, 120.0),
    "hip abduction": (-30.0, 45.0),
    "hip external rotation": (-45.0, 45.0),
    "knee flexion": (0.0, 135.0),
    "ankle dorsiflexion": (-50.0, 20.0),
    "ankle eversion": (-35.0, 15.0),
    "foot external rotation": (-20.0, 20.0),
    "toe extension": (-45.0, 70.0),
}
ARM_LIMITS = {
    "collar elevation": (0.0, 30.0),
    "collar protraction": (-15.0, 15.0),
    "shoulder flexion": (-60.0, 180.0),
    "shoulder abduction": (-45.0, 180.0),  # negative: across the body, 45 beyond straight ahead
    "shoulder external rotation": (-70.0, 90.0),
    "elbow flexion": (0.0, 150.0),
    "forearm pronation": (-80.0, 80.0),
    "wrist flexion": (-70.0, 80.0),
}
LEG_DOFS = tuple(LEG_LIMITS)
ARM_DOFS = tuple(ARM_LIMITS)

TRUNK_BOUNDS = np.radians([SPINE_HALF, SPINE_HALF, NECK_HALF, NECK_HALF])  # (4, 3, 2)
LEG_BOUNDS = np.radians(list(LEG_LIMITS.values()))  # (8, 2)
ARM_BOUNDS = np.radians(list(ARM_LIMITS.values()))  # (8, 2)


@dataclass(frozen=True, slots=True)
class Angles:
    """Joint angles over F frames, radians.

    Attributes:
        trunk: (F, 4, 3) by `SEGMENTS` and `TRUNK_AXES`.
        legs: (F, 2, 8) by `SIDES` and `LEG_DOFS`.
        arms: (F, 2, 8) by `SIDES` and `ARM_DOFS`.
    """

    trunk: Track
    legs: Track
    arms: Track


def clamp(values: Track, bounds: Track) -> Track:
    """Keep angles (..., D) or (..., S, D) within bounds of the same last axes and one more of 2."""
    return np.clip(values, bounds[..., 0], bounds[..., 1])


def within_limits(angles: Angles, tolerance: float) -> bool:
    """Say whether every angle of every frame is inside its limits, up to `tolerance` radians."""
    pairs = ((angles.trunk, TRUNK_BOUNDS), (angles.legs, LEG_BOUNDS), (angles.arms, ARM_BOUNDS))
    return all(bool(np.all(np.abs(values - clamp(values, bounds)) <= tolerance)) for values, bounds in pairs)
