import errno
import os

import h5py
import numpy as np
import pytest

from ige.base.errors import StorageError
from ige.storage import hdf5
from ige.storage.hdf5 import new_hdf5

VALUES = np.arange(30_000, dtype=np.float64)


def write(path):
    with new_hdf5(path, rdcc_nbytes=0) as file:
        file.create_dataset("all", data=VALUES, track_times=False)
        grown = file.create_dataset(
            "grown", shape=(0, 100), maxshape=(None, 100), chunks=(1, 100), dtype=float, fletcher32=True
        )
        for count in range(50):
            grown.resize(count + 1, axis=0)
            grown[count] = VALUES[count : count + 100]
        grown.resize(40, axis=0)
        file.create_dataset("small", data=np.arange(3), track_times=False)
        file.attrs["kind"] = np.bytes_("kind")


@pytest.fixture
def disk_of(monkeypatch):
    """Make a disk of so many bytes, which takes a part of the write that fills it, as real ones do."""

    def make(size):
        write_to_disk = os.pwrite

        def pwrite(descriptor, content, place):
            room = size - place
            if room <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write_to_disk(descriptor, content[:room], place)

        monkeypatch.setattr(hdf5.os, "pwrite", pwrite)

    return make


def test_what_was_written_is_read_back_and_the_bytes_are_always_the_same(tmp_path):
    write(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r") as file:
        np.testing.assert_array_equal(file["all"][()], VALUES)
        np.testing.assert_array_equal(file["grown"][39], VALUES[39:139])
        assert file["grown"].shape == (40, 100)
        assert file.attrs["kind"] == b"kind"
    write(tmp_path / "b.h5")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.85, 0.9, 0.95, 0.99, 0.999])
def test_a_disk_that_is_full_at_any_moment_is_told_and_nothing_is_left(tmp_path, disk_of, share):
    write(tmp_path / "a.h5")
    disk_of(int(share * (tmp_path / "a.h5").stat().st_size))
    with pytest.raises(StorageError, match=r"b\.h5: cannot be written: found the disk is full"):
        write(tmp_path / "b.h5")
    assert {path.name for path in tmp_path.iterdir()} == {"a.h5"}


def test_who_writes_much_learns_of_a_full_disk_before_the_end(tmp_path, disk_of):
    disk_of(1_000_000)
    written = []

    def write_much():
        with new_hdf5(tmp_path / "a.h5") as file:
            for number in range(100):
                file.create_dataset(str(number), data=VALUES)
                file.require_written()
                written.append(number)

    with pytest.raises(StorageError, match="the disk is full"):
        write_much()
    assert written == [0, 1, 2, 3]


def test_an_error_of_the_block_is_the_one_to_tell(tmp_path):
    def fail():
        with new_hdf5(tmp_path / "a.h5") as file:
            file.create_dataset("all", data=VALUES)
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        fail()
    assert not [*tmp_path.iterdir()]
