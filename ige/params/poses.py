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
    fetch: tuple[str, ...] = Field(
        strict=False,
        description="Groups of workflow/sources.csv that are downloaded where there is no folder.",
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


class RingCameras(Section):
    """Cameras on a ring that look at one point, as in Human3.6M's studio."""

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


class Images(Section):
    """What the images of all cameras share."""

    image_pixels: PixelPair = Field(description="Width and height of the images.")


class RingRig(RingCameras, Images):
    """The cameras of a ring."""

    kind: Literal["ring"]


class ExplicitRig(Images):
    """Cameras given by their matrices."""

    kind: Literal["explicit"]
    cameras: Annotated[tuple[ExplicitCamera, ...], Field(strict=False), AfterValidator(_names_differ)]


class RecordedRig(Images):
    """The cameras that recorded each subject, as the source of the clips tells them."""

    kind: Literal["recorded"]


class RigSettings(Images):
    """Which cameras see the clips: `kind` chooses one of the sections below it."""

    kind: Literal["ring", "explicit", "recorded"] = Field(description="Which cameras are taken.")
    ring: RingCameras
    explicit: Annotated[tuple[ExplicitCamera, ...], Field(strict=False), AfterValidator(_names_differ)]

    @model_validator(mode="after")
    def _some_camera(self) -> RigSettings:
        if self.kind == "explicit" and not self.explicit:
            raise ValueError("explicit: expected at least one camera, found none")
        return self

    def chosen(self) -> RingRig | ExplicitRig | RecordedRig:
        """Return the cameras that were chosen, without what the others are set to."""
        if self.kind == "ring":
            return RingRig(kind="ring", image_pixels=self.image_pixels, **dict(self.ring))
        if self.kind == "explicit":
            return ExplicitRig(kind="explicit", image_pixels=self.image_pixels, cameras=self.explicit)
        return RecordedRig(kind="recorded", image_pixels=self.image_pixels)


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


class Detections(Section):
    """Observations are what a detector found in the images of Human3.6M."""

    kind: Literal["detections"]
    detector: Literal["sh", "sh-ft", "vp3d-sh-pt", "vp3d-sh-ft", "vp3d-cpn-ft", "vp3d-gt"] = Field(
        description="sh, sh-ft: stacked hourglass, as trained on MPII and fine-tuned, in the files of "
        "Martinez et al. | vp3d-...: in the files of VideoPose3D."
    )


Observation = Annotated[Projection | NoisyProjection | Detections, Field(discriminator="kind")]
SplitName = Literal["train", "validation", "test"]
Pairs = dict[SplitName, Count]


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


class LiftingBase(Section):
    """How pairs of 2D observations and 3D poses are made from clips, whatever observes them."""

    splits: Splits
    validation_every: Annotated[int, Field(ge=2)] = Field(
        description="Every so manieth clip of the training subjects is used for validation."
    )
    validation_held_out: bool = Field(
        description="Validation clips leave the training set; false: they stay, as in the published "
        "protocol, which has no validation."
    )
    yaws_degrees: Annotated[tuple[float, ...], Field(min_length=1, strict=False), AfterValidator(unique)] = (
        Field(description="Turns of each clip about the vertical.")
    )
    frame_step: Count = Field(description="Take every so manieth frame.")
    visibility: Literal["in-image", "all"] = Field(
        description="in-image: keep frames of which a camera sees every joint | all: keep every frame, as "
        "published for Human3.6M."
    )


class LiftingSettings(LiftingBase):
    """How the pairs of one observation are made: the chosen cameras, one observation."""

    rig: Annotated[RingRig | ExplicitRig | RecordedRig, Field(discriminator="kind")]
    observation: Observation
    expected_pairs: Pairs


class LiftingByObservation(LiftingBase):
    """How pairs are made from clips, for each observation."""

    rig: RigSettings
    observations: dict[Name, Observation] = Field(
        description="What is observed of a pose; train.observations selects among them."
    )
    expected_pairs: dict[Name, Pairs] = Field(
        description="By observation and split: fail unless there are exactly so many pairs."
    )

    @model_validator(mode="after")
    def _observations_are_known(self) -> LiftingByObservation:
        for name in self.expected_pairs:
            if name not in self.observations:
                raise ValueError(
                    f"expected_pairs: {name!r} is none of the observations {', '.join(self.observations)}"
                )
        return self

    def of(self, observation: str) -> LiftingSettings:
        """Return what decides the pairs of one observation."""
        return LiftingSettings(
            **{name: getattr(self, name) for name in LiftingBase.model_fields},
            rig=self.rig.chosen(),
            observation=self.observations[observation],
            expected_pairs=self.expected_pairs.get(observation, {}),
        )


class H36mSettings(Section):
    """Human3.6M, as its users get it."""

    positions: Literal["official", "martinez", "videopose3d"] = Field(
        description="official: Poses_D3_Positions_*.tgz | martinez: h36m.zip | videopose3d: data_3d_h36m.npz."
    )
    cameras: Literal["metadata", "cameras-h5"] = Field(
        description="metadata: the official metadata.xml | cameras-h5: cameras.h5 in h36m.zip."
    )
    frames: Literal["full", "part"] = Field(
        description="full: fail unless all frames of all subjects are there | part: take what is there."
    )
    exclusions: Literal["published", "strict"] = Field(
        description="published: leave out only what has no video | strict: also what has wrong 3D poses."
    )


class PosesSettings(Section):
    """Poses: source, cameras, lifting pairs."""

    source: Literal["procedural", "mocap", "h36m"] = Field(description="Where poses come from.")
    max_skipped: Natural = Field(description="More skipped files than this fail the stage.")
    procedural: ProceduralSettings
    mocap: MocapSettings
    h36m: H36mSettings
    lifting: LiftingByObservation

    @model_validator(mode="after")
    def _cameras_are_recorded(self) -> PosesSettings:
        if self.lifting.rig.kind == "recorded" and self.source != "h36m":
            raise ValueError(f"lifting.rig.kind: recorded needs the source h36m, found {self.source}")
        return self
