from __future__ import annotations

import torch
from torch import Tensor

from ige.poses.folding import (
    HIPS,
    View,
    fold_consistency,
    fold_feasibility,
    laplacians,
    squared_distances,
)
from ige.poses.projection import Lens


def test_laplacians_give_squared_distances(poses: Tensor) -> None:
    gram = (poses @ poses.mT).flatten(1)
    torch.testing.assert_close(
        gram @ laplacians().double().T, squared_distances(poses), rtol=1e-10, atol=1e-10
    )


def test_every_pair_of_points_has_one_distance(poses: Tensor) -> None:
    expected = torch.cdist(poses, poses)[:, *torch.triu_indices(16, 16, 1)].square()
    torch.testing.assert_close(squared_distances(poses), expected)


def test_folded_feasibility_is_the_layer_on_ratios(poses: Tensor, generator: torch.Generator) -> None:
    kernel = torch.randn(5, 120, generator=generator, dtype=torch.float64)
    bias = torch.randn(5, generator=generator, dtype=torch.float64)
    found, _ = fold_feasibility(kernel, bias, laplacians().double()).sums(poses)
    hips = (poses[:, HIPS[0]] - poses[:, HIPS[1]]).square().sum(-1, keepdim=True)
    expected = squared_distances(poses) / hips @ kernel.T + bias
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-10)


def test_folded_consistency_is_the_layer_on_distances(
    poses: Tensor, view: View, generator: torch.Generator
) -> None:
    kernel = torch.randn(5, 496, generator=generator, dtype=torch.float64)
    bias = torch.randn(5, generator=generator, dtype=torch.float64)
    found, _ = fold_consistency(kernel, bias, laplacians().double(), view).sums(poses)
    points = Lens(view.distortion, 16).project(poses)[0].mT
    across = torch.cdist(points, view.observed).square().flatten(1)
    distances = torch.cat([squared_distances(points), across, squared_distances(view.observed)], 1)
    torch.testing.assert_close(found, distances @ kernel.T + bias, rtol=1e-12, atol=1e-12)


def test_single_precision_keeps_distances_of_people_far_away(generator: torch.Generator) -> None:
    near = 0.3 * torch.randn(8, 16, 3, generator=generator, dtype=torch.float64)
    far = near + torch.tensor([1.0, -0.5, 12.0], dtype=torch.float64)
    kernel = torch.randn(5, 120, generator=generator, dtype=torch.float64)
    exact, _ = fold_feasibility(kernel, kernel.new_zeros(5), laplacians().double()).sums(near)
    found, _ = fold_feasibility(kernel.float(), torch.zeros(5), laplacians()).sums(far.float())
    assert float((found - exact).abs().max() / exact.abs().max()) < 1e-5
