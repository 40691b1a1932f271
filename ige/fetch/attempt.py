"""One try at one mirror: ask for what is missing, judge the answer, append the body to the part."""

from __future__ import annotations

import email.utils
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from itertools import chain

import requests
import urllib3

from ige.base.errors import InputError
from ige.base.progress import Fact, Progress, progress
from ige.fetch.checksums import Content
from ige.fetch.part import Note, Part
from ige.fetch.presence import readable_bytes
from ige.fetch.soundness import is_page
from ige.fetch.source_list import SourceFile
from ige.fetch.web import Answer, Client, Fault, Patience

_PIECE_BYTES = 1 << 20
_LEAST_BYTES_PER_WAIT = 1024  # a body that drips slower has stalled
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_MAGIC = (b"\x1f\x8b", b"PK", b"\x89HDF", b"BZh", b"\xfd7zXZ", b"\xcd\xf3\x00\x01", b"%PDF", b"7z\xbc\xaf")
_HINT_SECRET = "is wrong or has expired, or its owner has not been granted access"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What all tries for one file share. `known`: what the file must be, as far as that is known."""

    file: SourceFile
    known: Content
    part: Part
    client: Client
    patience: Patience

    def run(self, url: str) -> None:
        """Bring the part to its full length, or further.

        Raises:
            Fault: if the file is not complete after this try.
            InputError: if the disk has not enough space.
            StorageError: if the part cannot be written.
        """
        total = self._total_told()
        if total is not None and self.part.size > total:
            self.part.discard()
        if self.part.size > 0 and self.part.size == total:
            return
        start = self.part.size if self._can_go_on(url) else 0
        answer = self.client.get(url, self._headers(url, start))
        response = answer.response
        try:
            self._refuse_status(answer)
            pieces = self._pieces(response)
            piece = next(pieces, b"")
            if response.status_code == 200:
                start = 0
                self._refuse_body(answer, piece)
            total = self._judge_length(response, url, start)
            if start:
                self.part.go_on(total)
            else:
                self.part.begin(Note(url, validator_of(response), total))
            self._append(chain((piece,), pieces), total)
        finally:
            response.close()
        if total is not None and self.part.size < total:
            raise Fault(f"a truncated body: expected {total:,} bytes, found {self.part.size:,}", again=True)
        if total is None and not _is_chunked(response) and self.known.sha256 is None:
            self.part.discard()
            hint = "Its sha256 or bytes must stand in the source list"
            raise Fault("the server tells no length: a truncated file would look like a whole one", hint=hint)
        if self.known.bytes is not None and self.part.size != self.known.bytes:
            raise self._wrong_length(self.part.size)

    def refuse_page(self) -> None:
        """Throw the part away if it is a page of HTML.

        Raises:
            Fault: if it is.
        """
        if self._is_page(self.part.head(), ""):
            self.part.discard()
            raise self._page("")

    def _total_told(self) -> int | None:
        note = self.part.note
        return self.known.bytes if note is None or note.total is None else note.total

    def _can_go_on(self, url: str) -> bool:
        """Say whether to go on with what is there: a digest or the server must notice a mixture."""
        note = self.part.note
        if self.part.size == 0 or note is None:
            return False
        return self.known.sha256 is not None or (note.url == url and bool(note.validator))

    def _headers(self, url: str, start: int) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        note = self.part.note
        if start and note is not None:
            headers["Range"] = f"bytes={start}-"
            if note.validator and note.url == url:
                headers["If-Range"] = note.validator
        return headers

    def _refuse_status(self, answer: Answer) -> None:
        code = answer.response.status_code
        if code in (200, 206):
            return
        if code == 416:
            size, total = self.part.size, self._total_told()
            self.part.discard()
            told = f": expected {total:,} bytes, and the server has none after {size:,}" if total else ""
            raise Fault(f"a truncated body (416{told})", again=True)
        if code in (401, 403):
            text = f"a redirect to a login ({answer.login}, {code})" if answer.login else _STATUS[code]
            raise Fault(text, hint=self._how_to_get_access())
        if code in (404, 410):
            hint = f"The link is dead: get the file at {self.file.register}" if self.file.register else ""
            raise Fault(_STATUS[code], hint=hint or "The link is dead: correct it in the source list")
        again = code in (408, 425, 429) or code >= 500
        text = _STATUS.get(code) or (f"the server fails ({code})" if code >= 500 else f"status {code}")
        raise Fault(text, again=again, wait=self._retry_after(answer.response) if again else 0.0)

    def _retry_after(self, response: requests.Response) -> float:
        text = response.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            seconds = float(text)
        else:
            try:
                seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
            except (TypeError, ValueError, OverflowError):
                seconds = 0.0
        return min(max(seconds, 0.0), self.patience.most_retry_after_seconds)

    def _judge_length(self, response: requests.Response, url: str, start: int) -> int | None:
        """Return the length of the whole file, if told."""
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        # Some servers say so of a .tgz that they send as it is.
        if encoding != "identity" and not ("gzip" in encoding and self.file.file.endswith("gz")):
            raise Fault(f"the server sends the file compressed ({encoding}) though it was asked not to")
        if response.status_code == 206:
            total = self._judge_range(response, url, start)
        else:
            length = response.headers.get("Content-Length", "")
            total = int(length) if length.isdecimal() else None
        if total is not None and self.known.bytes not in (None, total):
            raise self._wrong_length(total)
        return self.known.bytes if total is None else total

    def _judge_range(self, response: requests.Response, url: str, start: int) -> int | None:
        text = response.headers.get("Content-Range", "")
        match = _RANGE.fullmatch(text.strip())
        note = self.part.note
        total = int(match[3]) if match and match[3] != "*" else None
        right = match is not None and note is not None and start > 0 and int(match[1]) == start
        if note is not None:
            right = right and (None in (total, note.total) or total == note.total)
            same = url != note.url or not note.validator or validator_of(response) in ("", note.validator)
            right = right and same
        if not right:
            self.part.discard()
            words = f"another range than asked for: expected from {start}, found {text or 'none'!r}"
            raise Fault(words, again=True)
        return total if total is not None or note is None else note.total

    def _refuse_body(self, answer: Answer, piece: bytes) -> None:
        if not piece:
            raise Fault("an empty body", again=True)
        if self._is_page(piece, answer.response.headers.get("Content-Type", "")):
            raise self._page(answer.login)

    def _append(self, pieces: Iterable[bytes], total: int | None) -> None:
        start, began = self.part.size, time.monotonic()
        self.need_space((total or 0) - start)
        with _bar(f"downloading {self.file.file}", total, start) as bar:
            for piece in pieces:
                self.part.append(piece)
                rate = (self.part.size - start) / max(time.monotonic() - began, 1e-3)
                bar.advance(len(piece), at=readable_bytes(self.part.size), rate=f"{readable_bytes(rate)}/s")
                if self.known.bytes is not None and self.part.size > self.known.bytes:
                    raise self._wrong_length(self.part.size, "at least ")

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        """Yield the body as it comes; a connection that breaks or stalls ends it with a Fault."""
        since, got = time.monotonic(), 0
        while True:
            try:
                piece = response.raw.read1(_PIECE_BYTES, decode_content=False)
            except urllib3.exceptions.TimeoutError:
                raise self._stalled() from None
            except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
                raise Fault(f"the connection broke after {self.part.size:,} bytes", again=True) from error
            if not piece:
                return
            yield piece
            got += len(piece)
            now = time.monotonic()
            if now - since > self.patience.stall_seconds:
                if got < _LEAST_BYTES_PER_WAIT:
                    raise self._stalled(vain=True)
                since, got = now, 0

    def _stalled(self, vain: bool = False) -> Fault:
        return Fault(f"the connection stalled after {self.part.size:,} bytes", again=True, vain=vain)

    def need_space(self, needed: int) -> None:
        """Make sure that so many more bytes can be written.

        Raises:
            InputError: if the disk has not enough space.
        """
        free = shutil.disk_usage(self.part.path.parent).free
        if needed > free:
            raise InputError(
                "not enough free space for the download",
                where=self.part.path.parent,
                expected=readable_bytes(needed),
                found=readable_bytes(free),
                next_step="Make room and run the same command again: what was downloaded is kept",
            )

    def _is_page(self, head: bytes, content_type: str) -> bool:
        if self.file.file.lower().endswith((".html", ".htm", ".xhtml")):
            return False
        stated = content_type.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")
        return is_page(head) or (stated and not head.startswith(_MAGIC))

    def _page(self, login: str) -> Fault:
        if login:
            return Fault(f"a redirect to a login ({login})", hint=self._how_to_get_access())
        return Fault("a page of HTML instead of the file", hint=self._how_to_get_access())

    def _wrong_length(self, found: int, least: str = "") -> Fault:
        self.part.discard()
        return Fault(f"wrong length: expected {self.known.bytes:,} bytes, found {least}{found:,}")

    def _how_to_get_access(self) -> str:
        if self.file.secret:
            return f"{self.file.secret_variable} {_HINT_SECRET}: see {self.file.register}"
        return f"Get the file at {self.file.register}" if self.file.register else ""


_STATUS = {
    401: "it needs a login (401)",
    403: "access is forbidden (403)",
    404: "not found (404)",
    410: "gone for good (410)",
    429: "too many requests (429)",
}


def validator_of(response: requests.Response) -> str:
    """Return what the server calls this state of the file: strong ETag, else Last-Modified, else nothing."""
    tag = response.headers.get("ETag", "").strip()
    if tag and not tag.startswith("W/"):
        return tag
    return response.headers.get("Last-Modified", "").strip()


def _is_chunked(response: requests.Response) -> bool:
    """Say whether the body itself tells where it ends."""
    return response.headers.get("Transfer-Encoding", "").lower() == "chunked"


@contextmanager
def _bar(title: str, total: int | None, start: int) -> Iterator[Progress]:
    if total is None:
        yield _Quiet()
    else:
        with progress(title, total - start) as bar:
            yield bar


class _Quiet:
    """The progress of a file of unknown length: there is nothing to tell."""

    def advance(self, amount: float = 1.0, **facts: Fact) -> None:
        """Say nothing."""
