"""Training by several processes, one device each, through Lightning Fabric; it is imported only then.

Every process takes its part of each batch, gradients are averaged, so all make the same step. Weights, batch
statistics (averaged after each epoch) and histories agree between them; process 0 writes the checkpoints.

No stage uses it yet: it is for trainings that need several GPUs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn


class Processes:
    """The processes of one training, seen from one of them. Not launched, it is a single one."""

    def __init__(self, fabric: Any = None) -> None:
        self._fabric = fabric
        self.size: int = 1 if fabric is None else fabric.world_size
        self.rank: int = 0 if fabric is None else fabric.global_rank

    def share(self, batch: Tensor) -> Tensor:
        """Take the part of a batch (B,) that falls to this process: every `size`-th from the `rank`-th on."""
        return batch if self.size == 1 else batch[self.rank :: self.size]

    def average(self, tensors: list[Tensor]) -> None:
        """Replace floating tensors by their means over the processes, in place, in one message."""
        if self.size == 1 or not tensors:
            return
        mean = self._fabric.all_reduce(torch.cat([tensor.flatten() for tensor in tensors]), reduce_op="mean")
        parts = mean.split([tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def average_state(self, model: nn.Module) -> None:
        """Let all processes hold the same weights and batch statistics."""
        self.average([t for t in model.state_dict().values() if t.is_floating_point()])

    def wait(self) -> None:
        """Go on only when all processes are here."""
        if self.size > 1:
            self._fabric.barrier()


def launch(function: Callable[..., None], *arguments: object, processes: int, device: torch.device) -> None:
    """Run `function(Processes, *arguments)` in so many processes; with one it is simply called.

    Every process makes its own model and data from the arguments (paths and settings), so they and the
    function must be picklable; results are files, which the process of rank 0 alone may write.
    """
    if processes == 1:
        function(Processes(), *arguments)
        return
    from lightning.fabric import Fabric

    fabric = Fabric(accelerator=device.type, devices=processes, strategy="ddp_spawn")
    fabric.launch(partial(_enter, function=function, arguments=arguments))


def _enter(fabric: Any, function: Callable[..., None], arguments: tuple[object, ...]) -> None:
    function(Processes(fabric), *arguments)
