"""What the training loop sees of a model of poses: its pairs, its loss and its validation errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ige.base.errors import InputError
from ige.descent import iterate_weights
from ige.geometry.skeletons import with_hip_midpoint
from ige.metrics.poses import (
    mean_by_frame,
    mpjpe_mm,
    opt_scale_error_mm,
    pa_mpjpe_mm,
    pa_mpjpe_of_metric_mm,
)
from ige.poses.ige_net import IgeNet
from ige.poses.lifters import Lifter
from ige.poses.lifting_set import LiftingSet
from ige.poses.losses import labels_of, metric_loss, pose_loss, root_relative
from ige.poses.models import PoseModel, is_root_relative, lift_in_batches, trained_steps

# More would cost time after every epoch and tell no more.
_VALIDATION_POSES = 4096
_BATCH = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """A lifting set on a device: observed (N, 16, 2), distortion (N, 5), poses_cam (N, 16, 3) in metres."""

    observed: Tensor
    distortion: Tensor
    poses_cam: Tensor

    def spread(self, count: int) -> Pairs:
        """Take `count` pairs, evenly spaced; all of them if there are not more."""
        total = len(self.observed)
        if total <= count:
            return self
        chosen = torch.arange(count, device=self.observed.device) * total // count
        return Pairs(self.observed[chosen], self.distortion[chosen], self.poses_cam[chosen])


def pairs_of(content: LiftingSet, path: Path, device: torch.device) -> Pairs:
    """Move a lifting set to a device.

    Raises:
        InputError: if it is empty; `path` is where it was read from.
    """
    if len(content.observed) == 0:
        raise InputError("a lifting set without pairs", where=path, expected="at least one pair")
    arrays = content.observed, content.distortion(), content.poses_cam
    return Pairs(*(torch.from_numpy(np.ascontiguousarray(array)).to(device) for array in arrays))


class PoseProblem:
    """A model that learns, with its training and validation pairs: an `ige.training.problem.Problem`.

    `iterate_decay` weighs the iterates of a descent in the loss; a lifter has only one. A metric lifter has
    its own loss, and takes the spread of training pairs as its units.
    """

    def __init__(self, model: Lifter | IgeNet, train: Pairs, validation: Pairs, iterate_decay: float) -> None:
        self._model = model
        self._observed, self._distortion = train.observed, train.distortion
        self._units = model.units if isinstance(model, Lifter) else None
        if self._units is None:
            self._labels = labels_of(train.poses_cam)
        else:
            self._labels = root_relative(train.poses_cam)
            self._units.fill(train.observed, self._labels)
        self._validation = validation.spread(_VALIDATION_POSES)
        weights = iterate_weights(trained_steps(model) or 0, iterate_decay)
        self._weights = torch.tensor(weights, device=train.observed.device)

    @property
    def model(self) -> Lifter | IgeNet:
        """Return the network."""
        return self._model

    @property
    def count(self) -> int:
        """Return the number of training pairs."""
        return len(self._observed)

    def enter_epoch(self, epoch: int, batches: Sequence[Tensor]) -> None:
        """Make nothing ready: all pairs are at hand, and the same in every epoch."""

    def loss(self, batch: Tensor) -> Tensor:
        """Return the loss over all iterates for the pairs with these indices (B,)."""
        observed = self._observed.index_select(0, batch)
        distortion = self._distortion.index_select(0, batch)
        iterates, labels = self._model(observed, distortion).stacked, self._labels.index_select(0, batch)
        if self._units is not None:
            return metric_loss(iterates[-1], labels, self._units.pose_spread)
        return pose_loss(iterates, labels, self._weights)

    def validate(self) -> dict[str, float]:
        """Return the mean errors of the last iterate on validation pairs."""
        return validation_errors(self._model, self._validation)


def validation_errors(model: PoseModel, pairs: Pairs) -> dict[str, float]:
    """Return mean errors in mm; NaN if an answer is not finite.

    `pa_mm` is the Procrustes error. Beside it stands `opt_scale_mm`, the error after the optimal scale, or
    `mpjpe_mm` for models that answer poses about the hips, to which a scale about the camera means nothing.
    """
    answers = lift_in_batches(model, pairs.observed, pairs.distortion, steps=None, batch_size=_BATCH)
    if is_root_relative(model):
        metrics = {"mpjpe_mm": mpjpe_mm, "pa_mm": pa_mpjpe_of_metric_mm}
    else:
        metrics = {"opt_scale_mm": opt_scale_error_mm, "pa_mm": pa_mpjpe_mm}
    if not bool(answers.isfinite().all()):
        return dict.fromkeys(metrics, np.nan)
    predicted, true = (with_hip_midpoint(poses.cpu().numpy()) for poses in (answers, pairs.poses_cam))
    return {name: mean_by_frame(metric(predicted, true)) for name, metric in metrics.items()}
