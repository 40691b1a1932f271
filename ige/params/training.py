"""`training:`, `train:` and `evaluation:` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ige.params.section import Count, Name, Names, Natural, NotNegative, Positive, Section, unique


class CommonTrainingSettings(Section):
    """How the models of any task are trained."""

    seeds: Annotated[tuple[Natural, ...], Field(min_length=1, strict=False)] = Field(
        description="Each model is trained once per seed."
    )
    batch_size: Annotated[int, Field(ge=2)] = Field(description="Examples per step.")
    learning_rate: Positive = Field(description="Adam's rate at the first step.")
    final_learning_rate: Positive = Field(description="Adam's rate at the last step; geometric in between.")
    outer_clip: Positive | None = Field(
        description="Clip the gradient at so many times the running median of its norm; null: never."
    )
    clip_window: Annotated[int, Field(ge=10)] = Field(description="Steps of the running median.")
    precision: Literal["fp32", "bf16"] = Field(description="Precision of the computation.")
    select: Literal["last", "best"] = Field(
        description="Weights that are kept: after the last epoch, or at the best validation error."
    )

    @model_validator(mode="after")
    def _rates_fall(self) -> Self:
        if self.final_learning_rate > self.learning_rate:
            raise ValueError("final_learning_rate must not exceed learning_rate")
        return self

    @model_validator(mode="after")
    def _seeds_differ(self) -> Self:
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds must differ")
        return self


class TrainingSettings(CommonTrainingSettings):
    """What the training loop reads."""

    epochs: Count = Field(description="Passes over the training set.")


class PoseTrainingBlock(TrainingSettings):
    """How models of poses are trained."""

    depth_bias_m: NotNegative = Field(description="First depth that a lifter answers, metres.")


class ShapeTrainingBlock(CommonTrainingSettings):
    """How models of shapes are trained; how long stands with each model."""

    micro_batch: Count | None = Field(
        description="Examples that go through the model at once, their gradients summed up; null: the batch."
    )
    epoch_steps: Count | None = Field(
        description="Steps of an epoch at most, of views drawn anew; null: a pass over all views."
    )
    backbone_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        description="The image encoder's learning rate, in parts of the others'."
    )
    flips: bool = Field(description="Mirror half of the examples, image and grid.")
    fresh_views: bool = Field(
        description="Take a new random view of a model each time instead of those of the shape sets."
    )
    validation_views: Literal["all", "first"] = Field(description="Views of each model that validate.")

    def loop(self, epochs: int) -> TrainingSettings:
        """Return what the training loop reads, for a model that trains so many epochs."""
        shared = {name: getattr(self, name) for name in CommonTrainingSettings.model_fields}
        return TrainingSettings(epochs=epochs, **shared)


class TrainingByTask(Section):
    """Training settings of each task."""

    poses: PoseTrainingBlock
    shapes: ShapeTrainingBlock


class Selection(Section):
    """The models to train and to show in the tables, in the order of the tables."""

    poses: Names = Field(description="Names of models defined in models.poses.")
    observations: Names = Field(
        description="Names of observations defined in poses.lifting.observations; each model is trained on "
        "each."
    )
    shapes: Annotated[tuple[Name, ...], Field(strict=False), AfterValidator(unique)] = Field(
        description="Names of models defined in models.shapes; may be empty."
    )
    each: Names | None = Field(
        description="Categories for which models of scope `each` are trained; null: all of them."
    )
    resolutions: Annotated[tuple[Count, ...], Field(strict=False, min_length=1), AfterValidator(unique)] = (
        Field(description="Resolutions of shapes.grids; each model of shapes is trained at each.")
    )


class PoseEvaluationSettings(Section):
    """How lifters are scored."""

    other_steps: dict[Name, Annotated[tuple[Natural, ...], Field(strict=False)]] = Field(
        description="Numbers of steps, other than the trained one, with which a model is run as well."
    )
    examples: Count = Field(description="Test poses kept with all their iterates, for the figures.")
    batch_size: Count = Field(description="Poses lifted at once; does not change results.")


class BootstrapSettings(Section):
    """Intervals of differences between models, by drawing test models anew."""

    samples: Annotated[int, Field(ge=100)] = Field(description="Number of draws.")
    seed: Natural = Field(description="Seed of all draws.")


class ShapeEvaluationSettings(Section):
    """How models of shapes are scored."""

    resolution: Count = Field(
        description="Resolution of shapes.grids at which all answers are compared with the truth."
    )
    views: Literal["all", "first"] = Field(description="Views of each test model.")
    threshold: Literal["validation", "half"] = Field(
        description="A cell is filled above: validation: what gives the best IoU there | half: 0.5."
    )
    examples: Count = Field(
        description="Test views of each category kept with all iterates, for the figures."
    )
    batch_size: Count = Field(description="Images that go through a model at once.")
    references: Annotated[tuple[Name, ...], Field(strict=False), AfterValidator(unique)] = Field(
        description="Models that all others are compared with, example by example."
    )
    bootstrap: BootstrapSettings


class EvaluationByTask(Section):
    """Evaluation settings of each task."""

    poses: PoseEvaluationSettings
    shapes: ShapeEvaluationSettings
