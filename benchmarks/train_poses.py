"""Training speed: examples per second of our loop against a plain loop as people write it.

Same models, batches of 64 and Adam, one thread of torch each. Ours is `ige.training.loop.fit` on
`PoseProblem`, with the clipping and the checkpoints of the workflow, which the plain loop does not have. That
has a Dataset and a DataLoader with worker processes (which may use other cores), modules in their textbook
form, `autograd.grad` with `create_graph`, differences of all pairs by broadcasting. Both loops take turns, so
that a busy moment hits both; `ratio` is the median over the rounds of plain seconds over ours, for IGE-Net
with 4 steps; `cases` holds that of the lifter as well.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from machine import describe_machine, publish
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from ige.params.models import IgeSettings, LifterSettings
from ige.params.step_rule import StepRuleSettings
from ige.params.training import PoseTrainingBlock
from ige.poses.models import Definition, build_model
from ige.poses.problem import Pairs, PoseProblem
from ige.training.loop import fit

BATCH = 64
WORKERS = 2
STEPS = 4
LIFTER = LifterSettings(kind="lifter", width=128, blocks=1, dropout=0.5, initial=None, scale="free")
IGE = IgeSettings(
    kind="ige",
    initial="lifter",
    steps=STEPS,
    feasibility=True,
    consistency=True,
    hidden=64,
    outputs=8,
    activation="softplus",
    kernel_scale=1e-3,
    rule=StepRuleSettings(rate=1.0, momentum=0.1, clip=1.0),
    iterate_decay=0.9,
)


def training(epochs: int) -> PoseTrainingBlock:
    """Return the settings of both loops."""
    return PoseTrainingBlock(
        seeds=(0,),
        epochs=epochs,
        batch_size=BATCH,
        learning_rate=1e-3,
        final_learning_rate=1e-4,
        outer_clip=3.0,
        clip_window=100,
        precision="fp32",
        depth_bias_m=5.0,
        select="last",
    )


def people(count: int, device: torch.device) -> Pairs:
    """Make poses at random with about the size and distance of people, and what a camera sees of them."""
    generator = torch.Generator().manual_seed(0)
    poses = torch.randn(count, 16, 3, generator=generator) / 3 + torch.tensor([0.0, 0.0, 4.5])
    observed = poses[..., :2] / poses[..., 2:]
    distortion = torch.tensor([-0.2, 0.2, 0.0, 0.001, -0.001]).expand(count, -1).contiguous()
    return Pairs(observed.to(device), distortion.to(device), poses.to(device))


class PlainPairs(Dataset):
    """One example at a time."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs

    def __len__(self) -> int:
        return len(self.pairs.observed)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        return self.pairs.observed[index], self.pairs.distortion[index], self.pairs.poses_cam[index]


class PlainBlock(nn.Module):
    """A residual block of the lifter."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*plain_layer(width, width), *plain_layer(width, width))

    def forward(self, hidden: Tensor) -> Tensor:
        """Return (B, width) for (B, width)."""
        return hidden + self.layers(hidden)


def plain_layer(inputs: int, width: int) -> list[nn.Module]:
    """Return dense, normalisation, ReLU, dropout."""
    norm = nn.BatchNorm1d(width, eps=1e-3, momentum=0.01)
    return [nn.Linear(inputs, width, bias=False), norm, nn.ReLU(), nn.Dropout(0.5)]


class PlainLifter(nn.Module):
    """The lifter of `LIFTER`."""

    def __init__(self) -> None:
        super().__init__()
        width = LIFTER.width
        self.layers = nn.Sequential(*plain_layer(32, width), PlainBlock(width), nn.Linear(width, 48))
        nn.init.constant_(self.layers[-1].bias.view(16, 3)[:, 2], 5.0)

    def forward(self, observed: Tensor, distortion: Tensor) -> list[Tensor]:
        """Return the pose (B, 16, 3) as the only iterate."""
        return [self.layers(observed.flatten(1)).view(-1, 16, 3)]


class PlainIge(nn.Module):
    """The network of `IGE`."""

    def __init__(self) -> None:
        super().__init__()
        self.lifter = PlainLifter()
        self.feasible = nn.Sequential(nn.Linear(120, 64), nn.Softplus(), nn.Linear(64, 8))
        self.consistent = nn.Sequential(nn.Linear(496, 64), nn.Softplus(), nn.Linear(64, 8))
        for net in (self.feasible, self.consistent):
            nn.init.normal_(net[0].weight, std=1e-3)
            nn.init.normal_(net[2].weight, std=1e-3)
        self.rate, self.momentum, self.clip = (nn.Parameter(torch.tensor(v)) for v in (1.0, 0.1, 1.0))

    def forward(self, observed: Tensor, distortion: Tensor) -> list[Tensor]:
        """Return all iterates, each (B, 16, 3)."""
        y = self.lifter(observed, distortion)[0]
        iterates, velocity = [y], torch.zeros_like(y)
        for _ in range(STEPS):
            energy = self.energy(y, observed, distortion).sum()
            gradient = torch.autograd.grad(energy, y, create_graph=True)[0]
            gradient = torch.maximum(torch.minimum(gradient, self.clip), -self.clip)
            velocity = self.momentum.abs() * velocity + gradient
            y = y - self.rate * velocity
            iterates.append(y)
        return iterates

    def energy(self, y: Tensor, observed: Tensor, distortion: Tensor) -> Tensor:
        """Return the energies (B,) of poses (B, 16, 3)."""
        hips = ((y[:, 0] - y[:, 3]) ** 2).sum(-1, keepdim=True)
        points = torch.cat([plain_projection(y, distortion), observed], 1)
        outputs = [self.feasible(plain_distances(y) / hips), self.consistent(plain_distances(points))]
        return sum(((functional.softplus(a) + functional.softplus(-a)) / 2).sum(1) for a in outputs)


def plain_distances(points: Tensor) -> Tensor:
    """Return the squared distances of all pairs of points (B, N, D)."""
    squared = ((points[:, :, None] - points[:, None]) ** 2).sum(-1)
    first, second = torch.triu_indices(points.shape[1], points.shape[1], 1)
    return squared[:, first, second]


def plain_projection(points: Tensor, distortion: Tensor) -> Tensor:
    """Return the distorted projections (B, N, 2) of points (B, N, 3)."""
    flat = points[..., :2] / points[..., 2:]
    k1, k2, k3, p1, p2 = distortion[:, None, :, None].unbind(2)
    x, y = flat[..., :1], flat[..., 1:]
    r2 = x**2 + y**2
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    tangential = torch.cat([2 * p1 * x * y + p2 * (r2 + 2 * x**2), p1 * (r2 + 2 * y**2) + 2 * p2 * x * y], -1)
    return flat * radial + tangential


def plain_loss(iterates: list[Tensor], poses: Tensor) -> Tensor:
    """Return the scale-free errors of all iterates, weighted."""
    labels = poses / ((poses[:, 0] + poses[:, 3]) / 2).norm(dim=-1)[:, None, None]
    weights = torch.tensor([0.9**-t for t in range(len(iterates))])
    total = 0.0
    for weight, predicted in zip(weights / weights.sum(), iterates, strict=True):
        scale = (labels * predicted).sum((1, 2)) / (predicted**2).sum((1, 2))
        total = total + weight * (scale[:, None, None] * predicted - labels).norm(dim=-1).sum()
    return total


def plain_epoch(
    model: nn.Module, loader: DataLoader, optimiser: torch.optim.Optimizer, device: torch.device
) -> None:
    """Train for an epoch."""
    for batch in loader:
        observed, distortion, poses = (tensor.to(device) for tensor in batch)
        optimiser.zero_grad()
        plain_loss(model(observed, distortion), poses).backward()
        optimiser.step()


def plain_runner(make: Callable[[], nn.Module], pairs: Pairs, device: torch.device) -> Callable[[], float]:
    """Return what trains a plain model for an epoch and returns the seconds; its workers live on."""
    host = Pairs(pairs.observed.cpu(), pairs.distortion.cpu(), pairs.poses_cam.cpu())
    loader = DataLoader(
        PlainPairs(host), BATCH, shuffle=True, drop_last=True, num_workers=WORKERS, persistent_workers=True
    )
    model = make().to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    return lambda: seconds(lambda: plain_epoch(model, loader, optimiser, device), device)


def our_runner(
    definition: Definition, pairs: Pairs, device: torch.device, compiled: bool
) -> Callable[[], float]:
    """Return what trains our model for an epoch by `fit` and returns the seconds."""
    model = build_model(definition, depth_bias_m=5.0, generator=torch.Generator().manual_seed(0)).to(device)
    if compiled:
        model.compile()

    def run() -> float:
        problem = PoseProblem(model, pairs, pairs.spread(BATCH), IGE.iterate_decay)
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint.pt"
            return seconds(
                lambda: fit(
                    problem, training(1), seed=0, device=device, checkpoint=checkpoint, identity="", title=""
                ),
                device,
            )

    return run


def seconds(run: Callable[[], object], device: torch.device) -> float:
    """Return how long `run` takes."""
    start = time.perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def compare(
    definition: Definition,
    plain: Callable[[], nn.Module],
    pairs: Pairs,
    rounds: int,
    device: torch.device,
    compiled: bool,
) -> dict[str, Any]:
    """Let both loops take turns, after one round to warm up; return examples per second and their ratio."""
    runs = our_runner(definition, pairs, device, compiled), plain_runner(plain, pairs, device)
    times = [[run() for run in runs] for _ in range(rounds + 1)][1:]
    examples = len(pairs.observed) // BATCH * BATCH
    ours, other = (statistics.median(examples / each[side] for each in times) for side in (0, 1))
    return {
        "ratio": round(statistics.median(theirs / own for own, theirs in times), 2),
        "ours": round(ours),
        "other": round(other),
        "milliseconds_per_step": [round(1e3 * BATCH / speed, 3) for speed in (ours, other)],
    }


def measure(steps: int, rounds: int, device: torch.device, compiled: bool) -> dict[str, Any]:
    """Return the result of the module's docstring, for rounds of so many steps (lifter: 5 times that)."""
    many, pairs = people(5 * steps * BATCH, device), people(steps * BATCH, device)
    cases = {
        "lifter-128-1": compare(Definition(LIFTER, None), PlainLifter, many, rounds, device, compiled),
        f"ige-t{STEPS}": compare(Definition(IGE, LIFTER), PlainIge, pairs, rounds, device, compiled),
    }
    headline = cases[f"ige-t{STEPS}"]
    return {
        "benchmark": "train_poses",
        **{name: headline[name] for name in ("ratio", "ours", "other")},
        "unit": f"examples per second of training IGE-Net with {STEPS} steps, batch {BATCH}",
        "cases": cases,
        "device": device.type,
        "compiled": compiled,
        "workers_of_other": WORKERS,
        "steps_per_round": {"lifter-128-1": 5 * steps, f"ige-t{STEPS}": steps},
        "rounds": rounds,
        "machine": describe_machine(),
    }


def main() -> None:
    """Print the result as one JSON object, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=200, help="training steps per round")
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--compile", action="store_true", help="let torch.compile build our model")
    parser.add_argument("--out", type=Path, help="also write the result to this file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    result = measure(arguments.steps, arguments.rounds, torch.device(arguments.device), arguments.compile)
    publish(result, arguments.out)


if __name__ == "__main__":
    main()
