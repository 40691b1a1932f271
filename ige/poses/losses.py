"""The loss of a lifter: errors after the optimal scale, so that size and distance of a person do not matter.

As the released code of IGE-Net has it: labels are divided by the distance from the camera
to the midpoint of the hips, predictions multiplied by the factor that brings them nearest to their label,
and Euclidean distances summed over joints and over the batch.
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
    midpoint = (poses_cam[:, _RIGHT_HIP] + poses_cam[:, _LEFT_HIP]) / 2
    distance = torch.linalg.vector_norm(midpoint, dim=-1)
    if not bool((distance > 0).all()):
        raise ValueError("the hips of a pose lie in the camera: its distance is zero")
    labels: Tensor = poses_cam / distance[:, None, None]
    return labels


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
