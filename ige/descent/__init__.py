"""Unrolled energy minimisation for PyTorch: a layer that takes learned steps down a learned energy.

Needs torch alone. Guide: docs/descent.md.
"""

from ige.descent.backward import Backward, Checkpointed, Detached, Truncated, Unrolled
from ige.descent.check import EnergyReport, EnergyWarning, Finding, check_energy
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
from ige.descent.starts import Selection, descend_from_starts, repeat_samples, select_by_energy
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
    "EnergyReport",
    "EnergyWarning",
    "Engine",
    "Finding",
    "GradientDescent",
    "Memory",
    "Momentum",
    "Nesterov",
    "PerTensor",
    "Selection",
    "StepRule",
    "Trajectory",
    "Truncated",
    "Unrolled",
    "check_energy",
    "descend",
    "descend_from_starts",
    "iterate_weights",
    "loss_over_iterates",
    "repeat_samples",
    "select_by_energy",
]
