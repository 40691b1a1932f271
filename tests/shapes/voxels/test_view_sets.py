from __future__ import annotations

from pathlib import Path

import torch

from ige.shapes.dataset import ShapeGrids
from ige.shapes.voxels import view_sets
from ige.shapes.voxels.view_sets import KeptViews, bytes_of, keep_if_small


def test_kept_views_are_those_of_the_shards(shape_shards: list[Path], monkeypatch) -> None:
    monkeypatch.setattr(view_sets, "_READ_AT_ONCE", 3)
    grids = ShapeGrids(shape_shards, 16, world=True)
    kept = KeptViews(grids)
    assert (len(kept), kept.resolution) == (8, 16)
    found, expected = kept[[5, 0, 5]], grids[[5, 0, 5]]
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        assert torch.equal(found[name], values)


def test_only_small_sets_are_kept(shape_shards: list[Path]) -> None:
    grids = ShapeGrids(shape_shards, 32)
    # 32^3 bits, a picture of 32 x 32 RGBA; cameras and numbers take little.
    assert 0 <= bytes_of(grids) - 8 * (32**3 // 8 + 4 * 32**2) < 8 * 200
    assert isinstance(keep_if_small(grids, bytes_of(grids)), KeptViews)
    assert keep_if_small(grids, bytes_of(grids) - 1) is grids
