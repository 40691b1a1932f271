"""`poses:` of params.yaml: where poses come from, the cameras, and how lifting pairs are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, model_validator

from ige.params.section import (
    Count,
    Name,
    Names,
    Natural,
    NotNegative,
    Pair,
    PixelPair,
    Positive,
    Section,
    Share,
    SkipPattern,
    Texts,
    Triple,
    unique,
)

Row = Annotated[tuple[float, float, float, float], Field(strict=False)]
Cameras = TypeVar("Cameras", bound="Sequence[RingCamera | ExplicitCamera]")
Action = Literal[
    "Directions",
    "Discussion",
    "Eating",
    "Greeting",
    "Phoning",
    "Photo",
    "Posing",
    "Purchases",
    "Sitting",
    "SittingDown",
    "Smoking",
    "Waiting",
    "WalkDog",
    "Walking",
    "WalkTogether",
]


class ProceduralSettings(Section):
    """Generated performances: the embedded default, no download."""

    seed: Natural = Field(description="Seed of bodies and motions.")
    subjects: Names = Field(description="Names of the subjects; each has a body of its own.")
    actions: Annotated[tuple[Action, ...], Field(min_length=1, strict=False)] = Field(
        description="Actions, named as in Human3.6M."
    )
    takes: Count = Field(description="Performances of each action by each subject.")
    seconds: Positive = Field(description="Length of a performance.")
    fps: Positive = Field(description="Frames per second.")


class FilePattern(Section):
    """Facts about motion files that override what the files say."""

    pattern: str = Field(description="Shell pattern on the path below the folder, e.g. 'salsa_*'.")
    subject: str | None = Field(default=None, description="Subject of these files.")
    action: str | None = Field(default=None, description="Action of these files.")
    fps: Positive | None = Field(default=None, description="Frames per second, where the header is wrong.")
    metres_per_unit: Positive | None = Field(default=None, description="Length of one unit of the file.")
    up: Literal["y", "z"] | None = Field(default=None, description="Axis that points up in the file.")
    licence: str | None = Field(default=None, description="Licence of these files.")


class MocapSettings(Section):
    """A folder of BVH and ASF/AMC files."""

    manifest: str | None = Field(
        description="CSV file in the folder (file, subject, action, take); null: from CMU file names."
    )
    drop_t_pose: bool = Field(description="Drop leading frames in T-pose.")
    files: tuple[FilePattern, ...] = Field(strict=False, description="Overrides; the first match counts.")
    repeats: tuple[str, ...] = Field(
        strict=False, description="Patterns of files that repeat another clip in another form."
    )
    repeat_bound_mm: Positive = Field(
        description="Largest mean Procrustes difference that still counts as the same motion."
    )
    skip: tuple[SkipPattern, ...] = Field(strict=False, description="Files to leave out, with the reason.")


class RingCamera(Section):
    """A camera on a ring around the scene."""

    name: Name = Field(description="Name of the camera.")
    azimuth_degrees: float = Field(description="Direction from the origin, from +x towards +y.")
    distance_m: Positive = Field(description="Horizontal distance from the origin.")
    height_m: float = Field(description="Height above the floor.")
    focal_pixels: Pair = Field(description="Focal lengths fx, fy.")
    centre_pixels: Pair = Field(description="Principal point cx, cy.")
    radial: Triple = Field(description="k1, k2, k3, as in OpenCV.")
    tangential: Pair = Field(description="p1, p2, as in OpenCV.")


def _names_differ(cameras: Cameras) -> Cameras:
    unique(tuple(camera.name for camera in cameras))
    return cameras


class RingRig(Section):
    """Cameras on a ring that look at one point, as in Human3.6M's studio."""

    kind: Literal["ring"]
    image_pixels: PixelPair = Field(description="Width and height of the images.")
    look_at_m: Triple = Field(description="The point in the world at which all cameras look.")
    cameras: Annotated[
        tuple[RingCamera, ...], Field(strict=False, min_length=1), AfterValidator(_names_differ)
    ]


class ExplicitCamera(Section):
    """A camera given by its matrix."""

    name: Name = Field(description="Name of the camera.")
    extrinsics: Annotated[tuple[Row, ...], Field(strict=False, min_length=3, max_length=3)] = Field(
        description="3 rows of 4: X_cam = extrinsics @ (X_world, 1), metres."
    )
    focal_pixels: Pair = Field(description="Focal lengths fx, fy.")
    centre_pixels: Pair = Field(description="Principal point cx, cy.")
    radial: Triple = Field(description="k1, k2, k3, as in OpenCV.")
    tangential: Pair = Field(description="p1, p2, as in OpenCV.")


class ExplicitRig(Section):
    """Cameras given by their matrices."""

    kind: Literal["explicit"]
    image_pixels: PixelPair = Field(description="Width and height of the images.")
    cameras: Annotated[
        tuple[ExplicitCamera, ...], Field(strict=False, min_length=1), AfterValidator(_names_differ)
    ]


class Projection(Section):
    """Observations are the exact projections of the joints."""

    kind: Literal["projection"]


class NoisyProjection(Section):
    """Observations as a poor detector would give them."""

    kind: Literal["noisy"]
    seed: Natural = Field(description="Seed of the noise.")
    sigma_pixels: NotNegative = Field(description="Standard deviation of the Gaussian noise.")
    outlier_share: Share = Field(description="Share of joints that are far off.")
    outlier_pixels: NotNegative = Field(description="Standard deviation of the outliers.")


def _not_all(subjects: tuple[str, ...]) -> tuple[str, ...]:
    if "all" in subjects:
        raise ValueError("'all' stands for all subjects in the tables: name the subject otherwise")
    return subjects


class Splits(Section):
    """Which subjects train and which test."""

    train: Texts = Field(description="Subjects to train on.")
    test: Annotated[Texts, AfterValidator(_not_all)] = Field(description="Subjects to test on.")

    @model_validator(mode="after")
    def _disjoint(self) -> Splits:
        both = sorted(set(self.train) & set(self.test))
        if both:
            raise ValueError(f"subjects in both train and test: {', '.join(both)}")
        return self


class LiftingSettings(Section):
    """How pairs of 2D observations and 3D poses are made from clips."""

    rig: Annotated[RingRig | ExplicitRig, Field(discriminator="kind")]
    splits: Splits
    validation_every: Annotated[int, Field(ge=2)] = Field(
        description="Every so manieth clip of the training subjects is held out for validation."
    )
    yaws_degrees: Annotated[tuple[float, ...], Field(min_length=1, strict=False), AfterValidator(unique)] = (
        Field(description="Turns of each clip about the vertical.")
    )
    frame_step: Count = Field(description="Take every so manieth frame.")
    observation: Annotated[Projection | NoisyProjection, Field(discriminator="kind")]


class PosesSettings(Section):
    """Poses: source, cameras, lifting pairs."""

    source: Literal["procedural", "mocap"] = Field(description="Where poses come from.")
    max_skipped: Natural = Field(description="More skipped files than this fail the stage.")
    procedural: ProceduralSettings
    mocap: MocapSettings
    lifting: LiftingSettings
