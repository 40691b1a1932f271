"""What each stage reads of the parameters, and where its code begins.

A rule carries the subtree of its stage as `params:`, and the command line hands the same subtree to the
stage: so a stage cannot read a parameter whose change would not re-run it.
"""

from __future__ import annotations

from typing import Literal

from ige.base.errors import InputError
from ige.params.models import IgeSettings, LifterSettings, PoseModelSettings
from ige.params.naming import split_shape_trained, split_trained
from ige.params.params import Params
from ige.params.poses import (
    Detections,
    H36mSettings,
    LiftingSettings,
    MocapSettings,
    Observation,
    ProceduralSettings,
)
from ige.params.section import Count, Name, Names, Natural, Section
from ige.params.shape_models import LearnedShapeSettings, ShapeModelSettings
from ige.params.shapes import (
    GridsSettings,
    ImagesSettings,
    MeshFolderSettings,
    ProceduralShapesSettings,
    ShapeNetSettings,
    ShapeSplitsSettings,
    ViewsSettings,
)
from ige.params.training import BootstrapSettings, PoseTrainingBlock, ShapeTrainingBlock

MODULES = {
    "check_source": "ige.fetch.check",
    "prepare_clips": "ige.poses.prepare",
    "prepare_detections": "ige.poses.detected",
    "prepare_lifting_set": "ige.poses.lifting",
    "train_poses": "ige.poses.train",
    "evaluate_poses": "ige.poses.evaluate",
    "prepare_manifest": "ige.shapes.manifest",
    "prepare_shapes": "ige.shapes.prepare",
    "train_shapes": "ige.shapes.voxels.train",
    "evaluate_shapes": "ige.shapes.voxels.evaluate",
    "tabulate_poses": "ige.report.tables",
    "tabulate_poses_by_action": "ige.report.action_tables",
    "draw_poses": "ige.report.draw",
    "tabulate_shape_sets": "ige.report.shape_tables",
    "draw_shape_sets": "ige.report.draw_shapes",
    "tabulate_shapes": "ige.report.voxel_tables",
    "draw_shapes": "ige.report.draw_voxels",
    "write_page": "ige.report.page",
    "collect_metrics": "ige.report.metrics_file",
    "collect_curves": "ige.report.curves",
}


class SourceSettings(Section):
    """What `prepare_clips` reads: the source that was chosen, and no other."""

    chosen: ProceduralSettings | MocapSettings | H36mSettings
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
    training: PoseTrainingBlock | None


class PoseScoringSettings(Section):
    """What `evaluate_poses` reads for one model."""

    other_steps: tuple[Natural, ...]
    examples: Count
    batch_size: Count


class FreshViewsSettings(Section):
    """What new views of training models are made of."""

    source: ProceduralShapesSettings | MeshFolderSettings | ShapeNetSettings
    views: ViewsSettings
    grids: GridsSettings
    images: ImagesSettings


class ShapeTrainingSettings(Section):
    """What `train_shapes` reads for one model; models that do not learn have no `training`."""

    model: ShapeModelSettings
    resolution: Count
    categories: Names
    seeds: tuple[Natural, ...]
    threshold: Literal["validation", "half"]
    validation_views: Literal["all", "first"]
    training: ShapeTrainingBlock | None
    fresh: FreshViewsSettings | None


class ShapeScoringSettings(Section):
    """What `evaluate_shapes` reads for one model."""

    resolution: Count
    categories: Names
    views: Literal["all", "first"]
    examples: Count
    batch_size: Count


class VoxelTableSettings(Section):
    """What the tables of reconstructions say of their data, and how models are compared.

    `shapenet` is set where that is the source; `generated` tells that generated shapes train beside meshes.
    """

    source: Literal["procedural", "folder", "shapenet"]
    shapenet: ShapeNetSettings | None
    generated: bool
    splits: ShapeSplitsSettings
    views: Literal["all", "first"]
    resolution: Count
    threshold: Literal["validation", "half"]
    references: tuple[Name, ...]
    bootstrap: BootstrapSettings


class PoseTableSettings(Section):
    """What the tables of poses say of their data: `h36m` is set where that is the source."""

    source: Literal["procedural", "mocap", "h36m"]
    h36m: H36mSettings | None
    frame_step: Count
    visibility: Literal["in-image", "all"]
    yaws_degrees: tuple[float, ...]
    validation_held_out: bool


class ShapeTableSettings(Section):
    """What the tables of shapes say of their data: `shapenet` is set where that is the source."""

    source: Literal["procedural", "folder", "shapenet"]
    shapenet: ShapeNetSettings | None
    splits: ShapeSplitsSettings


class MetricsSettings(Section):
    """What `collect_metrics` reads: the steps that each selected model with a descent was trained with."""

    steps: dict[Name, Natural]


def prepare_clips(params: Params) -> SourceSettings:
    """Select what `prepare_clips` reads."""
    poses = params.poses
    chosen: dict[str, ProceduralSettings | MocapSettings | H36mSettings]
    chosen = {"procedural": poses.procedural, "mocap": poses.mocap, "h36m": poses.h36m}
    return SourceSettings(chosen=chosen[poses.source], max_skipped=poses.max_skipped)


def prepare_detections(params: Params, observation: str) -> Detections:
    """Select what `prepare_detections` reads for an observation.

    Raises:
        InputError: if the observation is none of detections.
    """
    chosen = _observation(params, observation)
    if not isinstance(chosen, Detections):
        raise InputError(f"observation {observation} is made from the poses, no detections belong to it")
    return chosen


def prepare_lifting_set(params: Params, observation: str) -> LiftingSettings:
    """Select what `prepare_lifting_set` reads for an observation.

    Raises:
        InputError: if there is no observation of this name.
    """
    _observation(params, observation)
    return params.poses.lifting.of(observation)


def _observation(params: Params, name: str) -> Observation:
    known = params.poses.lifting.observations
    if name not in known:
        raise InputError(
            f"no observation {name}", expected=f"one of {', '.join(known)} (poses.lifting.observations)"
        )
    return known[name]


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
    definition = params.models.poses[split_trained(model)[0]]
    training = params.training.poses
    learns = isinstance(definition, LifterSettings | IgeSettings)
    return PoseTrainingSettings(model=definition, seeds=training.seeds, training=training if learns else None)


def evaluate_poses(params: Params, model: str) -> PoseScoringSettings:
    """Select what `evaluate_poses` reads for a model."""
    settings = params.evaluation.poses
    return PoseScoringSettings(
        other_steps=settings.other_steps.get(split_trained(model)[0], ()),
        examples=settings.examples,
        batch_size=settings.batch_size,
    )


def train_shapes(params: Params, trained: str) -> ShapeTrainingSettings:
    """Select what `train_shapes` reads for a model at a resolution, of one category or all."""
    name, resolution, category = split_shape_trained(trained)
    definition, training = params.models.shapes[name], params.training.shapes
    learns = isinstance(definition, LearnedShapeSettings)
    return ShapeTrainingSettings(
        model=definition,
        resolution=resolution,
        categories=params.shapes.categories if category is None else (category,),
        seeds=training.seeds,
        threshold=params.evaluation.shapes.threshold,
        validation_views=training.validation_views,
        training=training if learns else None,
        fresh=_fresh_views(params) if learns and training.fresh_views else None,
    )


def _fresh_views(params: Params) -> FreshViewsSettings:
    shapes = params.shapes
    return FreshViewsSettings(
        source=_chosen_shapes(params), views=shapes.views.chosen(), grids=shapes.grids, images=shapes.images
    )


def evaluate_shapes(params: Params, trained: str) -> ShapeScoringSettings:
    """Select what `evaluate_shapes` reads for a model."""
    settings, category = params.evaluation.shapes, split_shape_trained(trained)[2]
    return ShapeScoringSettings(
        resolution=settings.resolution,
        categories=params.shapes.categories if category is None else (category,),
        views=settings.views,
        examples=settings.examples,
        batch_size=settings.batch_size,
    )


def tabulate_shapes(params: Params) -> VoxelTableSettings:
    """Select what the tables of reconstructions say, and how they compare models."""
    settings, shapes = params.evaluation.shapes, params.shapes
    return VoxelTableSettings(
        source=shapes.source,
        shapenet=shapes.shapenet if shapes.source == "shapenet" else None,
        generated=shapes.source == "folder" and shapes.folder.generated is not None,
        splits=shapes.splits,
        views=settings.views,
        resolution=settings.resolution,
        threshold=settings.threshold,
        references=settings.references,
        bootstrap=settings.bootstrap,
    )


def tabulate_poses(params: Params) -> PoseTableSettings:
    """Select what the tables of poses say of their data; those by action say the same."""
    poses, lifting = params.poses, params.poses.lifting
    return PoseTableSettings(
        source=poses.source,
        h36m=poses.h36m if poses.source == "h36m" else None,
        frame_step=lifting.frame_step,
        visibility=lifting.visibility,
        yaws_degrees=lifting.yaws_degrees,
        validation_held_out=lifting.validation_held_out,
    )


def tabulate_shape_sets(params: Params) -> ShapeTableSettings:
    """Select what the tables of shapes say of their data."""
    shapes = params.shapes
    return ShapeTableSettings(
        source=shapes.source,
        shapenet=shapes.shapenet if shapes.source == "shapenet" else None,
        splits=shapes.splits,
    )


def collect_metrics(params: Params) -> MetricsSettings:
    """Select which rows of the tables are the headline of a model."""
    chosen = {name: params.models.poses[name] for name in params.train.poses}
    return MetricsSettings(
        steps={name: model.steps for name, model in chosen.items() if isinstance(model, IgeSettings)}
    )
