"""Downloads that end in the right file or in one line: mirrors in order, growing pauses, resumed parts.

A download grows in `<parts>/<file>.part`. Only what holds against the digest becomes visible, in one step.
The finished file also stays in `<parts>` as a hard link where the file system has such: a workflow that
deletes its outputs does not download them again.
"""

from __future__ import annotations

import errno
import logging
import os
import random
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ige.base.errors import InputError
from ige.base.jobs import only_holder
from ige.fetch.attempt import Attempt
from ige.fetch.checksums import WrongContentError, confirm_file, content_of, known_content
from ige.fetch.part import Note, Part
from ige.fetch.presence import readable_bytes
from ige.fetch.source_list import SourceFile
from ige.fetch.web import Client, Fault, Patience, read_secret, shown
from ige.storage.atomic import atomic_path, storage_error

log = logging.getLogger(__name__)

_BLOCK_BYTES = 1 << 20
_OTHER_FILE = "The source list says otherwise: correct it if the server is right"
_GO_ON = "Run the same command again: it goes on where it stopped"
_CORRECT = "See its row in the source list"


def download(
    file: SourceFile,
    out: Path,
    *,
    parts: Path,
    checksums: Path,
    environment: Mapping[str, str],
    jitter: random.Random,
    patience: Patience | None = None,
) -> None:
    """Bring a file from its mirrors, or what is left of the work from an earlier call.

    Args:
        file: the row of the source list, with at least one url.
        out: the file to make; one that is there is checked and kept.
        parts: folder of partial and finished files, on the file system of `out` if possible.
        checksums: the records of first uses.
        environment: the environment variables, for the secret.
        jitter: spreads the pauses between tries.
        patience: how long to wait for what.

    Raises:
        InputError: if no mirror can be reached and has the right file, the secret is missing, or the disk
            has not enough space.
        StorageError: if something cannot be written.
    """
    patience = patience or Patience()
    place = parts / file.file
    _make_folder(place.parent)
    lock = place.with_name(place.name + ".lock")
    with only_holder(lock, f"a download of {file.file}", patience.other_seconds):
        if out.exists():
            confirm_file(file, content_of(out), checksums, out)
            log.info("%s is there and right", out)
            return
        if not _take_kept(file, place, checksums):
            job = _Job(file, place, checksums, jitter, patience)
            job.run(environment)
        _show(place, out)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error) from error


def _take_kept(file: SourceFile, place: Path, checksums: Path) -> bool:
    """Say whether the file of an earlier download is still there and right; throw away a wrong one."""
    if not place.is_file():
        return False
    try:
        confirm_file(file, content_of(place), checksums, place)
    except WrongContentError as error:
        log.warning("%s; it is downloaded anew", error)
        place.unlink()
        return False
    log.info("%s was downloaded before", file.file)
    return True


def _show(place: Path, out: Path) -> None:
    """Make a finished file visible under its final name, in one step."""
    temporary = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        _make_folder(out.parent)
        temporary.unlink(missing_ok=True)
        try:
            os.link(place, temporary)
            temporary.replace(out)
        except OSError:
            # No hard links here: what may be large is not kept twice.
            _move(place, out)
        _sync_folder(out.parent)
    except OSError as error:
        raise storage_error(out, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _move(place: Path, out: Path) -> None:
    try:
        place.replace(out)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with atomic_path(out) as copy:
            shutil.copyfile(place, copy)
        place.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _WrongFileFault(Fault):
    """A whole file that is not the right one."""


@dataclass(frozen=True, slots=True)
class _Job:
    """The download of one file to `place`, by the holder of its lock."""

    file: SourceFile
    place: Path
    checksums: Path
    jitter: random.Random
    patience: Patience

    def run(self, environment: Mapping[str, str]) -> None:
        if not self.file.urls:
            step = f"Get it at {self.file.register}" if self.file.register else None
            raise InputError("has no public address", where=self._name(), next_step=step)
        known = known_content(self.file, self.checksums)
        client = Client(read_secret(self.file, environment), self.patience)
        part = Part(self.place)
        attempt = Attempt(self.file, known, part, client, self.patience)
        faults: list[tuple[str, Fault]] = []
        try:
            for url in self.file.urls:
                there = f", going on at {readable_bytes(part.size)}" if part.size else ""
                log.info("%s from %s%s", self.file.file, shown(url), there)
                try:
                    self._try_mirror(attempt, url)
                    return
                except Fault as fault:
                    log.warning("%s from %s: %s", self.file.file, shown(url), fault.text)
                    faults.append((url, fault))
        finally:
            part.close()
            client.close()
        raise self._no_mirror(faults)

    def _try_mirror(self, attempt: Attempt, url: str) -> None:
        """Try until the file is there; give up after some tries, or starts from nothing, in vain."""
        part, idle, wrong, begun = attempt.part, 0, 0, attempt.part.begun
        while True:
            size, starts = part.size, part.begun
            try:
                if urlsplit(url).scheme == "file":
                    _copy_local(attempt, url)
                else:
                    attempt.run(url)
                self._accept(attempt)
                return
            except Fault as fault:
                wrong += isinstance(fault, _WrongFileFault)
                # Nobody downloads gigabytes six times to learn that they are wrong.
                if not fault.again or wrong > 1:
                    raise
                went_on = part.size > size and part.begun == starts and not fault.vain
                idle = 0 if went_on else idle + 1
                if max(idle, part.begun - begun) >= self.patience.attempts:
                    text = f"{fault.text}, after {self.patience.attempts} tries in vain"
                    raise Fault(text, again=True, hint=fault.hint) from fault
                log.info("%s: %s; trying again", self.file.file, fault.text)
                time.sleep(max(self._pause(idle), fault.wait))

    def _pause(self, idle: int) -> float:
        longest = min(self.patience.most_backoff_seconds, self.patience.backoff_seconds * 2**idle)
        return float(longest * self.jitter.uniform(0.5, 1.0))

    def _accept(self, attempt: Attempt) -> None:
        """Give the part its name if it is the right file; else throw it away: nobody may go on with it."""
        part = attempt.part
        attempt.refuse_page()
        try:
            confirm_file(self.file, part.content(), self.checksums, part.path)
        except WrongContentError as error:
            # What was put together from several answers may be wrong though each server has the right file.
            again = part.note is not None and part.note.stitched
            part.discard()
            expected = f"expected {error.expected}, found " if error.expected else ""
            text = f"{error.what}: {expected}{error.found}"
            hint = _OTHER_FILE if self.file.sha256 is not None else str(error.next_step)
            raise _WrongFileFault(text, again=again, hint=hint) from error
        part.finish(self.place)

    def _name(self) -> str:
        return f"{self.file.source}/{self.file.file}"

    def _no_mirror(self, faults: list[tuple[str, Fault]]) -> InputError:
        hints = dict.fromkeys(fault.hint for _, fault in faults if fault.hint)
        reasons = "; ".join(f"{fault.text} at {shown(url)}" for url, fault in faults)
        return InputError(
            f"cannot be downloaded: {reasons}",
            where=self._name(),
            next_step=". ".join(hints) or (_GO_ON if any(fault.again for _, fault in faults) else _CORRECT),
        )


def _copy_local(attempt: Attempt, url: str) -> None:
    """Read a `file://` url."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise Fault(f"a file:// url with a host ({parts.netloc}): three slashes are right")
    path = Path(unquote(parts.path))
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            if size == 0:
                raise Fault("an empty file")
            attempt.part.begin(Note(url, "", size))
            attempt.need_space(size)
            while block := stream.read(_BLOCK_BYTES):
                attempt.part.append(block)
    except OSError as error:
        raise Fault(f"cannot be read ({(error.strerror or '').lower()})") from error
