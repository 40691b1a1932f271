"""Downloads that go on where they were: no byte twice, and no mixture of two files."""

import subprocess
import sys
import time
from dataclasses import replace

import pytest
from misbehaving import noise

CONTENT = noise(7001)


@pytest.mark.parametrize("listed", [True, False])
def test_a_drop_at_every_tenth_costs_no_byte_twice(serve, place, listed):
    server = serve(noise(5000), always="drop")
    place.fetch(server.url(), content=server.content if listed else None)
    assert place.out.read_bytes() == server.content
    assert server.ranges == [None] + [f"bytes={500 * k}-" for k in range(1, 10)]
    assert server.sent == 5000


def test_without_digest_and_validator_nothing_is_gone_on_with(serve, place):
    server = serve(CONTENT, etag="", queue=["drop"])
    place.fetch(server.url())
    assert server.ranges == [None, None]


def test_another_state_of_the_file_is_not_mixed_with_the_first(serve, place):
    later = noise(len(CONTENT), seed=1)
    server = serve(CONTENT, later=later, queue=["drop", "drop", "changed"])
    assert place.fetch(server.url()).read_bytes() == later


def test_a_server_that_ignores_if_range_is_noticed(serve, place):
    later = noise(len(CONTENT), seed=1)
    server = serve(CONTENT, queue=["drop", "careless"])
    server.later = later
    assert place.fetch(server.url()).read_bytes() == later
    assert server.ranges == [None, "bytes=700-", None]


def test_a_length_that_changes_is_noticed(serve, place):
    later = CONTENT[:100] + noise(8000, seed=1)
    server = serve(CONTENT, later=later, queue=["drop", 'careless "first"'])
    assert place.fetch(server.url()).read_bytes() == later


def test_a_server_may_give_less_than_asked_for(serve, place):
    server = serve(noise(3000), queue=["drop"], always="slice")
    assert place.fetch(server.url(), content=server.content).read_bytes() == server.content
    assert server.ranges[:4] == [None, "bytes=300-", "bytes=1300-", "bytes=2300-"]


def test_starting_over_has_an_end(serve, place):
    server = serve(CONTENT, queue=["drop", "drop", "range"] * 40)
    assert "after 6 tries in vain" in place.fault_of(server.url(), content=CONTENT)
    assert server.ranges.count(None) == 6


def test_a_mixture_is_thrown_away_and_fetched_once_more(serve, place):
    server = serve(CONTENT, queue=["bytes-drop"])
    assert place.fetch(server.url(), content=CONTENT).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=700-", None]


def test_a_server_with_another_file_is_not_asked_for_ever(serve, place):
    server = serve(noise(len(CONTENT), seed=1), always="drop")
    assert "wrong checksum" in place.fault_of(server.url(), content=CONTENT)
    assert server.sent == 2 * len(CONTENT)


def test_an_ignored_range_starts_over(serve, place):
    server = serve(CONTENT, queue=["drop", "whole"])
    assert place.fetch(server.url(), content=CONTENT).read_bytes() == CONTENT


def test_a_whole_part_needs_no_server(serve, place, monkeypatch):
    server = serve(CONTENT)
    with monkeypatch.context() as patch:
        patch.setattr("ige.fetch.part.Part.finish", _die)
        with pytest.raises(KeyboardInterrupt):
            place.fetch(server.url())
    assert place.left() == ["a.bin.part", "a.bin.part.json"]
    assert place.fetch(server.url()).read_bytes() == CONTENT
    assert len(server.requests) == 1


def _die(*_):
    raise KeyboardInterrupt


def test_a_part_without_a_note_is_thrown_away(serve, place):
    place.parts.mkdir()
    (place.parts / "a.bin.part").write_bytes(b"whatever")
    server = serve(CONTENT)
    place.fetch(server.url(), content=CONTENT)
    assert server.ranges == [None]


def test_a_part_longer_than_the_file_is_thrown_away(serve, place):
    server = serve(CONTENT, queue=["drop"])
    place.patience = replace(place.patience, attempts=1)
    place.fault_of(server.url(), content=CONTENT)
    with (place.parts / "a.bin.part").open("ab") as part:
        part.write(b"x" * len(CONTENT))
    place.patience = replace(place.patience, attempts=6)
    assert place.fetch(server.url(), content=CONTENT).read_bytes() == CONTENT
    assert server.ranges == [None, None]


def test_a_stall_is_gone_on_with(serve, place):
    server = serve(CONTENT, queue=["stall"])
    place.patience = replace(place.patience, stall_seconds=0.4)
    assert place.fetch(server.url(), content=CONTENT).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-"]


def test_a_mirror_goes_on_with_the_part_of_another(serve, place):
    first = serve(CONTENT, queue=["drop"], always="status 404")
    second = serve(CONTENT, etag='"of another server"')
    place.fetch(first.url(), second.url(), content=CONTENT)
    assert second.ranges == ["bytes=700-"]
    assert "If-Range" not in second.requests[0][1]


KILLED = """
import random, sys
from pathlib import Path
from ige.fetch.download import download
from ige.fetch.source_list import SourceFile
folder = Path(sys.argv[1])
download(SourceFile("s", "g", "a.bin", urls=(sys.argv[2],)), folder / "downloaded/a.bin",
         parts=folder / ".download", checksums=folder / "checksums.csv", environment={},
         jitter=random.Random(0))
"""


def test_after_a_kill_the_next_call_goes_on(serve, place, root):
    server = serve(noise(100_000), queue=["hold"])
    process = subprocess.Popen([sys.executable, "-c", KILLED, place.folder, server.url()], cwd=root)
    part = place.parts / "a.bin.part"
    deadline = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size == 50_000):
        assert time.monotonic() < deadline
        assert not place.out.exists()
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert place.fetch(server.url()).read_bytes() == server.content
    assert server.ranges == [None, "bytes=50000-"]
