"""Scores as the evaluation wrote them: one file per model and seed, checked to belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ige.base.errors import InputError
from ige.params.naming import PLAIN, trained_name
from ige.storage.records import read_record

KIND = "pose-scores"
PUBLISHED_DATA = "h36m"  # Human3.6M, the source of the published errors
ALL = "all"  # the row of all test subjects together


@dataclass(frozen=True, slots=True)
class ActionErrors:
    """Mean errors over the frames of one action; mm. An error is None as in `ScoreRow`."""

    frames: int
    mpjpe_mm: float | None
    n_mpjpe_mm: float | None
    pa_mpjpe_mm: float | None
    opt_scale_mm: float | None


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """Errors of one model and seed, with one number of steps, on one subject or all; mm.

    `frames` counts views, as in `Observation`. An error is None where it is not finite, or means nothing for
    the model (`Score.has`). `mpjpe_mm` is P1, `pa_mpjpe_mm` is P2.
    """

    steps: int | None
    subject: str
    frames: int
    multiply_adds: int | None
    pa_mpjpe_mm_by_frame: float | None
    pa_mpjpe_mm_by_action: float | None
    opt_scale_mm_by_frame: float | None
    opt_scale_mm_by_action: float | None
    n_mpjpe_mm_by_frame: float | None
    n_mpjpe_mm_by_action: float | None
    mpjpe_mm_by_frame: float | None
    mpjpe_mm_by_action: float | None
    negative_scale_share: float | None
    actions: Mapping[str, ActionErrors]


@dataclass(frozen=True, slots=True)
class Score:
    """One score file.

    Attributes:
        model: its name in params.yaml.
        observation: name in params.yaml of what it saw.
        is_projection: whether that is the exact projection of the joints.
        family: "lifter", "ige", "mean-pose" or "nearest-pose".
        scale: "metric" if it answers poses in metres, else "free".
        seed: of its training.
        parameters: entries of its kernels.
        trained_steps: T of its training; None where there is no descent.
        rows: by steps and subject, in the order of the file.
    """

    model: str
    observation: str
    is_projection: bool
    family: str
    scale: str
    seed: int
    parameters: int | None
    trained_steps: int | None
    rows: tuple[ScoreRow, ...]

    @property
    def learns(self) -> bool:
        """Whether the model is trained, so that it has a history."""
        return self.family in ("lifter", "ige")

    @property
    def trained(self) -> str:
        """Name it with its observation, as its folder is named."""
        return trained_name(self.model, self.observation)

    @property
    def is_published_input(self) -> bool:
        """Whether it saw what `Observation.is_published` says."""
        return self.observation == PLAIN and self.is_projection

    @property
    def is_root_relative(self) -> bool:
        """Whether it answers poses in metres about the hips, which are nowhere before the camera."""
        return self.scale == "metric" and self.family == "lifter"

    def has(self, metric: str) -> bool:
        """Whether an error means something for it: P1 needs metres, the optimal scale a place."""
        if metric == "mpjpe_mm":
            return self.scale == "metric"
        return metric != "opt_scale_mm" or not self.is_root_relative


@dataclass(frozen=True, slots=True)
class Observation:
    """What models saw of the test poses.

    Attributes:
        name: in params.yaml.
        words: how it was made.
        frames: test views: frames taken x turns (yaws) x cameras that were kept (`visibility`).
    """

    name: str
    words: str
    frames: int

    @property
    def text(self) -> str:
        """Its name, and how it was made where the name does not say it."""
        return self.words if self.words.startswith(self.name) else f"{self.name}: {self.words}"

    @property
    def is_published(self) -> bool:
        """Whether it is what, by our reading, the models of the poster saw: exact projections."""
        return self.name == self.words == PLAIN


@dataclass(frozen=True, slots=True)
class Setting:
    """What all scores of a table share.

    Attributes:
        data: where the test poses come from, e.g. "procedural".
        protocol: how errors are measured, in words.
        joints: number of joints that are scored.
        subjects: test subjects.
        seeds: in rising order.
        observations: in the order of the scores; what the figures show is the first.
    """

    data: str
    protocol: str
    joints: int
    subjects: tuple[str, ...]
    seeds: tuple[int, ...]
    observations: tuple[Observation, ...]

    @property
    def is_published_data(self) -> bool:
        """Whether the data is Human3.6M, on which the published errors were measured."""
        return self.data == PUBLISHED_DATA


def read_scores(paths: Sequence[Path]) -> tuple[list[Score], Setting]:
    """Read score files and what they share.

    Returns:
        The scores in the order of `paths`, and their setting.

    Raises:
        InputError: if there is none, one is missing or damaged, two are of the same model, observation and
            seed, or they come from different tests.
    """
    if not paths:
        raise InputError("no scores to report", expected="at least one score file")
    records = [read_record(path, KIND) for path in paths]
    scores = [_score(record) for record in records]
    first_of: dict[tuple[str, int], Path] = {}
    for path, score in zip(paths, scores, strict=True):
        first = first_of.setdefault((score.trained, score.seed), path)
        if first != path:
            raise InputError(f"model and seed of {first} once more", where=path)
    _check_alike(paths, [_shared(record) for record in records])
    observations: dict[str, Observation] = {}
    for name in dict.fromkeys(score.observation for score in scores):
        places = [place for place, score in enumerate(scores) if score.observation == name]
        seen = [_seen(records[place], scores[place]) for place in places]
        _check_alike([paths[place] for place in places], seen)
        observations[name] = Observation(name, seen[0]["observation"], seen[0]["frames"])
    seeds = tuple(sorted({score.seed for score in scores}))
    shared = _shared(records[0])
    return scores, Setting(**shared, seeds=seeds, observations=tuple(observations.values()))


def _check_alike(paths: Sequence[Path], facts: Sequence[Mapping[str, Any]]) -> None:
    for path, found in zip(paths, facts, strict=True):
        for name, value in found.items():
            if value != facts[0][name]:
                raise InputError(
                    f"a score of another test than {paths[0]}",
                    where=path,
                    expected=f"{name} {facts[0][name]}",
                    found=str(value),
                )


def _shared(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what all scores have in common."""
    return {
        "data": str(record["data"]),
        "protocol": str(record["protocol"]),
        "joints": int(record["joints"]),
        "subjects": tuple(record["subjects"]),
    }


def _seen(record: Mapping[str, Any], score: Score) -> dict[str, Any]:
    """Return what the scores of one observation have in common: detections may lack views."""
    frames = next(row.frames for row in score.rows if row.subject == ALL)
    return {"observation": in_words(record["observation"]), "frames": frames}


def in_words(value: object) -> str:
    """Say a setting in words: {"kind": "noisy", "sigma_pixels": 5.0} becomes "noisy (sigma pixels 5.0)"."""
    if not isinstance(value, Mapping):
        return str(value)
    rest = ", ".join(f"{name.replace('_', ' ')} {each}" for name, each in value.items() if name != "kind")
    return f"{value['kind']} ({rest})" if rest else str(value["kind"])


def _score(record: Mapping[str, Any]) -> Score:
    return Score(
        model=str(record["model"]),
        observation=str(record["observation_name"]),
        is_projection=record["observation"] == {"kind": "projection"},
        family=str(record["family"]),
        scale=str(record["scale"]),
        seed=int(record["seed"]),
        parameters=record["parameters"],
        trained_steps=record["trained_steps"],
        rows=tuple(_row(row) for row in record["rows"]),
    )


def _row(row: Mapping[str, Any]) -> ScoreRow:
    values = {name: row[name] for name in ScoreRow.__dataclass_fields__ if name != "actions"}
    actions = {name: ActionErrors(**errors) for name, errors in row["actions"].items()}
    return ScoreRow(**values, actions=actions)
