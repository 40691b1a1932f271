from __future__ import annotations

from typing import cast

import pytest

from ige.doctor.costs import (
    GPU_MS_PER_LIFTER_STEP,
    SCORE_MS_PER_POSE,
    gpu_step_ms,
    scoring_ms,
    step_ms,
    weights,
)
from ige.params.models import IgeSettings, LifterSettings
from ige.params.params import Params


def lifter(params: Params, name: str) -> LifterSettings:
    return cast(LifterSettings, params.models.poses[name])


def ige(params: Params, name: str) -> IgeSettings:
    return cast(IgeSettings, params.models.poses[name])


@pytest.mark.parametrize(
    ("name", "count"), [("lifter-128-1", 43_008), ("lifter-256-1", 151_552), ("lifter-1024-2", 4_276_224)]
)
def test_weights_are_the_published_counts(params: Params, name: str, count: int) -> None:
    assert weights(lifter(params, name)) == count


@pytest.mark.parametrize(
    ("name", "batch", "measured_ms"),
    [
        ("lifter-128-1", 64, 1.27),
        ("lifter-128-1", 256, 2.27),
        ("lifter-256-1", 256, 5.3),
        ("lifter-1024-2", 64, 33.5),
        ("lifter-1024-2", 256, 90.4),
        ("ige-t1", 64, 5.7),
        ("ige-t4", 64, 13.7),
        ("ige-t4", 256, 27.9),
        ("ige-t8", 64, 22.5),
    ],
)
def test_step_times_agree_with_what_was_measured(
    params: Params, name: str, batch: int, measured_ms: float
) -> None:
    model = params.models.poses[name]
    inner = lifter(params, "lifter-128-1") if isinstance(model, IgeSettings) else lifter(params, name)
    assert isinstance(model, IgeSettings | LifterSettings)
    assert step_ms(model, inner, batch) == pytest.approx(measured_ms, rel=0.25)


def test_scoring_costs_once_per_number_of_steps(params: Params) -> None:
    assert scoring_ms(params.models.poses["mean-pose"], ()) == SCORE_MS_PER_POSE
    once = scoring_ms(ige(params, "ige-t4"), ())
    assert scoring_ms(ige(params, "ige-t4"), (4, 4)) == pytest.approx(3 * once)


def test_a_step_on_a_gpu_takes_longer_with_each_descent_step(params: Params) -> None:
    assert gpu_step_ms(lifter(params, "lifter-1024-2")) == GPU_MS_PER_LIFTER_STEP
    one, four = gpu_step_ms(ige(params, "ige-t1")), gpu_step_ms(ige(params, "ige-t4"))
    assert GPU_MS_PER_LIFTER_STEP < one < four < 4 * one
