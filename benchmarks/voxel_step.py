"""A training step of IGE-Net for voxels: time, time per cell and peak memory, by resolution, steps and batch.

`plain` is `plain_voxels`: eager torch as people write it. Ours (`ige.shapes.voxels`) comes with the gradient
of the energy in closed form or by autograd, with all steps kept or computed again on the way back
(`checkpointed`), and compiled. A step is encoder, first guess, image features, descent, cross-entropy of all
iterates, gradients and Adam; encoder and first guess are the same modules in all. Each case has a process of
its own, whose largest resident memory counts (on a GPU: what torch allocated at most); processes take turns,
`--rounds` times. Ours keep the memory that they free, as our trainings do; `plain, memory kept` does so, too.

`ratio` is that of `plain` to `ours` in seconds at the first resolution, the median over rounds; `cases` has
all, with `parts` of a step of ours, each forward and back on its own.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from machine import describe_machine, publish
from plain_voxels import PlainVoxelIge, plain_loss
from torch import Tensor, nn

from ige.base.memory import keep_freed_memory
from ige.descent import Backward, Checkpointed, Unrolled, iterate_weights
from ige.params.shape_models import (
    BackboneSettings,
    DeconvSettings,
    EnergySettings,
    EstimateSettings,
    ShapeLossSettings,
)
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.energy import VoxelEnergy, energy_multiply_adds
from ige.shapes.voxels.grid_rule import GridClippedMomentum
from ige.shapes.voxels.ige_net import VoxelIgeNet
from ige.shapes.voxels.losses import refinement_loss
from ige.shapes.voxels.pooling import count_scales, pool_pyramid, unpool_pyramid
from ige.shapes.voxels.pyramid import Pyramid

PIXELS = 128
DECAY = 0.9
BATCHES = {32: 8, 64: 8, 128: 2, 256: 1}
ENTROPY = ShapeLossSettings(alpha=0.0, focal=0.0, iou_share=0.0, iou_weights="none", warm_up_epochs=0)
VARIANTS = (
    "plain",
    "plain, memory kept",
    "ours",
    "ours, checkpointed",
    "ours, autograd",
    "ours, autograd, checkpointed",
    "ours, compiled",
)


def encoder_of(case: dict[str, Any], generator: torch.Generator) -> tuple[Deconv, Pyramid]:
    """Build encoder with first guess, and image features."""
    settings = DeconvSettings(
        kind="deconv",
        scope="all",
        epochs=1,
        loss=ENTROPY,
        coordinates="frustum",
        backbone=BackboneSettings(name=case["backbone"], pretrained=False),
        estimate=EstimateSettings(channels=64, side=32),
        initial=None,
    )
    deconv = Deconv(settings, case["resolution"], generator)
    scales = count_scales(case["resolution"])
    return deconv, Pyramid(deconv.backbone.channels, case["width"], scales, generator)


def our_net(case: dict[str, Any]) -> VoxelIgeNet:
    """Build the network of a case of ours."""
    generator = torch.Generator().manual_seed(0)
    deconv, pyramid = encoder_of(case, generator)
    settings = EnergySettings(pooling="average", width=case["width"], kernel_scale=None)
    energy = VoxelEnergy(settings, pyramid.channels, case["resolution"], generator)
    if "autograd" in case["variant"]:
        energy.engine = "autograd"
    backward: Backward = Checkpointed() if "checkpointed" in case["variant"] else Unrolled()
    rule = GridClippedMomentum(1.0, 0.1, 1.0)
    return VoxelIgeNet(deconv, pyramid, energy, rule, steps=case["steps"], state="logits", backward=backward)


def our_loss(iterates: tuple[Tensor, ...], truth: Tensor) -> Tensor:
    """Return what `plain_loss` does, by the loss of our trainings."""
    weights = iterate_weights(len(iterates) - 1, DECAY)
    return refinement_loss(iterates, weights, truth, ENTROPY, None, 0).mean()


def plain_net(case: dict[str, Any], like: VoxelIgeNet) -> PlainVoxelIge:
    """Build the plain network with the weights of one of ours."""
    plain = PlainVoxelIge(like.deconv, like.pyramid, case["width"], case["steps"])
    for scale, hidden, output in zip(like.energy.scales, plain.hidden, plain.output, strict=True):
        hidden.load_state_dict(scale.hidden.state_dict())
        output.load_state_dict(scale.output.state_dict())
    return plain


def check() -> None:
    """Make sure that both do the same."""
    case = {"variant": "ours", "resolution": 16, "width": 16, "steps": 3, "backbone": "small"}
    ours = our_net(case).eval()
    images = torch.randn(2, 3, PIXELS, PIXELS, generator=torch.Generator().manual_seed(1))
    truth = (images.new_zeros(2, 16, 16, 16).normal_() > 1).float()
    plain = plain_net(case, ours)
    losses = our_loss(ours(images).iterates, truth), plain_loss(plain(images), truth, DECAY)
    parameters = [next(net.deconv.backbone.parameters()) for net in (ours, plain)]
    slopes = [torch.autograd.grad(loss, p)[0] for loss, p in zip(losses, parameters, strict=True)]
    torch.testing.assert_close(*losses)
    torch.testing.assert_close(*slopes, rtol=1e-3, atol=1e-6)


def step_of(case: dict[str, Any], ours: VoxelIgeNet, device: torch.device) -> Callable[[], None]:
    """Return what takes a training step of a case, always on the same batch at random."""
    images = torch.randn(case["batch"], 3, PIXELS, PIXELS, device=device)
    truth = (torch.rand(case["batch"], *[case["resolution"]] * 3, device=device) < 0.1).float()
    plain = case["variant"].startswith("plain")
    net: nn.Module = plain_net(case, ours).to(device) if plain else ours
    called = torch.compile(net) if "compiled" in case["variant"] else net
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-4)

    def step() -> None:
        optimiser.zero_grad()
        with torch.autocast(device.type, torch.bfloat16, enabled=case["precision"] == "bf16"):
            result = called(images)
        loss = plain_loss(result, truth, DECAY) if plain else our_loss(result.iterates, truth)
        loss.backward()
        optimiser.step()

    return step


def seconds(run: Callable[[], object], device: torch.device) -> float:
    """Return how long `run` takes."""
    start = time.perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def measure_case(case: dict[str, Any]) -> dict[str, Any]:
    """Return seconds, seconds per cell and peak memory of a case, in this process."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    device = torch.device(case["device"])
    if case["variant"] != "plain":
        keep_freed_memory()
    net = our_net(case).to(device)
    step = step_of(case, net, device)
    times = [seconds(step, device) for _ in range(case["repeats"] + 2)][2:]
    result = {
        "seconds": statistics.median(times),
        "peak_bytes": peak_bytes(device),
    }
    if case["parts"] and case["variant"] == "ours":
        result["parts"] = {name: round(value, 5) for name, value in parts_of(case, net, device).items()}
    return result


def peak_bytes(device: torch.device) -> int:
    """Return the largest memory of this process so far, or on a GPU that of torch there."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def parts_of(case: dict[str, Any], net: VoxelIgeNet, device: torch.device) -> dict[str, float]:
    """Return the seconds of the parts of a step, each forward and back on its own."""
    side, steps = case["resolution"], case["steps"]
    images = torch.randn(case["batch"], 3, PIXELS, PIXELS, device=device)
    grid = torch.randn(case["batch"], side, side, side, device=device, requires_grad=True)
    truth = (grid.detach() > 1).float()
    with torch.no_grad():
        taps = net.deconv.backbone(images)
        features = [x.requires_grad_() for x in net.pyramid(taps, images)]
        pools = [pool.requires_grad_() for pool in pool_pyramid(grid)]
    spreads = [torch.randn_like(pool).requires_grad_() for pool in pools]

    def convolve() -> list[Tensor]:
        bound = net.energy.bind(features)
        return [s for _ in range(steps) for s in net.energy.value_and_slopes(tuple(pools), bound)[1]]

    parts: dict[str, tuple[Callable[[], list[Tensor]], list[Tensor]]] = {
        "features": (
            lambda: list(net.pyramid(net.deconv.backbone(images), images)),
            [*net.deconv.backbone.parameters(), *net.pyramid.parameters()],
        ),
        "first guess": (lambda: [net.deconv.guess(taps)], list(net.deconv.estimate.parameters())),
        "poolings": (
            lambda: [
                *(pool for _ in range(steps) for pool in pool_pyramid(grid)),
                *(unpool_pyramid(tuple(spreads)) for _ in range(steps)),
            ],
            [grid, *spreads],
        ),
        "convolutions": (convolve, [*features, *pools, *net.energy.parameters()]),
        "rule": (
            lambda: [net.rule(grid, grid, (grid,))[0] for _ in range(steps)],
            [grid, *net.rule.parameters()],
        ),
        "loss": (lambda: [our_loss((grid,) * (steps + 1), truth)], [grid]),
    }

    return {
        name: statistics.median(seconds(lambda p=part: there_and_back(*p), device) for _ in range(3))
        for name, part in parts.items()
    }


def there_and_back(forward: Callable[[], list[Tensor]], inputs: list[Tensor]) -> None:
    """Run a part forward and back."""
    outputs = forward()
    torch.autograd.grad(
        outputs, inputs, [t.detach() for t in outputs], allow_unused=True, materialize_grads=True
    )


def run_case(case: dict[str, Any]) -> dict[str, Any]:
    """Measure a case in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--case", json.dumps(case)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def summary(
    case: dict[str, Any], rounds: list[dict[str, Any]], plain: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the row of a case: medians over rounds, and how many times as long the plain version takes."""
    row = {name: case[name] for name in ("variant", "resolution", "steps", "batch")}
    if any("failed" in found for found in rounds):
        return row | {"failed": [found.get("failed") for found in rounds]}
    took = statistics.median(found["seconds"] for found in rounds)
    row |= {
        "seconds": round(took, 4),
        "nanoseconds_per_cell": round(1e9 * took / (case["batch"] * case["resolution"] ** 3), 1),
        "peak_gib": round(max(found["peak_bytes"] for found in rounds) / 2**30, 2),
    }
    if plain and not any("failed" in found for found in plain):
        pairs = zip(plain, rounds, strict=True)
        row["ratio"] = round(statistics.median(a["seconds"] / b["seconds"] for a, b in pairs), 2)
    return row | ({"parts": rounds[-1]["parts"]} if "parts" in rounds[-1] else {})


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the result of the module's docstring."""
    check()
    sizes = list(itertools.product(arguments.resolutions, arguments.steps))
    shared = {
        name: getattr(arguments, name) for name in ("width", "backbone", "device", "precision", "repeats")
    }
    cases = [
        {"variant": v, "resolution": r, "steps": t, "batch": b, "parts": True, **shared}
        for r, t in sizes
        for b in arguments.batches or [BATCHES[r]]
        for v in arguments.variants
    ]
    rounds = [[run_case(case) for case in cases] for _ in range(arguments.rounds)]
    by_case = {
        tuple(case[n] for n in ("variant", "resolution", "steps", "batch")): [one[i] for one in rounds]
        for i, case in enumerate(cases)
    }
    rows = [
        summary(case, by_case[key], by_case.get(("plain", *key[1:]), []))
        for key, case in zip(by_case, cases, strict=True)
    ]
    headline = next((row for row in rows if row["variant"] == "ours"), rows[0])
    return {
        "benchmark": "voxel_step",
        "ratio": headline.get("ratio"),
        "ours": headline.get("seconds"),
        "other": next((row.get("seconds") for row in rows if row["variant"] == "plain"), None),
        "unit": "seconds per training step at {resolution}^3, {steps} steps, batch {batch}".format(
            **headline
        ),
        "energy_multiply_adds": {r: energy_multiply_adds(full_energy(r)) for r in BATCHES},
        **shared,
        "rounds": arguments.rounds,
        "cases": rows,
        "machine": describe_machine(),
    }


def full_energy(resolution: int) -> VoxelEnergy:
    """Build the energy of the poster's widths."""
    settings = EnergySettings(pooling="average", width=256, kernel_scale=None)
    channels = [256 >> scale for scale in range(count_scales(resolution))]
    return VoxelEnergy(settings, channels, resolution, torch.Generator())


def main() -> None:
    """Print the result as one JSON object, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolutions", type=int, nargs="+", default=[64, 32, 128, 256], choices=BATCHES)
    parser.add_argument("--steps", type=int, nargs="+", default=[4], help="descent steps")
    parser.add_argument("--batches", type=int, nargs="+", help="default: 8, 8, 2, 1 by resolution")
    parser.add_argument("--variants", nargs="+", default=VARIANTS[:-1], choices=VARIANTS)
    parser.add_argument("--width", type=int, default=256, help="of features and energy at the coarsest scale")
    parser.add_argument("--backbone", default="small", help="small, or a model of timm")
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"], help="of the features")
    parser.add_argument("--repeats", type=int, default=3, help="steps of a case that count, after two")
    parser.add_argument("--rounds", type=int, default=3, help="processes for each case")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--out", type=Path, help="also write the result to this file")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.case:
        print(json.dumps(measure_case(json.loads(arguments.case))))
    else:
        publish(measure(arguments), arguments.out)


if __name__ == "__main__":
    main()
