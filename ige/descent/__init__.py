"""Unrolled energy minimisation for PyTorch: a layer that takes learned steps down a learned energy.

Needs torch alone. Guide: docs/descent.md.
"""

from ige.descent.backward import Backward, Checkpointed, Detached, Truncated, Unrolled
from ige.descent.engines import Engine
from ige.descent.rules import (
    Adam,
    ClippedMomentum,
    GradientDescent,
    Memory,
    Momentum,
    Nesterov,
    PerTensor,
    StepRule,
)
from ige.descent.trajectory import Trajectory, iterate_weights, loss_over_iterates
from ige.descent.unroll import descend
from ige.descent.variables import ClosedFormEnergy, Energy

__all__ = [
    "Adam",
    "Backward",
    "Checkpointed",
    "ClippedMomentum",
    "ClosedFormEnergy",
    "Detached",
    "Energy",
    "Engine",
    "GradientDescent",
    "Memory",
    "Momentum",
    "Nesterov",
    "PerTensor",
    "StepRule",
    "Trajectory",
    "Truncated",
    "Unrolled",
    "descend",
    "iterate_weights",
    "loss_over_iterates",
]
