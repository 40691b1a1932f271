"""A server that misbehaves by seed: the right file or one clear line, and nothing wrong is ever visible."""

import random
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from misbehaving import noise

from ige.base.errors import IgeError

# What a server may do to one request; it is noticed even if nothing is known of the file beforehand.
NOTICED = (
    *("drop", "drop", "drop", "stall", "status 429 0", "status 429 1", "status 500", "status 503", "html"),
    *(
        "login",
        "loop",
        "promise",
        "whole",
        "range",
        "status 404",
        "status 403",
        "chunked",
        "chunked cut",
        "zip",
    ),
    *("bare", "html application/gzip", "redirect file:///etc/passwd", "changed", "careless", "slice"),
)
# This only a listed digest and length can tell.
UNNOTICED = ("bytes", "bytes-drop", "short", "long", "chunked-long")


@pytest.mark.parametrize("seed", range(120))
def test_any_misbehaviour_ends_in_the_right_file_or_one_line(serve, place, seed):
    rng = random.Random(seed)
    place.patience = replace(place.patience, stall_seconds=0.06)
    length = rng.choice([13, 700, 5000, 40_000, 300_000])
    listed = rng.random() < 0.5
    faults = NOTICED + UNNOTICED if listed else NOTICED
    first = noise(length, seed)
    right = noise(length, seed + 1) if rng.random() < 0.3 else first
    queue = [rng.choice(faults) for _ in range(rng.randrange(7))]
    always = "drop" if rng.random() < 0.4 else rng.choice(faults) if rng.random() < 0.3 else "good"
    etag = "" if rng.random() < 0.2 else '"first"'
    server = serve(first, queue=queue, always=always, etag=etag, later=right)
    mirror = serve(right, queue=["drop"] * rng.randrange(3))
    urls = [server.url()] + [mirror.url()] * (rng.random() < 0.3)
    allowed = {right} if listed else {first, right}
    cells = {"content": right} if listed else {}

    with watched(place.out) as seen:
        for line in (line_of(place, urls, cells) for _ in range(2)):
            assert bool(line) != place.out.exists()
            assert not line or (line.startswith("s/a.bin: cannot be downloaded: ") and "\n" not in line)
        # In the end the server comes to its senses, and nothing that was wrong before is gone on with.
        server.content, server.etag = right, '"senses"'
        server.queue, server.always = [], "good"
        place.patience = replace(place.patience, stall_seconds=5.0)
        assert not place.out.exists() or place.out.read_bytes() in allowed
        if not place.out.exists():
            place.fetch(*urls, **cells)
    assert place.out.read_bytes() in allowed
    assert seen <= allowed


def line_of(place, urls, cells):
    """The line of a download that fails, empty if it does not."""
    try:
        place.fetch(*urls, **cells)
    except IgeError as error:
        return str(error)
    return ""


@contextmanager
def watched(path):
    """Collect every content that is visible under a name while the block runs."""
    seen, over = set(), threading.Event()

    def watch():
        while not over.wait(0.001):
            if path.exists():
                seen.add(path.read_bytes())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
