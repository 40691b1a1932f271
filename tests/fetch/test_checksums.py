import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import pytest

from ige.base.errors import InputError, StorageError
from ige.fetch.checksums import Content, WrongContentError, confirm, content_of, known_content
from ige.fetch.source_list import SourceFile

A, B = Content("a" * 64, 5), Content("b" * 64, 5)


def file(name="f", **cells):
    return SourceFile("s", "g", name, **cells)


@pytest.fixture
def records(tmp_path):
    return tmp_path / "workflow" / "checksums.csv"


def test_the_first_use_is_recorded_and_enforced(records):
    confirm(file(), A, records, "f")
    assert records.read_text() == f"source,file,sha256,bytes\ns,f,{A.sha256},5\n"
    before = records.stat()
    confirm(file(), A, records, "f")
    assert records.stat().st_mtime_ns == before.st_mtime_ns
    assert known_content(file(), records) == A
    with pytest.raises(WrongContentError) as caught:
        confirm(file(), B, records, "here")
    assert str(caught.value) == (
        f"here: wrong checksum: expected sha256 {A.sha256}, found {B.sha256}. "
        "It is another file than at its first use. If the new one is to be used from now on, "
        f"delete the line of f in {records} and run the same command again"
    )


def test_what_the_list_says_counts_and_is_not_recorded(records):
    listed = file(sha256=A.sha256, bytes=5)
    confirm(listed, A, records, "f")
    assert not records.exists()
    assert known_content(listed, records) == A
    with pytest.raises(
        WrongContentError, match=r"wrong checksum: expected sha256 a+, found b+\. It is not the file of"
    ):
        confirm(listed, B, records, "f")
    with pytest.raises(WrongContentError, match="wrong length: expected 6 bytes, found 5"):
        confirm(file(bytes=6), A, records, "f")
    assert not records.exists()


def test_records_are_sorted_whatever_the_order_and_by_several_at_once(records):
    names = [f"{k:02d}" for k in range(24)]
    with multiprocessing.get_context("fork").Pool(6) as pool:
        pool.starmap(confirm, [(file(name), A, records, name) for name in reversed(names)], chunksize=1)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda name: confirm(file(name), A, records, name), ["24", "25", "26", "27"]))
    names += ["24", "25", "26", "27"]
    assert [line.split(",")[1] for line in records.read_text().splitlines()[1:]] == names


@pytest.mark.parametrize("text", ["", "source,file,sha256,bytes\n"])
def test_an_empty_file_of_records_holds_none(records, text):
    records.parent.mkdir()
    records.write_text(text)
    assert known_content(file(), records) == Content(None, None)


def test_a_file_that_holds_no_records_is_refused(records):
    records.parent.mkdir()
    records.write_text("source,file,sha256,bytes\ns,f,xyz,many\n")
    with pytest.raises(InputError, match="line 2: no record of a checksum"):
        known_content(file(), records)


def test_records_that_cannot_be_written_are_one_line(records):
    records.parent.write_text("a file where a folder should be")
    with pytest.raises(StorageError, match="cannot be written"):
        confirm(file(), A, records, "f")


def test_a_file_is_read_through(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"abc")
    assert content_of(path) == Content("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3)
    with pytest.raises(InputError, match="cannot be read: found No such file"):
        content_of(tmp_path / "none")
