"""How many frames, pairs and models a run is made of: counted where the data is there, else as published."""

from __future__ import annotations

from dataclasses import dataclass

from ige.doctor.data import count_frames
from ige.params.params import Params
from ige.params.poses import LiftingByObservation, SplitName
from ige.params.shapes import ShapeSplitsSettings
from ige.poses.h36m.counts import known_frames
from ige.workflow.sources import SourceData

_RECORDED_CAMERAS = 4
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Amounts:
    """Sizes that decide the costs of poses; upper bounds, since frames outside the image are dropped later.

    Attributes:
        frames: of all clips.
        pairs: by observation and split.
        origin: where the numbers come from, for people.
    """

    frames: int
    pairs: dict[str, dict[SplitName, int]]
    origin: str


def amounts(params: Params, data: SourceData | None) -> Amounts:
    """Count frames and pairs.

    Of motion files the share of a split is guessed from its number of subjects. Human3.6M is never counted:
    to know its frames, every file would have to be read.

    Args:
        params: all settings.
        data: what there is of the source of poses; None where poses are generated.
    """
    frames, learning, testing, origin = _frames(params, data)
    lifting = params.poses.lifting
    pairs = {
        observation: _pairs(lifting, observation, learning, testing)
        for observation in params.train.observations
    }
    return Amounts(frames, pairs, origin)


def split_models(count: int, settings: ShapeSplitsSettings) -> dict[SplitName, int]:
    """Return how many of so many models of a category each split takes."""
    testing = round(count * settings.test_share)
    validating = round((count - testing) * settings.validation_share)
    return {"train": count - testing - validating, "validation": validating, "test": testing}


def _frames(params: Params, data: SourceData | None) -> tuple[int, int, int, str]:
    """Frames of all clips, of those to learn from and of those to test on, and where the numbers are from."""
    splits = params.poses.lifting.splits
    if params.poses.source == "h36m":
        known = [(subject, frames) for (subject, _, _), frames in known_frames().items()]
        learning = sum(frames for subject, frames in known if subject in splits.train)
        testing = sum(frames for subject, frames in known if subject in splits.test)
        return sum(frames for _, frames in known), learning, testing, "Human3.6M in full, as published"
    if data is None:
        made = params.poses.procedural
        per_subject = len(made.actions) * made.takes * round(made.seconds * made.fps)
        learning = per_subject * len(set(splits.train) & set(made.subjects))
        testing = per_subject * len(set(splits.test) & set(made.subjects))
        return per_subject * len(made.subjects), learning, testing, "generated poses, exact"
    frames = count_frames(params, data.folder)
    learning = frames * len(splits.train) // (len(splits.train) + len(splits.test))
    origin = f"{data.folder}, from headers" if frames else "no motion files there, so they count nothing"
    return frames, learning, frames - learning, origin


def _pairs(
    lifting: LiftingByObservation, observation: str, learning: int, testing: int
) -> dict[SplitName, int]:
    cameras = {
        "ring": len(lifting.rig.ring.cameras),
        "explicit": len(lifting.rig.explicit),
        "recorded": _RECORDED_CAMERAS,
    }[lifting.rig.kind]
    views = cameras * len(lifting.yaws_degrees) / lifting.frame_step
    validating = learning // lifting.validation_every
    training = learning - validating if lifting.validation_held_out else learning
    frames = dict(zip(SPLITS, (training, validating, testing), strict=True))
    expected = lifting.expected_pairs.get(observation, {})
    return {split: expected.get(split, round(count * views)) for split, count in frames.items()}
