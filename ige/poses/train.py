"""Stage `train_poses`: training pairs to one model per seed.

| in | out, per seed |
| --- | --- |
| lifting sets of training and validation; models to start from | model.pt, history.csv, run.json |

All seeds of a model are trained by one job, one after another: they are minutes each. Checkpoints lie
outside the outputs, so that a killed job goes on where it was. Models that do not learn go the same way;
their history is one row for epoch 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ige.base.digests import digest_of_file, digest_of_json
from ige.base.errors import InputError
from ige.params.models import IgeSettings, LifterSettings
from ige.params.stages import PoseTrainingSettings
from ige.poses.baselines import MeanPose, NearestPose
from ige.poses.body_size import total_bone_length
from ige.poses.ige_net import IgeNet
from ige.poses.lifters import Lifter
from ige.poses.lifting_set import LiftingSet, read_lifting_set
from ige.poses.models import (
    Definition,
    PoseModel,
    build_model,
    family_of,
    is_root_relative,
    load_pose_model,
    multiply_adds,
    parameters,
    save_pose_model,
    trained_steps,
)
from ige.poses.problem import Pairs, PoseProblem, pairs_of, validation_errors
from ige.storage.provenance import write_provenance
from ige.training.devices import choose_device, set_threads
from ige.training.history import write_history
from ige.training.loop import fit
from ige.training.schedule import stream
from ige.training.starts import one_per_seed

# The number of threads changes the last bits of results; more than one does not pay for nets of this size.
THREADS = 1
# Lengths of bones are summed in double precision, from several copies of the poses.
_POSES_AT_ONCE = 16_384
_ONE_ITERATE = 1.0  # decay of the weights of iterates where there is one


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What all seeds share."""

    name: str
    settings: PoseTrainingSettings
    train: Pairs
    validation: Pairs
    device: torch.device
    checkpoints: Path
    identity: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    state: dict[str, Tensor]
    history: list[dict[str, float]]


def train_poses(
    *,
    name: str,
    train: Path,
    validation: Path,
    initials: Sequence[Path],
    models: Sequence[Path],
    histories: Sequence[Path],
    records: Sequence[Path],
    checkpoints: Path,
    settings: PoseTrainingSettings,
    code: str,
    device: str,
) -> None:
    """Train a model once per seed.

    Args:
        name: of the model in params.yaml.
        train: lifting set to learn from.
        validation: lifting set of held-out clips.
        initials: models to start from, one per seed; empty for a model that starts from scratch.
        models: model.pt to write, one per seed.
        histories: history.csv to write, one per seed.
        records: run.json to write, one per seed.
        checkpoints: folder for the state of unfinished trainings.
        settings: the model, the seeds and how to train.
        code: version of the stage's code.
        device: auto, cpu or cuda.

    Raises:
        InputError: if an input is missing, damaged, empty or of another kind.
        TrainingError: if a training diverges.
        StorageError: if an output cannot be written.
    """
    set_threads(THREADS)
    task, facts = _task(name, train, validation, checkpoints, settings, code, choose_device(device))
    starts = one_per_seed(initials, getattr(settings.model, "initial", None), settings.seeds)
    jobs = zip(settings.seeds, starts, models, histories, records, strict=True)
    for seed, initial, model, history, record in jobs:
        definition, network = _start(settings, seed, initial)
        result = _train(task, network.to(task.device), seed, initial)
        save_pose_model(model, definition, result.state, {"seed": seed, **facts, **_costs(network)})
        write_history(history, result.history)
        write_provenance(
            record,
            stage="train_poses",
            settings=settings.subtree(),
            asked={"model": name, "seed": seed},
            code=code,
            inputs=[path for path in (train, validation, initial) if path is not None],
            outputs=[model, history],
            device=task.device.type,
        )


def _task(
    name: str,
    train: Path,
    validation: Path,
    checkpoints: Path,
    settings: PoseTrainingSettings,
    code: str,
    device: torch.device,
) -> tuple[_Task, dict[str, Any]]:
    """Read the pairs; return what all seeds share, and what their model files shall tell."""
    content, held_out = read_lifting_set(train), read_lifting_set(validation)
    task = _Task(
        name=name,
        settings=settings,
        train=pairs_of(content, train, device),
        validation=pairs_of(held_out, validation, device),
        device=device,
        checkpoints=checkpoints,
        identity=_identity(settings, code, train, validation),
    )
    return task, {"name": name, **_facts(content)}


def _start(settings: PoseTrainingSettings, seed: int, initial: Path | None) -> tuple[Definition, PoseModel]:
    """Build a network with its first weights, those of the model that it starts from included."""
    generator = torch.Generator().manual_seed(stream(seed))
    depth_bias_m = 0.0 if settings.training is None else settings.training.depth_bias_m
    if initial is None:
        definition = Definition(settings.model, None)
        return definition, build_model(definition, depth_bias_m=depth_bias_m, generator=generator)
    first, attributes = load_pose_model(initial)
    if not isinstance(first, Lifter):
        raise InputError(
            "no lifter to start from", where=initial, expected="a lifter", found=family_of(first)
        )
    lifter = LifterSettings.model_validate(attributes["settings"])
    if isinstance(settings.model, IgeSettings) and is_root_relative(first):
        raise InputError(
            "a metric lifter to start from: descent needs poses where the camera sees them",
            where=initial,
            expected="scale: free",
            found="scale: metric",
        )
    definition = Definition(settings.model, lifter if isinstance(settings.model, IgeSettings) else None)
    network = build_model(definition, depth_bias_m=depth_bias_m, generator=generator)
    try:
        (network.lifter if isinstance(network, IgeNet) else network).load_state_dict(first.state_dict())
    except RuntimeError as error:
        raise InputError("a lifter of another width, number of blocks or scale", where=initial) from error
    return definition, network


def _train(task: _Task, network: PoseModel, seed: int, initial: Path | None) -> _Result:
    if isinstance(network, MeanPose | NearestPose):
        return _fill(task, network, seed)
    training = task.settings.training
    if training is None:
        raise InputError("a model that learns needs the settings `training`", found=f"none for {task.name}")
    decay = (
        task.settings.model.iterate_decay if isinstance(task.settings.model, IgeSettings) else _ONE_ITERATE
    )
    result = fit(
        PoseProblem(network, task.train, task.validation, decay),
        training,
        seed=seed,
        device=task.device,
        checkpoint=task.checkpoints / f"seed{seed}.pt",
        identity=digest_of_json([task.identity, seed, None if initial is None else digest_of_file(initial)]),
        title=f"{task.name}, seed {seed}",
    )
    return _Result(result.best if training.select == "best" else result.last, result.history)


def _fill(task: _Task, network: MeanPose | NearestPose, seed: int) -> _Result:
    if isinstance(network, MeanPose):
        network.fill(task.train.poses_cam)
    else:
        generator = torch.Generator().manual_seed(stream(seed))
        network.fill(task.train.observed, task.train.poses_cam, generator)
    errors = validation_errors(network, task.validation)
    return _Result(network.state_dict(), [{"epoch": 0, "step": 0, **errors}])


def _identity(settings: PoseTrainingSettings, code: str, train: Path, validation: Path) -> dict[str, Any]:
    """Collect what decides the result of every seed; the loop adds what it knows itself."""
    return {
        "model": settings.model.subtree(),
        "depth_bias_m": None if settings.training is None else settings.training.depth_bias_m,
        "code": code,
        "train": digest_of_file(train),
        "validation": digest_of_file(validation),
    }


def _facts(content: LiftingSet) -> dict[str, Any]:
    """Sum up the training pairs for users of the model: `ige lift` scales poses to `bone_length_m`."""
    return {
        "bone_length_m": _mean_bone_length(content.poses_cam),
        "data": {
            "source": content.source,
            "observation": content.observation,
            "subjects": sorted({content.subjects[index] for index in np.unique(content.subject)}),
            "pairs": len(content.observed),
        },
    }


def _mean_bone_length(poses_cam: NDArray[np.float32]) -> float:
    lengths = [
        total_bone_length(poses_cam[first : first + _POSES_AT_ONCE].astype(np.float64))
        for first in range(0, len(poses_cam), _POSES_AT_ONCE)
    ]
    return float(np.concatenate(lengths).mean())


def _costs(network: PoseModel) -> dict[str, Any]:
    return {
        "steps": trained_steps(network),
        "parameters": parameters(network),
        "multiply_adds": multiply_adds(network),
    }
