"""The first layers of the pose energies without a single distance: for the innermost loop.

A weighted sum of squared distances between points is `sum(L * G)`, with L the graph Laplacian of the
weights and G the Gram matrix of the points; its gradient by the points is `2 L @ points`. So the weights of
all hidden units are folded into Laplacians once per descent, and a step costs small matrix products on (B,
16, 16) instead of hundreds of differences per pose and their squares. What only the observation decides is
summed once.

Each folded layer has a method `sums(poses)`. It returns what enters the hidden units, (B, H), and the way
back: a function that turns half the derivative by those sums into the derivative by the poses, (B, 16, 3).
Both consist of differentiable operations. Points stand coordinates first, (B, 2, 16): batches of so small
matrix products are several times as quick with the short side in front.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ige.geometry.skeletons import H36M_16, MPII_16
from ige.poses.projection import Lens, Pull

JOINTS, OBSERVED = len(H36M_16.names), len(MPII_16.names)
PAIRS = JOINTS * (JOINTS - 1) // 2
OBSERVED_PAIRS = OBSERVED * (OBSERVED - 1) // 2
ACROSS = JOINTS * OBSERVED
HIPS = (H36M_16.names.index("RHip"), H36M_16.names.index("LHip"))

_FIRST, _SECOND = torch.triu_indices(JOINTS, JOINTS, 1)
_HIP_PAIR = list(zip(_FIRST.tolist(), _SECOND.tolist(), strict=True)).index((min(HIPS), max(HIPS)))


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is known of each sample beside its pose.

    Attributes:
        observed: (B, 16, 2) normalised, distorted points, in the order of `MPII_16`.
        distortion: (B, 5) k1 k2 k3 p1 p2.
    """

    observed: Tensor
    distortion: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class FoldedFeasibility:
    """Distances of the joints over that of the hips; the latter is one more row of the Laplacians."""

    laplacians: Tensor  # (H + 1, 16 * 16)
    bias: Tensor  # (H,)

    def sums(self, poses: Tensor) -> tuple[Tensor, Pull]:
        """Return the inputs of the hidden units and the way back."""
        # A common shift cancels exactly, but its rounding does not.
        centred = poses - poses.mean(1, keepdim=True)
        both = (centred @ centred.mT).flatten(1) @ self.laplacians.T
        weighted, hips = torch.split(both, [both.shape[1] - 1, 1], 1)
        inverse = hips.reciprocal()
        ratios = weighted * inverse

        def pull(slopes: Tensor) -> Tensor:
            by_weighted = slopes * inverse
            by_hips = -(by_weighted * ratios).sum(1, keepdim=True)
            by_gram = torch.cat([by_weighted, by_hips], 1) @ self.laplacians
            return (centred.mT @ by_gram.view(-1, JOINTS, JOINTS)).mT

        return ratios + self.bias, pull


def fold_feasibility(kernel: Tensor, bias: Tensor, laplacians_of_pairs: Tensor) -> FoldedFeasibility:
    """Fold a kernel (H, 120) over the pairs of joints."""
    rows = torch.cat([kernel @ laplacians_of_pairs, laplacians_of_pairs[_HIP_PAIR, None]])
    return FoldedFeasibility(rows, bias)


@dataclass(frozen=True, slots=True, eq=False)
class FoldedConsistency:
    """Distances among projected points and from them to observed ones; the other ones are constant."""

    laplacians: Tensor  # (H, 16 * 32)
    constant: Tensor  # (B, H)
    observed: Tensor  # (B, 2, 16)
    observed_twice: Tensor  # (B, 2, 16)
    lens: Lens

    def sums(self, poses: Tensor) -> tuple[Tensor, Pull]:
        """Return the inputs of the hidden units and the way back."""
        points, pull_points = self.lens.project(poses)
        gram = points.mT @ torch.cat([points, self.observed_twice], 2)

        def pull(slopes: Tensor) -> Tensor:
            by_gram = (slopes @ self.laplacians).view(-1, JOINTS, JOINTS + OBSERVED)
            return pull_points(torch.cat([points, self.observed], 2) @ by_gram.mT)

        return torch.addmm(self.constant, gram.flatten(1), self.laplacians.T), pull


def fold_consistency(
    kernel: Tensor, bias: Tensor, laplacians_of_pairs: Tensor, view: View
) -> FoldedConsistency:
    """Fold a kernel (H, 120 + 256 + 120) over pairs of projected points, across, and of observed points."""
    among, across, constant = torch.split(kernel, [PAIRS, ACROSS, OBSERVED_PAIRS], 1)
    across = across.view(-1, JOINTS, OBSERVED)
    # |p - o|^2 = |p|^2 - 2 p.o + |o|^2: a diagonal, a block beside it, and a constant.
    square = (among @ laplacians_of_pairs).view(-1, JOINTS, JOINTS) + across.sum(2).diag_embed()
    observed = view.observed
    of_observed = torch.addmm(bias, squared_distances(observed), constant.T)
    return FoldedConsistency(
        laplacians=torch.cat([square, -across], 2).flatten(1),
        constant=torch.addmm(of_observed, squared(observed), across.sum(1).T),
        observed=observed.mT.contiguous(),
        observed_twice=2 * observed.mT.contiguous(),
        lens=Lens(view.distortion, JOINTS),
    )


def laplacians() -> Tensor:
    """Return the graph Laplacian of each pair of 16 points, flattened: (120, 256)."""
    ends = torch.zeros(PAIRS, JOINTS)
    ends[torch.arange(PAIRS), _FIRST] = 1.0
    ends[torch.arange(PAIRS), _SECOND] = -1.0
    return (ends[:, :, None] * ends[:, None]).flatten(1)


def squared(vectors: Tensor) -> Tensor:
    """Return the squared lengths (...) of vectors (..., D)."""
    return (vectors * vectors).sum(-1)


def squared_distances(points: Tensor) -> Tensor:
    """Return the squared distances (B, 120) between all pairs of points (B, 16, D)."""
    return squared(
        points.index_select(1, _FIRST.to(points.device)) - points.index_select(1, _SECOND.to(points.device))
    )
