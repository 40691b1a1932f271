"""Scores as the evaluation wrote them: one file per model and seed, checked to belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ige.base.errors import InputError
from ige.storage.records import read_record

KIND = "pose-scores"
PUBLISHED_DATA = "h36m"  # Human3.6M, the source of the published errors
ALL = "all"  # the row of all test subjects together


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """Errors of one model and seed, with one number of steps, on one subject or all; mm.

    `frames` counts views, as in `Setting`. An error is None where it is not finite.
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
    negative_scale_share: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """One score file.

    Attributes:
        model: its name in params.yaml.
        family: "lifter", "ige", "mean-pose" or "nearest-pose".
        seed: of its training.
        parameters: entries of its kernels.
        trained_steps: T of its training; None where there is no descent.
        rows: by steps and subject, in the order of the file.
    """

    model: str
    family: str
    seed: int
    parameters: int | None
    trained_steps: int | None
    rows: tuple[ScoreRow, ...]

    @property
    def learns(self) -> bool:
        """Whether the model is trained, so that it has a history."""
        return self.family in ("lifter", "ige")


@dataclass(frozen=True, slots=True)
class Setting:
    """What all scores of a table share.

    Attributes:
        data: where the test poses come from, e.g. "procedural".
        observation: how the 2D input was made, in words.
        protocol: how errors are measured, in words.
        joints: number of joints that are scored.
        frames: test views: frames taken x turns (yaws) x cameras, where all joints are in the image.
        seeds: in rising order.
        subjects: test subjects.
    """

    data: str
    observation: str
    protocol: str
    joints: int
    frames: int
    seeds: tuple[int, ...]
    subjects: tuple[str, ...]

    @property
    def is_published_data(self) -> bool:
        """Whether the data is Human3.6M, on which the published errors were measured."""
        return self.data == PUBLISHED_DATA


def read_scores(paths: Sequence[Path]) -> tuple[list[Score], Setting]:
    """Read score files and what they share.

    Returns:
        The scores in the order of `paths`, and their setting.

    Raises:
        InputError: if there is none, one is missing or damaged, two are of the same model and seed, or they
            come from different tests.
    """
    if not paths:
        raise InputError("no scores to report", expected="at least one score file")
    records = [read_record(path, KIND) for path in paths]
    scores = [_score(record) for record in records]
    first_of: dict[tuple[str, int], Path] = {}
    for path, score in zip(paths, scores, strict=True):
        first = first_of.setdefault((score.model, score.seed), path)
        if first != path:
            raise InputError(f"model and seed of {first} once more", where=path)
    shared = [_shared(record, score) for record, score in zip(records, scores, strict=True)]
    for path, found in zip(paths, shared, strict=True):
        for name, value in found.items():
            if value != shared[0][name]:
                raise InputError(
                    f"a score of another test than {paths[0]}",
                    where=path,
                    expected=f"{name} {shared[0][name]}",
                    found=str(value),
                )
    return scores, Setting(**shared[0], seeds=tuple(sorted({score.seed for score in scores})))


def _shared(record: Mapping[str, Any], score: Score) -> dict[str, Any]:
    return {
        "data": str(record["data"]),
        "observation": in_words(record["observation"]),
        "protocol": str(record["protocol"]),
        "joints": int(record["joints"]),
        "frames": next(row.frames for row in score.rows if row.subject == ALL),
        "subjects": tuple(record["subjects"]),
    }


def in_words(value: object) -> str:
    """Say a setting in words: {"kind": "noisy", "sigma_pixels": 5.0} becomes "noisy (sigma pixels 5.0)"."""
    if not isinstance(value, Mapping):
        return str(value)
    rest = ", ".join(f"{name.replace('_', ' ')} {each}" for name, each in value.items() if name != "kind")
    return f"{value['kind']} ({rest})" if rest else str(value["kind"])


def _score(record: Mapping[str, Any]) -> Score:
    names = ScoreRow.__dataclass_fields__
    return Score(
        model=str(record["model"]),
        family=str(record["family"]),
        seed=int(record["seed"]),
        parameters=record["parameters"],
        trained_steps=record["trained_steps"],
        rows=tuple(ScoreRow(**{name: row[name] for name in names}) for row in record["rows"]),
    )
