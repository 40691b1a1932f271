from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ige.base.errors import InputError
from ige.params.models import IgeSettings, LifterSettings
from ige.poses.ige_net import IgeNet
from ige.poses.lifters import Lifter, Units
from ige.poses.lifting_set import read_lifting_set
from ige.poses.losses import labels_of, root_relative, scale_free_error
from ige.poses.models import Definition, build_model
from ige.poses.problem import Pairs, PoseProblem, pairs_of, validation_errors

CPU = torch.device("cpu")


@pytest.fixture
def pairs(write_pairs: Callable[..., Path]) -> Pairs:
    path = write_pairs("train.h5", 20)
    return pairs_of(read_lifting_set(path), path, CPU)


@pytest.fixture
def network(ige_settings: IgeSettings, lifter_settings: LifterSettings) -> IgeNet:
    definition = Definition(ige_settings, lifter_settings)
    model = build_model(definition, depth_bias_m=5.0, generator=torch.Generator().manual_seed(0))
    assert isinstance(model, IgeNet)
    return model.eval()


def test_pairs_are_those_of_the_set(write_pairs: Callable[..., Path]) -> None:
    content = read_lifting_set(write_pairs("train.h5", 20))
    pairs = pairs_of(content, Path("train.h5"), CPU)
    torch.testing.assert_close(pairs.observed, torch.from_numpy(content.observed))
    torch.testing.assert_close(pairs.distortion, torch.from_numpy(content.distortion()))
    torch.testing.assert_close(pairs.poses_cam, torch.from_numpy(content.poses_cam))


def test_a_set_without_pairs_is_refused(write_pairs: Callable[..., Path]) -> None:
    path = write_pairs("empty.h5", 0)
    with pytest.raises(InputError, match=r"empty\.h5: a lifting set without pairs"):
        pairs_of(read_lifting_set(path), path, CPU)


def test_spread_pairs_are_evenly_spaced(pairs: Pairs) -> None:
    assert torch.equal(pairs.spread(5).poses_cam, pairs.poses_cam[[0, 4, 8, 12, 16]])
    assert pairs.spread(20) is pairs


def test_loss_is_that_of_all_iterates(pairs: Pairs, network: IgeNet) -> None:
    problem = PoseProblem(network, pairs, pairs, iterate_decay=0.5)
    batch = torch.tensor([3, 0, 11])
    iterates = network(pairs.observed[batch], pairs.distortion[batch]).iterates
    errors = [scale_free_error(y, labels_of(pairs.poses_cam[batch])).sum() for y in iterates]
    torch.testing.assert_close(problem.loss(batch), (errors[0] + 2 * errors[1] + 4 * errors[2]) / 7)
    assert problem.count == 20


def test_validation_of_the_truth_finds_no_error(
    pairs: Pairs, lifter_settings: LifterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Lifter(8, 0, 0.0, depth_bias_m=5.0, generator=torch.Generator())
    monkeypatch.setattr(model, "guess", lambda observed: 3 * pairs.poses_cam)
    errors = validation_errors(model, pairs)
    assert list(errors) == ["opt_scale_mm", "pa_mm"]
    assert max(errors.values()) < 1e-3


@pytest.fixture
def metric_lifter() -> Lifter:
    return Lifter(8, 0, 0.0, depth_bias_m=5.0, generator=torch.Generator(), units=Units()).eval()


def test_a_metric_lifter_learns_standardised_poses_about_the_hips(
    pairs: Pairs, metric_lifter: Lifter
) -> None:
    problem = PoseProblem(metric_lifter, pairs, pairs, iterate_decay=1.0)
    labels = root_relative(pairs.poses_cam)
    spread = labels.std(0, correction=0)
    assert metric_lifter.units is not None
    torch.testing.assert_close(metric_lifter.units.pose_spread, spread)
    batch = torch.tensor([3, 0, 11])
    predicted = metric_lifter(pairs.observed[batch], pairs.distortion[batch]).last
    expected = (((predicted - labels[batch]) / spread) ** 2).mean()
    torch.testing.assert_close(problem.loss(batch), expected)


def test_validation_of_a_metric_lifter_is_p1(
    pairs: Pairs, metric_lifter: Lifter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_lifter, "guess", lambda observed: 1.1 * root_relative(pairs.poses_cam))
    errors = validation_errors(metric_lifter, pairs)
    assert list(errors) == ["mpjpe_mm", "pa_mm"]
    assert errors["mpjpe_mm"] > 10.0
    assert errors["pa_mm"] < 1e-3


def test_answers_that_are_not_finite_have_no_error(pairs: Pairs, network: IgeNet) -> None:
    with torch.no_grad():
        network.rule.rate.fill_(math.inf)
    assert all(math.isnan(error) for error in validation_errors(network, pairs).values())


def test_epochs_are_all_alike(pairs: Pairs, network: IgeNet) -> None:
    problem = PoseProblem(network, pairs, pairs, iterate_decay=0.5)
    batch = torch.tensor([3, 0, 11])
    losses = []
    for epoch in (0, 7):
        problem.enter_epoch(epoch, [batch])
        losses.append(problem.loss(batch))
    torch.testing.assert_close(losses[0], losses[1], rtol=0, atol=0)
