"""params.yaml as one typed, frozen value; what is written in it decides every result."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from ige.params.models import IgeSettings, LifterSettings, ModelsSettings
from ige.params.naming import shape_trained_name, split_shape_trained, split_trained, trained_name
from ige.params.poses import Detections, PosesSettings
from ige.params.section import Name, Section
from ige.params.shape_models import (
    DeconvSettings,
    HeadSettings,
    IgeShapeSettings,
    LearnedShapeSettings,
    ShapeModelSettings,
)
from ige.params.shapes import ShapesSettings
from ige.params.training import EvaluationByTask, Selection, TrainingByTask


class Params(Section):
    """All settings of a run."""

    run: Name = Field(description="Names the folder below runs/.")
    poses: PosesSettings
    shapes: ShapesSettings
    models: ModelsSettings
    train: Selection
    training: TrainingByTask
    evaluation: EvaluationByTask

    @model_validator(mode="after")
    def _names_are_defined(self) -> Self:
        for name in self.train.poses:
            _require(name, self.models.poses, "train.poses")
        for name in self.evaluation.poses.other_steps:
            _require(name, self.models.poses, "evaluation.poses.other_steps")
            if not isinstance(self.models.poses[name], IgeSettings):
                raise ValueError(f"evaluation.poses.other_steps: {name} takes no steps (its kind is not ige)")
        return self

    @model_validator(mode="after")
    def _observations_are_defined(self) -> Self:
        known = self.poses.lifting.observations
        for name in self.train.observations:
            _require(name, known, "train.observations", "poses.lifting.observations")
            if isinstance(known[name], Detections) and self.poses.source != "h36m":
                raise ValueError(
                    f"train.observations: {name} needs poses.source h36m, found {self.poses.source}"
                )
        return self

    @model_validator(mode="after")
    def _initial_models_fit(self) -> Self:
        for name, model in self.models.poses.items():
            if not isinstance(model, LifterSettings | IgeSettings) or model.initial is None:
                continue
            where = f"models.poses.{name}.initial"
            _require(model.initial, self.models.poses, where)
            first = self.models.poses[model.initial]
            if not isinstance(first, LifterSettings):
                raise ValueError(f"{where}: {model.initial} is no lifter")
            if isinstance(model, LifterSettings) and (first.width, first.blocks, first.scale) != (
                model.width,
                model.blocks,
                model.scale,
            ):
                raise ValueError(f"{where}: {model.initial} has another width, number of blocks or scale")
            if isinstance(model, IgeSettings) and first.scale != "free":
                raise ValueError(f"{where}: {model.initial} is metric, a descent starts from scale: free")
            _require_no_ring(name, "models.poses", self.models.poses)
        return self

    @model_validator(mode="after")
    def _shape_names_are_defined(self) -> Self:
        known = self.models.shapes
        for where, names in (
            ("train.shapes", self.train.shapes),
            ("evaluation.shapes.references", self.evaluation.shapes.references),
        ):
            for name in names:
                _require(name, known, where, "models.shapes")
        for name in self.train.each or ():
            _require(name, dict.fromkeys(self.shapes.categories), "train.each", "shapes.categories")
        made = self.shapes.grids.resolutions
        scored = self.evaluation.shapes.resolution
        for where, size in (
            *(("train.resolutions", size) for size in self.train.resolutions),
            ("evaluation.shapes.resolution", scored),
        ):
            if self.train.shapes and size not in made:
                raise ValueError(
                    f"{where}: {size} is not made; shapes.grids.resolutions has {', '.join(map(str, made))}"
                )
        for size in self.train.resolutions:
            if self.train.shapes and (size > scored or scored % size):
                raise ValueError(
                    f"train.resolutions: {size} does not divide evaluation.shapes.resolution, {scored}"
                )
        return self

    @model_validator(mode="after")
    def _networks_have_grids_that_halve(self) -> Self:
        names = self.train.shapes
        learned = [name for name in names if isinstance(self.models.shapes[name], LearnedShapeSettings)]
        for size in self.train.resolutions:
            if learned and size & (size - 1):
                raise ValueError(f"train.resolutions: {learned[0]} needs a power of two, found {size}")
        return self

    @model_validator(mode="after")
    def _initial_shape_models_fit(self) -> Self:
        for name, model in self.models.shapes.items():
            if not isinstance(model, LearnedShapeSettings) or model.initial is None:
                continue
            where = f"models.shapes.{name}.initial"
            _require(model.initial, self.models.shapes, where, "models.shapes")
            first = self.models.shapes[model.initial]
            if not isinstance(first, DeconvSettings):
                raise ValueError(f"{where}: {model.initial} is no deconvolution")
            if model.scope == "all" and first.scope == "each":
                raise ValueError(f"{where}: {model.initial} is one model per category, {name} is one of all")
            if isinstance(model, HeadSettings | IgeShapeSettings) and first.coordinates != "frustum":
                raise ValueError(
                    f"{where}: {model.initial} is of the world, a refinement starts in the frustum"
                )
            if isinstance(model, DeconvSettings) and _form(model) != _form(first):
                raise ValueError(f"{where}: {model.initial} has another form or coordinates")
            _require_no_ring(name, "models.shapes", self.models.shapes)
        return self

    def shape_initial_of(self, trained: str) -> str | None:
        """Name the trained model of shapes whose weights `trained` starts from, if any."""
        name, resolution, category = split_shape_trained(trained)
        initial: str | None = getattr(self.models.shapes[name], "initial", None)
        if initial is None:
            return None
        first = self.models.shapes[initial]
        return shape_trained_name(initial, resolution, category if _scope(first) == "each" else None)

    def trained_shapes(self) -> list[str]:
        """Name the models of shapes to train and to show: by model, resolution, then category."""
        return [
            shape_trained_name(model, resolution, category)
            for model in self.train.shapes
            for resolution in self.train.resolutions
            for category in self._parts(model)
        ]

    def _parts(self, model: str) -> tuple[str | None, ...]:
        if _scope(self.models.shapes[model]) == "all":
            return (None,)
        return self.shapes.categories if self.train.each is None else self.train.each

    def initial_of(self, trained: str) -> str | None:
        """Name the trained model, of the same observation, whose weights `trained` starts from, if any."""
        model, observation = split_trained(trained)
        initial: str | None = getattr(self.models.poses[model], "initial", None)
        return trained_name(initial, observation) if initial else None

    def trained(self) -> list[str]:
        """Name the pose models to train and to show: by observation, then in the order of train.poses."""
        return [
            trained_name(model, observation)
            for observation in self.train.observations
            for model in self.train.poses
        ]


def _require(name: str, defined: Mapping[str, object], where: str, place: str = "models.poses") -> None:
    if name not in defined:
        close = difflib.get_close_matches(name, defined, n=1)
        hint = f"did you mean {close[0]}?" if close else f"defined are {', '.join(defined)}"
        raise ValueError(f"{where}: {name!r} is not defined in {place}; {hint}")


def _require_no_ring(name: str, place: str, defined: Mapping[str, object]) -> None:
    chain = [name]
    while (initial := getattr(defined.get(chain[-1]), "initial", None)) is not None:
        if initial in chain:
            raise ValueError(f"{place}.{name}.initial: leads back to itself: {' -> '.join(chain)}")
        chain.append(initial)


def _form(model: DeconvSettings) -> tuple[object, ...]:
    return model.coordinates, model.backbone.name, model.estimate


def _scope(model: ShapeModelSettings) -> str:
    return model.scope
