import io
import random
import struct
import zlib

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.base.errors import InputError
from ige.storage.foreign import read_hdf5, read_xml_text

POSES = np.random.default_rng(0).normal(size=(50, 16, 2))
WANTED = {"poses": ((None, 16, 2), "f"), "subject1/camera2/R": ((3, 3), "f")}
PACKED = {"compression": "gzip", "shuffle": True, "fletcher32": True}


def hdf5(fill, libver="earliest"):
    stream = io.BytesIO()
    with h5py.File(stream, "w", libver=libver) as file:
        fill(file)
    return stream.getvalue()


def cameras(file, **options):
    file.create_dataset("poses", data=POSES, **options)
    for number in (1, 2):
        file[f"subject1/camera{number}/R"] = np.eye(3) * number


def refusal(fill, wanted=None, libver="earliest"):
    content = fill if isinstance(fill, bytes) else hdf5(fill, libver)
    with pytest.raises(InputError) as caught:
        read_hdf5(content, "h36m.zip/a.h5", wanted or {"poses": ((None, 16, 2), "f")})
    text = str(caught.value)
    assert text.startswith("h36m.zip/a.h5")
    assert "\n" not in text
    return text


@pytest.mark.parametrize("libver", ["earliest", "v110"])
@pytest.mark.parametrize("options", [{}, PACKED, {"chunks": (7, 16, 2)}], ids=["whole", "packed", "chunked"])
def test_arrays_are_read_from_bytes_and_from_files(tmp_path, libver, options):
    content = hdf5(lambda file: cameras(file, **options), libver)
    (tmp_path / "a.h5").write_bytes(content)
    for source in (content, tmp_path / "a.h5"):
        found = read_hdf5(source, "a.h5", WANTED)
        assert_array_equal(found["poses"], POSES)
        assert_array_equal(found["subject1/camera2/R"], np.eye(3) * 2)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"poses": ((None, 17, 2), "f")},
            "expected floats of shape (?, 17, 2), found float64 of shape (50, 16, 2)",
        ),
        ({"poses": ((None, 16, 2), "iu")}, "expected integers or unsigned integers of shape"),
        ({"poses": ((16, 2), "f")}, "found float64 of shape (50, 16, 2)"),
        ({"3D_positions": ((32, None), "f")}, "a.h5/3D_positions: not in the file"),
        ({"subject1": ((3,), "f")}, "a.h5/subject1: no array"),
        ({"poses/x": ((3,), "f")}, "a.h5/poses/x: not in the file"),
        ({"subject1/../poses": ((None, 16, 2), "f")}, "not in the file"),
    ],
)
def test_what_is_missing_or_of_another_form_is_named(wanted, words):
    assert words in refusal(cameras, wanted)


def soft(file):
    file["x"] = POSES
    file["poses"] = h5py.SoftLink("/x")


def circle(file):
    file["poses"] = h5py.SoftLink("/poses")


def outside(file):
    file["poses"] = h5py.ExternalLink("/etc/passwd", "/")


def outside_above(file):
    file["group"] = h5py.ExternalLink("other.h5", "/")


def elsewhere(file):
    file.create_dataset("poses", (50, 16, 2), "f8", external=[("/etc/passwd", 0, 50 * 16 * 16)])


def virtual(file):
    layout = h5py.VirtualLayout((50, 16, 2), "f8")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (50, 16, 2))
    file.create_virtual_dataset("poses", layout)


def texts(file):
    file.create_dataset("poses", (50, 16, 2), h5py.string_dtype())


def nothing(file):
    file["poses"] = h5py.Empty("f8")


def claimed(file):
    file.create_dataset("poses", (1 << 40, 16, 2), "f8", chunks=(1024, 16, 2))


def claimed_within_limits(file):
    file.create_dataset("poses", (300_000, 16, 2), "f8", chunks=(1024, 16, 2), fillvalue=1.0)


def claimed_at_once(file):
    file.create_dataset("poses", (300_000, 16, 2), "f8")


def chunk_of_gigabytes(file):
    file.create_dataset("poses", (1, 16, 2), "f8", maxshape=(None, 16, 2), chunks=(1 << 23, 16, 2))


def another_filter(file):
    file.create_dataset("poses", data=POSES, compression="lzf")


def bomb(file):
    poses = file.create_dataset("poses", (50, 16, 2), "f8", chunks=(50, 16, 2), compression="gzip")
    poses.id.write_direct_chunk((0, 0, 0), zlib.compress(bytes(8 << 20)))


def bomb_of_other_kinds(file):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((50, 16, 2))
    plist.set_deflate(1)
    plist.set_deflate(1)
    space = h5py.h5s.create_simple((50, 16, 2))
    h5py.h5d.create(file.id, b"poses", h5py.h5t.NATIVE_DOUBLE, space, plist)


REFUSED = {
    soft: "a link",
    circle: "a link",
    outside: "a link",
    elsewhere: "lies in other files",
    virtual: "lies in other files",
    texts: "expected floats",
    nothing: "no array",
    claimed: "bytes claimed, 0 stored",
    claimed_within_limits: "bytes claimed, 0 stored",
    claimed_at_once: "bytes claimed, 0 stored",
    chunk_of_gigabytes: "bytes claimed",
    another_filter: "packed by filters",
    bomb: "unpacks to more than",
    bomb_of_other_kinds: "packed by filters",
}


@pytest.mark.parametrize("fill", REFUSED, ids=lambda fill: fill.__name__)
def test_tricks_are_refused(fill):
    text = refusal(fill)
    assert text.startswith("h36m.zip/a.h5/poses: ")
    assert REFUSED[fill] in text


def test_a_link_on_the_way_is_refused(tmp_path):
    (tmp_path / "other.h5").write_bytes(hdf5(cameras))
    (tmp_path / "a.h5").write_bytes(hdf5(outside_above))
    with pytest.raises(InputError, match=r"a\.h5/group/poses: refused: .*found a link"):
        read_hdf5(tmp_path / "a.h5", "a.h5", {"group/poses": ((None, 16, 2), "f")})


@pytest.mark.parametrize("libver", ["earliest", "v110"])
@pytest.mark.parametrize("keep", [0.0, 0.001, 0.01, 0.3, 0.9, 0.9999])
def test_files_that_are_cut_off_say_so(libver, keep):
    content = hdf5(cameras, libver)
    text = refusal(content[: int(len(content) * keep)])
    assert "expected a whole HDF5 file, found" in text
    assert ("cut off" in text) == (keep > 0.0)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (0, b"PK\x03\x04", "a file that begins with"),
        (8, b"\x09", "version 9"),
        (13, b"\x04", "addresses"),
        (24, struct.pack("<Q", 512), "part of others"),
        (48, struct.pack("<Q", 512), "part of others"),
    ],
)
def test_first_blocks_of_other_kinds_are_refused(place, value, words):
    content = bytearray(hdf5(cameras))
    content[place : place + len(value)] = value
    assert words in refusal(bytes(content))


def test_a_file_that_is_too_large_or_missing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ige.storage.foreign._MOST_HDF5_BYTES", 1000)
    (tmp_path / "a.h5").write_bytes(hdf5(cameras))
    with pytest.raises(InputError, match=r"a\.h5: too large: expected at most 1000 bytes"):
        read_hdf5(tmp_path / "a.h5", "a.h5", WANTED)
    with pytest.raises(InputError, match=r"b\.h5: no such file"):
        read_hdf5(tmp_path / "b.h5", "b.h5", WANTED)


@pytest.mark.parametrize("libver", ["earliest", "v110"])
@pytest.mark.parametrize("options", [{}, PACKED], ids=["plain", "packed"])
def test_damage_of_hdf5_ends_in_arrays_or_in_one_line(libver, options):
    whole = hdf5(lambda file: cameras(file, **options), libver)
    chance = random.Random(f"{libver} {options}")
    refused = 0
    for _ in range(200):
        changed = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.2 else whole)
        for _ in range(chance.choice((1, 8, 32))):
            if changed:
                changed[chance.randrange(len(changed))] = chance.choice((0, 255, chance.randrange(256)))
        found = outcome(bytes(changed))
        if isinstance(found, str):
            refused += 1
            assert "\n" not in found
        else:
            assert found["poses"].shape[1:] == (16, 2)
    assert refused > 60


def outcome(content):
    try:
        return read_hdf5(content, "a.h5", WANTED)
    except InputError as error:
        return str(error)


def test_the_text_of_an_element_is_read(tmp_path):
    (tmp_path / "m.xml").write_bytes(b"<?xml version='1.0'?><a><b/><w0>[1 2\n3]</w0></a>")
    assert read_xml_text(tmp_path / "m.xml", "w0") == "[1 2\n3]"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a><w0>&l11;</w0></a>': "declaration",
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><w0>&x;</w0></a>': "declaration",
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a><w0>1</w0></a>': "declaration",
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><a><w0>1</w0></a>': "declaration",
    "<!DOCTYPE a><a><w0>1</w0></a>": "declaration",
    "<a><w0>&x;</w0></a>": "undefined entity",
    "<a><w0>1</w0>": "ParseError",
    "<a><w0>1</w0><w0>2</w0></a>": "2 of them",
    "<a/>": "0 of them",
    "<a><w0> </w0></a>": "one without text",
    "": "ParseError",
    "<a>" * 200_000: "ParseError",
    '<?xml version="1.0" encoding="rot13"?><a><w0>1</w0></a>': "cannot be read",
    "<a><w0>\0</w0></a>": "ParseError",
    "<!DOCTYPE html><html><body>Log in</body></html>": "declaration",
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:60])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_or_refers_is_refused(tmp_path, text, encoding):
    (tmp_path / "m.xml").write_bytes(text.encode(encoding))
    with pytest.raises(InputError) as caught:
        read_xml_text(tmp_path / "m.xml", "w0")
    found = str(caught.value)
    assert "m.xml: " in found
    assert "\n" not in found
    if encoding == "utf-8":
        assert HOSTILE[text] in found


def test_xml_that_is_too_large_or_missing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("ige.storage.foreign._MOST_XML_BYTES", 10)
    (tmp_path / "m.xml").write_bytes(b"<a><w0>1</w0></a>")
    with pytest.raises(InputError, match=r"m\.xml: too large"):
        read_xml_text(tmp_path / "m.xml", "w0")
    with pytest.raises(InputError, match=r"n\.xml: no such file"):
        read_xml_text(tmp_path / "n.xml", "w0")


def test_damage_of_xml_ends_in_text_or_in_one_line(tmp_path):
    whole = b"<?xml version='1.0' encoding='UTF-8'?><a b='c'><!-- d --><w0>[1 2 3]</w0><e/></a>"
    chance = random.Random(2)
    refused = 0
    for _ in range(300):
        changed = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.2 else whole)
        for _ in range(chance.choice((1, 4))):
            if changed:
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        (tmp_path / "m.xml").write_bytes(changed)
        try:
            assert read_xml_text(tmp_path / "m.xml", "w0").strip()
        except InputError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("libver", ["earliest", "v110"])
@pytest.mark.parametrize("options", [{}, {"compression": "gzip"}], ids=["plain", "packed"])
def test_a_block_of_matlab_s_before_the_file_is_passed_over(libver, options):
    stream = io.BytesIO()
    with h5py.File(stream, "w", libver=libver, userblock_size=512) as file:
        file.create_dataset("subject1/T", data=np.arange(3000.0), **options)
    content = b"MATLAB 7.3 MAT-file".ljust(512) + stream.getvalue()[512:]
    found = read_hdf5(content, "cameras.h5", {"subject1/T": ((3000,), "f")})
    assert_array_equal(found["subject1/T"], np.arange(3000.0))
    with pytest.raises(InputError, match="cut off"):
        read_hdf5(content[:-1], "cameras.h5", {"subject1/T": ((3000,), "f")})
