"""Intervals of paired differences between models, by drawing the test objects anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_PERCENTILES = (2.5, 97.5)
_DRAWS_AT_ONCE = 64  # of all objects: bounds memory


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """How much greater the mean of one model is than that of another, on the same examples.

    Attributes:
        mean: of the first minus that of the second.
        low: end of the interval that holds 95 % of the means of the draws.
        high: the other end.
        by_seed: the difference of each pair of rows, one below the other; empty if the models have not as
            many. Whether these are of the same seeds the caller knows.
        examples: number of examples.
        objects: number of objects that were drawn from.
    """

    mean: float
    low: float
    high: float
    by_seed: tuple[float, ...]
    examples: int
    objects: int


def paired_difference(
    first: Floats, second: Floats, objects: Sequence[str], *, samples: int, seed: int
) -> PairedDifference:
    """Compare two models example by example.

    The values of an example are averaged over the seeds of training first; then as many objects as there are
    are drawn with replacement, each with all its views, and the mean is that over all examples drawn. So the
    interval tells how the difference may be on other objects, for the nets at hand; how much it depends on
    their training, `by_seed` tells.

    Args:
        first: (seeds, N) a value for each seed and example.
        second: (seeds, N) the same of the other model; it may have more or fewer seeds.
        objects: (N,) which object each example shows, category and id in one word.
        samples: number of draws.
        seed: of the draws.

    Raises:
        ValueError: if the shapes do not fit, there is no example, or a value is not finite.
    """
    for values in (first, second):
        if values.ndim != 2 or values.shape[1] != len(objects) or not values.size:
            raise ValueError(
                f"expected values (seeds, {len(objects)}), found {first.shape} and {second.shape}"
            )
        if not np.isfinite(values).all():
            raise ValueError("values that are not finite")
    difference = first.mean(axis=0) - second.mean(axis=0)
    _, index = np.unique(np.asarray(objects), return_inverse=True)
    sums: Floats = np.bincount(index, difference).astype(np.float64)
    counts: Floats = np.bincount(index).astype(np.float64)
    low, high = np.percentile(_means_of_draws(sums, counts, samples, seed), _PERCENTILES)
    return PairedDifference(
        mean=float(difference.mean()),
        low=float(low),
        high=float(high),
        by_seed=tuple((first - second).mean(axis=1).tolist()) if len(first) == len(second) else (),
        examples=len(objects),
        objects=len(sums),
    )


def _means_of_draws(sums: Floats, counts: Floats, samples: int, seed: int) -> Floats:
    """Return the mean (samples,) over the examples of each draw of objects."""
    rng = np.random.default_rng(seed)
    means = np.empty(samples)
    for start in range(0, samples, _DRAWS_AT_ONCE):
        drawn = rng.integers(len(sums), size=(min(_DRAWS_AT_ONCE, samples - start), len(sums)))
        means[start : start + len(drawn)] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return means
