from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from ige.base.errors import InputError
from ige.poses.lifters import DropoutMasks, Lifter, Units


def make(width: int = 128, blocks: int = 1, dropout: float = 0.5, bias: float = 5.0) -> Lifter:
    generator = torch.Generator().manual_seed(0)
    return Lifter(width, blocks, dropout, depth_bias_m=bias, generator=generator)


@pytest.mark.parametrize(("width", "blocks"), [(128, 1), (64, 0), (32, 3)])
def test_count_of_numbers_is_that_of_the_formula(width: int, blocks: int) -> None:
    kernels = 32 * width + 2 * blocks * width**2 + 48 * width
    others = 2 * width * (1 + 2 * blocks) + 48
    assert sum(p.numel() for p in make(width, blocks).parameters()) == kernels + others


def test_normalisation_is_that_of_keras() -> None:
    norms = [layer for layer in make().modules() if isinstance(layer, nn.BatchNorm1d)]
    assert len(norms) == 3
    assert {(norm.momentum, norm.eps) for norm in norms} == {(0.01, 1e-3)}


def test_kernels_are_he_normal() -> None:
    lifter = make(512)
    for layer in lifter.modules():
        if isinstance(layer, nn.Linear):
            assert float(layer.weight.detach().std()) == pytest.approx(
                (2 / layer.in_features) ** 0.5, rel=0.03
            )


def test_a_pass_by_hand() -> None:
    lifter = make(8).eval()
    observed = torch.randn(5, 16, 2, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        scale = (1 + 1e-3) ** -0.5  # of a normalisation that has seen nothing
        hidden = torch.relu(scale * observed.flatten(1) @ lifter.first.dense.weight.T)
        block = lifter.blocks[0]
        inner = torch.relu(scale * hidden @ block.first.dense.weight.T)  # type: ignore[union-attr]
        hidden = hidden + torch.relu(scale * inner @ block.second.dense.weight.T)  # type: ignore[union-attr]
        expected = (hidden @ lifter.last.weight.T + lifter.last.bias).view(5, 16, 3)
        answer = lifter(observed, torch.zeros(5, 5))
    torch.testing.assert_close(answer.last, expected)
    torch.testing.assert_close(answer.stacked, expected[None])


def test_first_answers_lie_in_front_of_the_camera() -> None:
    bias = make(bias=5.0).last.bias.detach().view(16, 3)
    assert torch.equal(bias, torch.tensor([0.0, 0.0, 5.0]).expand(16, 3))
    assert not make(bias=0.0).last.bias.detach().any()


def test_the_same_generator_gives_the_same_weights() -> None:
    one, other = make().state_dict(), make().state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_lifter_takes_no_steps() -> None:
    lifter = make(8).eval()
    observed, distortion = torch.zeros(2, 16, 2), torch.zeros(2, 5)
    assert lifter(observed, distortion, 0).last.shape == (2, 16, 3)
    with pytest.raises(InputError, match="takes no steps"):
        lifter(observed, distortion, 1)


def test_a_metric_lifter_is_a_lifter_between_standardised_numbers() -> None:
    generator = torch.Generator().manual_seed(1)
    observed, poses = torch.randn(50, 16, 2, generator=generator), torch.randn(50, 16, 3, generator=generator)
    observed[:, 3, 0], poses = 0.25, 0.1 * poses + 0.5
    units = Units()
    units.fill(observed, poses)
    metric = Lifter(
        8, 1, 0.0, depth_bias_m=5.0, generator=torch.Generator().manual_seed(0), units=units
    ).eval()
    plain = make(8, dropout=0.0, bias=0.0).eval()
    spread = observed.std(0, correction=0)
    spread[3, 0] = 1.0  # a coordinate that does not vary
    expected = plain.guess((observed - observed.mean(0)) / spread)
    torch.testing.assert_close(metric.guess(observed), expected * poses.std(0, correction=0) + poses.mean(0))
    assert set(metric.state_dict()) - set(plain.state_dict()) == {
        f"units.{name}_{kind}" for name in ("observed", "pose") for kind in ("mean", "spread")
    }


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_dropout_drops_its_share_and_keeps_the_mean(share: float) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        masks = DropoutMasks(share, layers=3, width=125)(torch.ones(401, 2))  # no multiple of 64 units
    assert len(masks) == 3
    for mask in masks:
        assert mask is not None
        assert mask.shape == (401, 125)
        torch.testing.assert_close(mask.unique(), torch.tensor([0.0, 1 / (1 - share)]))
        dropped = (mask == 0).float()
        assert float(dropped.mean()) == pytest.approx(share, abs=0.01)
        assert float((dropped.mean(0) - share).abs().max()) < 0.12
        assert float((dropped.mean(1) - share).abs().max()) < 0.25


def test_dropout_draws_anew_for_each_layer_and_time_and_follows_the_seed() -> None:
    masks = DropoutMasks(0.5, layers=2, width=128)
    units = torch.ones(64, 32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        drawn = [*masks(units), *masks(units)]
        torch.manual_seed(0)
        again = masks(units)
    assert all(torch.equal(one, other) for one, other in zip(again, drawn, strict=False))
    for one, other in itertools.combinations(drawn, 2):
        assert 0.45 < float((one == other).float().mean()) < 0.55


def test_dropout_rests_in_evaluation() -> None:
    units = torch.ones(4, 8)
    assert DropoutMasks(0.5, 3, 8).eval()(units) == (None, None, None)
    assert DropoutMasks(0.0, 3, 8)(units) == (None, None, None)


def test_units_are_multiplied_by_the_mask() -> None:
    layer = make(8).first.train()
    inputs = torch.randn(6, 32, generator=torch.Generator().manual_seed(0))
    mask = 2.0 * (torch.arange(48).view(6, 8) % 3 == 0)
    torch.testing.assert_close(layer(inputs, mask), layer(inputs, None) * mask)


def test_training_normalises_by_the_batch_and_remembers_it() -> None:
    layer = make(8).first.train()
    inputs = torch.randn(50, 32, generator=torch.Generator().manual_seed(0))
    sums = inputs @ layer.dense.weight.T
    normalised = (sums - sums.mean(0)) / (sums.var(0, correction=0) + 1e-3).sqrt()
    torch.testing.assert_close(layer(inputs, None), torch.relu(normalised), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(layer.norm.running_mean, 0.01 * sums.mean(0).detach())


def test_a_lifter_runs_under_autocast() -> None:
    lifter = make(8).train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        answer = lifter.guess(torch.ones(4, 16, 2))
    assert answer.dtype == torch.float32
