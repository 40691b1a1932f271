from __future__ import annotations

import torch
from torch import Tensor

from ige.geometry import torch_cameras
from ige.poses.folding import View
from ige.poses.projection import Lens


def test_points_are_those_of_the_camera_module(poses: Tensor, view: View) -> None:
    found, _ = Lens(view.distortion, 16).project(poses)
    expected = torch_cameras.project(poses, view.distortion[:, :3], view.distortion[:, 3:])
    torch.testing.assert_close(found.mT, expected, rtol=1e-13, atol=1e-13)


def test_the_way_back_is_the_derivative(poses: Tensor, view: View, generator: torch.Generator) -> None:
    poses = poses.requires_grad_()
    points, pull = Lens(view.distortion, 16).project(poses)
    by_points = torch.randn(points.shape, generator=generator, dtype=points.dtype)
    (expected,) = torch.autograd.grad(points, poses, by_points)
    torch.testing.assert_close(pull(by_points), expected, rtol=1e-12, atol=1e-13)


def test_the_way_back_is_differentiable(poses: Tensor, view: View) -> None:
    lens = Lens(view.distortion[:1], 2)

    def pulled(some: Tensor, by_points: Tensor) -> Tensor:
        return lens.project(some)[1](by_points)

    some = poses[:1, :2].clone().requires_grad_()
    by_points = torch.tensor([[[0.3, 1.1], [-0.7, 0.4]]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(pulled, (some, by_points))
