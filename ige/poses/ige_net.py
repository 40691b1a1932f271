"""IGE-Net for poses: a small lifter whose guess is refined by unrolled steps down a learned energy.

After Jack et al., CVPR 2019 (poster and released code). Lifter, energy and step rule are trained together,
through all steps.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ige.descent import ClippedMomentum, Engine, Trajectory, descend
from ige.poses.energies import PoseEnergy
from ige.poses.folding import View
from ige.poses.lifters import Lifter


class IgeNet(nn.Module):
    """Observed joints and distortion to every iterate of the descent, the lifter's guess first.

    Attributes:
        steps: how many are taken if a call does not say it: as many as in training.
        engine: how the inner gradient is computed (`ige.descent.engines`); all engines agree.
    """

    def __init__(
        self,
        lifter: Lifter,
        energy: PoseEnergy,
        rule: ClippedMomentum,
        *,
        steps: int,
        engine: Engine = "closed",
    ) -> None:
        super().__init__()
        self.lifter = lifter
        self.energy = energy
        self.rule = rule
        self.steps = steps
        self.engine: Engine = engine

    def forward(self, observed: Tensor, distortion: Tensor, steps: int | None = None) -> Trajectory[Tensor]:
        """Lift observed joints.

        Args:
            observed: (B, 16, 2) normalised, distorted, in the order of `MPII_16`.
            distortion: (B, 5) k1 k2 k3 p1 p2 of the camera of each sample.
            steps: how many to take; None for `self.steps`.

        Returns:
            The iterates, each (B, 16, 3) in the camera frame, free in scale, in the order of `H36M_16`.
        """
        guess = self.lifter.guess(observed)
        # Distances are differences of large numbers: the descent stays in full precision.
        with torch.autocast(guess.device.type, enabled=False):
            return descend(
                self.energy,
                guess,
                self.energy.bind(View(observed, distortion)),
                steps=self.steps if steps is None else steps,
                rule=self.rule,
                engine=self.engine,
            )
