"""The rows of poses.csv: one per model, observation, number of steps and subject, averaged over seeds.

The CSV file is the one source of what the other tables, the page and the headline print, so that all of them
round the same values. Its columns are a contract: `PoseRow`'s fields, in this order.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.report.published import Published, published_error_mm
from ige.report.row_file import RowFile
from ige.report.scores import ALL, Score, ScoreRow


@dataclass(frozen=True, slots=True)
class PoseRow:
    """A row of the table; None is an empty cell, errors are in mm.

    Attributes:
        model: its name in params.yaml.
        observation: name in params.yaml of what it saw.
        steps: T; None where there is no descent.
        subject: "all", or one test subject.
        seeds: how many seeds were averaged.
        parameters: entries of all kernels.
        multiply_adds: per pose.
        pa_mpjpe_mm_by_frame: Procrustes error, mean over poses, then over seeds.
        pa_mpjpe_mm_by_frame_std: its sample standard deviation over seeds; None for one seed.
        opt_scale_mm_by_frame: error after the optimal scale; None for poses about the hips.
        n_mpjpe_mm_by_frame: error after the optimal scale about the hips.
        mpjpe_mm_by_frame: P1, error about the hips without a scale; None for models free in scale.
        pa_mpjpe_mm_by_action: Procrustes error, mean over actions.
        published_pa_mpjpe_mm: as measured from the poster, beside exact projections alone.
        frames: test views: frames taken x turns (yaws) x cameras that were kept (`visibility`).
        data: where the test poses come from.
    """

    model: str
    observation: str
    steps: int | None
    subject: str
    seeds: int
    parameters: int | None
    multiply_adds: int | None
    pa_mpjpe_mm_by_frame: float | None
    pa_mpjpe_mm_by_frame_std: float | None
    opt_scale_mm_by_frame: float | None
    n_mpjpe_mm_by_frame: float | None
    mpjpe_mm_by_frame: float | None
    pa_mpjpe_mm_by_action: float | None
    published_pa_mpjpe_mm: float | None
    frames: int
    data: str


_FILE = RowFile(
    PoseRow,
    "poses",
    texts=("model", "observation", "subject", "data"),
    counts=("steps", "seeds", "parameters", "multiply_adds", "frames"),
)
COLUMNS = _FILE.columns


def pose_rows(scores: Sequence[Score], data: str, published: Sequence[Published]) -> list[PoseRow]:
    """Average the scores over seeds.

    Returns:
        Rows in the order of the models in `scores`, and of the rows in each model's first score.

    Raises:
        InputError: if the seeds of a model do not have the same rows or counts.
    """
    return [
        _average(seeds[0], group, data, published)
        for seeds in by_model(scores)
        for group in zip(*rows_alike(seeds), strict=True)
    ]


def by_model(scores: Iterable[Score]) -> list[list[Score]]:
    """Gather the seeds of each model and observation, in the order of the scores."""
    seeds: dict[str, list[Score]] = {}
    for score in scores:
        seeds.setdefault(score.trained, []).append(score)
    return list(seeds.values())


def rows_alike(seeds: Sequence[Score]) -> list[tuple[ScoreRow, ...]]:
    """Return the rows of each seed of a model.

    Raises:
        InputError: if the seeds do not have the same rows or counts.
    """

    def form(score: Score) -> list[tuple[object, ...]]:
        return [
            (score.parameters, row.steps, row.subject, row.frames, row.multiply_adds) for row in score.rows
        ]

    for score in seeds:
        if form(score) != form(seeds[0]):
            raise InputError(
                f"{score.trained}: the scores of seeds {seeds[0].seed} and {score.seed} differ in steps,"
                " subjects or counts",
                next_step="Delete the scores of this model and run snakemake again",
            )
    return [score.rows for score in seeds]


def _average(score: Score, group: Sequence[ScoreRow], data: str, published: Sequence[Published]) -> PoseRow:
    first = group[0]
    counts = {"multiply_adds": first.multiply_adds, "parameters": score.parameters}
    errors = [row.pa_mpjpe_mm_by_frame for row in group]
    known = None
    if first.subject == ALL and score.is_published_input:
        known = published_error_mm(published, model=score.model, steps=first.steps, **counts)
    return PoseRow(
        model=score.model,
        observation=score.observation,
        steps=first.steps,
        subject=first.subject,
        seeds=len(group),
        **counts,
        pa_mpjpe_mm_by_frame=mean(errors),
        pa_mpjpe_mm_by_frame_std=spread(errors),
        opt_scale_mm_by_frame=mean(row.opt_scale_mm_by_frame for row in group),
        n_mpjpe_mm_by_frame=mean(row.n_mpjpe_mm_by_frame for row in group),
        mpjpe_mm_by_frame=mean(row.mpjpe_mm_by_frame for row in group),
        pa_mpjpe_mm_by_action=mean(row.pa_mpjpe_mm_by_action for row in group),
        published_pa_mpjpe_mm=known,
        frames=first.frames,
        data=data,
    )


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean; None if a value is missing."""
    given = list(values)
    numbers = [value for value in given if value is not None]
    return statistics.fmean(numbers) if numbers and len(numbers) == len(given) else None


def spread(values: Iterable[float | None]) -> float | None:
    """Return the sample standard deviation; None if a value is missing or there is but one."""
    given = list(values)
    numbers = [value for value in given if value is not None]
    if len(numbers) < len(given) or len(numbers) < 2:
        return None
    centre = statistics.fmean(numbers)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in numbers) / (len(numbers) - 1))


def write_rows(path: Path, rows: Iterable[PoseRow]) -> None:
    """Write poses.csv; errors with two decimals, published ones as they were published.

    Raises:
        StorageError: if the file cannot be written.
    """
    _FILE.write(path, rows)


def read_rows(path: Path) -> list[PoseRow]:
    """Read poses.csv.

    Raises:
        InputError: if it is missing, empty, has other columns, or holds something that is no number.
    """
    return _FILE.read(path)
