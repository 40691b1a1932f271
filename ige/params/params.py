"""params.yaml as one typed, frozen value; what is written in it decides every result."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from ige.params.models import IgeSettings, LifterSettings, ModelsSettings
from ige.params.poses import PosesSettings
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
    def _initial_models_fit(self) -> Self:
        for name, model in self.models.poses.items():
            if not isinstance(model, LifterSettings | IgeSettings) or model.initial is None:
                continue
            where = f"models.poses.{name}.initial"
            _require(model.initial, self.models.poses, where)
            first = self.models.poses[model.initial]
            if not isinstance(first, LifterSettings):
                raise ValueError(f"{where}: {model.initial} is no lifter")
            if isinstance(model, LifterSettings) and (first.width, first.blocks) != (
                model.width,
                model.blocks,
            ):
                raise ValueError(f"{where}: {model.initial} has another width or number of blocks")
            self._require_no_ring(name)
        return self

    def _require_no_ring(self, name: str) -> None:
        chain = [name]
        while (initial := self.initial_of(chain[-1])) is not None:
            if initial in chain:
                raise ValueError(f"models.poses.{name}.initial: leads back to itself: {' -> '.join(chain)}")
            chain.append(initial)

    def initial_of(self, model: str) -> str | None:
        """Name the pose model whose weights `model` starts from, if any."""
        return getattr(self.models.poses[model], "initial", None)


def _require(name: str, defined: Mapping[str, object], where: str) -> None:
    if name not in defined:
        close = difflib.get_close_matches(name, defined, n=1)
        hint = f"did you mean {close[0]}?" if close else f"defined are {', '.join(defined)}"
        raise ValueError(f"{where}: {name!r} is not defined in models.poses; {hint}")
