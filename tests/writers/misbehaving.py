"""A server of one file that misbehaves as told, request by request."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ige.fetch.web import Patience

PATIENCE = Patience(
    connect_seconds=2.0,
    stall_seconds=5.0,
    backoff_seconds=0.0005,
    most_backoff_seconds=0.002,
    most_retry_after_seconds=0.01,
    other_seconds=20.0,
)
PAGE = b"<!DOCTYPE html><html><head><title>Please wait</title></head><body>Too many users</body></html>" * 9


def noise(length: int, seed: int = 0) -> bytes:
    """Bytes of an archive: gzip's first two, then noise."""
    return b"\x1f\x8b" + random.Random(seed).randbytes(length - 2)


class Handler(BaseHTTPRequestHandler):
    """Serves one file with one behaviour per request: see `Server`."""

    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # the client has hung up
            self.close_connection = True

    def do_GET(self) -> None:
        here: Server = self.server.here
        with here.lock:
            here.requests.append((self.path, dict(self.headers)))
            behaviour = here.queue.pop(0) if here.queue else here.always
        name, _, argument = behaviour.partition(" ")
        getattr(self, f"_{name.replace('-', '_')}")(here, argument)

    def _good(self, here: Server, _: str) -> None:
        self._send(here, here.content)

    def _send(self, here: Server, content: bytes, *, stop: int | None = None, **change: str | None) -> None:
        """Answer with the file or the range asked for; `change` replaces headers, `stop` cuts the body."""
        start = self._start(here)
        if start >= len(content):
            self._status(here, "416")
            return
        headers = {"Content-Length": str(len(content) - start), "Accept-Ranges": "bytes"}
        if here.etag:
            headers["ETag"] = here.etag
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.send_response(206 if start else 200)
        for name, value in (headers | {k.replace("_", "-"): v for k, v in change.items()}).items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        body = content[start:stop]
        here.sent += len(body)
        self.wfile.write(body)
        self.wfile.flush()
        if stop is not None or len(body) != int(change.get("Content_Length") or len(body)):
            self.close_connection = True

    def _start(self, here: Server) -> int:
        text = self.headers.get("Range")
        if text is None or self.headers.get("If-Range", here.etag) != here.etag:
            return 0
        return int(text.removeprefix("bytes=").removesuffix("-"))

    def _drop(self, here: Server, _: str) -> None:
        """Hang up at the next tenth of the file."""
        tenth = max(len(here.content) // 10, 1)
        self._send(here, here.content, stop=(self._start(here) // tenth + 1) * tenth)

    def _stall(self, here: Server, _: str) -> None:
        self._send(here, here.content, stop=self._start(here) + len(here.content) // 7)
        here.over.wait(2.0)

    def _mute(self, here: Server, _: str) -> None:
        here.over.wait(2.0)
        self.close_connection = True

    def _hold(self, here: Server, _: str) -> None:
        """Send half of the file and nothing more until the test is over."""
        self._send(here, here.content, stop=len(here.content) // 2)
        here.over.wait(20)

    def _drip(self, here: Server, _: str) -> None:
        self._send(here, here.content, stop=self._start(here) + 1)
        for byte in here.content[1:]:
            if here.over.wait(0.03):
                return
            self.wfile.write(bytes([byte]))

    def _status(self, here: Server, argument: str) -> None:
        code, _, after = argument.partition(" ")
        body = PAGE
        self.send_response(int(code))
        if after:
            self.send_header("Retry-After", after)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _html(self, here: Server, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind or "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def _redirect(self, here: Server, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _loop(self, here: Server, _: str) -> None:
        here.queue.insert(0, "loop")
        self._redirect(here, "/again/" + self.path.rpartition("/")[2])

    def _login(self, here: Server, _: str) -> None:
        here.queue.insert(0, "html")
        self._redirect(here, "/accounts/login?next=/secret-place")

    def _bytes(self, here: Server, _: str) -> None:
        """One wrong byte, late in the file."""
        at = len(here.content) * 4 // 5
        self._send(here, here.content[:at] + bytes([here.content[at] ^ 1]) + here.content[at + 1 :])

    def _short(self, here: Server, _: str) -> None:
        self._send(here, here.content[: len(here.content) // 2 + 1], stop=len(here.content))

    def _long(self, here: Server, _: str) -> None:
        self._send(here, here.content + b"more")

    def _promise(self, here: Server, _: str) -> None:
        """Promise more bytes than come."""
        self._send(here, here.content, Content_Length=str(len(here.content) - self._start(here) + 50))

    def _slice(self, here: Server, _: str) -> None:
        """Give less of a range than was asked for."""
        start = self._start(here)
        end = start + max(len(here.content) // 3, 1)
        if start == 0 or end >= len(here.content):
            self._drop(here, "")
            return
        told = f"bytes {start}-{end - 1}/{len(here.content)}"
        self._send(here, here.content[:end], Content_Range=told)

    def _whole(self, here: Server, _: str) -> None:
        """Know no ranges."""
        del self.headers["Range"]
        self._send(here, here.content)

    def _range(self, here: Server, _: str) -> None:
        """Answer a range with another one."""
        start = self._start(here)
        if start:
            wrong = f"bytes {start - 1}-{len(here.content) - 1}/{len(here.content)}"
            self._send(here, here.content, Content_Range=wrong)
        else:
            self._drop(here, "")

    def _bare(self, here: Server, _: str) -> None:
        """Neither a length nor pieces: the end is where the connection ends."""
        self._send(here, here.content, Content_Length=None)
        self.close_connection = True

    def _chunked(self, here: Server, cut: str) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for begin in range(0, len(here.content), 700):
            piece = here.content[begin : begin + 700]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if cut:
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")

    def _chunked_long(self, here: Server, _: str) -> None:
        body = here.content + bytes(5000)
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    def _zip(self, here: Server, _: str) -> None:
        self._send(here, here.content, Content_Encoding="br")

    def _bytes_drop(self, here: Server, _: str) -> None:
        """The first tenth, with a wrong byte."""
        self._send(here, b"\x1f\x8b\0" + here.content[3:], stop=len(here.content) // 10)

    def _careless(self, here: Server, tag: str) -> None:
        """The file has changed, and the answer is a range all the same, perhaps under the same ETag."""
        here.content, here.etag = here.later or here.content, tag or '"later"'
        if "If-Range" in self.headers:
            self.headers.replace_header("If-Range", here.etag)
        self._send(here, here.content)

    def _changed(self, here: Server, _: str) -> None:
        """From now on the file has its final content, and another ETag."""
        here.content, here.etag = here.later or here.content, '"later"'
        self._send(here, here.content)


@dataclass
class Server:
    """A file on a server.

    `queue`: behaviours of the next requests, e.g. `drop`, `status 429 0`; `always`: of all others.
    `later`: what the file becomes when it is `changed`.
    """

    content: bytes
    always: str = "good"
    queue: list[str] = field(default_factory=list)
    etag: str = '"first"'
    later: bytes | None = None
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def url(self, name: str = "a.bin", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/files/{name}"

    @property
    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for _, headers in self.requests]


@contextmanager
def serving(here: Server) -> Iterator[Server]:
    """Serve a file until the block ends."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    httpd.here = here  # type: ignore[attr-defined]
    here.port = httpd.server_address[1]
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield here
    finally:
        here.over.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join()
