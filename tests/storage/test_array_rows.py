import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.base.errors import InputError
from ige.storage.array_rows import open_array_rows, write_array_rows

ATTRIBUTES = {"names": ["ä", "b", "c"], "step": 2}


def row(number):
    rng = np.random.default_rng(number)
    return {
        "cells/0": rng.integers(0, 256, (4, 6), dtype=np.uint8),
        "turned": rng.random((3, 4)).T,
        "focal": np.float64(1.5 * number),
    }


def write(path, given=None):
    with write_array_rows(path, "test-kind", 3) as rows:
        for place, each in (given or {place: row(place) for place in (2, 0, 1)}).items():
            rows.put(place, each)
        rows.attributes = ATTRIBUTES
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "new" / "a.h5")


def test_rows_are_read_one_by_one(file):
    found = open_array_rows(file, "test-kind")
    assert found.attributes == ATTRIBUTES
    for place in range(3):
        for name, block in row(place).items():
            read = found.row(name, place)
            assert (read.dtype, read.shape) == (block.dtype, block.shape)
            assert_array_equal(read, block)


def test_same_content_same_bytes(file, tmp_path):
    assert write(tmp_path / "b.h5").read_bytes() == file.read_bytes()


def test_rows_are_compressed(tmp_path):
    with write_array_rows(tmp_path / "a.h5", "test-kind", 2) as rows:
        for place in range(2):
            rows.put(place, {"cells": np.zeros((64, 64, 64), dtype=np.uint8)})
    assert (tmp_path / "a.h5").stat().st_size < 20_000


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (row(0) | {"focal": np.float32(0.0)}, "focal: expected float64"),
        (row(0) | {"turned": np.zeros((3, 4))}, "turned: expected float64"),
        (row(0) | {"more": np.zeros(2)}, "not of"),
        ({"turned": row(0)["turned"]}, "not of"),
    ],
)
def test_a_row_unlike_the_first_is_a_mistake(tmp_path, other, words):
    with pytest.raises(ValueError, match=words):
        write(tmp_path / "a.h5", {1: row(0), 0: other})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("places", [(1,), (0, 2)])
def test_a_missing_row_is_a_mistake(tmp_path, places):
    with pytest.raises(ValueError, match="never written"):
        write(tmp_path / "a.h5", {place: row(place) for place in places})
    assert list(tmp_path.iterdir()) == []


def test_another_kind_and_a_missing_file_are_refused(file, tmp_path):
    with pytest.raises(InputError, match=r"a\.h5: a file of another kind: expected clips, found test-kind"):
        open_array_rows(file, "clips")
    with pytest.raises(InputError, match=r"x\.h5: no such file"):
        open_array_rows(tmp_path / "x.h5", "clips")


def test_an_edit_is_noticed_where_it_is_read(file):
    with h5py.File(file, "r+") as content:
        content["cells/0"][1, 0] = 1 + content["cells/0"][1, 0]
    found = open_array_rows(file, "test-kind")
    assert_array_equal(found.row("cells/0", 0), row(0)["cells/0"])
    with pytest.raises(InputError, match="cells/0 that do not match their digest"):
        found.row("cells/0", 1)


def test_an_edit_of_the_head_is_noticed(file):
    with h5py.File(file, "r+") as content:
        text = content["head.json"][()]
        text[text == ord("2")] = ord("3")
        content["head.json"][...] = text
    with pytest.raises(InputError, match="corrupt or edited"):
        open_array_rows(file, "test-kind")


def test_another_file_than_the_one_that_was_opened_is_noticed(file):
    found = open_array_rows(file, "test-kind")
    with write_array_rows(file, "test-kind", 1) as rows:
        rows.put(0, row(7))
    for name in ("focal", "turned"):
        with pytest.raises(InputError, match="corrupt or edited"):
            found.row(name, 0)


def test_what_is_not_there_is_told(file):
    found = open_array_rows(file, "test-kind")
    for name, place in (("gone", 0), ("focal", 3)):
        with pytest.raises(InputError, match="corrupt or edited"):
            found.row(name, place)


@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_noticed(file, keep):
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(InputError, match=r"corrupt or edited|another kind"):
        open_array_rows(file, "test-kind")
