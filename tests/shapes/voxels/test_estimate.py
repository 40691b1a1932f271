from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.params.shape_models import EstimateSettings
from ige.shapes.voxels.estimate import Estimate

FEATURES = 24


def make(resolution: int = 16, side: int = 16, channels: int = 8, seed: int = 0) -> Estimate:
    settings = EstimateSettings(channels=channels, side=side)
    return Estimate(FEATURES, settings, resolution, torch.Generator().manual_seed(seed))


def random_features(count: int = 2) -> Tensor:
    return torch.randn(count, FEATURES, 4, 4, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("resolution", "side"), [(16, 32), (32, 32), (32, 16), (64, 32), (128, 16)])
def test_logits_have_the_resolution(resolution: int, side: int) -> None:
    with torch.no_grad():
        logits = make(resolution, side)(random_features())
    assert logits.shape == (2, resolution, resolution, resolution)
    assert logits.is_contiguous()


def test_by_hand() -> None:
    estimate = make(16, channels=8).eval().double()
    features = random_features(3).double()
    with torch.no_grad():
        spread = estimate.spread(features).view(3, 4, 8, 4, 4)  # depth, channels, row, column
        rows, columns, depths = estimate.axes(features.mean((2, 3))).view(3, 3, 4, 8).unbind(1)
        cells = torch.einsum("bdcij->bcijd", spread) + torch.einsum("bic->bci", rows)[..., None, None]
        cells = cells + torch.einsum("bjc->bcj", columns)[:, :, None, :, None]
        cells = cells + torch.einsum("bdc->bcd", depths)[:, :, None, None, :]
        scale = (1 + 1e-5) ** -0.5  # of a normalisation that has seen nothing
        (first,) = estimate.doublings
        cells = functional.conv_transpose3d((cells * scale).relu(), first.weight, stride=2, padding=1)
        last = estimate.logits
        expected = functional.conv_transpose3d(
            (cells * scale).relu(), last.weight, last.bias, stride=2, padding=1
        )
        torch.testing.assert_close(estimate(features), expected[:, 0])


def test_rows_and_columns_are_those_of_the_features() -> None:
    estimate = make(32, 32).eval()
    nn.init.zeros_(estimate.axes.weight)
    features = random_features(1)
    changed = features.clone()
    changed[0, :, 0, 3] += 5.0  # the image's top right
    with torch.no_grad():
        touched = (estimate(changed) - estimate(features))[0].abs() > 1e-6
    assert touched[0, -1].all()
    assert touched[:12, 20:].any()
    assert not touched[20:].any()
    assert not touched[:, :12].any()


def test_what_all_cells_must_know_reaches_them() -> None:
    estimate = make(32, 32).eval()
    features = random_features(1)
    changed = features.clone()
    changed[0, :, 0, 3] += 5.0
    with torch.no_grad():
        touched = (estimate(changed) - estimate(features))[0].abs() > 1e-6
    assert touched.float().mean() > 0.99


def test_finer_grids_are_interpolated_between_centres() -> None:
    coarse, fine = make(32, 32).eval(), make(128, 32).eval()
    fine.load_state_dict(coarse.state_dict())
    with torch.no_grad():
        expected = functional.interpolate(
            coarse(random_features())[:, None], (128, 128, 128), mode="trilinear", align_corners=False
        )
        torch.testing.assert_close(fine(random_features()), expected[:, 0], atol=1e-5, rtol=1e-5)


def test_first_logits_are_those_of_few_filled_cells() -> None:
    with torch.no_grad():
        logits = make(32, 32, channels=64)(random_features(4))
    assert float(logits.mean()) == pytest.approx(math.log(0.05 / 0.95), abs=0.3)
    assert float(logits.std()) < 1.0


def test_count_of_weights_is_that_of_the_formula() -> None:
    width = 64
    convolutions = 64 * (width * width // 2 + width // 2 * width // 4 + width // 4) + 1
    norms = 2 * (width + width // 2 + width // 4)
    cells = (FEATURES + 1) * 4 * width * (1 + 3)
    found = sum(weight.numel() for weight in make(32, 32, channels=width).parameters())
    assert found == convolutions + norms + cells


def test_weights_follow_the_generator_alone() -> None:
    torch.manual_seed(1)
    first = make(seed=3).state_dict()
    torch.manual_seed(2)
    again, other = make(seed=3).state_dict(), make(seed=4).state_dict()
    assert all(torch.equal(again[key], first[key]) for key in first)
    assert not torch.equal(other["spread.weight"], first["spread.weight"])


def test_it_trains_on_a_single_image() -> None:
    estimate = make(16).train()
    estimate(random_features(1)).square().mean().backward()
    for weight in estimate.parameters():
        assert weight.grad is not None
        assert weight.grad.isfinite().all()
        assert weight.grad.any()


def test_evaluation_does_not_depend_on_the_batch() -> None:
    estimate = make().train()
    estimate(random_features(8))
    estimate.eval()
    with torch.no_grad():
        torch.testing.assert_close(
            estimate(random_features(4))[:1], estimate(random_features(4)[:1]), atol=1e-5, rtol=1e-5
        )


@pytest.mark.parametrize("resolution", [16, 32])
def test_logits_are_in_full_precision(resolution: int) -> None:
    estimate = make(resolution, 16).eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        low = estimate(random_features())
    assert low.dtype == torch.float32
    with torch.no_grad():
        torch.testing.assert_close(low, estimate(random_features()), atol=0.1, rtol=0.05)
        assert estimate.double()(random_features().double()).dtype == torch.float64
