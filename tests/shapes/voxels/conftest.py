"""Shape sets of generated shapes, as the stages make them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ige.params.shapes import GridsSettings, ImagesSettings, ProceduralShapesSettings, RandomViews
from ige.params.stages import ShapeSetSettings
from ige.shapes.prepare import prepare_shapes

SetMaker = Callable[..., list[Path]]


@pytest.fixture(scope="session")
def make_shards() -> SetMaker:
    """Make shards of two cars and two chairs, seen from two sides each, at 16 and 32 cells per side."""

    def make(folder: Path, split: str = "test", numbers: tuple[int, ...] = (0, 1)) -> list[Path]:
        made = []
        for category in ("car", "chair"):
            made.append(folder / f"{category}.h5")
            prepare_shapes(
                category=category,
                split=split,
                models=[f"{category}-{number:04d}" for number in numbers],
                folder=None,
                out=made[-1],
                skipped=folder / f"{category}.csv",
                settings=ShapeSetSettings(
                    source=ProceduralShapesSettings(seed=0, models_per_category=8, open_share=0.0),
                    category=category,
                    views=RandomViews(
                        kind="random",
                        seed=0,
                        count=2,
                        elevation_degrees=(25.0, 30.0),
                        distance=1.36**0.5,
                        focal=35.0 / 32.0,
                    ),
                    grids=GridsSettings(resolutions=(16, 32), fill="auto", surface="auto"),
                    images=ImagesSettings(renderer="raster", pixels=32, supersample=1),
                    compression="gzip",
                    max_skipped=0,
                ),
            )
        return made

    return make


@pytest.fixture(scope="session")
def shape_shards(make_shards: SetMaker, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Shards of test models, not to be changed."""
    return make_shards(tmp_path_factory.mktemp("shards"))
