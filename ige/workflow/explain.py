"""How a file of a run came to be: what its record says, held against what is there today."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ige.base.codehash import code_version
from ige.base.errors import IgeError, InputError, SettingsError
from ige.params.load import read_params
from ige.params.stages import MODULES
from ige.storage.digest_cache import DigestCache
from ige.workflow.places import DIGESTS_OF_RUN, SETTINGS
from ige.workflow.records import WORKFLOW, Record, is_record, path_of, read_record, results_below
from ige.workflow.settings_now import differences, settings_now
from ige.workflow.unexplained import why_not
from ige.workflow.unlisted import UNLISTED

INTACT, EDITED, MISSING, UNREADABLE = "intact", "edited", "missing", "unreadable"


@dataclass(frozen=True, slots=True)
class File:
    """A file that a job read or wrote.

    Attributes:
        path: as seen from the working directory.
        sha256: what it was.
        state: "intact", "edited", "missing" or "unreadable": what it is today.
        stage: of the job that made it; None if no record of the run tells.
        record: of that job.
    """

    path: str
    sha256: str
    state: str
    stage: str | None = None
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a file came to be.

    Attributes:
        path: the file, as seen from the working directory.
        state: "intact", "edited", "missing" or "unreadable", held against its record.
        set_aside: whether it lies in unlisted/, since nothing asks for it any more.
        stage: name of rule, command and function.
        record: where this is written.
        asked: names that the job was given beside its settings.
        settings: what the stage was given of the parameters.
        settings_file: the parameters of today that `settings` was compared with.
        settings_changed: how they differ, in lines; None if they no longer know of such a job or
            `settings_fault` is told.
        settings_fault: why they cannot be compared; None if they were.
        code: version of the code; `code_now` is that of today, None if there is no such stage any more.
        inputs: what the job read, in order.
        outputs: what it wrote, but for the record.
        rebuild: the command that makes it anew; None if there is none today.
        ran: the shell command that the workflow ran; None if the record does not tell.
        log: where that wrote its log.
        circumstances: when, where and with what.
    """

    path: str
    state: str
    set_aside: bool
    stage: str
    record: str
    asked: dict[str, Any]
    settings: dict[str, Any]
    settings_file: str
    settings_changed: list[str] | None
    settings_fault: str | None
    code: str
    code_now: str | None
    inputs: list[File]
    outputs: list[File]
    rebuild: str | None
    ran: str | None
    log: list[str]
    circumstances: dict[str, Any]

    @property
    def is_current(self) -> bool:
        """Whether code, parameters, inputs and outputs are still what they were."""
        files = [*self.inputs, *self.outputs]
        same = self.code == self.code_now and self.settings_changed == []
        return same and all(file.state == INTACT for file in files)


@dataclass(frozen=True, slots=True)
class Run:
    """The records of a run, and the files that they vouch for.

    Attributes:
        folder: runs/<run>, as seen from the working directory.
        root: the checkout that it lies in, likewise.
        records: by the absolute path of each file that they vouch for, their own included.
        damaged: paths of the records that cannot be used.
    """

    folder: Path
    root: Path
    records: dict[str, Record]
    damaged: list[str]
    digests: DigestCache
    _versions: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def around(cls, path: Path) -> Run:
        """Read all records of the run in which a path lies, or that it is.

        Raises:
            InputError: if it lies in none.
        """
        inside = Path(os.path.abspath(path))
        for place in (inside, *inside.parents):
            if place.parent.name == "runs" and (place != inside or place.is_dir()):
                folder = Path(os.path.relpath(place))
                cache = DigestCache(folder / DIGESTS_OF_RUN)
                return cls(folder, Path(os.path.relpath(place.parent.parent)), *_records(folder), cache)
        raise InputError("is no file of a run", where=path, expected="a file below runs/<run>/")

    def explain(self, path: Path) -> Explanation:
        """Tell how a file of the run came to be.

        Raises:
            InputError: if no record vouches for it, or it is a damaged record.
        """
        name = os.path.relpath(path)
        record = self.records.get(os.path.abspath(path))
        if record is None:
            raise why_not(name, self.folder, self.records, self.damaged)
        made, asked = record.made, record.made.get("asked", {})
        outputs = [self._file(*entry) for entry in record.outputs.items()]
        known = record.content.get(WORKFLOW) or {}
        changed, fault = self._settings(record, asked)
        set_aside = _is_set_aside(record.path, self.folder)
        return Explanation(
            path=name,
            state=next((file.state for file in outputs if file.path == name), INTACT),
            set_aside=set_aside,
            stage=made["stage"],
            record=record.path,
            asked=asked,
            settings=made["settings"],
            settings_file=str(self._settings_path()),
            settings_changed=changed,
            settings_fault=fault,
            code=made["code"],
            code_now=self._code(made["stage"]),
            inputs=[self._file(*entry) for entry in record.inputs.items()],
            outputs=outputs,
            rebuild=None if set_aside or fault else self._rebuild(name),
            ran=known.get("shellcmd"),
            log=list(known.get("log") or []),
            circumstances=record.content.get("circumstances") or {},
        )

    def ancestors(self, first: Explanation) -> Iterator[tuple[int, Explanation]]:
        """Yield the jobs that made the inputs of a job, and theirs, each once, with their distance."""
        seen, waiting = {first.record}, [(1, first)]
        while waiting:
            distance, one = waiting.pop(0)
            for file in one.inputs:
                if file.record is not None and file.record not in seen:
                    seen.add(file.record)
                    explained = self.explain(Path(file.path))
                    yield distance, explained
                    waiting.append((distance + 1, explained))

    def _file(self, path: str, digest: str) -> File:
        name, state = os.path.relpath(path), self._state(path, digest)
        record = self.records.get(os.path.abspath(path))
        if record is None:
            return File(name, digest, state)
        return File(name, digest, state, record.made["stage"], record.path)

    def _state(self, path: str, digest: str) -> str:
        try:
            found = self.digests.digest(Path(path))
        except OSError:
            return UNREADABLE
        if found is None:
            return UNREADABLE if os.path.isdir(path) else MISSING
        return INTACT if found == digest else EDITED

    def _settings(self, record: Record, asked: dict[str, Any]) -> tuple[list[str] | None, str | None]:
        path = self._settings_path()
        try:
            params = read_params(path)
        except IgeError as error:
            return None, _in_short(error, path)
        now = settings_now(record.made["stage"], asked, params)
        return None if now is None else differences(record.made["settings"], now), None

    def _settings_path(self) -> Path:
        path = self.folder / SETTINGS
        return path if path.is_file() else self.root / "params.yaml"

    def _code(self, stage: str) -> str | None:
        if stage not in self._versions:
            module = MODULES.get(stage)
            self._versions[stage] = None if module is None else code_version(module)
        return self._versions[stage]

    def _rebuild(self, name: str) -> str:
        settings = self._settings_path()
        words = ["snakemake", "--cores", "1"]
        if settings.name == SETTINGS:
            # Replaced, not merged: params.yaml may hold more today than this run knew.
            words += ["--configfile", os.path.relpath(settings, self.root), "--replace-workflow-config"]
        words += ["--force", "--", os.path.relpath(name, self.root)]
        place = "" if self.root == Path(".") else f"cd {shlex.quote(str(self.root))} && "
        return place + shlex.join(words)


def _records(folder: Path) -> tuple[dict[str, Record], list[str]]:
    """Read the records of a run, those that were set aside included; and name those that are damaged."""
    found, damaged = {}, []
    for place in (folder, folder / UNLISTED):
        for path in filter(is_record, results_below(place)):
            record = read_record(path)
            if record is None:
                damaged.append(path)
                continue
            if place != folder:
                record = _as_it_lay(record, folder)
            found.update({os.path.abspath(file): record for file in (path, *record.outputs)})
    return found, damaged


def _as_it_lay(record: Record, run: Path) -> Record:
    """Let a record that was set aside name its inputs from where it lay: there, or set aside as well."""
    lay = run / Path(record.path).relative_to(run / UNLISTED)
    inputs = {}
    for name, digest in record.made["inputs"].items():
        moved = path_of(os.path.dirname(record.path), name)
        there = os.path.isfile(moved) and _is_set_aside(moved, run)
        inputs[moved if there else path_of(os.path.dirname(lay), name)] = digest
    return replace(record, inputs=inputs)


def _is_set_aside(path: str, run: Path) -> bool:
    return Path(os.path.relpath(path, run)).parts[0] == UNLISTED


def _in_short(error: IgeError, path: Path) -> str:
    if not isinstance(error, SettingsError):
        return f"{error.where}: {error.what}"
    first, *others = error.what.splitlines()[1:]
    return f"{path}: {first.strip()}{f', and {len(others)} more' if others else ''}"
