"""The part of a file that is already there: it survives any death of the process and is gone on with."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from io import FileIO
from pathlib import Path

from ige.fetch.checksums import Content
from ige.storage.atomic import storage_error, write_text

_BLOCK_BYTES = 1 << 22
_HEAD_BYTES = 512


@dataclass(frozen=True, slots=True)
class Note:
    """Where the bytes of a part came from.

    `url`: the mirror. `validator`: what it called this state of the file (a strong ETag, else Last-Modified;
    empty if neither). `total`: bytes of the whole file, if told. `stitched`: whether several answers made it.
    """

    url: str
    validator: str
    total: int | None
    stitched: bool = False


class Part:
    """A partial file `<name>.part`, its note `<name>.part.json` and its running digest.

    Bytes are written unbuffered: what was counted is there even after `kill -9`. `begun` counts the starts
    from nothing.
    """

    def __init__(self, place: Path) -> None:
        """Open what is there for the file that is to become `place`; a part without a note is thrown away.

        Raises:
            StorageError: if the folder cannot be used.
        """
        self.path = place.with_name(place.name + ".part")
        self._note_path = place.with_name(place.name + ".part.json")
        self._digest = hashlib.sha256()
        self._stream: FileIO | None = None
        self.size = 0
        self.begun = 0
        self.note = _read_note(self._note_path)
        try:
            if self.note is None:
                self.discard()
            elif self.path.exists():
                self._read()
        except OSError as error:
            raise storage_error(self.path, error) from error

    def begin(self, note: Note) -> None:
        """Start over with no bytes."""
        self.discard()
        self.begun += 1
        self._describe(note)

    def go_on(self, total: int | None) -> None:
        """Note that another answer is appended."""
        assert self.note is not None
        self._describe(replace(self.note, total=total, stitched=True))

    def append(self, data: bytes) -> None:
        """Write bytes at the end.

        Raises:
            StorageError: if the disk is full or cannot be written.
        """
        try:
            if self._stream is None:
                self._stream = self.path.open("ab", buffering=0)
            view = memoryview(data)
            while view:
                written = self._stream.write(view)
                self._digest.update(view[:written])
                self.size += written
                view = view[written:]
        except OSError as error:
            raise storage_error(self.path, error) from error

    def head(self) -> bytes:
        """Return the first bytes."""
        with self.path.open("rb") as stream:
            return stream.read(_HEAD_BYTES)

    def content(self) -> Content:
        """Return what the bytes so far are."""
        return Content(self._digest.hexdigest(), self.size)

    def finish(self, place: Path) -> None:
        """Sync the part and give it its name.

        Raises:
            StorageError: if that fails.
        """
        try:
            with self.path.open("rb+") as stream:
                os.fsync(stream.fileno())
            self.path.replace(place)
            self.discard()
        except OSError as error:
            raise storage_error(place, error) from error

    def discard(self) -> None:
        """Throw the bytes and the note away."""
        self.close()
        # The part goes first: a note alone is no part, a part with the note of another would be a wrong file.
        self.path.unlink(missing_ok=True)
        self._note_path.unlink(missing_ok=True)
        self._digest = hashlib.sha256()
        self.size = 0
        self.note = None

    def close(self) -> None:
        """Keep the part for the next call."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _describe(self, note: Note) -> None:
        write_text(self._note_path, json.dumps(asdict(note), indent=1) + "\n")
        self.note = note

    def _read(self) -> None:
        with self.path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                self._digest.update(block)
                self.size += len(block)


def _read_note(path: Path) -> Note | None:
    try:
        return Note(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
