from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ige.params.shape_models import ShapeLossSettings
from ige.shapes.voxels.losses import refinement_loss, voxel_loss

SHAPE = (3, 4, 4, 4)


def make(**changes: Any) -> ShapeLossSettings:
    values = {"alpha": 0.0, "focal": 0.0, "iou_share": 0.0, "iou_weights": "none", "warm_up_epochs": 0}
    return ShapeLossSettings.model_validate(values | changes)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture
def logits(generator: torch.Generator) -> Tensor:
    return 3 * torch.randn(SHAPE, generator=generator, dtype=torch.float64)


@pytest.fixture
def truth(generator: torch.Generator) -> Tensor:
    return (torch.rand(SHAPE, generator=generator) < 0.3).double()


@pytest.fixture
def volumes(generator: torch.Generator) -> Tensor:
    return torch.rand(3, 4, generator=generator, dtype=torch.float64) + 0.5


def by_definition(logits: Tensor, truth: Tensor, settings: ShapeLossSettings, volumes: Tensor) -> Tensor:
    """The formulas, cell by cell."""
    p = logits.sigmoid()
    right = torch.where(truth > 0, p, 1 - p)
    w = 1 + settings.alpha * (2 * truth - 1)
    entropy = (w * -right.log() * (1 - right) ** settings.focal).sum((1, 2, 3)) / w.sum((1, 2, 3))
    v = torch.ones_like(p) if settings.iou_weights == "none" else volumes[:, None, None, :].expand_as(p)
    inside, outside = (v * p * truth).sum((1, 2, 3)), (v * p * (1 - truth)).sum((1, 2, 3))
    iou = inside / ((v * truth).sum((1, 2, 3)) + outside)
    return (1 - settings.iou_share) * entropy + settings.iou_share * (1 - iou)


CASES = [
    {},
    {"alpha": 0.5},
    {"alpha": -0.85},
    {"focal": 2.0},
    {"focal": 0.5, "alpha": 0.3},
    {"iou_share": 1.0},
    {"iou_share": 1.0, "iou_weights": "volume"},
    {"iou_share": 0.4, "alpha": 0.5, "iou_weights": "volume"},
    {"iou_share": 0.4, "alpha": 0.5, "focal": 1.0},
]


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_losses_and_gradients_are_those_of_the_formulas(
    logits: Tensor, truth: Tensor, volumes: Tensor, changes: dict[str, Any]
) -> None:
    settings = make(**changes)
    upstream = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    gradients = []
    for loss in (voxel_loss, by_definition):
        y = logits.clone().requires_grad_()
        values = loss(y, truth, settings, volumes, *((0,) if loss is voxel_loss else ()))
        values.backward(upstream)
        gradients.append((values.detach(), y.grad))
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_gradients_are_right(logits: Tensor, truth: Tensor, volumes: Tensor, changes: dict[str, Any]) -> None:
    settings = make(**changes)
    y = logits[:, :2, :2].contiguous().requires_grad_()
    cells = truth[:, :2, :2].contiguous()
    assert torch.autograd.gradcheck(lambda y: voxel_loss(y, cells, settings, volumes, 0), (y,))


def test_a_value_by_hand() -> None:
    # Two cells of three, p = 0.75 where filled and 0.5 where not.
    logits = torch.tensor([3.0, 1.0, 1.0]).log().reshape(1, 1, 1, 3)
    truth = torch.tensor([1.0, 0.0, 0.0]).reshape(1, 1, 1, 3)
    weighted = (1.5 * -torch.log(torch.tensor(0.75)) + 2 * 0.5 * torch.log(torch.tensor(2.0))) / 2.5
    torch.testing.assert_close(voxel_loss(logits, truth, make(alpha=0.5), None, 0), weighted[None])
    volumes = torch.tensor([2.0, 3.0, 1.0])
    iou = 2 * 0.75 / (2 + 0.5 * 3 + 0.5 * 1)
    found = voxel_loss(logits, truth, make(iou_share=1.0, iou_weights="volume"), volumes, 0)
    torch.testing.assert_close(found, torch.tensor([1 - iou]))


def test_the_unit_of_volumes_and_their_form_do_not_matter(logits: Tensor, truth: Tensor) -> None:
    settings = make(iou_share=1.0, iou_weights="volume")
    volumes = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    one = voxel_loss(logits, truth, settings, volumes, 0)
    for same in (1e-6 * volumes, volumes.expand(3, 4)):
        torch.testing.assert_close(voxel_loss(logits, truth, settings, same, 0), one)
    plain = voxel_loss(logits, truth, make(iou_share=1.0), volumes, 0)
    torch.testing.assert_close(plain, voxel_loss(logits, truth, settings, None, 0))
    assert not torch.allclose(one, plain)


def test_warm_up_is_cross_entropy_alone(logits: Tensor, truth: Tensor) -> None:
    settings = make(iou_share=0.7, warm_up_epochs=2)
    entropy = voxel_loss(logits, truth, make(), None, 0)
    torch.testing.assert_close(voxel_loss(logits, truth, settings, None, 1), entropy)
    mixed = 0.3 * entropy + 0.7 * voxel_loss(logits, truth, make(iou_share=1.0), None, 0)
    torch.testing.assert_close(voxel_loss(logits, truth, settings, None, 2), mixed)


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_extreme_answers_and_empty_truths_are_finite(changes: dict[str, Any]) -> None:
    logits = torch.tensor([-200.0, 200.0, 0.0, 40.0]).expand(4, 1, 2, 4).clone().requires_grad_()
    truth = torch.tensor([[0.0, 1.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0], [0.0] * 4, [1.0] * 4])
    truth = truth[:, None, None, :].expand(4, 1, 2, 4)
    loss = voxel_loss(logits, truth, make(**changes), torch.ones(4), 0)
    loss.sum().backward()
    assert bool(loss.isfinite().all())
    assert logits.grad is not None
    assert bool(logits.grad.isfinite().all())


def test_a_perfect_answer_costs_nothing(truth: Tensor) -> None:
    for changes in CASES:
        found = voxel_loss(200 * (2 * truth - 1), truth, make(**changes), torch.ones(4), 0)
        assert float(found.abs().max()) < 1e-12


def test_guesses_are_weighted(logits: Tensor, truth: Tensor) -> None:
    settings = make(alpha=0.2)
    losses = [voxel_loss(scale * logits, truth, settings, None, 0) for scale in (0.5, 1.0)]
    found = refinement_loss([0.5 * logits, logits], (0.25, 0.75), truth, settings, None, 0)
    torch.testing.assert_close(found, 0.25 * losses[0] + 0.75 * losses[1])
    with pytest.raises(ValueError, match="shorter"):
        refinement_loss([logits], (0.25, 0.75), truth, settings, None, 0)


def test_grids_that_do_not_agree_are_refused(logits: Tensor, truth: Tensor) -> None:
    with pytest.raises(ValueError, match=r"logits torch\.float64 .* and truth torch\.float32"):
        voxel_loss(logits, truth.float(), make(), None, 0)
    with pytest.raises(ValueError, match=r"truth torch\.float64 \(2, 4, 4, 4\)"):
        voxel_loss(logits, truth[:2], make(), None, 0)
