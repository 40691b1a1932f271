"""IGE-Net for voxels: a first guess of a grid, refined by unrolled steps down a learned energy.

After Jack et al., CVPR 2019 (poster, talk). Image features and what the energy makes of them alone are
computed once per image; the steps then pool the grid and convolve its averages. Encoder, first guess,
features, energy and step rule are trained together, through all steps.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ige.descent import Backward, Engine, StepRule, Trajectory, descend
from ige.params.shape_models import State
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.energy import PooledEnergy
from ige.shapes.voxels.pyramid import Pyramid
from ige.shapes.voxels.refinement import Refinement

# Probabilities that a descent leaves outside become logits of at most about 9.2.
_MARGIN = 1e-4


class VoxelIgeNet(nn.Module):
    """Images (B, 3, P, P), as `network_input` makes them, to every iterate of the descent.

    Args:
        deconv: encoder and first guess.
        pyramid: image features of each scale of the energy.
        energy: of grids in the form that `state` names.
        rule: how a gradient moves the grid.
        steps: how many are taken if a call does not say it: as many as in training.
        state: what descends. logits: the energy sees logits | squashed: logits, the energy sees their
            probabilities | probabilities: those themselves, unbounded on the way.
        backward: what is kept for the way back; the gradients are the same.
    """

    def __init__(
        self,
        deconv: Deconv,
        pyramid: Pyramid,
        energy: PooledEnergy,
        rule: StepRule,
        *,
        steps: int,
        state: State,
        backward: Backward,
    ) -> None:
        super().__init__()
        self.deconv = deconv
        self.pyramid = pyramid
        self.energy = energy
        self.rule = rule
        self.steps = steps
        self.state: State = state
        self.backward = backward

    @property
    def coordinates(self) -> str:
        """Return the axes of the grids: frustum or world."""
        return self.deconv.coordinates

    @property
    def resolution(self) -> int:
        """Return R."""
        return self.deconv.resolution

    def forward(self, images: Tensor, steps: int | None = None) -> Refinement:
        """Return logits (B, R, R, R), whatever the state, after 0, 1, .. `steps` steps, with the energies."""
        taps = self.deconv.backbone(images)
        guess = self.deconv.guess(taps)
        features = self.pyramid(taps, images)
        # Energies are sums of many small numbers: the descent stays in full precision.
        with torch.autocast(guess.device.type, enabled=False):
            return self.refine(guess, features, self.steps if steps is None else steps)

    def refine(self, guess: Tensor, features: tuple[Tensor, ...], steps: int) -> Refinement:
        """Descend from logits (B, R, R, R) with image features (B, C_i, s_i, s_i)."""
        bound = self.energy.bind(features)
        if self.state == "probabilities":
            path = self._descend(self.energy, guess.sigmoid(), bound, steps)
            after = tuple(torch.logit(y, _MARGIN) for y in path.iterates[1:])
        else:
            energy = _Squashed(self.energy) if self.state == "squashed" else self.energy
            path = self._descend(energy, guess, bound, steps)
            after = path.iterates[1:]
        # The last energy costs an evaluation more, which training does without.
        energies = path.step_energies if self.training else path.energies
        return Refinement((guess, *after), energies.detach())

    def _descend(self, energy: Any, y: Tensor, bound: Any, steps: int) -> Trajectory[Tensor]:
        engine: Engine = self.energy.engine
        return descend(energy, y, bound, steps=steps, rule=self.rule, backward=self.backward, engine=engine)


class _Squashed:
    """An energy of probabilities as one of logits."""

    def __init__(self, energy: Any) -> None:
        self._energy = energy

    def __call__(self, logits: Tensor, bound: Any) -> Tensor:
        values: Tensor = self._energy(logits.sigmoid(), bound)
        return values

    def value_and_grad(self, logits: Tensor, bound: Any) -> tuple[Tensor, Tensor]:
        """Return energies (B,) and gradients by the logits."""
        probabilities = logits.sigmoid()
        values, gradients = self._energy.value_and_grad(probabilities, bound)
        return values, gradients * (probabilities * (1 - probabilities))
