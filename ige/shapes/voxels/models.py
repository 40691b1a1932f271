"""Models of shapes as files: how settings become a network, how it is saved and found again, and asked.

A `model.pt` holds a state dict and, as attributes, all that is needed to build the same network without
params.yaml: a head or an energy comes with the encoder and the first guess that it was trained with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from ige.base.errors import InputError
from ige.descent import Checkpointed, Unrolled
from ige.params.shape_models import (
    CeilingSettings,
    Coordinates,
    DeconvSettings,
    HeadSettings,
    IgeShapeSettings,
    MeanShapeSettings,
    NearestImageSettings,
    OracleSettings,
    ShapeModelSettings,
    VisualHullSettings,
)
from ige.shapes.voxels.ablations import make_energy
from ige.shapes.voxels.baselines import Ceiling, MeanShape, VisualHull
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.freezing import FrozenDeconv
from ige.shapes.voxels.grid_rule import GridClippedMomentum
from ige.shapes.voxels.head import Head
from ige.shapes.voxels.ige_net import VoxelIgeNet
from ige.shapes.voxels.images import network_input
from ige.shapes.voxels.pooling import count_scales
from ige.shapes.voxels.pyramid import Pyramid
from ige.shapes.voxels.query import Answer, Query
from ige.shapes.voxels.retrieval import NearestImage, Oracle
from ige.storage.tensors import read_tensors, write_tensors

KIND = "voxel-model"

Learned: TypeAlias = Deconv | Head | VoxelIgeNet
Baseline: TypeAlias = MeanShape | NearestImage | Oracle | VisualHull | Ceiling
VoxelModel: TypeAlias = Learned | Baseline
"""Asked by `predict`; baselines have a method `fill(views)` instead of a training."""

_FAMILIES: dict[type[nn.Module], str] = {
    Deconv: "deconv",
    Head: "head",
    VoxelIgeNet: "ige",
    MeanShape: "mean-shape",
    NearestImage: "nearest-image",
    Oracle: "oracle",
    VisualHull: "visual-hull",
    Ceiling: "ceiling",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What a network is built from: its settings, and for a head or an energy those of its first guess."""

    settings: ShapeModelSettings
    initial: DeconvSettings | None


def build_voxel_model(definition: Definition, resolution: int, generator: torch.Generator) -> VoxelModel:
    """Build a network and draw its first weights.

    What comes from another model (`start_from`) is drawn, too, but never downloaded. A head or an energy
    whose `start` is frozen stays so: its encoder and first guess neither train nor follow `train()`.

    Args:
        definition: what to build.
        resolution: R.
        generator: of the first weights, on the CPU.

    Raises:
        InputError: if there is no such encoder, its weights cannot be had, or the first guess of a head or
            an energy is not in the frustum.
        ValueError: if a network that refines a guess comes without the settings of its guess.
    """
    match definition.settings:
        case DeconvSettings() as settings:
            chosen = settings if settings.initial is None else without_download(settings)
            return Deconv(chosen, resolution, generator)
        case HeadSettings() as settings:
            deconv, pyramid = _encoded(settings, definition.initial, resolution, generator)
            return Head(
                deconv,
                pyramid,
                settings.energy_width,
                resolution,
                generator,
                silhouette=settings.silhouette,
            )
        case IgeShapeSettings() as settings:
            deconv, pyramid = _encoded(settings, definition.initial, resolution, generator)
            return _ige_net(settings, deconv, pyramid, generator)
        case settings:
            return _baseline(settings, resolution)


def _encoded(
    settings: HeadSettings | IgeShapeSettings,
    initial: DeconvSettings | None,
    resolution: int,
    generator: torch.Generator,
) -> tuple[Deconv, Pyramid]:
    """Build the first guess and the features of a network that refines it."""
    if initial is None:
        raise ValueError("the settings of the first guess are missing")
    if initial.coordinates != "frustum":
        raise InputError(
            "a first guess in other coordinates: images are compared with grids of the frustum",
            where=f"models.shapes, {settings.initial}",
            expected="coordinates: frustum",
            found=f"coordinates: {initial.coordinates}",
        )
    make = FrozenDeconv if settings.start == "frozen" else Deconv
    deconv = make(without_download(initial), resolution, generator)
    return deconv, Pyramid(deconv.backbone.channels, settings.pyramid, count_scales(resolution), generator)


def _ige_net(
    settings: IgeShapeSettings, deconv: Deconv, pyramid: Pyramid, generator: torch.Generator
) -> VoxelIgeNet:
    return VoxelIgeNet(
        deconv,
        pyramid,
        make_energy(settings.energy, pyramid.channels, deconv.resolution, settings.state, generator),
        GridClippedMomentum(settings.rule.rate, settings.rule.momentum, settings.rule.clip),
        steps=settings.steps,
        state=settings.state,
        backward=Checkpointed() if settings.backward == "checkpointed" else Unrolled(),
    )


def _baseline(settings: ShapeModelSettings, resolution: int) -> Baseline:
    match settings:
        case MeanShapeSettings():
            return MeanShape(resolution)
        case NearestImageSettings():
            return NearestImage(settings.by, settings.bank, resolution)
        case OracleSettings():
            return Oracle(settings.bank, resolution)
        case VisualHullSettings():
            return VisualHull(resolution)
        case CeilingSettings():
            return Ceiling(resolution)
    raise ValueError(f"{settings.kind} is no baseline")


def without_download(settings: DeconvSettings) -> DeconvSettings:
    """Return settings that build the same network, whose weights will come from a file of ours."""
    backbone = settings.backbone.model_copy(update={"pretrained": False})
    return settings.model_copy(update={"backbone": backbone})


def family_of(model: VoxelModel) -> str:
    """Return the `kind` of the settings that build such a model."""
    return _FAMILIES[type(model)]


def trained_steps(model: VoxelModel) -> int | None:
    """Return the steps of descent that a model was made for; None if it takes none."""
    return model.steps if isinstance(model, VoxelIgeNet) else None


def coordinates_of(model: VoxelModel) -> Coordinates:
    """Return the axes of a model's grids: of the camera's frustum, or of the object's box in the world."""
    return model.coordinates if isinstance(model, Deconv) else "frustum"


def start_from(model: Learned, initial: VoxelModel, where: Path) -> None:
    """Give a network the weights of a deconvolution, as its own or as its first guess.

    Args:
        model: a deconvolution, a head or an energy; changed in place.
        initial: the deconvolution.
        where: its file, for errors.

    Raises:
        InputError: if it is none, or one of another resolution, encoder, size or in other coordinates.
    """
    if not isinstance(initial, Deconv):
        raise InputError(
            "no deconvolution to start from", where=where, expected="deconv", found=family_of(initial)
        )
    target = model if isinstance(model, Deconv) else model.deconv
    if (initial.coordinates, initial.resolution) != (target.coordinates, target.resolution):
        raise InputError(
            "a deconvolution of other grids",
            where=where,
            expected=f"resolution {target.resolution}, {target.coordinates}",
            found=f"resolution {initial.resolution}, {initial.coordinates}",
        )
    try:
        target.load_state_dict(initial.state_dict())
    except RuntimeError as error:
        raise InputError("a deconvolution of another encoder or size", where=where) from error


@torch.no_grad()
def predict(model: VoxelModel, query: Query, steps: int | None = None) -> Answer:
    """Ask a model, whatever it is, in the mode (train or eval) that it is in.

    Args:
        model: any, on the device of the query.
        query: B views at the model's resolution.
        steps: of descent; None for as many as the model was made for.

    Returns:
        Probabilities (B, R, R, R) in the axes that `coordinates_of` names.

    Raises:
        InputError: if a model that takes no steps is asked to.
    """
    if isinstance(model, VoxelIgeNet):
        refinement = model(network_input(query.rgba), steps)
        return Answer(refinement.last.sigmoid(), refinement)
    if steps is not None:
        raise InputError(f"a model of kind {family_of(model)} takes no steps", found=f"{steps} steps")
    if isinstance(model, Deconv | Head):
        refinement = model(network_input(query.rgba))
        return Answer(refinement.last.sigmoid(), refinement)
    return Answer(model(query))


def save_voxel_model(
    path: Path,
    definition: Definition,
    resolution: int,
    state: Mapping[str, Tensor],
    facts: Mapping[str, Any],
) -> None:
    """Write a model with the facts that its users need (`train` says which).

    Raises:
        StorageError: if the file cannot be written.
    """
    initial = None if definition.initial is None else definition.initial.subtree()
    attributes = {
        "settings": definition.settings.subtree(),
        "initial": initial,
        "resolution": resolution,
        **facts,
    }
    write_tensors(path, KIND, state, attributes)


def load_voxel_model(path: Path, device: str | torch.device = "cpu") -> tuple[VoxelModel, dict[str, Any]]:
    """Read a model, ready to be asked (in eval mode), and its attributes. Nothing is downloaded.

    Raises:
        InputError: if the file is missing, of another kind, damaged, or made by another version.
    """
    stored = read_tensors(path, KIND)
    try:
        definition = _definition(stored.attributes)
        model = build_voxel_model(definition, stored.attributes["resolution"], torch.Generator())
        model.load_state_dict(stored.tensors)
    except (ValidationError, InputError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            "a model of another version of ige", where=path, next_step="Delete it and train it again"
        ) from error
    return model.to(device).eval(), stored.attributes


def _definition(attributes: Mapping[str, Any]) -> Definition:
    settings: ShapeModelSettings = TypeAdapter(ShapeModelSettings).validate_python(attributes["settings"])
    if isinstance(settings, DeconvSettings):
        settings = without_download(settings)
    initial = attributes["initial"]
    return Definition(settings, None if initial is None else DeconvSettings.model_validate(initial))
