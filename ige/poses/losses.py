"""The losses of lifters: of poses that are free in scale, and of metric poses.

| | free in scale: as the released code of IGE-Net | metric: as Martinez et al., ICCV 2017 |
| --- | --- | --- |
| labels | poses over the distance from camera to midpoint of the hips | poses about that midpoint, metres |
| differences | after the optimal scale of each prediction | standardised |
| loss | sum of Euclidean distances | mean of squares |

With the first, size and distance of a person do not matter. With the second they do, and predictions can be
scored without any scaling; the published root is the hip joint of the skeleton, which our 16 joints lack.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ige.geometry.skeletons import H36M_16

_RIGHT_HIP = H36M_16.names.index("RHip")
_LEFT_HIP = H36M_16.names.index("LHip")


def labels_of(poses_cam: Tensor) -> Tensor:
    """Divide poses by the distance from the camera to the midpoint of the hips.

    Args:
        poses_cam: (N, 16, 3) metres, camera frame, in the order of `H36M_16`.

    Returns:
        (N, 16, 3) without unit.

    Raises:
        ValueError: if the midpoint of a pose's hips lies in the camera.
    """
    midpoint = _midpoint(poses_cam)
    distance = torch.linalg.vector_norm(midpoint, dim=-1)
    if not bool((distance > 0).all()):
        raise ValueError("the hips of a pose lie in the camera: its distance is zero")
    labels: Tensor = poses_cam / distance[:, None, None]
    return labels


def root_relative(poses_cam: Tensor) -> Tensor:
    """Move poses (N, 16, 3), in the order of `H36M_16`, so that the midpoint of their hips is the origin."""
    return poses_cam - _midpoint(poses_cam)[:, None]


def _midpoint(poses_cam: Tensor) -> Tensor:
    midpoint: Tensor = (poses_cam[:, _RIGHT_HIP] + poses_cam[:, _LEFT_HIP]) / 2
    return midpoint


def scale_free_error(predicted: Tensor, labels: Tensor) -> Tensor:
    """Return the sum over the joints of distances to the label after the optimal scale of each prediction.

    The scale is `s* = sum(label . predicted) / sum(predicted . predicted)`; gradients pass through it.
    Where a joint is met exactly, the gradient of its distance is taken as 0. A prediction that is all zeros
    has no scale: its error is not finite.

    Args:
        predicted: (..., 16, 3).
        labels: (..., 16, 3), of a shape that `predicted`'s can be broadcast with.

    Returns:
        (...), in units of the labels.
    """
    product = (labels * predicted).sum((-2, -1), keepdim=True)
    power = (predicted * predicted).sum((-2, -1), keepdim=True)
    # vector_norm, unlike a root of a sum of squares, has the gradient 0 at 0.
    distances: Tensor = torch.linalg.vector_norm(predicted * (product / power) - labels, dim=-1)
    return distances.sum(-1)


def pose_loss(iterates: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Return the scale-free errors of all iterates, weighted and summed over iterates and batch.

    Args:
        iterates: (T + 1, B, 16, 3), the first guess and what each step made of it.
        labels: (B, 16, 3) of `labels_of`.
        weights: (T + 1,) of the iterates (`ige.descent.iterate_weights`).

    Returns:
        A scalar.
    """
    return torch.dot(weights, scale_free_error(iterates, labels).sum(1))


def metric_loss(predicted: Tensor, labels: Tensor, spread: Tensor) -> Tensor:
    """Return the mean over batch and coordinates of squared differences in units of the labels' spread.

    Args:
        predicted: (B, 16, 3) metres.
        labels: (B, 16, 3) of `root_relative`, metres.
        spread: (16, 3) standard deviation of each coordinate over the training set, metres.

    Returns:
        A scalar.
    """
    return torch.square((predicted - labels) / spread).mean()
