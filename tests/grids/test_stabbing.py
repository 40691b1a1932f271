import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ige.grids.buffers import Buffers
from ige.grids.projected import Window
from ige.grids.stabbing import count_by_depth, stabbed_cells


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), depths=st.sampled_from([5, 63, 64, 65, 130]))
def test_stabbed_cells_meet_something_in_five_of_six_directions(bits, seed, depths):
    generator = np.random.default_rng(seed)
    shape = (*generator.integers(1, 8, 2).tolist(), depths)
    share = generator.uniform(0.0, 0.3)
    blocks = [generator.random(np.add(shape, np.eye(3, dtype=int)[axis])) < share for axis in range(3)]
    met = np.zeros(shape, dtype=int)
    for axis in range(3):
        steps = np.moveaxis(blocks[axis], axis, 0)
        here = np.moveaxis(met, axis, 0)
        here += np.logical_or.accumulate(steps, axis=0)[:-1]
        here += np.logical_or.accumulate(steps[::-1], axis=0)[::-1][1:]
    found = stabbed_cells(bits.planes_of(blocks, Window(0, 0, 0, *shape)), Buffers())
    np.testing.assert_array_equal(bits.to_cells(found, depths), met >= 5)


@pytest.mark.parametrize("depths", [3, 64, 100, 128])
def test_cells_are_counted_at_each_depth(bits, depths):
    cells = np.random.default_rng(depths).random((40, 23, depths)) < np.linspace(0.0, 1.0, depths)
    np.testing.assert_array_equal(count_by_depth(bits.to_words(cells), depths), cells.sum(axis=(0, 1)))
    assert count_by_depth(np.zeros((0, 4, 2), dtype=np.uint64), depths).sum() == 0
