from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ige.base.errors import InputError
from ige.grids.bits import pack
from ige.shapes.voxels import baselines
from ige.shapes.voxels import query as module
from ige.shapes.voxels.baselines import Ceiling, MeanShape, VisualHull
from ige.shapes.voxels.query import Query


class Grids:
    """Views of random grids without images."""

    def __init__(self, count: int, resolution: int) -> None:
        self.resolution = resolution
        self.grids = np.random.default_rng(0).random((count, *(resolution,) * 3)) < 0.4
        self.bits = torch.from_numpy(np.stack([pack(grid) for grid in self.grids]))

    def __len__(self) -> int:
        return len(self.grids)

    def __getitem__(self, index: list[int], /) -> dict[str, Tensor]:
        return {
            "image": torch.zeros(len(index), 4, 2, 2, dtype=torch.uint8),
            "bits": self.bits[index],
            "category": torch.zeros(len(index), dtype=torch.int64),
        }


def seen(alpha: Tensor, resolution: int) -> Query:
    """Query with images (B, P, P) of alpha alone."""
    count = len(alpha)
    rgba = torch.cat([torch.zeros(count, 3, *alpha.shape[1:], dtype=torch.uint8), alpha[:, None]], 1)
    bits = torch.zeros(count, resolution, resolution, -(-resolution // 8), dtype=torch.uint8)
    return Query(rgba, bits, torch.zeros(count, dtype=torch.int64))


@pytest.mark.parametrize("resolution", [8, 12])
def test_mean_shape_is_the_share_of_grids_that_fill_a_cell(
    resolution: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CELLS", 4 * resolution**3)
    views, model = Grids(10, resolution), MeanShape(resolution)
    model.fill(views)
    found = model(Query.of(views[[0, 1, 2]]))
    assert (found.shape, found.dtype) == ((3, *(resolution,) * 3), torch.float32)
    expected = np.broadcast_to(views.grids.mean(0).astype(np.float32), found.shape)
    np.testing.assert_array_equal(found.numpy(), expected)


def test_many_grids_are_summed_up_without_overflow() -> None:
    views = Grids(600, 8)
    views.grids[:, 0] = True
    views.bits = torch.from_numpy(np.stack([pack(grid) for grid in views.grids]))
    model = MeanShape(8)
    model.fill(views)
    np.testing.assert_array_equal(model.mean.numpy(), views.grids.mean(0).astype(np.float32))
    assert bool((model.mean[0] == 1).all())


def test_the_mean_of_many_views_is_that_of_evenly_spread_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "_MEAN_OF", 4)
    views, model = Grids(10, 8), MeanShape(8)
    model.fill(views)
    expected = views.grids[[0, 2, 5, 7]].mean(0).astype(np.float32)
    np.testing.assert_array_equal(model.mean.numpy(), expected)


def test_visual_hull_fills_the_rays_of_the_silhouette() -> None:
    alpha = torch.zeros(2, 16, 16, dtype=torch.uint8)
    alpha[0, 4:8, 2:10] = 255
    alpha[1, 0, 0] = 255  # a quarter of its cell
    alpha[1, 14:, 15] = 255  # half of its cell
    alpha[1, 8:10, 8:10] = 128  # a cell that is half transparent, just not more
    found = VisualHull(8)(seen(alpha, 8))
    expected = torch.zeros(2, 8, 8, 8)
    expected[0, 2:4, 1:5] = 1
    expected[1, 4, 4] = 1
    assert torch.equal(found, expected)


def test_visual_hull_of_an_image_coarser_than_the_grid() -> None:
    alpha = torch.zeros(1, 8, 8, dtype=torch.uint8)
    alpha[0, 3, 5] = 255
    found = VisualHull(16)(seen(alpha, 16))
    expected = torch.zeros(1, 16, 16, 16)
    expected[0, 6:8, 10:12] = 1
    assert torch.equal(found, expected)


def test_ceiling_answers_the_truth_at_its_resolution() -> None:
    views = Grids(3, 8)
    np.testing.assert_array_equal(Ceiling(8)(Query.of(views[[2, 0]])).numpy(), views.grids[[2, 0]])
    with pytest.raises(InputError, match="expected 16, found 8"):
        Ceiling(16)(Query.of(views[[0]]))


@pytest.mark.parametrize("model", [VisualHull(8), Ceiling(8)])
def test_what_needs_no_data_keeps_none(model: VisualHull | Ceiling) -> None:
    model.fill(Grids(3, 8))
    assert not model.state_dict()
