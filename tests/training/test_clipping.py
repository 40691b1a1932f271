import math

import pytest
import torch
from torch import Tensor, nn

from ige.base.errors import TrainingError
from ige.training.clipping import GradientGuard, GuardedAdam

CPU = torch.device("cpu")


class Bench:
    """A weight vector whose gradients the test chooses, under guard, and beside it a plain Adam."""

    def __init__(
        self, factor: float | None, window: int = 10, steps: int = 1000, dtype=torch.float32
    ) -> None:
        self.guard = GradientGuard(factor, window, steps, CPU)
        self.guard.start_epoch()
        self.weights = nn.Parameter(torch.tensor([1.0, -2.0, 3.0], dtype=dtype))
        self.plain = nn.Parameter(self.weights.detach().clone())
        self.adam = GuardedAdam([self.weights], lr=0.1, fused=True)
        self.reference = torch.optim.Adam([self.plain], lr=0.1, fused=True)
        self.step = 0

    def move(self, gradient: Tensor, expected: Tensor | None) -> None:
        self.weights.grad = gradient.to(self.weights.dtype)
        self.guard.prepare(self.adam, self.weights.grad, self.step, self.step)
        self.adam.step()
        self.step += 1
        if expected is not None:
            self.plain.grad = expected.to(self.plain.dtype)
            self.reference.step()
        torch.testing.assert_close(self.weights.detach(), self.plain.detach())


def vector(norm: float) -> Tensor:
    return norm * torch.tensor([2.0, -1.0, 2.0]) / 3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_spike_is_cut_to_the_factor_times_the_median_of_earlier_norms(dtype):
    bench = Bench(factor=3.0, steps=12, dtype=dtype)
    for norm in (1, 9, 2, 8, 3, 7, 4, 6, 5, 10):
        bench.move(vector(norm), vector(norm))
    bench.move(vector(4700), vector(15))  # the lower middle of 1..10 is 5
    bench.move(vector(14), vector(14))  # 2..10 and the spike: 6
    assert bench.guard.facts().clipped_share == pytest.approx(1 / 12)


def test_the_first_ten_steps_are_not_clipped():
    bench = Bench(factor=1.0)
    for norm in (1, 100, 1, 1000, 1, 1, 1, 1, 1, 10000):
        bench.move(vector(norm), vector(norm))
    bench.move(vector(7), vector(1))


def test_without_a_factor_nothing_is_clipped():
    bench = Bench(factor=None)
    for norm in [1.0] * 12 + [1e6]:
        bench.move(vector(norm), vector(norm))
    assert bench.guard.facts().clipped_share == 0


@pytest.mark.parametrize("factor", [None, 3.0])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e30])
def test_a_gradient_that_is_not_finite_changes_nothing(factor, bad):
    bench = Bench(factor, steps=14)
    for _ in range(12):
        bench.move(vector(1), vector(1))
    bench.move(torch.tensor([1.0, bad, 1.0]), None)
    moments = bench.adam.state[bench.weights]
    assert moments["step"] == 12
    bench.move(vector(2), vector(2))
    facts = bench.guard.facts()
    assert facts.skipped == 1
    assert facts.norm_median == 1
    assert facts.clipped_share == 0


def test_the_window_spans_epochs():
    bench = Bench(factor=2.0, window=10, steps=4)
    for epoch in range(3):
        for step in range(4):
            bench.guard.prepare(bench.adam, vector(epoch * 4 + step + 1), step, epoch * 4 + step)
        bench.guard.start_epoch()
    # norms 3..12 are in the window, their lower middle is 7
    bench.guard.prepare(bench.adam, vector(140), 0, 12)
    assert float(bench.adam.grad_scale) == pytest.approx(10)


def test_more_than_a_hundred_failures_in_a_row_end_the_training():
    bench = Bench(factor=None)
    for _ in range(100):
        bench.move(vector(math.nan), None)
    bench.guard.check(bench.step)
    bench.move(vector(math.nan), None)
    with pytest.raises(TrainingError, match=r"the training diverged: 101 gradients in a row.*learning_rate"):
        bench.guard.check(bench.step)


def test_a_single_good_gradient_ends_a_row_of_failures():
    bench = Bench(factor=None, steps=201)
    for norm in [math.nan] * 100 + [1.0] + [math.nan] * 100:
        bench.move(vector(norm), None if math.isnan(norm) else vector(norm))
        if bench.step % 60 == 0:
            bench.guard.check(bench.step)
    bench.guard.check(bench.step)
    assert bench.guard.facts().skipped == 200
