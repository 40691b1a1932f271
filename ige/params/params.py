"""params.yaml as one typed, frozen value; what is written in it decides every result."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from ige.params.models import IgeSettings, LifterSettings, ModelsSettings
from ige.params.naming import split_trained, trained_name
from ige.params.poses import Detections, PosesSettings
from ige.params.section import Name, Section
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
            self._require_no_ring(name)
        return self

    def _require_no_ring(self, name: str) -> None:
        chain = [name]
        while (initial := self.initial_of(chain[-1])) is not None:
            if initial in chain:
                raise ValueError(f"models.poses.{name}.initial: leads back to itself: {' -> '.join(chain)}")
            chain.append(initial)

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
