from __future__ import annotations

import pytest
import torch

from ige.shapes.voxels.pooling import (
    as_grid,
    as_image,
    count_scales,
    max_pool_pyramid,
    pool_pyramid,
    pool_volume,
    scale_shape,
    unpool_pyramid,
)


def windows(grid: torch.Tensor, scale: int) -> torch.Tensor:
    """Cut a grid into the windows of a scale: (B, s, s, d, cells)."""
    side, depth = scale_shape(grid.shape[-1], scale)
    cut = grid.unflatten(3, (depth, -1)).unflatten(2, (side, -1)).unflatten(1, (side, -1))
    return cut.permute(0, 1, 3, 5, 2, 4, 6).flatten(4)


def random_grid(resolution: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(resolution)
    return torch.randn(2, resolution, resolution, resolution, generator=generator, dtype=dtype)


@pytest.mark.parametrize(("resolution", "scales"), [(4, 1), (16, 3), (32, 4), (64, 5), (128, 6), (256, 7)])
def test_scales_reach_from_4_rows_to_all(resolution: int, scales: int) -> None:
    assert count_scales(resolution) == scales
    assert scale_shape(resolution, 0) == (4, resolution)
    assert scale_shape(resolution, scales - 1) == (resolution, 4)
    assert pool_volume(resolution, 0) == (resolution // 4) ** 2


@pytest.mark.parametrize("resolution", [0, 2, 12, 48, 100])
def test_other_resolutions_are_refused(resolution: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        count_scales(resolution)


@pytest.mark.parametrize("resolution", [4, 8, 32])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_pools_are_the_averages_and_maxima_of_their_windows(resolution: int, dtype: torch.dtype) -> None:
    grid = random_grid(resolution, dtype)
    for scale, (mean, largest) in enumerate(zip(pool_pyramid(grid), max_pool_pyramid(grid), strict=True)):
        cells = windows(grid, scale)
        torch.testing.assert_close(mean, cells.mean(-1))
        torch.testing.assert_close(largest, cells.amax(-1), rtol=0, atol=0)


@pytest.mark.parametrize("resolution", [4, 16])
def test_unpooling_is_the_adjoint_of_pooling(resolution: int) -> None:
    grid = random_grid(resolution)
    weights = [torch.randn_like(pool) for pool in pool_pyramid(grid)]
    sums = [pool * pool_volume(resolution, i) for i, pool in enumerate(pool_pyramid(grid))]
    expected = sum((w * s).sum() for w, s in zip(weights, sums, strict=True))
    torch.testing.assert_close((unpool_pyramid(tuple(weights)) * grid).sum(), expected)


def test_unpooling_keeps_constants() -> None:
    pools = tuple(torch.full_like(pool, 2.0) for pool in pool_pyramid(random_grid(16)))
    torch.testing.assert_close(unpool_pyramid(pools), torch.full((2, 16, 16, 16), 6.0, dtype=torch.float64))


def test_first_and_second_derivatives() -> None:
    grid = random_grid(8)[:1].requires_grad_()

    def curved(y: torch.Tensor) -> torch.Tensor:
        return unpool_pyramid(tuple(pool.sin() for pool in pool_pyramid(y * y)))

    assert torch.autograd.gradcheck(curved, (grid,), fast_mode=True)
    assert torch.autograd.gradgradcheck(curved, (grid,), fast_mode=True)


def test_one_pool_without_a_gradient() -> None:
    grid = random_grid(8).requires_grad_()
    pool_pyramid(grid)[1].sum().backward()
    assert grid.grad is not None
    torch.testing.assert_close(grid.grad, torch.full_like(grid, 1 / pool_volume(8, 1)))


def test_pools_are_images_without_a_copy() -> None:
    pool = pool_pyramid(random_grid(8))[0]
    image = as_image(pool)
    assert image.is_contiguous(memory_format=torch.channels_last)
    assert image.shape == (2, 8, 4, 4)
    assert as_grid(image).data_ptr() == pool.data_ptr()
