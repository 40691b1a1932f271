"""Models against references, example by example: shapes-comparisons.csv.

Where the difference between two models is smaller than that between shapes, means tell little and paired
differences much. Its columns are `Comparison`'s fields, in this order; values are percentage points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.metrics.bootstrap import paired_difference
from ige.params.stages import VoxelTableSettings
from ige.report.voxel_scores import ALL, VoxelScores
from ige.storage.tables import read_csv, write_csv

IGE = "ige"  # the family of models with an energy
COMPARED = ("iou_frustum_weighted", "silhouette_iou")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The paired difference of a model and a reference, in percentage points.

    Attributes:
        model: name in params.yaml.
        family: its kind in params.yaml.
        reference: the model it is compared with.
        control: whether the reference is the model's control: without an energy, trained on from the same
            first weights, on the same categories. Their difference tells what the energy does; that of
            others, other things too.
        resolution: cells per side of training, of both.
        category: "all", or one category.
        metric: what is compared, one of `COMPARED`.
        seeds: of the model.
        difference: mean of model minus reference over the same examples and all seeds.
        low: end of its 95 % interval, by drawing the test shapes anew.
        high: the other end.
        lowest_seed: the least difference of two nets of the same seed; None if both have not the same seeds.
        highest_seed: the greatest.
        n: test views.
        shapes: how many shapes they show.
    """

    model: str
    family: str
    reference: str
    control: bool
    resolution: int
    category: str
    metric: str
    seeds: int
    difference: float
    low: float
    high: float
    lowest_seed: float | None
    highest_seed: float | None
    n: int
    shapes: int


COLUMNS = tuple(field.name for field in fields(Comparison))
_WORDS = {True: "yes", False: "no"}
_COUNTS = ("resolution", "seeds", "n", "shapes")
_TEXTS = ("model", "family", "reference", "category", "metric")


def compare(scores: Sequence[VoxelScores], settings: VoxelTableSettings) -> list[Comparison]:
    """Compare models with the references, at each resolution, over all categories and in each.

    Two models are compared where they were scored on the same examples; two references once.

    Args:
        scores: of all models.
        settings: names the references, and how intervals are drawn.
    """
    return [
        _comparison(model, reference, category, metric, settings)
        for model, reference in _pairs(scores, settings.references)
        for category in _shared(model, reference)
        for metric in COMPARED
        if _places(model, reference, category, metric)[0].size
    ]


def _pairs(
    scores: Sequence[VoxelScores], references: Sequence[str]
) -> Iterator[tuple[VoxelScores, VoxelScores]]:
    for reference in references:
        rank = references.index(reference)
        for other in (score for score in scores if score.model == reference):
            for score in scores:
                if score.model in references[: rank + 1] or score.resolution != other.resolution:
                    continue
                yield score, other


def _shared(model: VoxelScores, reference: VoxelScores) -> list[str]:
    """Return the categories in which both have the same examples; all together if they have them there."""
    both = [category for category in model.categories if category in reference.categories]
    return [
        category
        for category in (ALL, *both)
        if {model.keys[place] for place in model.of(category)}
        == {reference.keys[place] for place in reference.of(category)}
    ]


def _places(
    model: VoxelScores, reference: VoxelScores, category: str, metric: str
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where the examples stand in both, in one order; those that lack a value are left out."""
    place_of = {key: place for place, key in enumerate(reference.keys)}
    mine = model.of(category)
    theirs = np.array([place_of[model.keys[place]] for place in mine], dtype=np.intp)
    values = np.vstack([model.values[metric][:, mine], reference.values[metric][:, theirs]])
    complete = ~np.isnan(values).any(axis=0)
    return mine[complete], theirs[complete]


def _comparison(
    model: VoxelScores, reference: VoxelScores, category: str, metric: str, settings: VoxelTableSettings
) -> Comparison:
    mine, theirs = _places(model, reference, category, metric)
    found = paired_difference(
        100.0 * model.values[metric][:, mine],
        100.0 * reference.values[metric][:, theirs],
        ["/".join(model.keys[place][:2]) for place in mine],
        samples=settings.bootstrap.samples,
        seed=settings.bootstrap.seed,
    )
    by_seed = found.by_seed if model.seeds == reference.seeds else ()
    return Comparison(
        model=model.model,
        family=model.family,
        reference=reference.model,
        control=_is_control(reference, model),
        resolution=model.resolution,
        category=category,
        metric=metric,
        seeds=len(model.seeds),
        difference=found.mean,
        low=found.low,
        high=found.high,
        lowest_seed=min(by_seed, default=None),
        highest_seed=max(by_seed, default=None),
        n=found.examples,
        shapes=found.objects,
    )


def _is_control(reference: VoxelScores, model: VoxelScores) -> bool:
    """Whether a deconvolution or a head was trained on from the weights that an energy started from."""
    return (
        model.family == IGE
        and reference.learns
        and reference.family != IGE
        and reference.initial is not None
        and reference.initial == model.initial
        and _trained_on(reference) == _trained_on(model)
    )


def _trained_on(score: VoxelScores) -> set[str | None]:
    """Return the categories that its parts were trained on; None stands for all."""
    return {part.category for part in score.parts}


def write_comparisons(path: Path, comparisons: Iterable[Comparison]) -> None:
    """Write shapes-comparisons.csv; values with two decimals.

    Raises:
        StorageError: if the file cannot be written.
    """
    write_csv(
        path,
        COLUMNS,
        ({name: _cell(value) for name, value in asdict(each).items()} for each in comparisons),
    )


def read_comparisons(path: Path) -> list[Comparison]:
    """Read shapes-comparisons.csv; it may have no rows.

    Raises:
        InputError: if it is missing, has other columns, or holds something that is no number.
    """
    cells = read_csv(path)
    if cells and tuple(cells[0]) != COLUMNS:
        raise InputError(
            "is no table of comparisons", where=path, expected=f"rows of the columns {', '.join(COLUMNS)}"
        )
    try:
        return [Comparison(**{name: _value(name, text) for name, text in row.items()}) for row in cells]
    except (KeyError, ValueError) as error:
        raise InputError(
            "holds a cell that is neither number nor yes or no", where=path, found=str(error)
        ) from error


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, float):
        text = f"{value:.2f}"
        return "0.00" if text == "-0.00" else text
    return "" if value is None else str(value)


def _value(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    if name == "control":
        return {word: value for value, word in _WORDS.items()}[text]
    parse: Callable[[str], float] = int if name in _COUNTS else float
    return parse(text) if text else None
