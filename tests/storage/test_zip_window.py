import os
import random
import struct
import zipfile

import pytest

from ige.storage.members import RefusedError
from ige.storage.zip_window import open_stored

NAMES = ("first.bin", "second.bin", "third.bin")
HEADER, LISTED = b"PK\x03\x04", b"PK\x01\x02"
METHOD, STATED_SIZE, STATED_UNPACKED, NAME_LENGTH, EXTRA_LENGTH = 8, 18, 22, 26, 28  # in a member's header


@pytest.fixture
def contents():
    rng = random.Random(0)
    return {name: rng.randbytes(1000 + number) for number, name in enumerate(NAMES)}


@pytest.fixture
def path(tmp_path, contents):
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def opened(path, name="second.bin"):
    with zipfile.ZipFile(path) as archive:
        return open_stored(path, archive, archive.getinfo(name))


def changed(path, sign, place, layout, value):
    """Change a number in the second header, or the second row of the list of members."""
    content = bytearray(path.read_bytes())
    at = content.index(sign, content.index(sign) + 1)
    struct.pack_into(layout, content, at + place, value)
    path.write_bytes(content)


@pytest.mark.parametrize("name", NAMES)
def test_a_member_is_a_file_of_its_own(path, contents, name):
    content = contents[name]
    with opened(path, name) as file:
        assert file.seekable()
        assert file.read() == content
        assert file.read(1) == b""
        assert file.seek(-10, os.SEEK_END) == len(content) - 10
        assert file.read(100) == content[-10:]
        assert file.seek(5) == 5
        assert file.seek(7, os.SEEK_CUR) == file.tell() == 12
        assert file.read(20) == content[12:32]
        assert file.seek(10**9) == 10**9
        assert file.read(1) == b""
        with pytest.raises(OSError, match="before the beginning"):
            file.seek(-1)


def test_reads_at_random_are_those_of_the_member(path, contents):
    content, rng = contents["second.bin"], random.Random(1)
    with opened(path) as file:
        for _ in range(500):
            at, count = rng.randrange(1200), rng.randrange(300)
            file.seek(at)
            assert file.read(count) == content[at : at + count]


def test_several_are_open_at_once(path, contents):
    files = {name: opened(path, name) for name in NAMES}
    for start in range(0, 900, 300):
        for name, file in files.items():
            assert file.read(300) == contents[name][start : start + 300]
    for file in files.values():
        file.close()


def test_members_beyond_four_gigabytes_are_read(tmp_path):
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("first.bin", b"first")
        archive.fp.seek(5 << 30)  # a hole: the file takes no room
        archive.start_dir = 5 << 30
        with archive.open("second.bin", "w", force_zip64=True) as file:
            file.write(b"second")
    assert path.stat().st_size > 5 << 30
    with opened(path) as file:
        assert file.read() == b"second"


def test_members_written_without_seeking_are_read(tmp_path):
    class Pipe:
        def __init__(self, file):
            self.write, self.flush = file.write, file.flush

    path = tmp_path / "piped.zip"
    with path.open("wb") as file, zipfile.ZipFile(Pipe(file), "w") as archive:
        for name in NAMES:
            archive.writestr(name, name.encode())
    with opened(path) as file:
        assert file.read() == b"second.bin"


def test_compressed_members_are_refused(tmp_path):
    path = tmp_path / "outer.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("second.bin", bytes(1000))
    with pytest.raises(RefusedError, match="a compressed member"):
        opened(path)


@pytest.mark.parametrize(
    ("place", "layout", "value"),
    [
        (0, "<I", 0),
        (METHOD, "<H", 8),
        (STATED_SIZE, "<I", 999),
        (STATED_UNPACKED, "<I", 2**31),
        (NAME_LENGTH, "<H", 5),
        (NAME_LENGTH, "<H", 65535),
        (30, "<B", ord("S")),
    ],
)
def test_a_header_that_contradicts_the_list_is_refused(path, place, layout, value):
    changed(path, HEADER, place, layout, value)
    with pytest.raises(RefusedError, match="says other things"):
        opened(path)


@pytest.mark.parametrize("length", [1, 500, 65535])
def test_a_header_that_pushes_its_member_into_the_next_is_refused(path, length):
    changed(path, HEADER, EXTRA_LENGTH, "<H", length)
    with pytest.raises(RefusedError, match="reaches into what follows"):
        opened(path)


@pytest.mark.parametrize("offset", [0, 1, 2**31])
def test_a_list_with_other_places_is_refused(path, offset):
    changed(path, LISTED, 42, "<I", offset)
    with pytest.raises(RefusedError):
        opened(path)


@pytest.mark.parametrize("size", [0, 999, 1002, 2**31])
def test_a_list_with_other_sizes_is_refused(path, size):
    changed(path, LISTED, 20, "<I", size)
    with pytest.raises(RefusedError, match="a compressed member"):
        opened(path)
    changed(path, LISTED, 24, "<I", size)
    with pytest.raises(RefusedError, match="says other things"):
        opened(path)


def test_links_and_encrypted_members_are_refused(path):
    changed(path, LISTED, 38, "<I", 0o120777 << 16)
    with pytest.raises(RefusedError, match="a symbolic link"):
        opened(path)
    changed(path, LISTED, 38, "<I", 0)
    changed(path, LISTED, 8, "<H", 1)
    with pytest.raises(RefusedError, match="an encrypted member"):
        opened(path)
