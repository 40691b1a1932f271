"""Scores of reconstructions as the evaluation wrote them: one file per trained model and seed.

Seeds of a model are put together, and so are the parts of a model that was trained once for each category.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.report.scores import in_words
from ige.storage.records import read_record

Floats = NDArray[np.float64]
Key = tuple[str, str, int]  # category, id of the shape, view

KIND = "shape-scores"
ALL = "all"  # the row of all categories together
METRICS = ("iou_frustum_weighted", "iou_frustum", "iou_world", "silhouette_iou", "f_score")
ERRORS = ("missed", "false_inside", "false_outside")
LEARNED = ("deconv", "head", "ige")  # families that are trained, so that they have a history
_SHARED = ("data", "protocol", "evaluation_resolution", "views")
_ALIKE = ("family", "coordinates", "parameters", "multiply_adds", "trained_steps", "initial")


@dataclass(frozen=True, slots=True)
class StepScore:
    """What one step does: means over the test examples; None where it was not computed.

    Attributes:
        step: 0 is the first guess.
        iou: at the resolution of training, share.
        energy: of the grid after this step.
    """

    step: int
    iou: float | None
    energy: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One score file.

    Attributes:
        place: of the file among all.
        category: the only one it was trained on; None for a model of all.
        seed: of its training.
        threshold: probability above which a cell is filled.
        keys: of the test examples.
        values: (n,) by name of `METRICS` and `ERRORS`, shares; NaN where there is no value.
        steps: of a model that takes steps, else empty.
        steps_of: the same of the examples of each category.
        empty_truths: number of examples whose truth fills no cell.
    """

    place: int
    category: str | None
    seed: int
    threshold: float | None
    keys: tuple[Key, ...]
    values: Mapping[str, Floats]
    steps: tuple[StepScore, ...]
    steps_of: Mapping[str, tuple[StepScore, ...]]
    empty_truths: int


@dataclass(frozen=True, slots=True, eq=False)
class VoxelScores:
    """All scores of one model at one resolution.

    Attributes:
        model: its name in params.yaml.
        family: its kind in params.yaml.
        coordinates: "frustum" or "world": what it answers.
        resolution: cells per side of its training.
        parameters: number of its weights; None where there are none.
        multiply_adds: per image; None where they say nothing.
        trained_steps: T; None where there are no steps.
        initial: the model whose weights it started from, by its name in params.yaml; None if from scratch.
        seeds: in rising order.
        keys: of the test examples, in the order of `values`.
        values: (seeds, n) by name of `METRICS` and `ERRORS`, shares; NaN where there is no value.
        parts: the files, by category and seed.
    """

    model: str
    family: str
    coordinates: str
    resolution: int
    parameters: int | None
    multiply_adds: int | None
    trained_steps: int | None
    initial: str | None
    seeds: tuple[int, ...]
    keys: tuple[Key, ...]
    values: Mapping[str, Floats]
    parts: tuple[Part, ...]

    @property
    def learns(self) -> bool:
        """Whether it is trained, so that it has a history for each part."""
        return self.family in LEARNED

    @property
    def categories(self) -> tuple[str, ...]:
        """Of its test examples, in the order of the files."""
        return tuple(dict.fromkeys(key[0] for key in self.keys))

    def of(self, category: str) -> NDArray[np.intp]:
        """Return the places of the examples of a category, or of all."""
        return np.flatnonzero([category in (ALL, key[0]) for key in self.keys])

    def means(self, name: str, category: str = ALL) -> list[float | None]:
        """Return the mean over examples for each seed; None where no example has a value.

        An example without a value (IoU of two empty grids) is left out; `lacking` counts them.
        """
        values = self.values[name][:, self.of(category)]
        return [float(row[~np.isnan(row)].mean()) if (~np.isnan(row)).any() else None for row in values]

    @property
    def empty_truths(self) -> int:
        """Number of examples whose truth fills no cell."""
        return sum(part.empty_truths for part in self.parts if part.seed == self.seeds[0])

    def lacking(self, name: str) -> int:
        """Count the examples without a value, in the seed that has most of them."""
        return int(np.isnan(self.values[name]).sum(axis=1).max(initial=0))


@dataclass(frozen=True, slots=True)
class VoxelSetting:
    """What all scores of a table share.

    Attributes:
        data: where the test shapes come from.
        protocol: how answers are compared with the truth, in words.
        resolution: cells per side at which they are compared.
        views: "first" or "all" views of each test shape.
        seeds: in rising order.
    """

    data: str
    protocol: str
    resolution: int
    views: str
    seeds: tuple[int, ...]


def read_voxel_scores(paths: Sequence[Path]) -> tuple[list[VoxelScores], VoxelSetting]:
    """Read score files, put seeds and parts together, and read what all share.

    Returns:
        Models in the order of `paths`, by resolution, and their setting.

    Raises:
        InputError: if there is none, one is missing or damaged, two are of the same model and seed, seeds
            or parts do not belong together, or scores come from different tests.
    """
    if not paths:
        raise InputError("no scores to report", expected="at least one score file")
    records = [read_record(path, KIND) for path in paths]
    groups: dict[tuple[str, int], list[_File]] = {}
    for place, (path, record) in enumerate(zip(paths, records, strict=True)):
        file = _File(place, path, record)
        _check(file, _File(0, paths[0], records[0]), _SHARED, "of another test than")
        groups.setdefault((str(record["model"]), int(record["resolution"])), []).append(file)
    scores = [_together(files) for files in groups.values()]
    first = records[0]
    setting = VoxelSetting(
        data=in_words(first["data"]),
        protocol=str(first["protocol"]),
        resolution=int(first["evaluation_resolution"]),
        views=str(first["views"]),
        seeds=tuple(sorted({int(record["seed"]) for record in records})),
    )
    return scores, setting


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    """A score as it was read, and its place among all."""

    place: int
    path: Path
    record: Mapping[str, Any]


def _check(file: _File, first: _File, names: Sequence[str], words: str) -> None:
    for name in names:
        if file.record[name] != first.record[name]:
            raise InputError(
                f"a score {words} {first.path}",
                where=file.path,
                expected=f"{name} {first.record[name]}",
                found=str(file.record[name]),
            )


def _together(files: Sequence[_File]) -> VoxelScores:
    first, parts = files[0].record, [_part(file) for file in files]
    by_category: dict[str | None, dict[int, tuple[Path, Part]]] = {}
    for file, part in zip(files, parts, strict=True):
        _check(file, files[0], _ALIKE, "of another model than")
        known = by_category.setdefault(part.category, {})
        if part.seed in known:
            raise InputError(f"model and seed of {known[part.seed][0]} once more", where=file.path)
        known[part.seed] = (file.path, part)
    _check_seeds(by_category)
    seeds = sorted(next(iter(by_category.values())))
    columns = [[of_category[seed][1] for of_category in by_category.values()] for seed in seeds]
    values = {
        name: np.stack([np.concatenate([part.values[name] for part in column]) for column in columns])
        for name in (*METRICS, *ERRORS)
    }
    return VoxelScores(
        model=str(first["model"]),
        family=str(first["family"]),
        coordinates=str(first["coordinates"]),
        resolution=int(first["resolution"]),
        parameters=first["parameters"],
        multiply_adds=first["multiply_adds"],
        trained_steps=first["trained_steps"],
        initial=first["initial"],
        seeds=tuple(seeds),
        keys=tuple(key for part in columns[0] for key in part.keys),
        values=values,
        parts=tuple(parts),
    )


def _check_seeds(by_category: Mapping[str | None, Mapping[int, tuple[Path, Part]]]) -> None:
    """See that each part has the same seeds, and all its seeds the same examples, each of them once."""
    seeds = sorted(next(iter(by_category.values())))
    if None in by_category and len(by_category) > 1:
        path = next(iter(by_category[None].values()))[0]
        raise InputError("a score of all categories beside scores of single ones", where=path)
    for category, found in by_category.items():
        path, first = next(iter(found.values()))
        if sorted(found) != seeds:
            raise InputError(
                "scores of other seeds than those of other categories",
                where=path,
                expected=", ".join(map(str, seeds)),
                found=", ".join(map(str, sorted(found))),
            )
        if len(set(first.keys)) < len(first.keys) or any(
            category not in (None, key[0]) for key in first.keys
        ):
            raise InputError("holds an example twice, or one of another category", where=path)
        for other, part in found.values():
            if part.keys != first.keys:
                raise InputError(f"other examples than those of {path}", where=other)


def _part(file: _File) -> Part:
    record, examples = file.record, file.record["examples"]
    columns = [examples[name] for name in ("category", "id", "view", *METRICS, *ERRORS)]
    if len({len(column) for column in columns}) != 1 or not columns[0]:
        raise InputError("lists of examples that are empty or not equally long", where=file.path)
    keys = zip(examples["category"], examples["id"], examples["view"], strict=True)
    return Part(
        place=file.place,
        category=record["category"],
        seed=int(record["seed"]),
        threshold=record["threshold"],
        keys=tuple((str(category), str(id), int(view)) for category, id, view in keys),
        values={
            name: np.array([np.nan if value is None else value for value in examples[name]], np.float64)
            for name in (*METRICS, *ERRORS)
        },
        steps=_steps(record["steps"]),
        steps_of={category: _steps(rows) for category, rows in record["steps_by_category"].items()},
        empty_truths=int(record["empty_truths"]),
    )


def _steps(rows: Sequence[Mapping[str, Any]]) -> tuple[StepScore, ...]:
    return tuple(StepScore(row["step"], row["iou_frustum"], row["energy"]) for row in rows)
