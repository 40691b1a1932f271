import numpy as np
import pytest

from ige.metrics.bootstrap import paired_difference


def values(seed=0, objects=40, seeds=(3, 2)):
    rng = np.random.default_rng(seed)
    names = [f"car/{number}" for number in range(objects) for _ in range(1 + number % 3)]
    rng.shuffle(names)
    hard = {name: rng.normal() for name in sorted(set(names))}
    base = np.array([hard[name] for name in names])
    first, second = (base + 0.2 * rng.normal(size=(count, len(names))) for count in seeds)
    return first + 0.1, second, names


def slowly(first, second, objects, samples, seed):
    """Draw objects one by one, collect all their examples, average."""
    names, rng, means = sorted(set(objects)), np.random.default_rng(seed), []
    examples = {name: [i for i, each in enumerate(objects) if each == name] for name in names}
    for _ in range(samples):
        drawn = [i for place in rng.integers(len(names), size=len(names)) for i in examples[names[place]]]
        means.append(np.mean([np.mean(first[:, i]) - np.mean(second[:, i]) for i in drawn]))
    return np.percentile(means, 2.5), np.percentile(means, 97.5)


def test_it_is_what_drawing_one_by_one_gives():
    first, second, names = values()
    found = paired_difference(first, second, names, samples=150, seed=5)
    assert (found.low, found.high) == pytest.approx(slowly(first, second, names, 150, 5), rel=1e-12)
    assert found.mean == pytest.approx(np.mean(first) - np.mean(second))
    assert (found.examples, found.objects) == (len(names), 40)
    assert found.low < found.mean < found.high


def test_the_same_seed_draws_the_same():
    first, second, names = values()
    found = [paired_difference(first, second, names, samples=200, seed=seed) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


def test_pairs_make_the_interval_narrow_where_objects_differ():
    first, second, names = values(objects=200)
    paired = paired_difference(first, second, names, samples=400, seed=0)
    assert 0.0 < paired.low < 0.1 < paired.high < 0.2
    alone = paired_difference(first, np.zeros_like(second), names, samples=400, seed=0)
    assert alone.high - alone.low > 3 * (paired.high - paired.low)


def test_views_of_one_object_count_as_one():
    rng = np.random.default_rng(0)
    of_object = rng.normal(size=(1, 100))
    each = paired_difference(
        of_object, np.zeros((1, 100)), [f"{n:03d}" for n in range(100)], samples=2000, seed=0
    )
    views = np.repeat(of_object, 10, axis=1)
    names = [f"{n:03d}" for n in range(100) for _ in range(10)]
    together = paired_difference(views, np.zeros((1, 1000)), names, samples=2000, seed=0)
    assert (together.low, together.high) == pytest.approx((each.low, each.high))
    # As it should be for the mean of 100 normal numbers.
    assert each.high - each.low == pytest.approx(2 * 1.96 * of_object.std() / 10, rel=0.1)


def test_the_interval_holds_the_true_difference_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    for trial in range(200):
        first = rng.normal(loc=0.3, size=(1, 60))
        found = paired_difference(
            first, np.zeros((1, 60)), [str(n) for n in range(60)], samples=200, seed=trial
        )
        hits += found.low <= 0.3 <= found.high
    assert 0.88 <= hits / 200 <= 0.99


def test_differences_stand_by_seed_where_there_are_as_many():
    first, second, names = values(seeds=(3, 3))
    found = paired_difference(first, second, names, samples=100, seed=0)
    assert found.by_seed == pytest.approx((first - second).mean(axis=1))
    assert np.mean(found.by_seed) == pytest.approx(found.mean)
    assert paired_difference(first, second[:2], names, samples=100, seed=0).by_seed == ()


def test_models_that_answer_alike_differ_by_nothing():
    first, _, names = values()
    found = paired_difference(first, first, names, samples=100, seed=0)
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)


def test_what_cannot_be_is_refused():
    first, second, names = values()
    with pytest.raises(ValueError, match=r"expected values \(seeds, \d+\), found"):
        paired_difference(first[:, 1:], second, names, samples=100, seed=0)
    with pytest.raises(ValueError, match="expected values"):
        paired_difference(first[:0], second, names, samples=100, seed=0)
    with pytest.raises(ValueError, match="expected values"):
        paired_difference(first[:, :0], second[:, :0], [], samples=100, seed=0)
    spoilt = first.copy()
    spoilt[1, 4] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        paired_difference(spoilt, second, names, samples=100, seed=0)
