from __future__ import annotations

import torch

from ige.shapes.voxels.thresholds import CANDIDATES, best_threshold, ious_by_threshold


def test_candidates_are_those_of_a_grid() -> None:
    assert CANDIDATES[:3] == (0.05, 0.1, 0.15)
    assert CANDIDATES[-1] == 0.95
    assert len(CANDIDATES) == 19


def test_ious_are_those_of_cells_above_each_threshold() -> None:
    generator = torch.Generator().manual_seed(0)
    # Of few values, so that many lie on a threshold: those are not filled.
    probability = torch.randint(0, 21, (5, 6, 6, 6), generator=generator) / 20
    truth = (torch.rand(5, 6, 6, 6, generator=generator) < probability).float()
    found = ious_by_threshold(probability, truth, CANDIDATES)
    assert found.shape == (19, 5)
    for threshold, row in zip(CANDIDATES, found, strict=True):
        filled, true = (probability > threshold).flatten(1), truth.flatten(1) > 0
        expected = (filled & true).sum(1) / (filled | true).sum(1)
        torch.testing.assert_close(row, expected)


def test_two_empty_grids_agree_wholly() -> None:
    nothing = torch.zeros(1, 2, 2, 2)
    assert ious_by_threshold(nothing, nothing, (0.5,)).tolist() == [[1.0]]
    assert ious_by_threshold(nothing, nothing + 1, (0.5,)).tolist() == [[0.0]]
    assert ious_by_threshold(nothing + 1, nothing, (0.5,)).tolist() == [[0.0]]


def test_the_best_mean_decides_and_of_equals_the_one_nearest_to_a_half() -> None:
    thresholds = (0.2, 0.4, 0.5, 0.7)
    assert best_threshold(torch.tensor([[0.3, 0.9], [0.5, 0.5], [0.2, 0.2], [0.1, 0.1]]), thresholds) == 0
    assert best_threshold(torch.tensor([[0.6], [0.6], [0.1], [0.6]]), thresholds) == 1
    assert best_threshold(torch.ones(4, 3), thresholds) == 2
    nearly = torch.tensor([[0.6, 0.3], [0.5, 0.3], [0.3, 0.6 - 1e-12], [0.0, 0.0]], dtype=torch.float64)
    assert best_threshold(nearly, thresholds) == 2
