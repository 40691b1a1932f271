"""`models.shapes:` of params.yaml: the definitions of models that reconstruct voxel grids from an image."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ige.params.section import Count, Name, Natural, NotNegative, Positive, Section, Share
from ige.params.step_rule import StepRuleSettings

Scope = Literal["all", "each"]
Coordinates = Literal["frustum", "world"]
State = Literal["logits", "squashed", "probabilities"]
_SCOPE = "all: one model of all categories | each: one per category, which the table puts together."


class ShapeLossSettings(Section):
    """What is minimised: a mixture of cross-entropy and of one minus the continuous IoU."""

    alpha: Annotated[float, Field(gt=-1, lt=1)] = Field(
        description="Cross-entropy weighs occupied cells 1 + alpha and empty ones 1 - alpha."
    )
    focal: NotNegative = Field(description="Exponent of the focal factor of cross-entropy; 0: none.")
    iou_share: Share = Field(description="0: cross-entropy alone | 1: the continuous IoU alone.")
    iou_weights: Literal["none", "volume"] = Field(
        description="volume: cells count in the IoU by their volume in the frustum."
    )
    warm_up_epochs: Natural = Field(description="First epochs with cross-entropy alone.")


class BackboneSettings(Section):
    """The image encoder."""

    name: str = Field(description="small: a small convolutional net of ours | a model of timm, by its name.")
    pretrained: bool = Field(description="Start from the weights that timm has; needs a download.")


class EstimateSettings(Section):
    """The 3D deconvolution of the initial estimate."""

    channels: Annotated[int, Field(ge=8)] = Field(
        description="Channels at 4 cells per side, halved with each doubling."
    )
    side: Literal[16, 32] = Field(description="Cells per side that it ends at; finer ones are interpolated.")


class EnergySettings(Section):
    """The energy: pooled grids beside image features, two 2D convolutions per scale."""

    pooling: Literal["average", "max", "silhouette"] = Field(
        description="average: anisotropic average pooling | max: of the same windows | silhouette: the soft "
        "silhouette alone."
    )
    width: Annotated[int, Field(ge=8)] = Field(
        description="Hidden channels of the coarsest scale, halved with each doubling; outputs are half."
    )
    kernel_scale: Positive | None = Field(
        description="Variance scale of the first weights; null: torch's own."
    )


class _Learned(Section):
    scope: Scope = Field(description=_SCOPE)
    epochs: Count = Field(description="Passes over the training views.")
    loss: ShapeLossSettings


class _Refining(_Learned):
    initial: Name = Field(description="The deconvolution that gives the first guess, with its weights.")
    start: Literal["joint", "frozen"] = Field(
        description="joint: encoder and first guess train on | frozen: they stay as they are."
    )
    pyramid: Annotated[int, Field(ge=8)] = Field(
        description="Channels of the coarsest image features, halved with each doubling."
    )
    iterate_decay: Positive = Field(
        description="Weight of guess t, the first being 0, in the loss: decay ** -t, normalised."
    )


class DeconvSettings(_Learned):
    """Image to grid by 3D deconvolution: the initial estimate alone."""

    kind: Literal["deconv"]
    coordinates: Coordinates = Field(
        description="frustum: of the camera's view | world: of the object's box."
    )
    backbone: BackboneSettings
    estimate: EstimateSettings
    initial: Name | None = Field(description="Model whose weights it starts from; null: from scratch.")


class HeadSettings(_Refining):
    """A first guess corrected once by convolutions on the same features: the energy's control."""

    kind: Literal["head"]
    energy_width: Annotated[int, Field(ge=8)] = Field(
        description="It has as many parameters as the average-pooled energy of this width."
    )
    silhouette: bool = Field(description="Beside averages it sees how opaque each ray of the guess is.")


class IgeShapeSettings(_Refining):
    """A first guess refined by unrolled steps on a learned energy."""

    kind: Literal["ige"]
    steps: Count = Field(description="Unrolled steps T.")
    state: State = Field(
        description="logits | squashed: logits that the energy sees as probabilities | probabilities."
    )
    energy: EnergySettings
    rule: StepRuleSettings
    backward: Literal["unrolled", "checkpointed"] = Field(
        description="checkpointed: less memory, more time, the same gradients."
    )


class MeanShapeSettings(Section):
    """Answers the mean of the training grids, whatever the image."""

    kind: Literal["mean-shape"]
    scope: Scope = Field(description=_SCOPE)


class NearestImageSettings(Section):
    """Answers the grid of the nearest training image."""

    kind: Literal["nearest-image"]
    scope: Scope = Field(description=_SCOPE)
    by: Literal["pixels", "silhouette"] = Field(description="What of the images is compared.")
    bank: Count = Field(description="Number of training views to search.")


class OracleSettings(Section):
    """Answers the training grid that is nearest to the truth: what the best retrieval could reach."""

    kind: Literal["oracle"]
    scope: Scope = Field(description=_SCOPE)
    bank: Count = Field(description="Number of training views to search.")


class VisualHullSettings(Section):
    """Answers all that the image's silhouette admits."""

    kind: Literal["visual-hull"]
    scope: Literal["all"]


class CeilingSettings(Section):
    """Answers the truth at the training resolution."""

    kind: Literal["ceiling"]
    scope: Literal["all"]


LearnedShapeSettings: TypeAlias = DeconvSettings | HeadSettings | IgeShapeSettings
ShapeModelSettings = Annotated[
    DeconvSettings
    | HeadSettings
    | IgeShapeSettings
    | MeanShapeSettings
    | NearestImageSettings
    | OracleSettings
    | VisualHullSettings
    | CeilingSettings,
    Field(discriminator="kind"),
]
