"""Anisotropic pooling of voxel grids: one average per scale, each with few cells in one way or the other.

Of a grid (B, R, R, R), (row, column, depth), scale i keeps s_i = 4 * 2^i cells along rows and columns and
d_i = R / 2^i along depth (poster): the coarsest image has the whole depth, the finest image 4 cells of it.
Depth is the last axis and becomes the channels of 2D convolutions: `as_image` shows (B, s, s, d) as
(B, d, s, s) in memory format channels_last, without a copy.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

COARSEST = 4
"""Rows and columns of the coarsest scale."""


def count_scales(resolution: int) -> int:
    """Return how many scales a grid has: all with at most as many rows as the grid.

    Raises:
        ValueError: unless the resolution is 4 times a power of two.
    """
    scales = (resolution // COARSEST).bit_length()
    if resolution != COARSEST << max(scales - 1, 0):
        raise ValueError(f"a grid's resolution must be 4 times a power of two, found {resolution}")
    return scales


def scale_shape(resolution: int, scale: int) -> tuple[int, int]:
    """Return the rows (as many columns) and the depth cells of a scale."""
    return COARSEST << scale, resolution >> scale


def pool_volume(resolution: int, scale: int) -> int:
    """Return how many cells of the grid one cell of a scale covers."""
    side, depth = scale_shape(resolution, scale)
    return resolution**3 // (side * side * depth)


def pool_pyramid(grid: Tensor) -> tuple[Tensor, ...]:
    """Return the averages (B, s_i, s_i, d_i) of a grid (B, R, R, R) at each scale, coarsest image first."""
    # What torch.compile builds differentiates by itself: it follows no function from its adjoint and back.
    if torch.compiler.is_compiling():
        return _pooled(grid, average=True)
    pools: tuple[Tensor, ...] = _Pool.apply(grid, True)  # type: ignore[no-untyped-call]
    return pools


def opacity_pyramid(log_empty: Tensor) -> tuple[Tensor, ...]:
    """Return how opaque rays are, (B, s_i, s_i, 1) in 0..1 at each scale, coarsest first.

    One minus the product of all empty shares along the depth axis; coarser scales are averages over rays.

    Args:
        log_empty: (B, R, R, R), logarithms of the empty shares of cells.
    """
    levels = [-torch.expm1(log_empty.sum(-1))[:, None]]
    for _ in range(count_scales(log_empty.shape[1]) - 1):
        levels.append(functional.avg_pool2d(levels[-1], 2))
    return tuple(level.permute(0, 2, 3, 1) for level in reversed(levels))


def unpool_pyramid(pools: tuple[Tensor, ...]) -> Tensor:
    """Return the grid (B, R, R, R) in which each cell is the sum of what covers it, over all scales.

    The adjoint of sums, where `pool_pyramid` takes averages: a constant stays as large as it is.
    """
    if torch.compiler.is_compiling():
        return _unpooled(pools, average=False)
    grid: Tensor = _Unpool.apply(False, *pools)  # type: ignore[no-untyped-call]
    return grid


def max_pool_pyramid(grid: Tensor) -> tuple[Tensor, ...]:
    """Return the largest entries (B, s_i, s_i, d_i) of the windows of `pool_pyramid`."""
    scales = count_scales(grid.shape[-1])
    level = grid[:, None]
    pools = []
    for scale in range(scales - 1, -1, -1):
        pools.append(functional.max_pool3d(level, (1, 1, 1 << scale))[:, 0])
        if scale:
            level = functional.max_pool3d(level, (2, 2, 1))
    return tuple(reversed(pools))


def as_image(pool: Tensor) -> Tensor:
    """Return (B, s, s, d) as images (B, d, s, s), a view."""
    return pool.permute(0, 3, 1, 2)


def as_grid(image: Tensor) -> Tensor:
    """Return images (B, d, s, s) as (B, s, s, d): a view where they are channels_last."""
    return image.permute(0, 2, 3, 1)


class _Pool(torch.autograd.Function):
    """Averages or sums at all scales; its adjoint is `_Unpool`."""

    @staticmethod
    def forward(grid: Tensor, average: bool) -> tuple[Tensor, ...]:
        return _pooled(grid, average)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.average = inputs[1]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _Unpool.apply(ctx.average, *gradients), None  # type: ignore[no-untyped-call]


class _Unpool(torch.autograd.Function):
    """Each cell of a scale spread over what it covers, whole or in equal parts; its adjoint is `_Pool`."""

    @staticmethod
    def forward(average: bool, *pools: Tensor) -> Tensor:
        return _unpooled(pools, average)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.average = inputs[0]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return None, *_Pool.apply(gradient, ctx.average)  # type: ignore[no-untyped-call]


def _pooled(grid: Tensor, average: bool) -> tuple[Tensor, ...]:
    """Halve rows and columns again and again, and sum groups of depth cells each time."""
    resolution = grid.shape[-1]
    level = grid.contiguous()
    pools = []
    for scale in range(count_scales(resolution) - 1, -1, -1):
        pool = level.view(*level.shape[:3], resolution >> scale, 1 << scale).sum(-1)
        pools.append(pool / pool_volume(resolution, scale) if average else pool)
        if scale:
            level = _halve(level)
    return tuple(reversed(pools))


def _unpooled(pools: tuple[Tensor, ...], average: bool) -> Tensor:
    """Double rows and columns again and again, and add the next scale each time."""
    resolution = pools[0].shape[-1]
    level: Tensor | None = None
    for scale, pool in enumerate(pools):
        part = pool / pool_volume(resolution, scale) if average else pool
        spread = part[..., None].expand(*part.shape, 1 << scale)
        if level is None:
            level = spread.reshape(*part.shape[:3], resolution)
        else:
            level = _double(level)
            level.view(spread.shape).add_(spread)
    if level is None:
        raise ValueError("no scales to put together")
    return level


def _halve(level: Tensor) -> Tensor:
    """Return the sums (B, s / 2, s / 2, R) of 2 x 2 rows and columns."""
    batch, side, _, depth = level.shape
    blocks = level.view(batch, side // 2, 2, side // 2, 2, depth)
    total = blocks[:, :, 0, :, 0] + blocks[:, :, 0, :, 1]
    return total.add_(blocks[:, :, 1, :, 0]).add_(blocks[:, :, 1, :, 1])


def _double(level: Tensor) -> Tensor:
    """Return (B, 2 s, 2 s, R): every row and column twice."""
    batch, side, _, depth = level.shape
    twice = level[:, :, None, :, None].expand(batch, side, 2, side, 2, depth)
    return twice.reshape(batch, 2 * side, 2 * side, depth)
