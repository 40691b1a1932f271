"""What is cut off or something else is told, at a glance or read to its end; what is sound is not."""

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.fetch.checksums import WrongContentError, confirm_file, content_of
from ige.fetch.soundness import fault_of, glance
from ige.fetch.source_list import SourceFile

PAGE = b"\n<!DOCTYPE html>\n<html><body>Please log in</body></html>"
CONTENT = np.random.default_rng(0).bytes(20_000)


def tar():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("S1/a.cdf")
        member.size = len(CONTENT)
        archive.addfile(member, io.BytesIO(CONTENT))
    return packed.getvalue()


def zipped():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.h5", CONTENT)
    return packed.getvalue()


def npz():
    packed = io.BytesIO()
    np.savez_compressed(packed, a=np.arange(5000))
    return packed.getvalue()


SOUND = {
    "S7.tgz": tar(),
    "S7.tar.gz": tar(),
    "unpacked.tgz": gzip.decompress(tar()),
    "h36m.zip": zipped(),
    "data.npz": npz(),
    "a.bvh.gz": gzip.compress(CONTENT),
    "metadata.xml": b'\xef\xbb\xbf<?xml version="1.0"?>\n<w0>[1 2]</w0>\n',
    "all.csv": b"id,split\n1,train\n",
    "a.obj": b"v 0 0 0\n",
    "page.html": PAGE,
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_has_no_fault(tmp_path, name):
    path = tmp_path / "anything.part"
    path.write_bytes(SOUND[name])
    assert glance(path, name) == ""
    assert fault_of(path, name) == ""


@pytest.mark.parametrize("name", [name for name in SOUND if name != "page.html"])
@pytest.mark.parametrize(
    ("content", "told"), [(b"", "an empty file"), (PAGE, "a page of HTML (did the site")]
)
def test_nothing_and_pages_show_at_a_glance(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)
    assert glance(path, name).startswith(told)
    assert fault_of(path, name).startswith(told)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("S7.tgz", "no gzip file: it begins with b'whatever'"),
        ("h36m.zip", "no zip file: it begins with b'whatever'"),
        ("data.npz", "no zip file"),
        ("metadata.xml", "no XML: it begins with"),
    ],
)
def test_another_kind_of_file_shows_at_a_glance(tmp_path, name, told):
    path = tmp_path / name
    path.write_bytes(b"whatever this is")
    assert glance(path, name).startswith(told)


@pytest.mark.parametrize("name", ["h36m.zip", "data.npz"])
def test_a_zip_file_that_is_cut_off_shows_at_a_glance(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(SOUND[name][:-30])
    assert glance(path, name) == "cut off: the list of its members is missing at its end"


@pytest.mark.parametrize("name", ["S7.tgz", "S7.tar.gz", "a.bvh.gz", "metadata.xml"])
def test_other_files_that_are_cut_off_show_when_read(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(SOUND[name][:-6])
    assert glance(path, name) == ""
    told = fault_of(path, name)
    assert told.startswith("no XML that can be read (" if name.endswith("xml") else "damaged or cut off (")
    assert "\n" not in told


@pytest.mark.parametrize("name", ["S7.tgz", "h36m.zip"])
def test_a_changed_byte_shows_when_read(tmp_path, name):
    path = tmp_path / name
    content = bytearray(SOUND[name])
    content[10_000] ^= 1
    path.write_bytes(content)
    assert glance(path, name) == ""
    assert fault_of(path, name).startswith("damaged or cut off (")


def test_xml_that_would_fill_the_memory_is_not_read(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>')
    assert fault_of(path, "a.xml") == "no XML that can be read (EntitiesForbidden)"


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(InputError, match="cannot be read: found No such file"):
        fault_of(tmp_path / "none.zip", "none.zip")


@pytest.mark.parametrize("content", [SOUND["S7.tgz"][:5000], PAGE])
def test_a_damaged_file_is_not_believed_and_the_good_one_is_taken_later(tmp_path, content):
    path, checksums = tmp_path / "S7.tgz", tmp_path / "checksums.csv"
    file = SourceFile("h36m", "official", "S7.tgz", register="https://ask.example/")
    path.write_bytes(content)
    with pytest.raises(
        WrongContentError, match=r"S7\.tgz: no sound file: found .*\. Get it anew at https://ask\.example/"
    ):
        confirm_file(file, content_of(path), checksums, path)
    assert not checksums.exists()
    path.write_bytes(SOUND["S7.tgz"])
    confirm_file(file, content_of(path), checksums, path)
    assert "h36m,S7.tgz," in checksums.read_text()
    path.write_bytes(SOUND["S7.tgz"][:5000])
    with pytest.raises(WrongContentError, match="no sound file: found damaged or cut off"):
        confirm_file(file, content_of(path), checksums, path)


def test_a_file_with_a_digest_in_the_list_needs_no_more(tmp_path):
    path = tmp_path / "S7.tgz"
    path.write_bytes(b"whatever")
    found = content_of(path)
    file = SourceFile("h36m", "official", "S7.tgz", sha256=found.sha256)
    confirm_file(file, found, tmp_path / "checksums.csv", path)
