"""Models of poses as files: how settings become a network, what it costs, how it is saved and found again.

A `model.pt` holds a state dict and, as attributes, all that is needed to build the same network without
params.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from ige.base.errors import InputError
from ige.descent import ClippedMomentum
from ige.params.models import (
    IgeSettings,
    LifterSettings,
    MeanPoseSettings,
    NearestPoseSettings,
    PoseModelSettings,
)
from ige.poses.baselines import MeanPose, NearestPose
from ige.poses.energies import PoseEnergy
from ige.poses.ige_net import IgeNet
from ige.poses.lifters import Lifter, Units
from ige.storage.tensors import read_tensors, write_tensors

KIND = "pose-model"

PoseModel: TypeAlias = Lifter | IgeNet | MeanPose | NearestPose
"""Called as `model(observed (B, 16, 2), distortion (B, 5), steps)`; answers with `.last` and `.stacked`."""

Scale = Literal["free", "metric"]

_FAMILIES: dict[type[nn.Module], str] = {
    Lifter: "lifter",
    IgeNet: "ige",
    MeanPose: "mean-pose",
    NearestPose: "nearest-pose",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What a network is built from: its settings, and for IGE-Net those of its lifter."""

    settings: PoseModelSettings
    lifter: LifterSettings | None


def build_model(definition: Definition, *, depth_bias_m: float, generator: torch.Generator) -> PoseModel:
    """Build a network and draw its first weights.

    Args:
        definition: what to build.
        depth_bias_m: the depth that a lifter answers at first.
        generator: of the first weights, on the CPU.

    Raises:
        ValueError: if a network that refines a guess comes without the settings of its lifter.
    """
    match definition.settings:
        case LifterSettings() as settings:
            return _lifter(settings, depth_bias_m, generator)
        case IgeSettings() as settings:
            if definition.lifter is None:
                raise ValueError("IGE-Net is built on a lifter, whose settings are missing")
            lifter = _lifter(definition.lifter, depth_bias_m, generator)
            return _ige_net(settings, lifter, generator)
        case MeanPoseSettings():
            return MeanPose()
        case NearestPoseSettings() as settings:
            return NearestPose(settings.bank)


def _lifter(settings: LifterSettings, depth_bias_m: float, generator: torch.Generator) -> Lifter:
    size = settings.width, settings.blocks, settings.dropout
    units = Units() if settings.scale == "metric" else None
    return Lifter(*size, depth_bias_m=depth_bias_m, generator=generator, units=units)


def _ige_net(settings: IgeSettings, lifter: Lifter, generator: torch.Generator) -> IgeNet:
    energy = PoseEnergy(
        feasibility=settings.feasibility,
        consistency=settings.consistency,
        hidden=settings.hidden,
        outputs=settings.outputs,
        activation=settings.activation,
        kernel_scale=settings.kernel_scale,
        generator=generator,
    )
    rule = ClippedMomentum(settings.rule.rate, settings.rule.momentum, settings.rule.clip)
    return IgeNet(lifter, energy, rule, steps=settings.steps)


def family_of(model: PoseModel) -> str:
    """Return the `kind` of the settings that build such a model."""
    return _FAMILIES[type(model)]


def scale_of(model: PoseModel) -> Scale:
    """Return whether a model answers poses in metres, or poses that are free in scale.

    Baselines answer training poses, in metres.
    """
    return "free" if isinstance(model, IgeNet) or _is_free(model) else "metric"


def is_root_relative(model: PoseModel) -> bool:
    """Return whether a model answers poses about the midpoint of the hips, not where the camera sees them."""
    return isinstance(model, Lifter) and not _is_free(model)


def _is_free(model: PoseModel) -> bool:
    return isinstance(model, Lifter) and model.units is None


def trained_steps(model: PoseModel) -> int | None:
    """Return the steps of descent that a model was made for; None if it takes none."""
    return model.steps if isinstance(model, IgeNet) else None


def parameters(model: PoseModel) -> int | None:
    """Count the weights of dense layers, without biases and normalisation: as the poster counts.

    None for models that do not learn.
    """
    return _kernel_weights(model) if isinstance(model, Lifter | IgeNet) else None


def multiply_adds(model: PoseModel, steps: int | None = None) -> int | None:
    """Count the multiply-adds of one pose as the poster does: dense layers alone, twice the energy per step.

    A step needs the energy forward and its gradient by the pose. None for models that do not learn.

    Args:
        model: any.
        steps: of descent; None for as many as the model was made for.
    """
    if isinstance(model, IgeNet):
        taken = model.steps if steps is None else steps
        return _kernel_weights(model.lifter) + 2 * taken * _kernel_weights(model.energy)
    return parameters(model)


def _kernel_weights(module: nn.Module) -> int:
    return sum(layer.weight.numel() for layer in module.modules() if isinstance(layer, nn.Linear))


@torch.inference_mode()
def lift_in_batches(
    model: PoseModel, observed: Tensor, distortion: Tensor, *, steps: int | None, batch_size: int
) -> Tensor:
    """Return the last iterates (N, 16, 3), on the CPU, of observations (N, 16, 2) with distortions (N, 5)."""
    batches = zip(torch.split(observed, batch_size), torch.split(distortion, batch_size), strict=True)
    return torch.cat([model(seen, lens, steps).last.cpu() for seen, lens in batches])


def save_pose_model(
    path: Path, definition: Definition, state: Mapping[str, Tensor], facts: Mapping[str, Any]
) -> None:
    """Write a model with the facts that its users need (`train` says which).

    Raises:
        StorageError: if the file cannot be written.
    """
    lifter = None if definition.lifter is None else definition.lifter.subtree()
    attributes = {"settings": definition.settings.subtree(), "lifter": lifter, **facts}
    write_tensors(path, KIND, state, attributes)


def load_pose_model(path: Path, device: str | torch.device = "cpu") -> tuple[PoseModel, dict[str, Any]]:
    """Read a model, ready to lift (in eval mode), and its attributes.

    Raises:
        InputError: if the file is missing, of another kind, damaged, or made by another version.
    """
    stored = read_tensors(path, KIND)
    try:
        definition = _definition(stored.attributes)
        model = build_model(definition, depth_bias_m=0.0, generator=torch.Generator())
        model.load_state_dict(stored.tensors)
    except (ValidationError, KeyError, RuntimeError) as error:
        raise InputError(
            "a model of another version of ige", where=path, next_step="Delete it and train it again"
        ) from error
    return model.to(device).eval(), stored.attributes


def _definition(attributes: Mapping[str, Any]) -> Definition:
    settings: PoseModelSettings = TypeAdapter(PoseModelSettings).validate_python(attributes["settings"])
    lifter = attributes["lifter"]
    return Definition(settings, None if lifter is None else LifterSettings.model_validate(lifter))
