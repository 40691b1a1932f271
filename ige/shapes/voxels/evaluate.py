"""Stage `evaluate_shapes`: models to scores on the test shapes, and a few views to look at.

| in | out |
| --- | --- |
| shards of the test models, one model per seed | scores and provenance per seed, examples (`example_file`) |

A score is a record of kind `shape-scores`: facts of the model (`initial`: the model whose weights it started
from, by its name in params.yaml, or null) and of the test, then

| name | holds |
| --- | --- |
| examples | lists of equal length: category, id and view of each test view, and the measures of `scoring` |
| steps | a row per iterate: step, iou_frustum (at the training resolution), energy; none without iterates |
| steps_by_category | the same of the views of each category, by its name |
| empty_truths | number of views whose truth fills no cell; an answer without cells is right there |

Energies are means over views; where one is not finite, null. All seeds are scored one
after another. In memory are a batch of answers and the truth of one view.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ige.base.errors import InputError
from ige.base.progress import progress
from ige.grids.bits import pack, unpack
from ige.metrics.voxels import iou
from ige.params.naming import split_shape_trained
from ige.params.shape_models import Coordinates
from ige.params.stages import ShapeScoringSettings
from ige.shapes.voxels.costs import multiply_adds, parameters
from ige.shapes.voxels.example_file import ExampleBook, choose_examples, write_examples
from ige.shapes.voxels.models import (
    VoxelModel,
    coordinates_of,
    family_of,
    load_voxel_model,
    predict,
    trained_steps,
)
from ige.shapes.voxels.query import Answer, Query
from ige.shapes.voxels.scored_views import ScoredViews
from ige.shapes.voxels.scoring import MEASURES, PROTOCOL, StepMeans, measure
from ige.shapes.voxels.train import THREADS
from ige.storage.provenance import write_provenance
from ige.storage.records import write_record
from ige.training.devices import choose_device, set_threads

SCORES_KIND = "shape-scores"

Cells = NDArray[np.bool_]


def evaluate_shapes(
    *,
    name: str,
    test: Sequence[Path],
    models: Sequence[Path],
    scores: Sequence[Path],
    records: Sequence[Path],
    predictions: Path,
    settings: ShapeScoringSettings,
    code: str,
    device: str,
) -> None:
    """Score a model, once per seed.

    Args:
        name: of the trained model (`params.naming`).
        test: shards of the test models.
        models: model.pt, one per seed.
        scores: JSON records to write, one per seed.
        records: provenance to write, one per seed.
        predictions: HDF5 to write: example views of the first seed with all their iterates.
        settings: resolution and categories of the test, how many examples, images at once.
        code: version of the stage's code.
        device: auto, cpu or cuda.

    Raises:
        InputError: if an input is missing, damaged, empty or of another kind, a model is not that of the
            name, or its grids are finer than those of the evaluation.
        StorageError: if an output cannot be written.
    """
    set_threads(THREADS)
    where = choose_device(device)
    views = ScoredViews(test, split_shape_trained(name)[1], settings)
    for index, (path, score, record) in enumerate(zip(models, scores, records, strict=True)):
        asked = _Asked.of(path, name, settings, where)
        job = _Job(name, asked, views, settings)
        outputs = [score]
        if index == 0:
            with write_examples(predictions, choose_examples(views.categories, settings.examples)) as book:
                content = job.scores(book)
            outputs.append(predictions)
        else:
            content = job.scores(None)
        write_record(score, SCORES_KIND, content)
        write_provenance(
            record,
            stage="evaluate_shapes",
            settings=settings.subtree(),
            asked={"model": name, "seed": asked.seed},
            code=code,
            inputs=[*test, path],
            outputs=outputs,
            device=where.type,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The model of a seed, where it lies, and what is known of it."""

    model: VoxelModel
    seed: int
    threshold: float
    coordinates: Coordinates
    initial: str | None
    device: torch.device

    @classmethod
    def of(cls, path: Path, name: str, settings: ShapeScoringSettings, device: torch.device) -> _Asked:
        model, attributes = load_voxel_model(path, device)
        found = attributes["name"], attributes["resolution"], list(attributes["categories"])
        expected = name, split_shape_trained(name)[1], list(settings.categories)
        if found != expected:
            raise InputError(
                f"not the model {name}", where=path, expected=_in_words(*expected), found=_in_words(*found)
            )
        return cls(
            model,
            attributes["seed"],
            attributes["threshold"],
            coordinates_of(model),
            attributes["settings"].get("initial"),
            device,
        )

    def answer(self, batch: dict[str, Tensor]) -> Answer:
        return predict(self.model, Query.of(batch, self.device))

    def filled(self, answer: Answer, place: int) -> Cells:
        """Return the cells (R, R, R) that the model fills in a view of a batch."""
        cells: Cells = (answer.probability[place] > self.threshold).cpu().numpy()
        return cells

    def iterates(self, answer: Answer, place: int) -> Iterator[Cells]:
        """Yield the filled cells (R, R, R) of each iterate of a view; the last is the answer."""
        if answer.refinement is not None:
            for logits in answer.refinement.iterates[:-1]:
                yield (torch.sigmoid(logits[place].float()) > self.threshold).cpu().numpy()
        yield self.filled(answer, place)


def _in_words(name: str, resolution: int, categories: Sequence[str]) -> str:
    return f"{name}, {resolution} cells per side and the categories {', '.join(categories)}"


class _Job:
    """The scoring of one seed."""

    def __init__(self, name: str, asked: _Asked, views: ScoredViews, settings: ShapeScoringSettings) -> None:
        self._name = name
        self._asked = asked
        self._views = views
        self._settings = settings
        self._columns: dict[str, list[Any]] = {column: [] for column in ("category", "id", "view", *MEASURES)}
        self._steps = StepMeans()
        self._empty = 0

    def scores(self, book: ExampleBook | None) -> dict[str, Any]:
        """Ask the model about all views; return the content of the record. The book gets its examples."""
        with progress(f"{self._name}, seed {self._asked.seed}", len(self._views)) as display:
            for numbers, batch in self._views.batches(self._settings.batch_size):
                answer = self._asked.answer(batch)
                for place, number in enumerate(numbers):
                    self._score(number, place, batch, answer, book)
                    display.advance()
        content = self._head()
        if book is not None:
            names = "model", "family", "seed", "data", "coordinates", "threshold", "resolution"
            facts = {name: content[name] for name in (*names, "evaluation_resolution")}
            book.finish({"name": self._name, **facts})
        return {
            **content,
            "empty_truths": self._empty,
            "examples": self._columns,
            "steps": self._steps.rows(),
            "steps_by_category": self._steps.rows_by_category(),
        }

    def _head(self) -> dict[str, Any]:
        asked, model = self._asked, self._asked.model
        model_name, resolution, category = split_shape_trained(self._name)
        return {
            "model": model_name,
            "trained": self._name,
            "family": family_of(model),
            "coordinates": asked.coordinates,
            "resolution": resolution,
            "category": category,
            "seed": asked.seed,
            "threshold": asked.threshold,
            "evaluation_resolution": self._settings.resolution,
            "views": self._settings.views,
            "data": self._views.source,
            "protocol": PROTOCOL,
            "parameters": parameters(model),
            "multiply_adds": multiply_adds(model),
            "trained_steps": trained_steps(model),
            "initial": asked.initial,
        }

    def _score(
        self,
        number: int,
        place: int,
        batch: dict[str, Tensor],
        answer: Answer,
        book: ExampleBook | None,
    ) -> None:
        truth, asked = self._views.truth(number), self._asked
        measures = measure(asked.filled(answer, place), asked.coordinates, truth)
        row = {"category": truth.category, "id": truth.id, "view": truth.view}
        for column, value in (row | measures).items():
            self._columns[column].append(value)
        self._empty += not truth.seen.any()
        bits = batch["bits"][place].numpy()
        if answer.refinement is not None and len(answer.refinement.iterates) > 1:
            self._steps.add(truth.category, *self._of_steps(answer, place, bits))
        if book is not None and book.wants(number):
            book.add(
                number,
                image=batch["image"][place].numpy(),
                bits=bits,
                iterates=[pack(cells) for cells in asked.iterates(answer, place)],
                truth=truth,
                iou_frustum=measures["iou_frustum"],
            )

    def _of_steps(
        self, answer: Answer, place: int, bits: NDArray[np.uint8]
    ) -> tuple[list[float], list[float]]:
        """Return the IoU of each iterate of a view at the training resolution, and the energies.

        Models that refine answer in the frustum: images are compared with grids there alone.
        """
        true = unpack(bits, answer.probability.shape[-1])
        ious = [iou(cells, true) for cells in self._asked.iterates(answer, place)]
        energies = None if answer.refinement is None else answer.refinement.energies
        return ious, [] if energies is None else energies[:, place].tolist()
