"""The step rule of IGE-Net for whole grids, where each pass over the memory counts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ige.descent import ClippedMomentum, Memory

# Entries at once: what is between two passes stays in the processor's cache.
_BLOCK = 1 << 18


class GridClippedMomentum(ClippedMomentum):
    """`ClippedMomentum` in fewer passes on the CPU, with the same constants, results and first derivatives.

    It keeps no velocity before the first step. An entry that equals the bound counts as clipped, where
    `ClippedMomentum` shares its derivative between entry and bound.
    """

    def init(self, y: Tensor) -> Memory:
        """Return nothing: at rest."""
        return ()

    def forward(self, y: Tensor, gradient: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Step along the velocity of clipped gradients."""
        if not torch.compiler.is_compiling() and y.is_cpu and self.clip.item() > 0:
            velocity = memory[0] if memory else None
            following, velocity = _Step.apply(  # type: ignore[no-untyped-call]
                y.contiguous(), gradient.contiguous(), velocity, self.rate, self.momentum, self.clip
            )
            return following, (velocity,)
        return super().forward(y, gradient, memory or (torch.zeros_like(y),))


class _Step(torch.autograd.Function):
    """Iterate and velocity after a step, block by block."""

    @staticmethod
    def forward(
        y: Tensor, gradient: Tensor, velocity: Tensor | None, rate: Tensor, momentum: Tensor, clip: Tensor
    ) -> tuple[Tensor, Tensor]:
        following, moved = torch.empty_like(y), torch.empty_like(gradient)
        bound, decay = clip.item(), momentum.abs()
        for before, slopes, speed, step, after in _blocks(y, gradient, velocity, moved, following):
            torch.clamp(slopes, -bound, bound, out=step)
            if speed is not None:
                step.addcmul_(speed, decay)
            torch.addcmul(before, step, rate, value=-1, out=after)
        return following, moved

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        _, gradient, velocity, rate, momentum, clip = inputs
        ctx.save_for_backward(gradient, velocity, output[1], rate, momentum, clip)
        # Nothing comes back through the velocity of the last step.
        ctx.set_materialize_grads(False)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_y: Tensor | None, of_moved: Tensor | None) -> tuple[Tensor | None, ...]:
        gradient, velocity, moved, rate, momentum, clip = ctx.saved_tensors
        bound, decay = clip.item(), momentum.abs()
        of_y = torch.zeros_like(moved) if of_y is None else of_y.contiguous()
        of_moved = None if of_moved is None else of_moved.contiguous()
        of_gradient = torch.empty_like(gradient)
        # Where there is no velocity before the step, what would come back to it needs no place to stay.
        of_velocity = torch.empty_like(gradient) if velocity is not None else None
        scratch = torch.empty_like(gradient.view(-1)[:_BLOCK])
        sums = []
        for blocks in _blocks(of_y, of_moved, gradient, velocity, moved, of_gradient, of_velocity):
            down, along, slopes, speed, step, into, total = blocks
            total = torch.empty_like(into) if total is None else total
            torch.mul(down, -rate, out=total) if along is None else torch.addcmul(
                along, down, rate, value=-1, out=total
            )
            torch.ops.aten.hardtanh_backward(total, slopes, -bound, bound, grad_input=into)
            outside = torch.sub(total, into, out=scratch[: len(total)])
            of_decay = down.new_zeros(()) if speed is None else torch.dot(total, speed)
            sums.append(torch.stack([-torch.dot(down, step), of_decay, torch.dot(outside, slopes.sign())]))
            total.mul_(decay)
        of_rate, of_decay, of_clip = torch.stack(sums).sum(0).unbind()
        return of_y, of_gradient, of_velocity, of_rate, of_decay * momentum.sign(), of_clip


def _blocks(*grids: Tensor | None) -> Iterator[tuple[Any, ...]]:
    """Cut grids of one size into pieces that fit the cache, side by side; what is none stays none."""
    cut = [repeat(None) if grid is None else torch.split(grid.view(-1), _BLOCK) for grid in grids]
    return zip(*cut, strict=False)
