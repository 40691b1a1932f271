"""What a model of shapes is trained on: views of shards or new ones, and what there is to say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ige.base.errors import InputError
from ige.params.shape_models import DeconvSettings
from ige.params.shapes import RandomViews
from ige.params.stages import FreshViewsSettings, ShapeTrainingSettings
from ige.shapes.dataset import ShapeGrids
from ige.shapes.endless import EndlessSettings, EndlessViews
from ige.shapes.voxels.view_facts import view_facts
from ige.shapes.voxels.view_sets import FreshViews, KeptViews, keep_if_small
from ige.storage.shards import Shard, open_shard


class TrainingData:
    """The views of a stage, for all its seeds.

    Attributes:
        train: views to learn from: kept in memory if they are few, or made anew each time.
        validation: views of held-out models.
        digests: of all shards, in their order.
        facts: for users of a model: `data`, what it was trained on; `views`, what the training views have
            in common.

    Raises:
        InputError: if a shard is missing, damaged or of another category, there is no view, or fresh views
            cannot be made.
    """

    train: ShapeGrids | KeptViews | FreshViews
    validation: ShapeGrids | KeptViews

    def __init__(
        self,
        train: Sequence[Path],
        validation: Sequence[Path],
        folder: Path | None,
        settings: ShapeTrainingSettings,
    ) -> None:
        world = isinstance(settings.model, DeconvSettings) and settings.model.coordinates == "world"
        shared: dict[str, Any] = {"categories": settings.categories, "world": world}
        grids = ShapeGrids(train, settings.resolution, **shared)
        held_out = ShapeGrids(validation, settings.resolution, settings.validation_views, **shared)
        if settings.fresh is None:
            self.train = keep_if_small(grids)
        else:
            self.train = _fresh_views(grids, folder, settings.fresh, shared)
        self.validation = keep_if_small(held_out)
        shards = [open_shard(path, check=False) for path in train]
        self.digests = {
            "train": [shard.digest for shard in shards],
            "validation": [open_shard(path, check=False).digest for path in validation],
        }
        self.facts = {"data": _facts(shards, grids, held_out), "views": view_facts(grids)}


def _fresh_views(
    grids: ShapeGrids, folder: Path | None, settings: FreshViewsSettings, shared: dict[str, Any]
) -> FreshViews:
    """Make new views of the models of shards, as many in an epoch as the shards have."""
    if not isinstance(settings.views, RandomViews):
        raise InputError(
            "fresh views of directions that are given",
            expected="shapes.views.kind: random",
            found=settings.views.kind,
            next_step="Set training.shapes.fresh_views to false, or choose random views",
        )
    endless = EndlessSettings(
        source=settings.source,
        folder=folder,
        models=grids.models,
        views=settings.views,
        grids=settings.grids,
        images=settings.images,
        views_per_visit=max(1, len(grids) // len(grids.models)),
    )
    return FreshViews(EndlessViews(endless, grids.resolution, **shared))


def _facts(shards: Sequence[Shard], train: ShapeGrids, validation: ShapeGrids) -> dict[str, Any]:
    return {
        "source": next((shard.settings["source"] for shard in shards if "source" in shard.settings), None),
        "models": dict(sorted(Counter(category for category, _ in train.models).items())),
        "views": len(train),
        "validation_models": len(validation.models),
        "validation_views": len(validation),
    }
