"""The trainings and scorings of models of shapes that are still to run, and what they will cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from ige.doctor import costs, voxel_costs
from ige.doctor.estimate import Job
from ige.doctor.shapes import Models, cost_of_model, count_models
from ige.params.initials import with_initials
from ige.params.naming import folder_of, split_shape_trained
from ige.params.params import Params
from ige.params.shape_models import DeconvSettings, LearnedShapeSettings, MeanShapeSettings
from ige.shapes.manifest import Manifest

# Where the rules put results, below runs/<run>; a test holds this table against the rules.
MODEL = "models/shapes/{trained}/seed{seed}/model.pt"
SCORES = "scores/shapes/{trained}/seed{seed}.json"


def voxel_jobs(params: Params, run: Path, manifest: Manifest) -> Iterator[Job]:
    """List the jobs whose results do not exist below the folder of a run, with their costs.

    Args:
        params: all settings.
        run: the folder of the run.
        manifest: the models; without any, what `count_models` says.
    """
    models = count_models(params, manifest)
    seeds = params.training.shapes.seeds
    for trained in with_initials(params.trained_shapes(), params.shape_initial_of):
        if not all((run / MODEL.format(trained=folder_of(trained), seed=seed)).exists() for seed in seeds):
            yield training_job(params, trained, models)
    for trained in params.trained_shapes():
        if not all((run / SCORES.format(trained=folder_of(trained), seed=seed)).exists() for seed in seeds):
            yield scoring_job(params, trained, models)


def training_job(params: Params, trained: str, models: Models) -> Job:
    """Estimate the cost of training all seeds of a model, e.g. `ige@32@car`."""
    name, resolution, _ = split_shape_trained(trained)
    model, deconv = params.models.shapes[name], _deconv_of(params, trained)
    settings = params.training.shapes
    per_model = params.shapes.views.chosen().count
    learning = _count(params, trained, models, "train") * per_model
    validating = _count(params, trained, models, "validation") * (
        per_model if settings.validation_views == "all" else 1
    )
    kept = min((learning + validating) * _bytes_of_view(params, resolution), voxel_costs.MEMORY_OF_VIEWS)
    initial = params.shape_initial_of(trained)
    if not isinstance(model, LearnedShapeSettings) or deconv is None:
        memory = voxel_costs.MEMORY_OF_LEARNING + kept
        written = len(settings.seeds) * _bytes_of_bank(params, trained, learning)
        return Job("train_shapes", costs.SECONDS_WITHOUT_LEARNING, written, model=trained, memory=memory)
    example = voxel_costs.training_ms(model, deconv, resolution)
    if settings.fresh_views:
        example += 1e3 * cost_of_model(params)[0] / per_model
    steps = math.ceil(learning / settings.batch_size)
    if settings.epoch_steps is not None and settings.epoch_steps < steps:
        steps, learning = settings.epoch_steps, settings.epoch_steps * settings.batch_size
    epoch = learning * example + validating * voxel_costs.asking_ms(model, deconv, resolution)
    seeds = len(settings.seeds)
    batches = seeds * model.epochs * steps
    at_once = min(settings.micro_batch or settings.batch_size, settings.batch_size)
    gpu_ms = voxel_costs.gpu_batch_ms(model, deconv, resolution, settings.batch_size)
    return Job(
        "train_shapes",
        costs.SECONDS_PER_JOB + seeds * model.epochs * epoch / 1e3,
        seeds * voxel_costs.weights(model, deconv) * costs.BYTES_PER_WEIGHT,
        model=trained,
        initial=initial,
        memory=voxel_costs.learning_memory(model, deconv, resolution, at_once) + kept,
        gpu_seconds=batches * gpu_ms / 1e3,
    )


def scoring_job(params: Params, trained: str, models: Models) -> Job:
    """Estimate the cost of scoring all seeds of a model."""
    name, resolution, _ = split_shape_trained(trained)
    model, settings = params.models.shapes[name], params.evaluation.shapes
    views = _count(params, trained, models, "test")
    views *= params.shapes.views.chosen().count if settings.views == "all" else 1
    ms = voxel_costs.asking_ms(model, _deconv_of(params, trained), resolution)
    ms += voxel_costs.measuring_ms(settings.resolution)
    steps = getattr(model, "steps", 0)
    kept = settings.examples * len(_categories(params, trained)) * (steps + 1) * resolution**3
    cells = settings.batch_size * resolution**3 * voxel_costs.MEMORY_PER_CELL
    return Job(
        "evaluate_shapes",
        costs.SECONDS_PER_JOB + len(params.training.shapes.seeds) * views * ms / 1e3,
        float(kept),
        model=trained,
        initial=params.shape_initial_of(trained),
        memory=voxel_costs.MEMORY_OF_LEARNING
        + cells
        + settings.resolution**3 * voxel_costs.MEMORY_OF_MEASURES_PER_CELL,
    )


def _deconv_of(params: Params, trained: str) -> DeconvSettings | None:
    """Return the deconvolution that a model is or starts from, if any."""
    model = params.models.shapes[split_shape_trained(trained)[0]]
    if not isinstance(model, DeconvSettings):
        model = params.models.shapes.get(getattr(model, "initial", ""), model)
    return model if isinstance(model, DeconvSettings) else None


def _categories(params: Params, trained: str) -> Sequence[str]:
    category = split_shape_trained(trained)[2]
    return params.shapes.categories if category is None else (category,)


def _count(params: Params, trained: str, models: Models, split: str) -> int:
    return sum(models[category, split] for category in _categories(params, trained))


def _bytes_of_view(params: Params, resolution: int) -> float:
    """Return the bytes of a view in memory: image and packed grid."""
    return 4.0 * params.shapes.images.pixels**2 + resolution**3 / 8


def _bytes_of_bank(params: Params, trained: str, views: int) -> float:
    """Return the bytes of a model that does not learn: the mean grid, or the views that it searches."""
    name, resolution, _ = split_shape_trained(trained)
    model = params.models.shapes[name]
    if isinstance(model, MeanShapeSettings):
        return 4.0 * resolution**3
    return min(getattr(model, "bank", 0), views) * _bytes_of_view(params, resolution)
