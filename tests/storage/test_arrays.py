import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.base.errors import InputError, StorageError
from ige.storage.arrays import read_arrays, write_arrays

ARRAYS = {
    "points/0001": np.arange(12, dtype=np.float32).reshape(3, 4),
    "points/0000": np.zeros((0, 2)),
    "flags": np.array([True, False]),
}
ATTRIBUTES = {"names": ["ä", "b"], "step": 2, "long": ["x" * 100] * 1000}


@pytest.fixture
def file(tmp_path):
    write_arrays(tmp_path / "new" / "a.h5", "test-kind", ARRAYS, ATTRIBUTES)
    return tmp_path / "new" / "a.h5"


def test_round_trip(file):
    content = read_arrays(file, "test-kind")
    assert content.attributes == ATTRIBUTES
    assert set(content.arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert content.arrays[name].dtype == array.dtype
        assert_array_equal(content.arrays[name], array)


def test_same_content_same_bytes_whatever_the_order(file, tmp_path):
    reordered = dict(reversed(ARRAYS.items()))
    write_arrays(tmp_path / "b.h5", "test-kind", reordered, dict(reversed(ATTRIBUTES.items())))
    assert (tmp_path / "b.h5").read_bytes() == file.read_bytes()


def test_another_kind_is_refused(file):
    with pytest.raises(InputError, match=r"a\.h5: a file of another kind: expected clips, found test-kind"):
        read_arrays(file, "clips")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"x\.h5: no such file"):
        read_arrays(tmp_path / "x.h5", "clips")


def test_an_edit_is_noticed(file):
    import h5py

    with h5py.File(file, "r+") as content:
        content["points/0001"][0, 0] = 7
    with pytest.raises(InputError, match="does not match its digest"):
        read_arrays(file, "test-kind")


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_noticed(file, keep):
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(InputError, match=r"corrupt or edited|another kind"):
        read_arrays(file, "test-kind")


def test_every_flipped_byte_of_the_data_is_noticed(file):
    content = bytearray(file.read_bytes())
    rng = np.random.default_rng(0)
    start = content.index(ARRAYS["points/0001"].tobytes())
    for place in rng.integers(start, start + ARRAYS["points/0001"].nbytes, 20):
        spoilt = bytearray(content)
        spoilt[place] ^= 0x10
        file.write_bytes(spoilt)
        with pytest.raises(InputError, match="corrupt or edited"):
            read_arrays(file, "test-kind")


def test_a_place_that_is_a_file_cannot_be_a_folder(file):
    with pytest.raises(StorageError, match="cannot be written"):
        write_arrays(file / "b.h5", "test-kind", ARRAYS, {})
