"""Training by several processes, one device each, that talk through `torch.distributed`.

Every process takes its part of each batch, gradients are averaged, so all make the same step. Weights, batch
statistics (averaged after each epoch) and histories agree between them; process 0 writes the checkpoints.

No stage uses it yet: it is for trainings that need several GPUs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.multiprocessing.spawn import spawn


class Processes:
    """The processes of one training, seen from one of them. Not launched, it is a single one."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size

    def share(self, batch: Tensor) -> Tensor:
        """Take the part of a batch (B,) that falls to this process: every `size`-th from the `rank`-th on."""
        return batch if self.size == 1 else batch[self.rank :: self.size]

    def average(self, tensors: list[Tensor]) -> None:
        """Replace floating tensors by their means over the processes, in place, in one message."""
        if self.size == 1 or not tensors:
            return
        mean = torch.cat([tensor.flatten() for tensor in tensors])
        torch.distributed.all_reduce(mean)
        parts = torch.split(mean.div_(self.size), [tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def average_state(self, model: nn.Module) -> None:
        """Let all processes hold the same weights and batch statistics."""
        self.average([t for t in model.state_dict().values() if t.is_floating_point()])

    def wait(self) -> None:
        """Go on only when all processes are here."""
        if self.size > 1:
            torch.distributed.barrier()


def launch(function: Callable[..., None], *arguments: object, processes: int, device: torch.device) -> None:
    """Run `function(Processes, *arguments)` in so many processes; with one it is simply called.

    Every process makes its own model and data from the arguments (paths and settings), so they and the
    function must be picklable; results are files, which the process of rank 0 alone may write.
    """
    if processes == 1:
        function(Processes(), *arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        shared = processes, device.type, Path(folder) / "meeting", function, arguments
        start: Callable[..., object] = spawn
        start(_enter, shared, nprocs=processes)


def _enter(
    rank: int,
    size: int,
    kind: str,
    meeting: Path,
    function: Callable[..., None],
    arguments: tuple[object, ...],
) -> None:
    if kind == "cuda":
        torch.cuda.set_device(rank)
    torch.distributed.init_process_group(
        "nccl" if kind == "cuda" else "gloo", init_method=meeting.as_uri(), rank=rank, world_size=size
    )
    try:
        function(Processes(rank, size), *arguments)
    finally:
        torch.distributed.destroy_process_group()
