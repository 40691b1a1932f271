"""What makes a pose good: two learned energies over squared pairwise distances, after the poster.

| energy | sees | inputs |
| --- | --- | --- |
| feasibility E_y | the 3D pose alone | 120 squared distances over that of the hips |
| consistency E_x | its projection and the observation | 496 squared distances of 16 + 16 image points |

Each is dense, softplus, dense to a few outputs, softabs, sum; E = E_y + E_x. Feasibility does not change
when a pose is moved, turned or scaled. Consistency matches no joints: the two sets of 16 differ, and the
network sees all distances. `folding` holds the same first layers in the form that the closed gradient uses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.geometry.torch_cameras import project
from ige.poses.folding import (
    ACROSS,
    HIPS,
    OBSERVED_PAIRS,
    PAIRS,
    FoldedConsistency,
    FoldedFeasibility,
    View,
    fold_consistency,
    fold_feasibility,
    laplacians,
    squared,
    squared_distances,
)

# Standard deviation of a standard normal distribution cut off at two standard deviations.
_TRUNCATED_DEVIATION = 0.87962566103423978
# From here on softplus is the identity in double precision as well.
_SOFTPLUS_THRESHOLD = 40.0


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A view with the weights folded for it: all that does not change during a descent.

    Attributes:
        view: what is known of each sample beside its pose.
        terms: the first layers of the parts of the energy.
        kernel: (outputs of all parts, hidden units of all parts) their output layers as one.
        bias: (outputs of all parts,).
    """

    view: View
    terms: tuple[FoldedFeasibility | FoldedConsistency, ...]
    kernel: Tensor
    bias: Tensor


class PoseEnergy(nn.Module):
    """The sum of the energies that are switched on, with its gradient in closed form.

    For `ige.descent`: `descend(energy, y0, energy.bind(view), ...)` with any engine; poses (B, 16, 3) in
    the camera frame, one energy per pose. `activation` is `softplus`, or `relu` to see what that breaks.

    Raises:
        ValueError: if both energies are switched off.
    """

    def __init__(
        self,
        *,
        feasibility: bool,
        consistency: bool,
        hidden: int,
        outputs: int,
        activation: str,
        kernel_scale: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        if not (feasibility or consistency):
            raise ValueError("an energy without parts: switch on feasibility, consistency or both")
        self.activation = activation
        self.feasibility = Feasibility(hidden, outputs, activation) if feasibility else None
        self.consistency = Consistency(hidden, outputs, activation) if consistency else None
        for part in self._parts():
            for layer in (part.hidden, part.output):
                _truncated_normal(layer.weight, kernel_scale, generator)
                nn.init.zeros_(layer.bias)

    def _parts(self) -> list[Feasibility | Consistency]:
        return [part for part in (self.feasibility, self.consistency) if part is not None]

    def bind(self, view: View) -> Bound:
        """Fold the weights with what was observed; once per descent."""
        parts = self._parts()
        return Bound(
            view=view,
            terms=tuple(part.fold(view) for part in parts),
            kernel=torch.block_diag(*(part.output.weight for part in parts)),  # type: ignore[no-untyped-call]
            bias=torch.cat([part.output.bias for part in parts]),
        )

    def forward(self, poses: Tensor, bound: Bound) -> Tensor:
        """Return the energies (B,) of poses (B, 16, 3), computed as they are defined."""
        return torch.stack([part(poses, bound.view) for part in self._parts()]).sum(0)

    def value_and_grad(self, poses: Tensor, bound: Bound) -> tuple[Tensor, Tensor]:
        """Return the energies (B,) and their gradients (B, 16, 3), all parts computed as one network."""
        sums = [term.sums(poses) for term in bound.terms]
        hidden = torch.cat([each for each, _ in sums], 1)
        outputs = torch.addmm(bound.bias, _activate(hidden, self.activation), bound.kernel.T)
        # The slope of softabs is tanh(a / 2) / 2; the ways back leave out the 2 of the squares for that.
        slopes = (torch.tanh(outputs / 2) @ bound.kernel) * _slope(hidden, self.activation)
        by_term = torch.split(slopes, hidden.shape[1] // len(sums), 1)
        gradients = [pull(slope) for slope, (_, pull) in zip(by_term, sums, strict=True)]
        total = gradients[0] if len(gradients) == 1 else gradients[0] + gradients[1]
        return softabs(outputs).sum(1), total


class Feasibility(nn.Module):
    """E_y: how unlike a human body a pose is."""

    laplacians: Tensor

    def __init__(self, hidden: int, outputs: int, activation: str) -> None:
        super().__init__()
        self.activation = activation
        self.hidden = nn.Linear(PAIRS, hidden)
        self.output = nn.Linear(hidden, outputs)
        self.register_buffer("laplacians", laplacians(), persistent=False)

    def forward(self, poses: Tensor, view: View) -> Tensor:
        """Return the energies (B,) of poses (B, 16, 3); the view does not matter."""
        right, left = (poses[:, hip] for hip in HIPS)
        inputs = squared_distances(poses) / squared(right - left)[:, None]
        return _energy(inputs, self.hidden, self.output, self.activation)

    def fold(self, view: View) -> FoldedFeasibility:
        """Fold the first layer."""
        return fold_feasibility(self.hidden.weight, self.hidden.bias, self.laplacians)


class Consistency(nn.Module):
    """E_x: how little the projection of a pose and the observation belong together.

    Inputs of the first layer: 120 pairs of projected points, 256 of a projected with an observed one, 120
    of observed points.
    """

    laplacians: Tensor

    def __init__(self, hidden: int, outputs: int, activation: str) -> None:
        super().__init__()
        self.activation = activation
        self.hidden = nn.Linear(PAIRS + ACROSS + OBSERVED_PAIRS, hidden)
        self.output = nn.Linear(hidden, outputs)
        self.register_buffer("laplacians", laplacians(), persistent=False)

    def forward(self, poses: Tensor, view: View) -> Tensor:
        """Return the energies (B,) of poses (B, 16, 3) seen in these views."""
        projected = project(poses, view.distortion[:, :3], view.distortion[:, 3:])
        across = squared(projected[:, :, None] - view.observed[:, None]).flatten(1)
        inputs = torch.cat([squared_distances(projected), across, squared_distances(view.observed)], 1)
        return _energy(inputs, self.hidden, self.output, self.activation)

    def fold(self, view: View) -> FoldedConsistency:
        """Fold the first layer with the observation."""
        return fold_consistency(self.hidden.weight, self.hidden.bias, self.laplacians, view)


def softabs(a: Tensor) -> Tensor:
    """Return (softplus(a) + softplus(-a)) / 2: even, smooth, ln 2 at 0, nearly |a| / 2 + ln 2 / 2 far out."""
    return _softplus(a) - a / 2


def _energy(inputs: Tensor, hidden: nn.Linear, output: nn.Linear, activation: str) -> Tensor:
    return softabs(output(_activate(hidden(inputs), activation))).sum(1)


def _activate(a: Tensor, activation: str) -> Tensor:
    return torch.relu(a) if activation == "relu" else _softplus(a)


def _slope(a: Tensor, activation: str) -> Tensor:
    return (a > 0).to(a.dtype) if activation == "relu" else torch.sigmoid(a)


def _softplus(a: Tensor) -> Tensor:
    return functional.softplus(a, threshold=_SOFTPLUS_THRESHOLD)


def _truncated_normal(kernel: Tensor, scale: float, generator: torch.Generator) -> None:
    """Fill a kernel (outputs, inputs) so that its variance is `scale` over the mean of both sizes."""
    deviation = math.sqrt(scale / (sum(kernel.shape) / 2)) / _TRUNCATED_DEVIATION
    nn.init.trunc_normal_(kernel, std=deviation, a=-2 * deviation, b=2 * deviation, generator=generator)
