"""Peak memory and time of a training step through a descent, by backward mode and number of steps.

The energy is of the size of the pose energies (496 and 120 squared distances, 64 hidden units each). On the
CPU the peak is that of the bytes in live tensors, counted at every operation, so it does not depend on the
machine; on a GPU it is what torch's allocator reports. Parameters and inputs are not counted. `ratio` is
`other` (unrolled) over `ours` (checkpointed) at the largest number of steps, in bytes.
"""

from __future__ import annotations

import argparse
import statistics
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from machine import describe_machine, publish
from torch import Tensor, nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ige.descent import (
    Backward,
    Checkpointed,
    ClippedMomentum,
    Detached,
    Truncated,
    Unrolled,
    descend,
    loss_over_iterates,
)

MODES: dict[str, Backward] = {
    "unrolled": Unrolled(),
    "checkpointed": Checkpointed(),
    "truncated to 2": Truncated(2),
    "detached": Detached(),
    "detached, ends only": Detached(keep_iterates=False),
}
TIMED = 7
"""Rounds that count, after one to warm up."""


class PoseLike(nn.Module):
    """Squared distances among 16 points, and among their projections and 16 seen points; a net on each."""

    def __init__(self) -> None:
        super().__init__()
        self.feasible = self._head(120)
        self.consistent = self._head(496)
        self.register_buffer("pairs16", self._pairs(16))
        self.register_buffer("pairs32", self._pairs(32))

    @staticmethod
    def _head(inputs: int) -> nn.Sequential:
        return nn.Sequential(nn.Linear(inputs, 64), nn.Softplus(), nn.Linear(64, 8))

    @staticmethod
    def _pairs(points: int) -> Tensor:
        first, second = torch.triu_indices(points, points, 1)
        return (functional.one_hot(first, points) - functional.one_hot(second, points)).float().T

    def forward(self, y: Tensor, x: Tensor) -> Tensor:
        """Return the energy (B,) of points y (B, 16, 3) with seen points x (B, 16, 2)."""
        seen = torch.cat([y[..., :2] / y[..., 2:], x], 1)
        heads = [
            self.feasible((y.mT @ self.pairs16).square().sum(1)),
            self.consistent((seen.mT @ self.pairs32).square().sum(1)),
        ]
        return sum((functional.softplus(head) - head / 2).sum(1) for head in heads)


class LiveBytes(TorchDispatchMode):
    """Count the bytes of all tensors that operations make, from their birth to their end."""

    def __init__(self, known: list[Tensor]) -> None:
        super().__init__()
        self.now = self.peak = 0
        self.alive = {t.untyped_storage()._cdata for t in known}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self._watch(leaf.untyped_storage())
        return result

    def _watch(self, storage: torch.UntypedStorage) -> None:
        if storage._cdata in self.alive:
            return
        self.alive.add(storage._cdata)
        self.now += storage.nbytes()
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._forget, storage._cdata, storage.nbytes())

    def _forget(self, key: int, size: int) -> None:
        self.alive.discard(key)
        self.now -= size


def training_step(
    energy: PoseLike, rule: ClippedMomentum, backward: Backward, steps: int, data: tuple
) -> None:
    """Descend, and go back where the mode lets gradients through."""
    y0, x, target = data
    trajectory = descend(energy, y0, x, steps=steps, rule=rule, backward=backward)
    if isinstance(backward, Detached):
        return
    loss = loss_over_iterates(trajectory, lambda y: (y - target).square().sum(), 0.9)
    torch.autograd.grad(loss, [*energy.parameters(), *rule.parameters()], allow_unused=True)


def peak_bytes(run: Callable[[], None], known: list[Tensor], device: torch.device) -> int:
    """Return the largest number of bytes that `run` held beyond the `known` tensors."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        run()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    with LiveBytes(known) as live:
        run()
    return live.peak


def seconds(run: Callable[[], None], device: torch.device) -> float:
    """Return how long `run` takes."""
    start = time.perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def measure_steps(
    energy: PoseLike, rule: ClippedMomentum, steps: int, data: tuple, device: torch.device
) -> Iterator[dict[str, Any]]:
    """Yield a row of the table for each mode. The modes take turns: a busy moment then hits all of them."""
    known = [*energy.parameters(), *energy.buffers(), *rule.parameters(), *data]
    runs = {name: partial(training_step, energy, rule, mode, steps, data) for name, mode in MODES.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(TIMED + 1):
        for name, run in runs.items():
            times[name].append(seconds(run, device))
    for name, run in runs.items():
        yield {
            "mode": name,
            "steps": steps,
            "peak_bytes": peak_bytes(run, known, device),
            "milliseconds": round(1e3 * statistics.median(times[name][1:]), 2),
        }


def measure(steps: list[int], batch: int, device: torch.device) -> dict[str, Any]:
    """Return the table and the ratio of the module's docstring."""
    torch.manual_seed(0)
    energy, rule = PoseLike().to(device), ClippedMomentum().to(device)
    depth = torch.tensor([0.0, 0.0, 4.5])
    data = tuple(
        t.to(device)
        for t in (
            torch.randn(batch, 16, 3) / 3 + depth,
            torch.randn(batch, 16, 2) / 10,
            depth.repeat(batch, 16, 1),
        )
    )
    table = [row for count in steps for row in measure_steps(energy, rule, count, data, device)]
    largest = {row["mode"]: row["peak_bytes"] for row in table if row["steps"] == max(steps)}
    return {
        "benchmark": "descent_memory",
        "ratio": round(largest["unrolled"] / largest["checkpointed"], 2),
        "ours": largest["checkpointed"],
        "other": largest["unrolled"],
        "unit": f"peak bytes of a training step of {max(steps)} inner steps, batch {batch}",
        "batch": batch,
        "table": table,
        "machine": describe_machine(),
    }


def main() -> None:
    """Print the result as one JSON object, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--steps", type=int, nargs="+", default=[1, 2, 4, 8, 16], help="numbers of inner steps"
    )
    parser.add_argument("--batch", type=int, default=256, help="samples")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--out", type=Path, help="also write the result to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    publish(measure(arguments.steps, arguments.batch, torch.device(arguments.device)), arguments.out)


if __name__ == "__main__":
    main()
