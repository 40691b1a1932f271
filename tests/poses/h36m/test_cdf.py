import random
import struct
import zlib

import numpy as np
import pytest
from h36m_official import write_cdf

from ige.base.errors import InputError
from ige.poses.h36m import cdf
from ige.poses.h36m.cdf import read_pose


@pytest.fixture
def path(tmp_path):
    return tmp_path / "Directions 1.cdf"


@pytest.fixture
def values():
    return np.random.default_rng(0).uniform(-2000.0, 2000.0, (7, 96))


def refused(path, content=None):
    """The one line with which a file is refused."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_pose(path, "S1/Directions 1.cdf")
    text = str(caught.value)
    assert text.startswith("S1/Directions 1.cdf: ")
    assert "\n" not in text
    return text


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("compress", [0, 6])
def test_values_come_back_as_they_were_written(path, values, kind, compress):
    write_cdf(path, values.astype(kind), compress=compress)
    np.testing.assert_array_equal(read_pose(path, "it"), values.astype(kind))


def test_variables_of_the_older_kind_are_read(path, values):
    from cdflib.cdfwrite import CDF

    spec = {"Variable": "Pose", "Data_Type": 45, "Num_Elements": 1, "Rec_Vary": True, "Var_Type": "rVariable"}
    with CDF(path, cdf_spec={"Majority": "row_major", "rDim_sizes": [7, 96]}) as file:
        file.write_var({**spec, "Dim_Vary": [True, True], "Compress": 0}, var_data=values[None])
    np.testing.assert_array_equal(read_pose(path, "it"), values)
    content = path.read_bytes()
    more = content.replace(struct.pack(">ii", 7, 96), struct.pack(">ii", 7_000, 96), 1)
    assert "values" in refused(path, more)


def old_cdf(values):
    """A file of version 2.6, whose offsets have four bytes, with one record of doubles in columns."""
    frames, numbers = values.shape
    gdr, vdr, vxr, vvr = 312, 372, 520, 552

    def record(*fields):
        content = b"".join(
            field if isinstance(field, bytes) else struct.pack(">i", field) for field in fields
        )
        return struct.pack(">i", len(content) + 4) + content

    data = values.T.astype(">f8").tobytes()
    single_file, varies = 2, -1
    parts = [
        bytes.fromhex("cdf260020000ffff"),
        record(1, gdr, 2, 7, 1, single_file, 0, 0, 0, 0, 0, b"made".ljust(256, b"\0")),
        record(2, 0, vdr, 0, vvr + 8 + len(data), 0, 0, -1, 0, 1, 0, 0, 0, 0),
        record(
            *(8, 0, 45, 0, vxr, vxr, 1, 0, 0, 0, 0, 1, 0, -1, 1, b"Pose".ljust(64, b"\0")),
            *(2, frames, numbers, varies, varies),
        ),
        record(6, 0, 1, 1, 0, 0, vvr),
        record(7, data),
    ]
    assert [len(b"".join(parts[:number])) for number in (2, 3, 4, 5)] == [gdr, vdr, vxr, vvr]
    return b"".join(parts)


def test_files_of_the_older_version_are_read(path, values):
    content = old_cdf(values)
    path.write_bytes(content)
    np.testing.assert_array_equal(read_pose(path, "it"), values)
    for length in range(0, len(content), 97):
        refused(path, content[:length])
    path.write_bytes(content.replace(struct.pack(">ii", 2, 7), struct.pack(">ii", 2, 4), 1))
    assert "version 2.4" in refused(path)


def test_one_frame_is_a_sequence(path, values):
    write_cdf(path, values[:1])
    np.testing.assert_array_equal(read_pose(path, "it"), values[:1])


@pytest.mark.parametrize("shape", [(7, 95), (96, 7), (7, 32, 3)])
def test_other_shapes_are_refused(path, shape):
    write_cdf(path, np.zeros(shape))
    assert "wrong shape of Pose: expected F x 96 numbers" in refused(path)


def test_another_variable_or_type_is_refused(path, values):
    write_cdf(path, values, variable="Angles")
    assert "expected a CDF file with a variable Pose, F x 96" in refused(path)
    write_cdf(path, values)
    kind_at = path.read_bytes().index(struct.pack(">i", 45), 8 + 300)  # of the variable's record
    content = bytearray(path.read_bytes())
    content[kind_at : kind_at + 4] = struct.pack(">i", 8)  # integers of eight bytes
    assert "type 8" in refused(path, bytes(content))


@pytest.mark.parametrize(
    "content", [b"", b"CDF", b"<!DOCTYPE html><html>", b"\x00" * 4096, b"\x89HDF\r\n\x1a\n"]
)
def test_other_files_are_refused(path, content):
    refused(path, content)


def test_a_file_compressed_as_a_whole_is_refused(path, values):
    write_cdf(path, values)
    content = path.read_bytes()
    assert "compressed as a whole" in refused(path, content[:4] + bytes.fromhex("cccc0001") + content[8:])


@pytest.mark.parametrize("compress", [0, 6])
def test_truncated_files_are_refused(path, values, compress):
    write_cdf(path, values, compress=compress)
    content = path.read_bytes()
    for length in range(0, len(content) - 1, max(1, len(content) // 60)):
        refused(path, content[:length])


@pytest.mark.parametrize("compress", [0, 6])
def test_flipped_bytes_never_do_worse_than_an_error(path, values, compress):
    """Among the records each byte is one that some reader follows: none may hang it or fill the memory."""
    write_cdf(path, values, compress=compress)
    content = path.read_bytes()
    rng = random.Random(0)
    ends = 0
    for _ in range(600):
        damaged = bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 8))):
            at = rng.randrange(900) if rng.random() < 0.9 else rng.randrange(len(content))
            damaged[at % len(content)] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        path.write_bytes(bytes(damaged))
        try:
            assert read_pose(path, "it").shape[1] == 96
        except InputError:
            ends += 1
    assert ends > 100


def integers(content, *expected):
    """Where these big-endian integers of four bytes stand one after the other."""
    return content.index(struct.pack(f">{len(expected)}i", *expected))


def test_a_file_that_states_more_values_than_it_has_is_refused(path, values):
    write_cdf(path, values)
    content = path.read_bytes()
    at = integers(content, 2, 7, 96, -1, -1)  # dimensions, their sizes, all vary
    for frames in (8, 10_000, 2**31 - 1):
        more = content[: at + 4] + struct.pack(">i", frames) + content[at + 8 :]
        assert "values" in refused(path, more)
    many = content[:at] + struct.pack(">i", 2**31 - 1) + content[at + 4 :]
    assert "2147483647 dimensions" in refused(path, many)


def test_a_file_that_states_more_records_than_it_has_is_refused(path, values):
    write_cdf(path, values)
    content = path.read_bytes()
    variable = content.index(b"Pose".ljust(256, b"\0")) - 84
    for last in (1, 2**31 - 1):
        more = content[: variable + 24] + struct.pack(">i", last) + content[variable + 28 :]
        assert "values" in refused(path, more)


def test_records_in_a_circle_are_refused(path, values):
    write_cdf(path, values)
    content = path.read_bytes()
    variable = content.index(b"Pose".ljust(256, b"\0")) - 84
    (index,) = struct.unpack(">q", content[variable + 28 : variable + 36])
    circle = content[: index + 12] + struct.pack(">q", index) + content[index + 20 :]
    assert "in a circle" in refused(path, circle)


def test_values_that_inflate_without_end_are_refused(path, values, monkeypatch):
    monkeypatch.setattr(cdf, "LARGEST_BYTES", 2**20)
    write_cdf(path, np.zeros((70, 96)), compress=9)
    content = path.read_bytes()
    record = struct.pack(">q", content.index(b"\x1f\x8b") - 24)
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    bomb = packer.compress(bytes(2**24)) + packer.flush()
    behind = struct.pack(">qiiq", 24 + len(bomb), 13, 0, len(bomb)) + bomb
    assert content.count(record) == 1
    led_astray = content.replace(record, struct.pack(">q", len(content))) + behind
    assert "more than 1048576 bytes of values" in refused(path, led_astray)


def test_a_huge_file_is_not_read(path, values, monkeypatch):
    write_cdf(path, values)
    monkeypatch.setattr(cdf, "LARGEST_BYTES", 1000)
    assert "where at most 1000 are plausible" in refused(path)
