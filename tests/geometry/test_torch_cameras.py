from __future__ import annotations

import numpy as np
import pytest
import torch

from ige.geometry import cameras, torch_cameras

MODELS = ("opencv", "martinez")


@pytest.fixture
def lens() -> tuple[np.ndarray, np.ndarray]:
    """One lens for each of four samples."""
    rng = np.random.default_rng(0)
    return rng.uniform(-0.2, 0.2, (4, 3)), rng.uniform(-0.005, 0.005, (4, 2))


@pytest.fixture
def points_cam() -> np.ndarray:
    return np.random.default_rng(1).uniform([-1.5, -1.5, 3.0], [1.5, 1.5, 6.0], (4, 6, 3))


def tensors(*values: np.ndarray) -> list[torch.Tensor]:
    return [torch.from_numpy(value) for value in values]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", ["distort", "undistort", "project"])
def test_lens_functions_equal_those_of_numpy(name, model, lens, points_cam) -> None:
    points = points_cam if name == "project" else points_cam[..., :2] / points_cam[..., 2:]
    expected = getattr(cameras, name)(points, *lens, tangential_model=model)
    found = getattr(torch_cameras, name)(*tensors(points, *lens), tangential_model=model)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", ["world_to_camera", "camera_to_world"])
@pytest.mark.parametrize("batched", [True, False])
def test_frames_equal_those_of_numpy(name, batched, points_cam) -> None:
    extrinsics = cameras.look_at((4.0, 1.0, 1.5), (0.0, 0.0, 0.9))
    if batched:
        extrinsics = np.stack([cameras.look_at((4.0, 1.0 + turn, 1.5), (0.0, 0.0, 0.9)) for turn in range(4)])
    expected = getattr(cameras, name)(points_cam, extrinsics)
    found = getattr(torch_cameras, name)(*tensors(points_cam, extrinsics))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", ["to_pixels", "from_pixels"])
def test_pixels_equal_those_of_numpy(name, points_cam) -> None:
    rng = np.random.default_rng(2)
    values = (points_cam[..., :2], rng.uniform(1000.0, 1200.0, (4, 2)), rng.uniform(400.0, 600.0, (4, 2)))
    expected = getattr(cameras, name)(*values)
    found = getattr(torch_cameras, name)(*tensors(*values))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-13)


def test_single_precision_stays_single(lens, points_cam) -> None:
    single = [value.float() for value in tensors(points_cam, *lens)]
    flat = torch_cameras.project(*single)
    assert flat.dtype == torch.float32
    back = torch_cameras.undistort(flat, *single[1:])
    assert back.dtype == torch.float32
    torch.testing.assert_close(back, single[0][..., :2] / single[0][..., 2:], rtol=0.0, atol=2e-6)


@pytest.mark.parametrize("model", MODELS)
def test_projection_has_first_and_second_derivatives(model, lens, points_cam) -> None:
    values = [value.requires_grad_() for value in tensors(points_cam[:2, :2], lens[0][:2], lens[1][:2])]

    def project(*inputs: torch.Tensor) -> torch.Tensor:
        return torch_cameras.project(*inputs, tangential_model=model)

    assert torch.autograd.gradcheck(project, values)
    assert torch.autograd.gradgradcheck(project, values)


@pytest.mark.parametrize("model", MODELS)
def test_undistort_has_exact_first_derivatives(model, lens, points_cam) -> None:
    flat = points_cam[:2, :2, :2] / points_cam[:2, :2, 2:]
    values = [value.requires_grad_() for value in tensors(flat, lens[0][:2], lens[1][:2])]

    def undistort(*inputs: torch.Tensor) -> torch.Tensor:
        return torch_cameras.undistort(*inputs, tangential_model=model)

    assert torch.autograd.gradcheck(undistort, values)


def test_undistort_refuses_points_that_no_lens_shows() -> None:
    with pytest.raises(ValueError, match="1 of 1 points"):
        torch_cameras.undistort(torch.tensor([[0.9, 0.0]]), torch.tensor([-0.3, 0.0, 0.0]), torch.zeros(2))
