import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ige.grids.bits import pack, unpack


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_what_was_packed_comes_back(resolution, seed):
    grid = np.random.default_rng(seed).random((resolution,) * 3) < 0.5
    bits = pack(grid)
    assert bits.shape == (resolution, resolution, -(-resolution // 8))
    back = unpack(bits, resolution)
    assert back.dtype == np.bool_
    np.testing.assert_array_equal(back, grid)


def test_the_nearest_of_eight_depths_is_the_lowest_bit():
    grid = np.zeros((10, 10, 10))
    grid[3, 4, 0] = grid[3, 4, 9] = 1
    bits = pack(grid)
    assert bits[3, 4].tolist() == [0b1, 0b10]
    assert bits.sum() == 3


def test_only_cubes_are_packed_and_only_their_bytes_unpacked():
    with pytest.raises(ValueError, match=r"must be a cube of cells, found shape \(2, 2, 3\)"):
        pack(np.zeros((2, 2, 3)))
    with pytest.raises(ValueError, match="cube"):
        pack(np.zeros((0, 0, 0)))
    with pytest.raises(ValueError, match=r"must be \(16, 16, 2\) uint8, found \(16, 16, 1\)"):
        unpack(np.zeros((16, 16, 1), np.uint8), 16)
    with pytest.raises(ValueError, match=r"found .* int64"):
        unpack(np.zeros((8, 8, 1), np.int64), 8)
