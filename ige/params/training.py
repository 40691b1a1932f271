"""`training:`, `train:` and `evaluation:` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ige.params.section import Count, Name, Names, Natural, NotNegative, Positive, Section


class TrainingSettings(Section):
    """How the models of one task are trained."""

    seeds: Annotated[tuple[Natural, ...], Field(min_length=1, strict=False)] = Field(
        description="Each model is trained once per seed."
    )
    epochs: Count = Field(description="Passes over the training set.")
    batch_size: Annotated[int, Field(ge=2)] = Field(description="Examples per step.")
    learning_rate: Positive = Field(description="Adam's rate at the first step.")
    final_learning_rate: Positive = Field(description="Adam's rate at the last step; geometric in between.")
    outer_clip: Positive | None = Field(
        description="Clip the gradient at so many times the running median of its norm; null: never."
    )
    clip_window: Annotated[int, Field(ge=10)] = Field(description="Steps of the running median.")
    precision: Literal["fp32", "bf16"] = Field(description="Precision of the computation.")
    depth_bias_m: NotNegative = Field(description="First depth that a lifter answers, metres.")
    select: Literal["last", "best"] = Field(
        description="Weights that are kept: after the last epoch, or at the best validation error."
    )

    @model_validator(mode="after")
    def _rates_fall(self) -> TrainingSettings:
        if self.final_learning_rate > self.learning_rate:
            raise ValueError("final_learning_rate must not exceed learning_rate")
        return self

    @model_validator(mode="after")
    def _seeds_differ(self) -> TrainingSettings:
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds must differ")
        return self


class TrainingByTask(Section):
    """Training settings of each task."""

    poses: TrainingSettings


class Selection(Section):
    """The models to train and to show in the tables, in the order of the tables."""

    poses: Names = Field(description="Names of models defined in models.poses.")
    observations: Names = Field(
        description="Names of observations defined in poses.lifting.observations; each model is trained on "
        "each."
    )


class PoseEvaluationSettings(Section):
    """How lifters are scored."""

    other_steps: dict[Name, Annotated[tuple[Natural, ...], Field(strict=False)]] = Field(
        description="Numbers of steps, other than the trained one, with which a model is run as well."
    )
    examples: Count = Field(description="Test poses kept with all their iterates, for the figures.")
    batch_size: Count = Field(description="Poses lifted at once; does not change results.")


class EvaluationByTask(Section):
    """Evaluation settings of each task."""

    poses: PoseEvaluationSettings
