"""Stages `fetch_file` and `check_source`, as the command line calls them."""

import argparse
import hashlib

import pytest
from misbehaving import noise

from ige.base.errors import InputError
from ige.commands.fetch import add_fetch_stages
from ige.fetch.check import KIND
from ige.fetch.source_list import COLUMNS
from ige.storage.provenance import read_provenance
from ige.storage.records import read_record

CONTENT = noise(5000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def call(*arguments):
    parser = argparse.ArgumentParser()
    add_fetch_stages(parser.add_subparsers(dest="command"))
    options = parser.parse_args([str(argument) for argument in arguments])
    options.call(options)


@pytest.fixture
def lists(tmp_path):
    """A list of three files, and where the records of first uses go."""

    def write(**cells):
        rows = [
            {"group": "one", "file": "a.bin", "urls": "file:///nowhere", "access": "open"} | cells,
            {"group": "two", "file": "b.xml", "access": "open", "register": "https://ask.example/"},
            {
                "group": "three",
                "file": "c.zip",
                "access": "open",
                "extracted": "**/c/*.txt",
                "extracted_files": "2",
            },
        ]
        lines = [",".join(({"source": "s"} | row).get(name, "") for name in COLUMNS) for row in rows]
        path = tmp_path / "sources.csv"
        path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n")
        return "--source-list", path, "--checksums", tmp_path / "checksums.csv", "--source", "s"

    return write


def test_a_file_is_fetched_and_its_parts_lie_in_the_sources_folder(serve, lists, tmp_path):
    server = serve(CONTENT)
    out = tmp_path / "data/s/downloaded/a.bin"
    call("fetch-file", *lists(urls=server.url()), "--file", "a.bin", "--out", out)
    assert out.read_bytes() == CONTENT
    assert (tmp_path / "data/s/.download/a.bin").samefile(out)
    assert (tmp_path / "checksums.csv").read_text() == f"source,file,sha256,bytes\ns,a.bin,{SHA256},5000\n"


def test_a_file_may_go_to_any_place(serve, lists, tmp_path):
    server = serve(CONTENT)
    out = tmp_path / "elsewhere/mine"
    call("fetch-file", *lists(urls=server.url(), sha256=SHA256), "--file", "a.bin", "--out", out)
    assert out.read_bytes() == CONTENT
    assert (tmp_path / "elsewhere/.download/a.bin").samefile(out)


def test_a_file_without_address_or_list_is_one_line(lists, tmp_path):
    out = tmp_path / "b.xml"
    with pytest.raises(
        InputError, match=r"s/b\.xml: has no public address\. Get it at https://ask\.example/"
    ):
        call("fetch-file", *lists(), "--file", "b.xml", "--out", out)
    with pytest.raises(InputError, match="source s has no such file"):
        call("fetch-file", *lists(), "--file", "d", "--out", out)


def fill(folder):
    for name, content in (("a.bin", CONTENT), ("w/c/1.txt", b"one"), ("w/c/2.txt", b"two!")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def check(lists, folder, out, *groups, **cells):
    part = [group for group in groups if group.startswith("--")]
    named = [group for group in groups if group not in part]
    record = out.with_suffix(".run.json")
    inputs = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    paths = ["--folder", folder, "--inputs", *inputs, "--out", out, "--record", record]
    call("check-source", *lists(**cells), *paths, "--groups", *named, *part)


def test_a_record_tells_what_is_there_and_not_where(lists, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second/place"
    fill(first)
    fill(second)
    (second / "a.bin").rename(second / "moved")
    (second / "downloaded").mkdir()
    (second / "moved").rename(second / "downloaded/a.bin")
    check(lists, first, tmp_path / "1.json", "three", "one")
    check(lists, second, tmp_path / "2.json", "one", "three")
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    assert read_record(tmp_path / "1.json", KIND) == {
        "source": "s",
        "groups": ["one", "three"],
        "files": [
            {"file": "a.bin", "group": "one", "sha256": SHA256, "bytes": 5000},
            {"file": "c.zip", "group": "three", "extracted": 2, "bytes": 7},
        ],
    }
    assert f"s,a.bin,{SHA256},5000\n" in (tmp_path / "checksums.csv").read_text()


def test_provenance_of_a_check_names_its_files(lists, tmp_path):
    fill(tmp_path / "first")
    check(lists, tmp_path / "first", tmp_path / "1.json", "one", "three")
    made = read_provenance(tmp_path / "1.run.json")
    assert made["inputs"].keys() == {"first/a.bin", "first/w/c/1.txt", "first/w/c/2.txt"}
    assert made["inputs"]["first/a.bin"] == SHA256
    assert made["outputs"].keys() == {"1.json"}
    assert made["asked"] == {"source": "s", "groups": ["one", "three"], "part": False}


def test_the_first_wrong_file_is_named(lists, tmp_path):
    folder, out = tmp_path / "s", tmp_path / "out.json"
    fill(folder)
    with pytest.raises(InputError, match=r"b\.xml is missing: not there, .* Get it at https://ask"):
        check(lists, folder, out, "one", "two")
    with pytest.raises(InputError, match=r"a\.bin: wrong checksum: expected sha256 0+, found"):
        check(lists, folder, out, "one", sha256="0" * 64)
    with pytest.raises(InputError, match=r"a\.bin is wrong: expected 7 bytes, found 5,000\. Get it anew"):
        check(lists, folder, out, "one", bytes="7")
    (folder / "w/c/2.txt").unlink()
    with pytest.raises(
        InputError, match=r"c\.zip is incomplete: expected 2 of \*\*/c/\*\.txt, found 1\. Extract"
    ):
        check(lists, folder, out, "three")
    (folder / "a.bin").unlink()
    with pytest.raises(InputError, match=r"Run `ige fetch-file --source s --file a\.bin"):
        check(lists, folder, out, "one")
    assert not out.exists()


def test_a_first_use_is_enforced_ever_after(lists, tmp_path):
    folder, out = tmp_path / "s", tmp_path / "out.json"
    fill(folder)
    check(lists, folder, out, "one")
    (folder / "a.bin").write_bytes(noise(5000, seed=1))
    with pytest.raises(InputError, match="It is another file than at its first use"):
        check(lists, folder, out, "one")


def test_of_a_part_what_is_not_there_is_a_warning(lists, tmp_path, caplog):
    folder, out = tmp_path / "s", tmp_path / "out.json"
    fill(folder)
    (folder / "w/c/2.txt").unlink()
    check(lists, folder, out, "one", "three", "--part")
    assert [row["file"] for row in read_record(out, KIND)["files"]] == ["a.bin", "c.zip"]
    assert "c.zip is incomplete: expected 2 of **/c/*.txt, found 1; a part is enough" in caplog.text
    with pytest.raises(InputError, match=r"b\.xml is missing"):
        check(lists, folder, out, "one", "two", "--part")
    check(lists, folder, out, "two", "--part", group="two")
    assert [row["file"] for row in read_record(out, KIND)["files"]] == ["a.bin"]
    assert "b.xml is missing: not there, and has no public address; a part is enough" in caplog.text


def test_a_damaged_archive_is_not_recorded(lists, tmp_path):
    folder, out = tmp_path / "s", tmp_path / "out.json"
    folder.mkdir()
    (folder / "c.zip").write_bytes(b"PK\x03\x04" + CONTENT + b"PK\x05\x06" + bytes(18))
    with pytest.raises(InputError, match=r"c\.zip: no sound file: found .*\. Get it anew"):
        check(lists, folder, out, "three")
    assert not (tmp_path / "checksums.csv").exists()
