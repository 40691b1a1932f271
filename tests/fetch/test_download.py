import errno
import os
import random
import shutil
import socket
import threading
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving import PATIENCE, noise

from ige.base.errors import InputError, StorageError
from ige.fetch.download import download
from ige.fetch.part import Part
from ige.fetch.source_list import SourceFile
from ige.storage.atomic import storage_error

CONTENT = noise(7001)


def test_a_file_arrives_whole_and_stays_as_a_second_name(serve, place):
    server = serve(CONTENT)
    assert place.fetch(server.url(), content=CONTENT).read_bytes() == CONTENT
    assert place.left() == ["a.bin"]
    assert place.out.samefile(place.parts / "a.bin")
    assert not place.checksums.exists()  # its digest stands in the list


def test_a_deleted_output_is_not_downloaded_again(serve, place):
    server = serve(CONTENT)
    place.fetch(server.url())
    place.out.unlink()
    assert place.fetch(server.url()).read_bytes() == CONTENT
    assert len(server.requests) == 1


def test_a_spoilt_second_name_is_downloaded_again(serve, place):
    server = serve(CONTENT)
    place.fetch(server.url())
    place.out.unlink()
    (place.parts / "a.bin").write_bytes(CONTENT[:-1] + b"x")
    assert place.fetch(server.url()).read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_a_right_output_is_kept_and_a_wrong_one_refused(serve, place):
    server = serve(CONTENT)
    place.fetch(server.url(), content=CONTENT)
    place.fetch(server.url(), content=CONTENT)
    assert len(server.requests) == 1
    place.out.unlink()
    place.out.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(InputError, match=r"a\.bin: wrong checksum: expected sha256"):
        place.fetch(server.url(), content=CONTENT)
    assert len(server.requests) == 1


def test_without_hard_links_the_file_moves(serve, place, monkeypatch):
    def no_links(*_):
        raise OSError(errno.EPERM, "no hard links")

    monkeypatch.setattr(os, "link", no_links)
    assert place.fetch(serve(CONTENT).url(), content=CONTENT).read_bytes() == CONTENT
    assert place.left() == []


def test_to_another_file_system_the_file_is_copied(serve, place, monkeypatch):
    move = Path.replace

    def far(path, target):
        if Path(target) == place.out and path.parent == place.parts:
            raise OSError(errno.EXDEV, "another file system")
        return move(path, target)

    def no_links(*_):
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(Path, "replace", far)
    assert place.fetch(serve(CONTENT).url(), content=CONTENT).read_bytes() == CONTENT
    assert place.left() == []


FAULTS = {
    "status 401": "it needs a login (401) at",
    "status 403": "access is forbidden (403) at",
    "status 404": "not found (404) at",
    "status 410": "gone for good (410) at",
    "status 418": "status 418 at",
    "status 429 0": "too many requests (429), after 6 tries in vain at",
    "status 500": "the server fails (500), after 6 tries in vain at",
    "status 503 Fri, 31 Dec 1999 23:59:59 GMT": "the server fails (503), after 6 tries in vain at",
    "html": "a page of HTML instead of the file at",
    "html application/gzip": "a page of HTML instead of the file at",
    "login": "a redirect to a login (http://127.0.0.1:PORT/accounts/login) at",
    "loop": "redirects without end (more than 10) at",
    "redirect file:///etc/passwd": "a redirect to something else than a web page (file:///etc/passwd) at",
    "redirect http://[bad": "a redirect that leads nowhere at",
    "bytes": "wrong checksum: expected sha256 ",
    "short": "wrong length: expected 7,001 bytes, found 3,501 at",
    "long": "wrong length: expected 7,001 bytes, found 7,005 at",
    "chunked-long": "wrong length: expected 7,001 bytes, found at least ",
    "range": "another range than asked for: expected from 700, found 'bytes 699-7000/7001', after 6 tries",
    "redirect file:///a\x1b[2Jb": "(file:///a?[2Jb) at",
    "zip": "the server sends the file compressed (br)",
    "mute": "no answer in time, after 2 tries in vain at",
    "drip": "the connection stalled after ",
}


@pytest.mark.parametrize("always", FAULTS)
def test_a_fault_that_stays_is_one_clear_line(serve, place, always):
    server = serve(CONTENT, always=always)
    if always in ("mute", "drip"):
        place.patience = replace(place.patience, stall_seconds=0.1, attempts=2)
    line = place.fault_of(server.url(), content=CONTENT)
    assert line.startswith("s/a.bin: cannot be downloaded: ")
    assert FAULTS[always].replace("PORT", str(server.port)) in line
    # What was wrong is not gone on with: when the server has come to its senses, the file is right.
    place.patience = PATIENCE
    server.queue, server.always = [], "good"
    assert place.fetch(server.url(), content=CONTENT).read_bytes() == CONTENT


def test_a_body_that_stays_short_is_truncated(serve, place):
    server = serve(CONTENT, always="promise")
    line = place.fault_of(server.url(), bytes=len(CONTENT) + 50)
    assert "a truncated body (416: expected 7,051 bytes, and the server has none after 7,001)" in line


def test_a_server_without_length_needs_a_listed_one(serve, place):
    server = serve(CONTENT, always="bare")
    assert "the server tells no length" in place.fault_of(server.url())
    assert place.fetch(server.url(), bytes=len(CONTENT)).read_bytes() == CONTENT


def test_a_body_in_pieces_ends_where_it_says(serve, place):
    server = serve(CONTENT, queue=["chunked cut"], always="chunked")
    assert place.fetch(server.url()).read_bytes() == CONTENT


def test_a_retry_after_is_waited_for_up_to_a_cap(serve, place, monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    server = serve(CONTENT, queue=["status 429 2", "status 503 86400", "status 503"])
    place.patience = replace(place.patience, most_retry_after_seconds=30.0)
    place.fetch(server.url(), content=CONTENT)
    assert slept[:2] == [2.0, 30.0]
    assert slept[2] < 1


def test_pauses_grow_to_a_limit_and_differ(serve, place, monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    place.patience = replace(place.patience, backoff_seconds=1.0, most_backoff_seconds=8.0, attempts=8)
    place.fault_of(serve(CONTENT, always="status 500").url(), content=CONTENT)
    longest = [2, 4, 8, 8, 8, 8, 8]
    assert all(0.5 * most <= pause <= most for pause, most in zip(slept, longest, strict=True))
    assert len(set(slept)) == len(slept)


def test_mirrors_are_asked_in_order_and_the_digest_decides(serve, place):
    dead, other, right = serve(b"", always="status 404"), serve(noise(7001, seed=3)), serve(CONTENT)
    place.fetch(dead.url(), other.url(), right.url(), content=CONTENT)
    assert place.out.read_bytes() == CONTENT
    assert [len(server.requests) for server in (dead, other, right)] == [1, 1, 1]


def test_all_mirrors_are_named_when_none_has_the_file(serve, place):
    first, second = serve(CONTENT, always="status 404"), serve(CONTENT, always="html")
    line = place.fault_of(first.url(), second.url())
    assert f"not found (404) at {first.url()}; a page of HTML instead of the file at {second.url()}" in line
    assert "https://ask.example/" in line


def test_space_is_looked_at_before_the_first_byte(serve, place, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10_000, 5_000, 5_000))
    server = serve(CONTENT)
    line = place.fault_of(server.url())
    assert "not enough free space for the download: expected 7.0 kB, found 5.0 kB" in line
    assert not (place.parts / "a.bin.part").exists()
    # What is there already needs no more space.
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10_000, 5_000, 7_001))
    server.queue, place.patience = ["stall"], replace(place.patience, stall_seconds=0.2, attempts=1)
    place.fault_of(server.url())
    place.patience = PATIENCE
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10_000, 5_000, 6_001))
    assert place.fetch(server.url()).read_bytes() == CONTENT


def test_a_full_disk_is_one_line_and_keeps_the_part(serve, place, monkeypatch):
    def full(*_):
        raise storage_error(place.parts, OSError(errno.ENOSPC, "No space left on device"))

    server = serve(CONTENT)
    with monkeypatch.context() as patch:
        patch.setattr(Part, "append", full)
        with pytest.raises(StorageError, match="the disk is full"):
            place.fetch(server.url(), content=CONTENT)
    assert not place.out.exists()
    assert place.fetch(server.url(), content=CONTENT).read_bytes() == CONTENT


def test_no_host_no_connection_no_tls_no_proxy(serve, place, monkeypatch):
    server = serve(CONTENT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{free.getsockname()[1]}"
    assert "no connection (connection refused), after 6 tries" in place.fault_of(f"http://{closed}/a")
    assert "no safe connection (TLS" in place.fault_of(server.url().replace("http:", "https:"))
    with monkeypatch.context() as patch:
        patch.setenv("HTTP_PROXY", f"http://user:hidden@{closed}")
        line = place.fault_of("http://some.example/a")
        assert "the proxy does not answer" in line
        assert "hidden" not in line

    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "no host of this name is found, after 6 tries" in place.fault_of("http://no-such.example/a")


def test_a_proxy_of_the_environment_is_used(serve, place, monkeypatch):
    server = serve(CONTENT)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")
    place.fetch("http://far.example/a.bin", content=CONTENT)
    assert server.requests[0][0] == "http://far.example/a.bin"


def test_file_urls(place, tmp_path):
    source = tmp_path / "the source.tgz"
    source.write_bytes(CONTENT)
    assert "no such file" in place.fault_of(f"file://{tmp_path}/none.tgz")
    assert "is a directory" in place.fault_of(f"file://{tmp_path}")
    assert "three slashes" in place.fault_of("file://elsewhere/a.bin")
    assert "wrong checksum" in place.fault_of(source.as_uri(), content=noise(7001, seed=2))
    (tmp_path / "empty.tgz").touch()
    assert "an empty file" in place.fault_of(f"file://{tmp_path}/empty.tgz")
    page = tmp_path / "page.tgz"
    page.write_bytes(b"\n <html>Log in</html>")
    assert "a page of HTML" in place.fault_of(page.as_uri())
    assert place.fetch(source.as_uri(), content=CONTENT).read_bytes() == CONTENT


def test_no_address_at_all(place):
    assert "s/a.bin: has no public address. Get it at https://ask.example/" in place.fault_of()


def test_calls_at_once_download_once(serve, place):
    server = serve(noise(200_000), queue=["drop", "drop"])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: place.fetch(server.url()), range(6)))
    assert place.out.read_bytes() == server.content
    assert len(server.requests) == 3
    assert len(place.checksums.read_text().splitlines()) == 2


def test_nothing_is_visible_while_it_comes(serve, place):
    server = serve(CONTENT, queue=["hold"])
    thread = threading.Thread(target=place.fetch, args=(server.url(),), kwargs={"content": CONTENT})
    thread.start()
    deadline = time.monotonic() + 10
    while not server.sent:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert not place.out.exists()
    server.over.set()
    thread.join()
    assert place.out.read_bytes() == CONTENT


def test_a_damaged_archive_that_nobody_knows_is_thrown_away(place, tmp_path):
    source = tmp_path / "source.zip"
    source.write_bytes(CONTENT)
    file = SourceFile("s", "g", "a.zip", urls=(source.as_uri(),))
    with pytest.raises(InputError, match=r"s/a\.zip: cannot be downloaded: no sound file: no zip file"):
        download(
            file,
            tmp_path / "downloaded/a.zip",
            parts=place.parts,
            checksums=place.checksums,
            environment={},
            jitter=random.Random(0),
        )
    assert not place.checksums.exists()
    assert not (place.parts / "a.zip.part").exists()
