"""Stage `train_shapes`: training views to one voxel model per seed.

| in | out, per seed |
| --- | --- |
| shards of training and validation; models to start from | model.pt, history.csv, run.json |

All seeds of a model are trained by one job, one after another, from the same views. Checkpoints lie outside
the outputs, so that a killed job goes on where it was. Models that do not learn go the same way; their
history is one row for epoch 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ige.base.digests import digest_of_file, digest_of_json
from ige.base.errors import InputError
from ige.params.shape_models import DeconvSettings, HeadSettings, IgeShapeSettings
from ige.params.stages import ShapeTrainingSettings
from ige.shapes.voxels.backbones import Backbone
from ige.shapes.voxels.costs import multiply_adds, parameters
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.examples import Examples
from ige.shapes.voxels.models import (
    Definition,
    Learned,
    VoxelModel,
    build_voxel_model,
    coordinates_of,
    family_of,
    load_voxel_model,
    save_voxel_model,
    start_from,
    trained_steps,
)
from ige.shapes.voxels.problem import VoxelProblem, validation_errors
from ige.shapes.voxels.thresholds import CANDIDATES, HALF
from ige.shapes.voxels.training_data import TrainingData
from ige.storage.provenance import write_provenance
from ige.training.devices import choose_device, set_threads
from ige.training.history import write_history
from ige.training.loop import fit
from ige.training.schedule import stream
from ige.training.starts import one_per_seed

# The number of threads changes the last bits of results; the workflow runs as many jobs as there are cores.
THREADS = 1
# Validation views of models that do not learn, which are asked at once.
_VIEWS_AT_ONCE = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What all seeds share."""

    name: str
    settings: ShapeTrainingSettings
    data: TrainingData
    device: torch.device
    checkpoints: Path
    code: str

    @property
    def views_at_once(self) -> int:
        """Return how many views go through a model at once."""
        training = self.settings.training
        return _VIEWS_AT_ONCE if training is None else training.micro_batch or training.batch_size

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Return the thresholds among which validation chooses."""
        return CANDIDATES if self.settings.threshold == "validation" else (HALF,)

    def validation(self) -> Examples:
        """Return the held-out views, as they are."""
        return Examples(self.data.validation, device=self.device)


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    state: dict[str, Tensor]
    history: list[dict[str, float]]
    kept: dict[str, float]  # the history's row of that state

    @property
    def threshold(self) -> float:
        """Return above which probability a cell is filled; a half where validation could not tell."""
        threshold = self.kept["threshold"]
        return HALF if math.isnan(threshold) else threshold


def train_shapes(
    *,
    name: str,
    train: Sequence[Path],
    validation: Sequence[Path],
    initials: Sequence[Path],
    models: Sequence[Path],
    histories: Sequence[Path],
    records: Sequence[Path],
    checkpoints: Path,
    folder: Path | None,
    settings: ShapeTrainingSettings,
    code: str,
    device: str,
) -> None:
    """Train a model at one resolution once per seed.

    Args:
        name: of the trained model (`ige.params.naming`).
        train: shards to learn from.
        validation: shards of held-out models.
        initials: models to start from, one per seed; empty for a model that starts from scratch.
        models: model.pt to write, one per seed.
        histories: history.csv to write, one per seed.
        records: run.json to write, one per seed.
        checkpoints: folder for the state of unfinished trainings.
        folder: where the meshes lie, for fresh views of a source with files.
        settings: the model, its resolution and categories, the seeds and how to train.
        code: version of the stage's code.
        device: auto, cpu or cuda.

    Raises:
        InputError: if an input is missing, damaged, empty or of another kind, or a model to start from does
            not fit.
        TrainingError: if a training diverges.
        StorageError: if an output cannot be written.
    """
    set_threads(THREADS)
    starts = one_per_seed(initials, getattr(settings.model, "initial", None), settings.seeds)
    data = TrainingData(train, validation, folder, settings)
    task = _Task(name, settings, data, choose_device(device), checkpoints, code)
    jobs = zip(settings.seeds, starts, models, histories, records, strict=True)
    for seed, initial, model, history, record in jobs:
        definition, network = _start(settings, seed, initial)
        result = _train(task, network.to(task.device), seed, initial)
        facts = {"name": name, "seed": seed, **_facts(task, network, result.threshold), **data.facts}
        save_voxel_model(model, definition, settings.resolution, result.state, facts)
        write_history(history, result.history)
        write_provenance(
            record,
            stage="train_shapes",
            settings=settings.subtree(),
            asked={"model": name, "seed": seed},
            code=code,
            inputs=[*train, *validation, *([] if initial is None else [initial])],
            outputs=[model, history],
            device=task.device.type,
        )


def _start(settings: ShapeTrainingSettings, seed: int, initial: Path | None) -> tuple[Definition, VoxelModel]:
    """Build a network with its first weights, those of the model that it starts from included."""
    generator = torch.Generator().manual_seed(stream(seed))
    if initial is None:
        definition = Definition(settings.model, None)
        return definition, build_voxel_model(definition, settings.resolution, generator)
    first, attributes = load_voxel_model(initial)
    if not isinstance(first, Deconv):
        raise InputError(
            "no deconvolution to start from", where=initial, expected="deconv", found=family_of(first)
        )
    refines = isinstance(settings.model, HeadSettings | IgeShapeSettings)
    guess = DeconvSettings.model_validate(attributes["settings"]) if refines else None
    definition = Definition(settings.model, guess)
    network = build_voxel_model(definition, settings.resolution, generator)
    if isinstance(network, Learned):
        start_from(network, first, initial)
    return definition, network


def _train(task: _Task, network: VoxelModel, seed: int, initial: Path | None) -> _Result:
    settings, data = task.settings, task.data
    if not isinstance(network, Learned):
        network.fill(data.train)
        errors = validation_errors(network.eval(), task.validation(), task.views_at_once, task.thresholds)
        row = {"epoch": 0, "step": 0, **errors}
        return _Result(network.state_dict(), [row], row)
    model, training = settings.model, settings.training
    if training is None or not isinstance(model, DeconvSettings | HeadSettings | IgeShapeSettings):
        raise InputError("a model that learns needs the settings `training`", found=f"none for {task.name}")
    train = Examples(data.train, device=task.device, seed=seed, flips=training.flips)
    result = fit(
        VoxelProblem(network, model, train, task.validation(), task.views_at_once, task.thresholds),
        training.loop(model.epochs),
        seed=seed,
        device=task.device,
        checkpoint=task.checkpoints / f"seed{seed}.pt",
        identity=_identity(task, initial),
        title=f"{task.name}, seed {seed}",
        micro_batch=training.micro_batch,
        epoch_steps=training.epoch_steps,
        rate_factors=_rate_factors(network, training.backbone_rate),
    )
    if training.select == "best":
        return _Result(result.best, result.history, result.history[result.best_epoch - 1])
    return _Result(result.last, result.history, result.history[-1])


def _rate_factors(network: Learned, backbone_rate: float) -> dict[str, float]:
    if backbone_rate == 1.0:
        return {}
    encoders = [name for name, module in network.named_modules() if isinstance(module, Backbone)]
    return dict.fromkeys(encoders, backbone_rate)


def _identity(task: _Task, initial: Path | None) -> str:
    """Name what decides the result of a seed; the loop adds what it knows itself."""
    settings = task.settings
    training = settings.training
    return digest_of_json(
        {
            "model": settings.model.subtree(),
            "resolution": settings.resolution,
            "categories": list(settings.categories),
            "flips": None if training is None else training.flips,
            "validation": [settings.validation_views, settings.threshold],
            "fresh": None if settings.fresh is None else settings.fresh.subtree(),
            "code": task.code,
            "data": task.data.digests,
            "initial": None if initial is None else digest_of_file(initial),
        }
    )


def _facts(task: _Task, network: VoxelModel, threshold: float) -> dict[str, Any]:
    """Sum up a trained model for its users."""
    settings = task.settings
    return {
        "threshold": threshold,
        "coordinates": coordinates_of(network),
        "categories": list(settings.categories),
        "training": None if settings.training is None else settings.training.subtree(),
        "steps": trained_steps(network),
        "parameters": parameters(network),
        "multiply_adds": multiply_adds(network),
    }
