import itertools

import pytest
import torch

from ige.training.schedule import batches, learning_rate, steps_per_epoch, stream

CPU = torch.device("cpu")


def test_the_rate_falls_by_the_same_factor_at_every_step():
    rates = [learning_rate(step, 11, 1e-3, 1e-4) for step in range(11)]
    assert rates[0] == 1e-3
    assert rates[-1] == pytest.approx(1e-4, rel=1e-12)
    assert rates[5] == pytest.approx(10**-3.5, rel=1e-12)
    factors = [after / before for before, after in itertools.pairwise(rates)]
    assert factors == pytest.approx([factors[0]] * 10, rel=1e-12)


def test_a_training_of_one_step_has_the_first_rate():
    assert learning_rate(0, 1, 0.5, 0.1) == 0.5


@pytest.mark.parametrize(("count", "size", "steps"), [(64, 64, 1), (65, 64, 1), (128, 64, 2), (5, 64, 1)])
def test_only_full_batches_count_unless_there_is_none(count, size, steps):
    assert steps_per_epoch(count, size) == steps
    drawn = batches(count, size, seed=0, epoch=0, device=CPU)
    assert [len(batch) for batch in drawn] == [min(count, size)] * steps
    indices = torch.cat(drawn)
    assert len(set(indices.tolist())) == len(indices)
    assert indices.min() >= 0
    assert indices.max() < count


@pytest.mark.parametrize(("most", "steps"), [(1, 1), (4, 4), (5, 5), (9, 5)])
def test_a_short_epoch_draws_its_examples_anew(most, steps):
    assert steps_per_epoch(53, 10, most) == steps
    first, second = (batches(53, 10, seed=0, epoch=epoch, device=CPU, most=most) for epoch in (0, 1))
    assert len(first) == len(second) == steps
    whole = batches(53, 10, seed=0, epoch=0, device=CPU)
    assert torch.equal(torch.cat(first), torch.cat(whole[:steps]))
    assert not torch.equal(torch.cat(first), torch.cat(second))


def test_no_example_is_refused():
    with pytest.raises(ValueError, match="nothing to train on"):
        steps_per_epoch(0, 64)


def test_a_permutation_follows_from_seed_and_epoch_alone():
    torch.manual_seed(1)
    first = torch.cat(batches(100, 10, seed=3, epoch=2, device=CPU))
    torch.manual_seed(2)
    assert torch.equal(first, torch.cat(batches(100, 10, seed=3, epoch=2, device=CPU)))
    for seed, epoch in ((3, 3), (4, 2), (2, 3)):
        assert not torch.equal(first, torch.cat(batches(100, 10, seed=seed, epoch=epoch, device=CPU)))


def test_streams_differ():
    seeds = {stream(seed, *path) for seed in (0, 1) for path in ((0,), (1,), (0, 1), (1, 0), (1, 1))}
    assert len(seeds) == 10
