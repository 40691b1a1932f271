from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ige.base.errors import InputError
from ige.grids.bits import pack
from ige.shapes.voxels import query as module
from ige.shapes.voxels.query import Query, read_queries, spread


class Numbered:
    """Views whose category is their number."""

    resolution = 8

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: list[int], /) -> dict[str, Tensor]:
        return {
            "image": torch.zeros(len(index), 4, 2, 2, dtype=torch.uint8),
            "bits": torch.zeros(len(index), 8, 8, 1, dtype=torch.uint8),
            "category": torch.tensor(index),
        }


def test_truth_is_what_was_packed() -> None:
    grid = np.random.default_rng(0).random((12, 12, 12)) < 0.3
    bits = torch.from_numpy(pack(grid))[None]
    asked = Query(torch.zeros(1, 4, 2, 2, dtype=torch.uint8), bits, torch.zeros(1, dtype=torch.int64))
    assert (len(asked), asked.resolution) == (1, 12)
    assert asked.truth().dtype == torch.float32
    np.testing.assert_array_equal(asked.truth()[0].numpy(), grid)


def test_views_are_read_in_order_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CELLS", 3 * 8**3)
    batches = [batch.category.tolist() for batch in read_queries(Numbered(9), [1, 2, 5, 6, 8])]
    assert batches == [[1, 2, 5], [6, 8]]


def test_a_grid_larger_than_a_batch_may_be_is_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CELLS", 1)
    assert [len(batch) for batch in read_queries(Numbered(2), [0, 1])] == [1, 1]


def test_a_bank_is_spread_evenly() -> None:
    assert spread(10, 4) == [0, 2, 5, 7]
    assert spread(3, 3) == [0, 1, 2]


def test_a_bank_larger_than_the_training_set_is_refused() -> None:
    with pytest.raises(InputError, match=r"at least 11 views, found 10.*bank"):
        spread(10, 11)
