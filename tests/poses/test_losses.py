from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from ige.geometry.alignment import optimal_scale
from ige.poses.losses import labels_of, metric_loss, pose_loss, root_relative, scale_free_error


@pytest.fixture
def labels(poses: Tensor) -> Tensor:
    return labels_of(poses)


@pytest.fixture
def predicted(labels: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(labels.shape, generator=generator, dtype=labels.dtype)
    return 3 * labels + 0.2 * noise


def test_labels_have_their_hips_at_distance_one(poses: Tensor) -> None:
    labels = labels_of(poses)
    midpoints = (labels[:, 0] + labels[:, 3]) / 2
    torch.testing.assert_close(midpoints.norm(dim=-1), torch.ones(4, dtype=torch.float64))
    torch.testing.assert_close(labels_of(7 * poses), labels)


def test_a_pose_in_the_camera_is_refused(poses: Tensor) -> None:
    poses[1, 3] = -poses[1, 0]
    with pytest.raises(ValueError, match="distance is zero"):
        labels_of(poses)


def test_error_is_the_sum_of_distances_after_the_optimal_scale(labels: Tensor, predicted: Tensor) -> None:
    scale = optimal_scale(predicted.numpy(), labels.numpy())
    distances = np.linalg.norm(scale[:, None, None] * predicted.numpy() - labels.numpy(), axis=-1)
    np.testing.assert_allclose(scale_free_error(predicted, labels).numpy(), distances.sum(1))


def test_error_by_hand() -> None:
    labels, predicted = torch.zeros(2, 1, 16, 3)
    labels[0, 0] = torch.tensor([1.0, 0.0, 0.0])
    labels[0, 1] = torch.tensor([0.0, 2.0, 0.0])
    predicted[0, 0] = torch.tensor([2.0, 0.0, 0.0])
    # s = 2 / 4: the first joint is met, the second one is missed by 2
    assert float(scale_free_error(predicted, labels)) == 2.0


@pytest.mark.parametrize("factor", [0.01, 5.0, -2.0])
def test_error_does_not_feel_the_size_of_predictions(
    labels: Tensor, predicted: Tensor, factor: float
) -> None:
    expected = scale_free_error(predicted, labels)
    torch.testing.assert_close(scale_free_error(factor * predicted, labels), expected)


def test_gradient(labels: Tensor, predicted: Tensor) -> None:
    assert torch.autograd.gradcheck(lambda p: scale_free_error(p, labels), (predicted.requires_grad_(),))


def test_a_joint_that_is_met_has_a_finite_gradient(labels: Tensor) -> None:
    predicted = labels.clone().requires_grad_()
    scale_free_error(predicted, labels).sum().backward()
    assert predicted.grad is not None
    assert bool(predicted.grad.isfinite().all())


def test_a_prediction_of_zeros_has_no_error(labels: Tensor) -> None:
    assert math.isnan(float(scale_free_error(torch.zeros_like(labels), labels)[0]))


def test_loss_weighs_iterates_and_sums_over_the_batch(labels: Tensor, predicted: Tensor) -> None:
    iterates = torch.stack([predicted, 0.5 * predicted + labels])
    weights = torch.tensor([0.25, 0.75], dtype=torch.float64)
    first, second = (scale_free_error(iterate, labels).sum() for iterate in iterates)
    torch.testing.assert_close(pose_loss(iterates, labels, weights), 0.25 * first + 0.75 * second)


def test_root_relative_poses_have_their_hips_about_the_origin(poses: Tensor) -> None:
    relative = root_relative(poses)
    torch.testing.assert_close(relative[:, 0] + relative[:, 3], torch.zeros(4, 3, dtype=torch.float64))
    torch.testing.assert_close(relative[:, 5] - relative[:, 9], poses[:, 5] - poses[:, 9])
    torch.testing.assert_close(root_relative(poses + 3.0), relative)


def test_metric_loss_by_hand() -> None:
    labels, predicted, spread = torch.zeros(2, 16, 3), torch.zeros(2, 16, 3), torch.ones(16, 3)
    predicted[0, 4, 1], predicted[1, 7, 2], spread[4, 1] = 3.0, -4.0, 0.5
    assert float(metric_loss(predicted, labels, spread)) == pytest.approx((6.0**2 + 4.0**2) / 96)
