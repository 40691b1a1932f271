import gzip
import random
import struct
import tempfile
import tracemalloc
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
@pytest.mark.parametrize(("compress", "whole"), [(0, 0), (6, 0), (0, 6), (6, 9)])
def test_values_come_back_as_they_were_written(path, values, kind, compress, whole):
    write_cdf(path, values.astype(kind), compress=compress, whole=whole)
    assert (path.read_bytes()[4:8] == bytes.fromhex("cccc0001")) == (whole > 0)
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


def compressed(plain, *, stated=None, method=5, packed=None):
    """The file of this content compressed as a whole, with what it says of itself changed."""
    width, number = (8, ">q") if plain[:4] == bytes.fromhex("cdf30001") else (4, ">i")
    packed = gzip.compress(plain[8:], mtime=0) if packed is None else packed
    size = 3 * width + 8 + len(packed)
    fields = (8 + size, len(plain) - 8 if stated is None else stated)
    sizes = b"".join(struct.pack(number, field) for field in fields)
    head = struct.pack(number, size) + struct.pack(">i", 10) + sizes + bytes(4)
    how = struct.pack(number, width + 20) + struct.pack(">5i", 11, method, 0, 1, 6)
    return plain[:4] + bytes.fromhex("cccc0001") + head + packed + how


@pytest.fixture(params=[2, 3], ids=["older version", "version 3"])
def plain(request, path, values):
    """A file that is not compressed, of either version."""
    if request.param == 2:
        return old_cdf(values)
    write_cdf(path, values)
    return path.read_bytes()


def test_files_compressed_as_a_whole_are_read(path, plain, values):
    path.write_bytes(compressed(plain))
    np.testing.assert_array_equal(read_pose(path, "it"), values)
    with_checksum = compressed(plain) + bytes(16)
    path.write_bytes(with_checksum)
    np.testing.assert_array_equal(read_pose(path, "it"), values)


def test_a_file_compressed_as_a_whole_leaves_nothing_behind(path, plain, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    path.write_bytes(compressed(plain))
    read_pose(path, "it")
    refused(path, compressed(plain.replace(b"Pose", b"Pise")))
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("method", [0, 1, 2, 3, 4, 6, -1])
def test_other_ways_to_compress_a_file_are_refused(path, plain, method):
    assert f"compressed as a whole by method {method}" in refused(path, compressed(plain, method=method))


def test_files_that_begin_as_no_other_are_refused(path, plain):
    assert "neither a plain nor a compressed" in refused(path, plain[:4] + b"\xcc\xcc\0\2" + plain[8:])
    assert "without the records that say how" in refused(
        path, plain[:4] + bytes.fromhex("cccc0001") + plain[8:]
    )


def test_a_compressed_file_that_lies_about_its_size_is_refused(path, plain):
    size = len(plain) - 8
    for stated in (1, size - 1, size + 1):
        assert f"do not inflate to the {stated}" in refused(path, compressed(plain, stated=stated))
    for stated in (-1, 0, 2**26 + 1, 2**31 - 1):
        assert f"state to be {stated}, at most" in refused(path, compressed(plain, stated=stated))
    assert "state to be 200000, at most" in refused(
        path, compressed(plain, stated=200_000, packed=b"x" * 100)
    )


def test_a_compressed_file_with_more_behind_it_or_without_its_end_is_refused(path, plain):
    packed = gzip.compress(plain[8:], mtime=0)
    damaged = packed[:-5] + bytes([packed[-5] ^ 1]) + packed[-4:]  # of the checksum
    for content in (packed + b"x", packed + packed, packed[:-1], packed[:-9], damaged, plain[8:], b""):
        refused(path, compressed(plain, packed=content))


def test_a_file_that_inflates_without_end_costs_no_memory(path, plain):
    bomb = gzip.compress(bytes(2**28), mtime=0)
    tracemalloc.start()
    for stated in (2**16, 2**28, 2**31 - 1):
        refused(path, compressed(plain, packed=bomb, stated=stated))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**22


def test_a_compressed_file_is_walked_as_others_are(path, plain):
    at = integers(plain, 2, 7, 96, -1, -1)
    more = plain[: at + 4] + struct.pack(">i", 2**31 - 1) + plain[at + 8 :]
    assert "values" in refused(path, compressed(more))
    refused(path, compressed(compressed(plain)))


def test_a_compressed_file_with_flipped_bytes_inside_never_does_worse_than_an_error(path, plain):
    rng = random.Random(0)
    ends = 0
    for _ in range(200):
        damaged = bytearray(plain)
        damaged[8 + rng.randrange(900)] = rng.choice((0, 1, 127, 128, 255))
        path.write_bytes(compressed(bytes(damaged)))
        try:
            assert read_pose(path, "it").shape[1] == 96
        except InputError:
            ends += 1
    assert 10 < ends < 200


@pytest.mark.parametrize(("compress", "whole"), [(0, 0), (6, 0), (0, 6)])
def test_truncated_files_are_refused(path, values, compress, whole):
    write_cdf(path, values, compress=compress, whole=whole)
    content = path.read_bytes()
    for length in range(0, len(content) - 1, max(1, len(content) // 60)):
        refused(path, content[:length])


@pytest.mark.parametrize(("compress", "whole"), [(0, 0), (6, 0), (0, 6)])
def test_flipped_bytes_never_do_worse_than_an_error(path, values, compress, whole):
    """Among the records each byte is one that some reader follows: none may hang it or fill the memory."""
    write_cdf(path, values, compress=compress, whole=whole)
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
