"""What the training loop sees of a model of shapes: its examples, its loss and its validation errors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import functional

from ige.base.errors import InputError
from ige.descent import iterate_weights
from ige.params.shape_models import DeconvSettings, LearnedShapeSettings
from ige.shapes.voxels.examples import Examples
from ige.shapes.voxels.images import network_input
from ige.shapes.voxels.losses import refinement_loss
from ige.shapes.voxels.models import Learned, VoxelModel, coordinates_of, predict
from ige.shapes.voxels.query import Answer
from ige.shapes.voxels.thresholds import best_threshold, ious_by_threshold

ERRORS = ("one_minus_iou", "cross_entropy", "silhouette_error", "threshold")
_ONE_ITERATE = 1.0  # decay of the weights of iterates where there is one
_ONE_VALUE = "more than 1 value per channel"  # of torch's message


class VoxelProblem:
    """A model that learns, with its views: an `ige.training.problem.Problem`.

    Args:
        model: on the device of the examples.
        settings: those that the model was built from.
        train: examples to learn from.
        validation: examples of held-out models.
        batch_size: validation views that go through the model at once.
        thresholds: rising; the best of them decides in validation which cells are filled.
    """

    def __init__(
        self,
        model: Learned,
        settings: LearnedShapeSettings,
        train: Examples,
        validation: Examples,
        batch_size: int,
        thresholds: Sequence[float],
    ) -> None:
        self._model, self._loss = model, settings.loss
        self._train, self._validation, self._batch_size = train, validation, batch_size
        self._thresholds = thresholds
        self._coordinates = coordinates_of(model)
        self._decay = decay_of(settings)
        self._epoch = 0

    @property
    def model(self) -> Learned:
        """Return the network."""
        return self._model

    @property
    def count(self) -> int:
        """Return the number of training views."""
        return len(self._train)

    def enter_epoch(self, epoch: int, batches: Sequence[Tensor]) -> None:
        """Begin to read the batches of an epoch, counted from 0."""
        self._epoch = epoch
        self._train.enter_epoch(epoch, batches)

    def loss(self, batch: Tensor) -> Tensor:
        """Return the mean loss of the views with these indices (B,), over all guesses.

        Raises:
            ValueError: if this is not the batch that comes next of those that `enter_epoch` named.
            InputError: if an encoder's deepest map would be one number, whose batch statistics say nothing.
        """
        views = self._train.next_batch(len(batch))
        with _one_value_is_told():
            iterates = self._model(network_input(views.rgba)).iterates
        with torch.autocast(views.rgba.device.type, enabled=False):
            return refinement_loss(
                [logits.float() for logits in iterates],
                iterate_weights(len(iterates) - 1, self._decay),
                views.truth(self._coordinates),
                self._loss,
                views.weights(self._coordinates),
                self._epoch,
            ).mean()

    def validate(self) -> dict[str, float]:
        """Return the mean errors of the last guess on validation views."""
        return validation_errors(self._model, self._validation, self._batch_size, self._thresholds)


@contextmanager
def _one_value_is_told() -> Iterator[None]:
    """Turn torch's error at batch statistics of a single number into one that says what to change."""
    try:
        yield
    except ValueError as error:
        if _ONE_VALUE not in str(error):
            raise
        raise InputError(
            "one image at a time leaves batch normalisation a single value per channel",
            where="training.shapes",
            expected="more images at once, or larger ones",
            next_step="Raise training.shapes.batch_size or micro_batch, or shapes.images.pixels.",
        ) from error


def decay_of(settings: LearnedShapeSettings) -> float:
    """Return by what the weights of guesses grow from each to the one before it."""
    return _ONE_ITERATE if isinstance(settings, DeconvSettings) else settings.iterate_decay


@torch.no_grad()
def validation_errors(
    model: VoxelModel, examples: Examples, batch_size: int, thresholds: Sequence[float]
) -> dict[str, float]:
    """Return mean errors over all examples, at the model's resolution; NaN if an answer is not finite.

    Args:
        model: any, in eval mode.
        examples: of held-out models.
        batch_size: views that go through the model at once.
        thresholds: rising; the best of them decides which cells are filled.

    Returns:
        `one_minus_iou`, which trainings are judged by; `cross_entropy` of all cells, in nats;
        `silhouette_error`: one minus the IoU of what is filled anywhere along the depth axis; `threshold`:
        the one that was chosen.
    """
    coordinates = coordinates_of(model)
    batches = [
        _measured(predict(model, views.query), views.truth(coordinates), thresholds)
        for views in examples.in_order(batch_size)
    ]
    ious, seen, entropies = (torch.cat(columns, -1) for columns in zip(*batches, strict=True))
    if not bool(entropies.isfinite().all()):
        return dict.fromkeys(ERRORS, math.nan)
    chosen = best_threshold(ious, thresholds)
    means = [1 - ious[chosen].mean(), entropies.mean(), 1 - seen[chosen].mean()]
    return dict(zip(ERRORS, [*map(float, means), thresholds[chosen]], strict=True))


def _measured(answer: Answer, truth: Tensor, thresholds: Sequence[float]) -> tuple[Tensor, Tensor, Tensor]:
    """Return IoU (T, B), IoU of silhouettes (T, B) and cross-entropies (B,), float64 on the CPU."""
    probability = answer.probability
    ious = ious_by_threshold(probability, truth, thresholds)
    seen = ious_by_threshold(probability.amax(3), truth.amax(3), thresholds)
    return ious.double().cpu(), seen.double().cpu(), _cross_entropy(answer, truth).double().cpu()


def _cross_entropy(answer: Answer, truth: Tensor) -> Tensor:
    """Return the mean cross-entropy (B,) of cells; one that is wrong for sure counts as exp(-100)."""
    if answer.refinement is not None:
        logits = answer.refinement.last.float()
        cells = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    else:
        cells = functional.binary_cross_entropy(answer.probability, truth, reduction="none")
    return cells.mean((1, 2, 3))
