from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.base.errors import InputError
from ige.params.stages import ShapeScoringSettings
from ige.shapes.voxels.scored_views import ScoredViews
from ige.storage.shards import open_shard


def views_of(shards: list[Path], trained_at: int = 16, **changes: Any) -> ScoredViews:
    settings = {
        "resolution": 32,
        "categories": ("car", "chair"),
        "views": "all",
        "examples": 1,
        "batch_size": 3,
    }
    return ScoredViews(shards, trained_at, ShapeScoringSettings(**(settings | changes)))


def test_truths_are_those_of_the_views_that_are_shown(shape_shards: list[Path]) -> None:
    views = views_of(shape_shards)
    assert len(views) == 8
    assert views.categories == [0] * 4 + [1] * 4
    assert views.source == "procedural"
    seen = []
    for numbers, batch in views.batches(3):
        for place, number in enumerate(numbers):
            truth = views.truth(number)
            seen.append((truth.category, truth.id, truth.view))
            shard = open_shard(shape_shards[number // 4])
            row = number % 4
            assert_array_equal(batch["bits"][place], shard.grid(16, row))
            assert_array_equal(batch["image"][place].permute(1, 2, 0), shard.image(row))
            assert_array_equal(truth.bits, shard.grid(32, row))
            assert_array_equal(truth.world_bits, shard.world(32, row // 2))
            assert_array_equal(truth.frustum.extrinsics, shard.cameras[row])
            assert (truth.frustum.focal, truth.frustum.near, truth.frustum.far) == (
                *(shard.focal[row], shard.near[row], shard.far[row]),
            )
    names = [("car", "car-0000"), ("car", "car-0001"), ("chair", "chair-0000"), ("chair", "chair-0001")]
    assert seen == [(*name, view) for name in names for view in (0, 1)]


def test_truths_are_unpacked(shape_shards: list[Path]) -> None:
    truth = views_of(shape_shards).truth(5)
    for grid, bits in ((truth.seen, truth.bits), (truth.world, truth.world_bits)):
        assert grid.shape == (32, 32, 32)
        assert_array_equal(np.packbits(grid, axis=-1, bitorder="little"), bits)
    assert truth.seen.any()


def test_first_views_alone(shape_shards: list[Path]) -> None:
    views = views_of(shape_shards, views="first")
    assert [(views.truth(number).id, views.truth(number).view) for number in range(len(views))] == [
        *(("car-0000", 0), ("car-0001", 0), ("chair-0000", 0), ("chair-0001", 0)),
    ]
    assert [list(numbers) for numbers, _ in views.batches(3)] == [[0, 1, 2], [3]]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"trained_at": 32, "resolution": 16}, "finer than those of the evaluation"),
        ({"trained_at": 8}, "no grids of this resolution"),
        ({"resolution": 64}, "no grids of this resolution"),
        ({"categories": ("car",)}, "another category"),
    ],
)
def test_what_does_not_fit_is_told(shape_shards: list[Path], changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        views_of(shape_shards, **changes).truth(0)
