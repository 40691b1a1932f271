from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from ige.params.shape_models import ShapeModelSettings
from ige.params.shapes import GridsSettings, ImagesSettings, ProceduralShapesSettings, RandomViews
from ige.params.stages import FreshViewsSettings, ShapeTrainingSettings
from ige.shapes.voxels.training_data import TrainingData
from ige.shapes.voxels.view_sets import FreshViews, KeptViews
from ige.storage.shards import open_shard


@pytest.fixture
def settings() -> ShapeTrainingSettings:
    return ShapeTrainingSettings(
        model=TypeAdapter(ShapeModelSettings).validate_python({"kind": "ceiling", "scope": "all"}),
        resolution=16,
        categories=("chair", "car"),
        seeds=(0,),
        threshold="half",
        validation_views="first",
        training=None,
        fresh=None,
    )


def test_views_and_facts_are_those_of_the_shards(
    shape_shards: list[Path], settings: ShapeTrainingSettings
) -> None:
    data = TrainingData(shape_shards, shape_shards[:1], None, settings)
    assert isinstance(data.train, KeptViews)
    assert (len(data.train), len(data.validation)) == (8, 2)
    # In the order of the settings, not of the alphabet.
    assert data.train[[0, 7]]["category"].tolist() == [1, 0]
    assert "world" not in data.train[[0]]
    assert data.facts["data"]["models"] == {"car": 2, "chair": 2}
    assert (data.facts["data"]["views"], data.facts["data"]["validation_views"]) == (8, 2)
    assert data.digests == {
        "train": [open_shard(path).digest for path in shape_shards],
        "validation": [open_shard(shape_shards[0]).digest],
    }
    settings = settings.model_copy(update={"validation_views": "all"})
    assert len(TrainingData(shape_shards, shape_shards[:1], None, settings).validation) == 4


def test_an_epoch_of_fresh_views_is_as_long_as_one_of_the_shards(
    shape_shards: list[Path], settings: ShapeTrainingSettings
) -> None:
    lens = {"distance": 1.36**0.5, "focal": 35.0 / 32.0}
    fresh = FreshViewsSettings(
        source=ProceduralShapesSettings(seed=0, models_per_category=8, open_share=0.0),
        views=RandomViews(kind="random", seed=0, count=9, elevation_degrees=(25.0, 30.0), **lens),
        grids=GridsSettings(resolutions=(16, 32), fill="auto", surface="auto"),
        images=ImagesSettings(renderer="raster", pixels=32, supersample=1),
    )
    data = TrainingData(shape_shards, shape_shards, None, settings.model_copy(update={"fresh": fresh}))
    assert isinstance(data.train, FreshViews)
    assert len(data.train) == 8
    assert isinstance(data.validation, KeptViews)
    seen = data.train[list(range(8))]
    assert sorted(seen["model"].tolist()) == [0, 0, 1, 1, 2, 2, 3, 3]
    # Cars come second among the categories.
    assert [(c, m // 2) for c, m in zip(seen["category"].tolist(), seen["model"].tolist(), strict=True)] == [
        (1 - m // 2, m // 2) for m in seen["model"].tolist()
    ]
