"""`models:` of params.yaml: the definitions of all models; `train:` selects among them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ige.params.section import Count, Name, Natural, Positive, Section
from ige.params.shape_models import ShapeModelSettings
from ige.params.step_rule import StepRuleSettings


class LifterSettings(Section):
    """The fully connected lifter of Martinez et al. 2017, of any size."""

    kind: Literal["lifter"]
    width: Count = Field(description="Units of each hidden layer.")
    blocks: Natural = Field(description="Residual blocks of two hidden layers each.")
    dropout: Annotated[float, Field(ge=0, lt=1)] = Field(description="Share of units dropped in training.")
    initial: Name | None = Field(description="Model whose weights it starts from; null: from scratch.")
    scale: Literal["free", "metric"] = Field(
        description="free: absolute poses up to scale, as IGE's first guess | metric: poses about the hips "
        "in metres, as in Martinez et al. 2017."
    )


class IgeSettings(Section):
    """A lifter whose output is refined by unrolled steps on a learned energy."""

    kind: Literal["ige"]
    initial: Name = Field(description="The lifter that gives the first guess, with its weights.")
    steps: Count = Field(description="Unrolled steps T.")
    feasibility: bool = Field(description="Use the energy of the 3D pose alone, E_y.")
    consistency: bool = Field(description="Use the energy of projection and observation, E_x.")
    hidden: Count = Field(description="Hidden units of each energy.")
    outputs: Count = Field(description="Outputs of each energy, summed.")
    activation: Literal["softplus", "relu"] = Field(description="Hidden activation of the energies.")
    kernel_scale: Positive = Field(description="Variance scale of the energies' first weights.")
    rule: StepRuleSettings
    iterate_decay: Positive = Field(description="Weight of iterate t in the loss: decay ** -t, normalised.")

    @model_validator(mode="after")
    def _some_energy(self) -> Self:
        if not (self.feasibility or self.consistency):
            raise ValueError("no energy is left: switch on feasibility, consistency or both")
        return self


class MeanPoseSettings(Section):
    """Answers the mean training pose, whatever is observed."""

    kind: Literal["mean-pose"]


class NearestPoseSettings(Section):
    """Answers the pose of the nearest observation among training pairs."""

    kind: Literal["nearest-pose"]
    bank: Count = Field(description="Number of training pairs to search.")


PoseModelSettings = Annotated[
    LifterSettings | IgeSettings | MeanPoseSettings | NearestPoseSettings, Field(discriminator="kind")
]


class ModelsSettings(Section):
    """Definitions of models by name."""

    poses: dict[Name, PoseModelSettings] = Field(description="Models that lift poses.")
    shapes: dict[Name, ShapeModelSettings] = Field(description="Models that reconstruct grids.")
