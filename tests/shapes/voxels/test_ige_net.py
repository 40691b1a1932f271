from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ige.descent import Backward, Checkpointed, ClippedMomentum, Unrolled
from ige.params.shape_models import (
    BackboneSettings,
    DeconvSettings,
    EnergySettings,
    EstimateSettings,
    ShapeLossSettings,
    State,
)
from ige.shapes.voxels.ablations import make_energy
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.ige_net import VoxelIgeNet
from ige.shapes.voxels.pyramid import Pyramid

RESOLUTION = 16
DECONV = DeconvSettings(
    kind="deconv",
    scope="all",
    epochs=1,
    loss=ShapeLossSettings(alpha=0.0, focal=0.0, iou_share=0.0, iou_weights="none", warm_up_epochs=0),
    coordinates="frustum",
    backbone=BackboneSettings(name="small", pretrained=False),
    estimate=EstimateSettings(channels=8, side=16),
    initial=None,
)


def make_network(
    state: State = "logits", backward: Backward | None = None, rate: float = 0.5, clip: float = 0.01
) -> VoxelIgeNet:
    generator = torch.Generator().manual_seed(0)
    deconv = Deconv(DECONV, RESOLUTION, generator)
    pyramid = Pyramid(deconv.backbone.channels, 16, 3, generator)
    settings = EnergySettings(pooling="average", width=16, kernel_scale=None)
    energy = make_energy(settings, pyramid.channels, RESOLUTION, state, generator)
    rule = ClippedMomentum(rate, 0.1, clip)
    network = VoxelIgeNet(
        deconv, pyramid, energy, rule, steps=2, state=state, backward=backward or Unrolled()
    )
    return network.eval()


@pytest.fixture
def images() -> Tensor:
    return torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("state", ["logits", "squashed", "probabilities"])
def test_iterates_by_hand(images: Tensor, state: State) -> None:
    network = make_network(state)
    found = network(images)
    taps = network.deconv.backbone(images)
    guess = network.deconv.guess(taps)
    bound = network.energy.bind(network.pyramid(taps, images))
    y = (guess.sigmoid() if state == "probabilities" else guess).detach().requires_grad_()
    velocity = torch.zeros_like(y)
    assert len(found.iterates) == 3
    torch.testing.assert_close(found.iterates[0], guess, rtol=0, atol=0)
    for step in range(2):
        values = network.energy(y.sigmoid() if state == "squashed" else y, bound)
        torch.testing.assert_close(found.energies[step], values, rtol=1e-5, atol=1e-5)
        gradient = torch.autograd.grad(values.sum(), y, retain_graph=True)[0].clamp(-0.01, 0.01)
        velocity = 0.1 * velocity + gradient
        y = (y - 0.5 * velocity).detach().requires_grad_()
        logits = torch.logit(y.clamp(1e-4, 1 - 1e-4)) if state == "probabilities" else y
        torch.testing.assert_close(found.iterates[step + 1], logits, rtol=1e-4, atol=1e-5)
    assert not found.energies.requires_grad


def test_answers_of_probabilities_are_finite_logits(images: Tensor) -> None:
    refinement = make_network("probabilities", rate=200.0)(images)
    assert float(refinement.last.detach().abs().max()) == pytest.approx(9.21, abs=0.01)
    refinement.last.sum().backward()


@pytest.mark.parametrize("state", ["logits", "squashed", "probabilities"])
def test_all_ways_give_the_same_gradients_of_all_weights(images: Tensor, state: State) -> None:
    network = make_network(state, clip=1e-4).double()
    gradients = {}
    for name, backward, engine in (
        ("unrolled", Unrolled(), "closed"),
        ("checkpointed", Checkpointed(), "closed"),
        ("autograd", Unrolled(), "autograd"),
    ):
        network.backward = backward
        network.energy.engine = engine
        network.zero_grad()
        refinement = network(images.double())
        sum(y.sin().mean() for y in refinement.iterates).backward()
        gradients[name] = {key: p.grad for key, p in network.named_parameters()}
    assert all(g is not None and bool(g.ne(0).any()) for g in gradients["unrolled"].values())
    for name in ("checkpointed", "autograd"):
        for key, one in gradients["unrolled"].items():
            torch.testing.assert_close(one, gradients[name][key], rtol=1e-7, atol=1e-11, msg=key)


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("steps", [0, 1, 5])
def test_any_number_of_steps_in_evaluation(images: Tensor, mode: type, steps: int) -> None:
    network = make_network()
    with mode():
        found = network(images, steps)
    assert len(found.iterates) == steps + 1
    assert found.energies.shape == (steps + 1, 2)
    with torch.no_grad():
        longer = network(images, 5)
    for one, other in zip(found.iterates, longer.iterates, strict=False):
        torch.testing.assert_close(one, other)


def test_training_does_without_the_last_energy(images: Tensor) -> None:
    network = make_network().train()
    assert network(images, 3).energies.shape == (3, 2)


def test_energies_fall(images: Tensor) -> None:
    with torch.no_grad():
        energies = make_network()(images, 4).energies
    assert energies is not None
    assert bool((energies[1:] < energies[:-1]).all())


def test_the_descent_is_in_full_precision(images: Tensor) -> None:
    network = make_network()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        refinement = network(images)
    assert all(y.dtype == torch.float32 for y in refinement.iterates)
    assert refinement.energies is not None
    assert refinement.energies.dtype == torch.float32
    refinement.last.mean().backward()
    assert all(p.grad is not None and p.grad.dtype == torch.float32 for p in network.energy.parameters())


def test_it_tells_its_grid(images: Tensor) -> None:
    network = make_network()
    assert network.resolution == RESOLUTION
    assert network.coordinates == "frustum"
    assert network(images[:1]).last.shape == (1, 16, 16, 16)
