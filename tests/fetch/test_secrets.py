"""A secret goes to the server it is for, and is seen nowhere else."""

import logging

import pytest
from misbehaving import noise

from ige.base.errors import InputError

CONTENT = noise(3000)
SECRET = "s3cr3t-t0ken"
HEADERS = {"bearer": ("Authorization", f"Bearer {SECRET}"), "cookie": ("Cookie", SECRET)}


def header_of(request, kind):
    return request[1].get(HEADERS[kind][0])


@pytest.fixture(params=["bearer", "cookie"])
def kind(request, place):
    place.environment = {"MINE": f"{SECRET}\n"}  # as files of tokens end
    return request.param


def test_the_listed_server_gets_it_on_every_try(serve, place, kind):
    server = serve(CONTENT, queue=["drop", "redirect /elsewhere/a.bin"])
    place.fetch(server.url(), secret=f"{kind}:MINE", content=CONTENT)
    assert len(server.requests) == 3
    assert {header_of(request, kind) for request in server.requests} == {HEADERS[kind][1]}


def test_another_server_does_not_get_it(serve, place, kind):
    other = serve(CONTENT)
    server = serve(CONTENT, always=f"redirect {other.url(host='localhost')}")
    place.fetch(server.url(), secret=f"{kind}:MINE", content=CONTENT)
    assert header_of(server.requests[0], kind) == HEADERS[kind][1]
    assert header_of(other.requests[0], kind) is None


def test_a_mirror_does_not_get_it(serve, place, kind):
    server, mirror = serve(CONTENT, always="status 404"), serve(CONTENT)
    place.fetch(server.url(), mirror.url(), secret=f"{kind}:MINE", content=CONTENT)
    assert header_of(mirror.requests[0], kind) is None


def test_it_comes_back_to_its_server_alone(serve, place, kind):
    server = serve(CONTENT)
    other = serve(CONTENT, always=f"redirect {server.url()}")
    server.queue = [f"redirect {other.url(host='localhost')}"]
    place.fetch(server.url(), secret=f"{kind}:MINE", content=CONTENT)
    assert header_of(other.requests[0], kind) is None
    assert [header_of(request, kind) for request in server.requests] == [HEADERS[kind][1]] * 2


REFUSALS = ("status 401", "status 403", "html", "login")


@pytest.mark.parametrize("always", [*REFUSALS, "loop", "bytes", "status 500"])
def test_it_is_in_no_text_and_no_file(serve, place, kind, always, caplog):
    caplog.set_level(logging.DEBUG)
    server = serve(CONTENT, always=always)
    with pytest.raises(InputError) as caught:
        place.fetch(f"{server.url()}?key=of-the-url", secret=f"{kind}:MINE", content=CONTENT)
    line = str(caught.value)
    assert ("MINE is wrong or has expired" in line) == (always in REFUSALS)
    logged = [(record.name, record.getMessage()) for record in caplog.records]
    assert any(name.startswith("ige") for name, _ in logged)
    assert not any(SECRET in text for text in (line, *(text for _, text in logged)))
    # Nor what stands behind the question mark, as far as the text is ours.
    assert not any("of-the-url" in text for text in (line, *(text for name, text in logged if "ige" in name)))
    assert not any(SECRET.encode() in path.read_bytes() for path in place.folder.rglob("*") if path.is_file())


def test_the_part_and_its_note_hold_no_secret(serve, place, kind):
    server = serve(CONTENT, queue=["drop"], always="status 404")
    with pytest.raises(InputError):
        place.fetch(server.url(), secret=f"{kind}:MINE", content=CONTENT)
    kept = [path.read_bytes() for path in place.parts.iterdir()]
    assert any(kept)
    assert not any(SECRET.encode() in content for content in kept)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "the environment variable MINE is not set. Get access at https://ask.example/, set MINE"),
        ("  ", "the environment variable MINE is not set"),
        ("s3cr3t\r\nX: y", "the environment variable MINE holds signs that no"),
        ("s3cr3t-ü", "the environment variable MINE holds signs that no"),
    ],
)
def test_a_secret_that_cannot_be_is_one_line_without_it(serve, place, kind, value, text):
    place.environment = {} if value is None else {"MINE": value}
    server = serve(CONTENT)
    with pytest.raises(InputError) as caught:
        place.fetch(server.url(), secret=f"{kind}:MINE")
    assert text in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
    assert not server.requests


def test_a_netrc_is_not_sent(serve, place, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hidden\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(CONTENT)
    place.fetch(server.url())
    assert "Authorization" not in server.requests[0][1]
