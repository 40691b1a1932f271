"""What each stage reads of the parameters, and where its code begins.

A rule carries the subtree of its stage as `params:`, and the command line hands the same subtree to the
stage: so a stage cannot read a parameter whose change would not re-run it.
"""

from __future__ import annotations

from ige.params.models import IgeSettings, LifterSettings, PoseModelSettings
from ige.params.params import Params
from ige.params.poses import LiftingSettings, MocapSettings, ProceduralSettings
from ige.params.section import Count, Name, Names, Natural, Section
from ige.params.shapes import (
    GridsSettings,
    ImagesSettings,
    MeshFolderSettings,
    ProceduralShapesSettings,
    ShapeNetSettings,
    ShapeSplitsSettings,
    ViewsSettings,
)
from ige.params.training import TrainingSettings

MODULES = {
    "prepare_clips": "ige.poses.prepare",
    "prepare_lifting_set": "ige.poses.lifting",
    "train_poses": "ige.poses.train",
    "evaluate_poses": "ige.poses.evaluate",
    "prepare_manifest": "ige.shapes.manifest",
    "prepare_shapes": "ige.shapes.prepare",
    "tabulate_poses": "ige.report.tables",
    "draw_poses": "ige.report.draw",
    "tabulate_shape_sets": "ige.report.shape_tables",
    "draw_shape_sets": "ige.report.draw_shapes",
    "write_page": "ige.report.page",
}


class SourceSettings(Section):
    """What `prepare_clips` reads: the source that was chosen, and no other."""

    chosen: ProceduralSettings | MocapSettings
    max_skipped: Natural


class ShapeManifestSettings(Section):
    """What decides which models there are, and in which shard each lies."""

    source: ProceduralShapesSettings | MeshFolderSettings | ShapeNetSettings
    categories: Names
    splits: ShapeSplitsSettings
    models_per_shard: Count


class ShapeSetSettings(Section):
    """What `prepare_shapes` reads: of the source's settings the chosen ones alone."""

    source: ProceduralShapesSettings | MeshFolderSettings | ShapeNetSettings
    category: Name
    views: ViewsSettings
    grids: GridsSettings
    images: ImagesSettings
    compression: str
    max_skipped: Natural


class PoseTrainingSettings(Section):
    """What `train_poses` reads for one model; models that do not learn have no `training`."""

    model: PoseModelSettings
    seeds: tuple[Natural, ...]
    training: TrainingSettings | None


class PoseScoringSettings(Section):
    """What `evaluate_poses` reads for one model."""

    other_steps: tuple[Natural, ...]
    examples: Count
    batch_size: Count


def prepare_clips(params: Params) -> SourceSettings:
    """Select what `prepare_clips` reads."""
    poses = params.poses
    chosen = poses.procedural if poses.source == "procedural" else poses.mocap
    return SourceSettings(chosen=chosen, max_skipped=poses.max_skipped)


def prepare_lifting_set(params: Params) -> LiftingSettings:
    """Select what `prepare_lifting_set` reads."""
    return params.poses.lifting


def prepare_manifest(params: Params) -> ShapeManifestSettings:
    """Select what the manifest of shapes is made of; the rules read it to know which shards there are."""
    shapes = params.shapes
    return ShapeManifestSettings(
        source=_chosen_shapes(params),
        categories=shapes.categories,
        splits=shapes.splits,
        models_per_shard=shapes.models_per_shard,
    )


def prepare_shapes(params: Params, category: str) -> ShapeSetSettings:
    """Select what `prepare_shapes` reads for a category; the models of a shard are handed to it by name."""
    shapes = params.shapes
    return ShapeSetSettings(
        source=_chosen_shapes(params),
        category=category,
        views=shapes.views.chosen(),
        grids=shapes.grids,
        images=shapes.images,
        compression=shapes.compression,
        max_skipped=shapes.max_skipped,
    )


def _chosen_shapes(params: Params) -> ProceduralShapesSettings | MeshFolderSettings | ShapeNetSettings:
    shapes = params.shapes
    match shapes.source:
        case "procedural":
            return shapes.procedural
        case "folder":
            return shapes.folder
        case "shapenet":
            return shapes.shapenet


def train_poses(params: Params, model: str) -> PoseTrainingSettings:
    """Select what `train_poses` reads for a model."""
    definition = params.models.poses[model]
    training = params.training.poses
    learns = isinstance(definition, LifterSettings | IgeSettings)
    return PoseTrainingSettings(model=definition, seeds=training.seeds, training=training if learns else None)


def evaluate_poses(params: Params, model: str) -> PoseScoringSettings:
    """Select what `evaluate_poses` reads for a model."""
    settings = params.evaluation.poses
    return PoseScoringSettings(
        other_steps=settings.other_steps.get(model, ()),
        examples=settings.examples,
        batch_size=settings.batch_size,
    )
