from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ige.params.shape_models import DeconvSettings, HeadSettings, IgeShapeSettings
from ige.shapes.dataset import ShapeGrids
from ige.shapes.voxels import problem as module
from ige.shapes.voxels.examples import Examples
from ige.shapes.voxels.images import network_input
from ige.shapes.voxels.losses import voxel_loss
from ige.shapes.voxels.models import Definition, build_voxel_model
from ige.shapes.voxels.problem import VoxelProblem, validation_errors
from ige.shapes.voxels.query import Answer
from ige.shapes.voxels.refinement import Refinement
from ige.shapes.voxels.thresholds import CANDIDATES
from ige.shapes.voxels.view_sets import KeptViews

CPU = torch.device("cpu")
LOSS = {"alpha": 0.3, "focal": 0.0, "iou_share": 0.5, "iou_weights": "volume", "warm_up_epochs": 1}
COMMON = {"scope": "all", "epochs": 1, "loss": LOSS}
DECONV = {
    "kind": "deconv",
    "coordinates": "frustum",
    "backbone": {"name": "small", "pretrained": False},
    "estimate": {"channels": 8, "side": 16},
    "initial": None,
    **COMMON,
}
REFINING = {"initial": "deconv", "start": "joint", "pyramid": 8, **COMMON}
HEAD = {"kind": "head", "energy_width": 8, "silhouette": False, "iterate_decay": 0.8, **REFINING}
IGE = {
    "kind": "ige",
    "steps": 2,
    "state": "logits",
    "energy": {"pooling": "average", "width": 8, "kernel_scale": None},
    "rule": {"rate": 1.0, "momentum": 0.1, "clip": 1.0},
    "backward": "unrolled",
    "iterate_decay": 0.5,
    **REFINING,
}


@pytest.fixture(scope="module")
def views(shape_shards: list[Path]) -> KeptViews:
    return KeptViews(ShapeGrids(shape_shards, 16, world=True))


def make(settings: DeconvSettings | HeadSettings | IgeShapeSettings, views: KeptViews) -> VoxelProblem:
    initial = None if isinstance(settings, DeconvSettings) else DeconvSettings.model_validate(DECONV)
    network = build_voxel_model(Definition(settings, initial), 16, torch.Generator().manual_seed(0)).eval()
    examples = Examples(views, device=CPU)
    return VoxelProblem(network, settings, examples, examples, batch_size=3, thresholds=CANDIDATES)


@pytest.mark.parametrize(
    ("settings", "weights"),
    [
        (DeconvSettings.model_validate(DECONV), [1.0]),
        (HeadSettings.model_validate(HEAD), [0.8 / 1.8, 1 / 1.8]),
        (IgeShapeSettings.model_validate(IGE), [1 / 7, 2 / 7, 4 / 7]),
    ],
    ids=["deconv", "head", "ige"],
)
def test_the_loss_is_the_mean_over_views_of_all_guesses(
    views: KeptViews, settings: Any, weights: list[float]
) -> None:
    problem = make(settings, views)
    assert problem.count == 8
    batch = torch.tensor([6, 0, 1])
    for epoch in (0, 1):  # of which the first is a warm-up
        problem.enter_epoch(epoch, [batch])
        found = problem.loss(batch)
        same = Examples(views, device=CPU)
        same.enter_epoch(0, [batch])
        examples = same.next_batch(3)
        iterates = problem.model(network_input(examples.rgba)).iterates
        truth, volumes = examples.truth("frustum"), examples.volumes
        losses = [voxel_loss(y, truth, settings.loss, volumes, epoch).mean() for y in iterates]
        assert len(losses) == len(weights)
        expected = sum(weight * loss for weight, loss in zip(weights, losses, strict=True))
        torch.testing.assert_close(found, expected)


def test_a_model_of_the_world_learns_grids_of_the_world(views: KeptViews) -> None:
    settings = DeconvSettings.model_validate(DECONV | {"coordinates": "world"})
    problem = make(settings, views)
    batch = torch.arange(4)
    problem.enter_epoch(5, [batch])
    found = problem.loss(batch)
    examples = next(Examples(views, device=CPU).in_order(4))
    logits = problem.model(network_input(examples.rgba)).last
    # All cells of the world's cube are alike, though the loss asks for volumes.
    expected = voxel_loss(logits, examples.truth("world"), settings.loss, None, 5).mean()
    torch.testing.assert_close(found, expected)
    in_frustum = voxel_loss(logits, examples.truth("frustum"), settings.loss, examples.volumes, 5).mean()
    assert abs(float((found - in_frustum).detach())) > 1e-4


def test_the_loss_is_in_full_precision_whatever_the_features_are(views: KeptViews) -> None:
    problem = make(IgeShapeSettings.model_validate(IGE), views)
    batch = torch.arange(4)
    problem.enter_epoch(1, [batch, batch])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = problem.loss(batch)
    assert mixed.dtype == torch.float32
    plain = problem.loss(batch)
    assert 0 < abs(float((mixed - plain).detach())) < 0.02


@pytest.fixture
def validate(
    views: KeptViews, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Tensor], Answer]], dict[str, float]]:
    """Validate a model that answers, to each batch, what is made of the truth."""

    def run(answer: Callable[[Tensor], Answer]) -> dict[str, float]:
        network = make(DeconvSettings.model_validate(DECONV), views).model
        monkeypatch.setattr(module, "predict", lambda model, query: answer(query.truth()))
        return validation_errors(network, Examples(views, device=CPU), 3, CANDIDATES)

    return run


def test_the_truth_has_no_error(validate: Callable[..., dict[str, float]]) -> None:
    assert validate(Answer) == {
        "one_minus_iou": 0.0,
        "cross_entropy": 0.0,
        "silhouette_error": 0.0,
        "threshold": 0.5,
    }


def test_errors_are_means_over_views_at_the_best_threshold(
    validate: Callable[..., dict[str, float]], views: KeptViews
) -> None:
    (all_views,) = Examples(views, device=CPU).in_order(8)
    truth = all_views.truth("frustum")
    # Rows above the middle are only half sure, those below it only a quarter; empty cells are at 0.1.
    surely = torch.linspace(1, 0, 16)[:, None, None] * 0.25 + 0.25

    def answer(cells: Tensor) -> Answer:
        probability = torch.where(cells > 0, surely, 0.1)
        return Answer(probability, Refinement((probability.logit(),)))

    found = validate(answer)
    # Above 0.1 and below 0.25 all is right; 0.2 is the nearest of those to a half.
    assert found["threshold"] == 0.2
    assert (found["one_minus_iou"], found["silhouette_error"]) == (0.0, 0.0)
    p = torch.where(truth > 0, surely, 0.1).double()
    expected = -torch.where(truth > 0, p, 1 - p).log().mean()
    assert found["cross_entropy"] == pytest.approx(float(expected), rel=1e-5)

    def half(cells: Tensor) -> Answer:
        kept = cells.clone()
        kept[:, :, :, 1::2] = 0
        return Answer(kept)

    kept = truth.clone()
    kept[..., 1::2] = 0
    found = validate(half)
    expected = 1 - (kept.sum((1, 2, 3)) / truth.sum((1, 2, 3))).mean()
    assert found["one_minus_iou"] == pytest.approx(float(expected), rel=1e-5)
    seen = 1 - (kept.amax(3).sum((1, 2)) / truth.amax(3).sum((1, 2))).mean()
    assert found["silhouette_error"] == pytest.approx(float(seen), abs=1e-6)
    assert found["silhouette_error"] < found["one_minus_iou"]


def test_answers_that_are_not_finite_have_no_error(validate: Callable[..., dict[str, float]]) -> None:
    def answer(cells: Tensor) -> Answer:
        logits = torch.full_like(cells, torch.nan)
        return Answer(logits.sigmoid(), Refinement((logits,)))

    found = validate(answer)
    assert list(found) == ["one_minus_iou", "cross_entropy", "silhouette_error", "threshold"]
    assert all(value != value for value in found.values())
