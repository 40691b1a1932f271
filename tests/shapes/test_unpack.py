import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from ige.shapes.unpack import _by_shifts, unpack_bits

TYPES = (torch.float32, torch.uint8, torch.bool, torch.float16, torch.bfloat16, torch.int64)


def cells(resolution, count=3):
    return np.random.default_rng(0).random((count, resolution, resolution, resolution)) < 0.3


def packed(occupancy):
    return torch.from_numpy(np.packbits(occupancy, axis=-1, bitorder="little"))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("resolution", [8, 20, 32])
def test_what_was_packed_comes_back(resolution, dtype):
    occupancy = cells(resolution)
    found = unpack_bits(packed(occupancy), resolution, dtype)
    assert found.dtype == dtype
    assert_array_equal(found.to(torch.float64).numpy(), occupancy)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("resolution", [20, 32])
def test_memory_is_used_again(resolution, dtype):
    occupancy = cells(resolution)
    out = torch.full(occupancy.shape, 7).to(dtype)
    assert unpack_bits(packed(occupancy), resolution, dtype, out) is out
    assert_array_equal(out.to(torch.float64).numpy(), occupancy)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("resolution", [20, 32])
def test_the_way_of_other_devices_gives_the_same(resolution, dtype):
    bits = packed(cells(resolution))
    expected = unpack_bits(bits, resolution, dtype)
    assert torch.equal(_by_shifts(bits, torch.full_like(expected, 1)), expected)


def test_every_byte():
    bits = torch.arange(256, dtype=torch.uint8)[:, None]
    expected = np.unpackbits(bits.numpy(), axis=1, bitorder="little")
    for dtype in (torch.uint8, torch.float32):
        assert_array_equal(unpack_bits(bits, 8, dtype).numpy(), expected)


def test_bits_that_are_not_contiguous():
    bits = packed(cells(32))
    assert torch.equal(unpack_bits(bits[::2], 32), unpack_bits(bits, 32)[::2])


def test_another_shape_or_type_is_refused():
    bits = packed(cells(32))
    with pytest.raises(ValueError, match=r"bits: expected uint8 \(\.\.\., 8\)"):
        unpack_bits(bits, 64)
    with pytest.raises(ValueError, match="bits: expected uint8"):
        unpack_bits(bits.int(), 32)
    with pytest.raises(ValueError, match="out: expected contiguous"):
        unpack_bits(bits, 32, torch.float32, torch.empty(3, 32, 32, 32, dtype=torch.uint8))
    with pytest.raises(ValueError, match="out: expected contiguous"):
        unpack_bits(bits, 32, torch.float32, torch.empty(2, 32, 32, 32))
