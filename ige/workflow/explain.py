"""How a file of a run came to be: what its record says, held against what is there today."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ige.base.codehash import code_version
from ige.base.errors import InputError
from ige.params.load import read_params
from ige.params.stages import MODULES
from ige.storage.digest_cache import DigestCache
from ige.storage.provenance import read_provenance
from ige.workflow.places import DIGESTS_OF_RUN, SETTINGS
from ige.workflow.records import WORKFLOW, Record, is_record, read_record, results_below
from ige.workflow.settings_now import differences, settings_now
from ige.workflow.unlisted import UNLISTED

INTACT, EDITED, MISSING = "intact", "edited", "missing"
NO_RESULTS = {
    "logs": "what a job said",
    "locks": "what a run needs while it goes on",
    "checkpoints": "the state of an unfinished training",
    "plan": "what dvc.yaml depends on",
    UNLISTED: "what was set aside since nothing asks for it any more",
    SETTINGS: "the parameters of the last run",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file that a job read or wrote.

    Attributes:
        path: as seen from the working directory.
        sha256: what it was.
        state: "intact", "edited" or "missing": what it is today.
        stage: of the job that made it; None for what no job of a run has made.
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
        state: "intact", "edited" or "missing", held against its record.
        stage: name of rule, command and function.
        record: where this is written.
        asked: names that the job was given beside its settings.
        settings: what the stage was given of the parameters.
        settings_file: the parameters of today that `settings` was compared with.
        settings_changed: how they differ, in lines; None if they no longer know of such a job.
        code: version of the code; `code_now` is that of today, None if there is no such stage any more.
        inputs: what the job read, in order.
        outputs: what it wrote, but for the record.
        rebuild: the command that makes it anew.
        ran: the shell command that the workflow ran; None if the record does not tell.
        log: where that wrote its log.
        circumstances: when, where and with what.
    """

    path: str
    state: str
    stage: str
    record: str
    asked: dict[str, Any]
    settings: dict[str, Any]
    settings_file: str
    settings_changed: list[str] | None
    code: str
    code_now: str | None
    inputs: list[File]
    outputs: list[File]
    rebuild: str
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
    """

    folder: Path
    root: Path
    records: dict[str, Record]
    digests: DigestCache
    _versions: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def around(cls, path: Path) -> Run:
        """Read all records of the run in which a file lies.

        Raises:
            InputError: if it lies in none.
        """
        inside = Path(os.path.abspath(path))
        for place in inside.parents:
            if place.parent.name == "runs":
                folder = Path(os.path.relpath(place))
                cache = DigestCache(folder / DIGESTS_OF_RUN)
                return cls(folder, Path(os.path.relpath(place.parent.parent)), _records(folder), cache)
        raise InputError("is no file of a run", where=path, expected="a file below runs/<run>/")

    def explain(self, path: Path) -> Explanation:
        """Tell how a file of the run came to be.

        Raises:
            InputError: if no record vouches for it, or it is a damaged record.
        """
        name = os.path.relpath(path)
        record = self.records.get(os.path.abspath(path))
        if record is None:
            raise self._unknown(name)
        made, asked = record.made, record.made.get("asked", {})
        outputs = [self._file(*entry) for entry in record.outputs.items()]
        known = record.content.get(WORKFLOW) or {}
        settings_file, changed = self._settings(record, asked)
        return Explanation(
            path=name,
            state=next((file.state for file in outputs if os.path.relpath(file.path) == name), INTACT),
            stage=made["stage"],
            record=record.path,
            asked=asked,
            settings=made["settings"],
            settings_file=settings_file,
            settings_changed=changed,
            code=made["code"],
            code_now=self._code(made["stage"]),
            inputs=[self._file(*entry) for entry in record.inputs.items()],
            outputs=outputs,
            rebuild=self._rebuild(name),
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
        try:
            found = self.digests.digest(Path(path))
        except OSError as error:
            raise InputError("cannot be read", where=path, found=error.strerror) from error
        state = MISSING if found is None else INTACT if found == digest else EDITED
        record = self.records.get(os.path.abspath(path))
        if record is None:
            return File(path, digest, state)
        return File(path, digest, state, record.made["stage"], record.path)

    def _settings(self, record: Record, asked: dict[str, Any]) -> tuple[str, list[str] | None]:
        path = self._settings_path()
        now = settings_now(record.made["stage"], asked, read_params(path))
        return str(path), None if now is None else differences(record.made["settings"], now)

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

    def _unknown(self, name: str) -> InputError:
        if not os.path.lexists(name):
            return InputError("no such file, and no record of one", where=name)
        parts = Path(os.path.relpath(name, self.folder)).parts
        if parts[0] in NO_RESULTS:
            return InputError("is no result, so it has no record", where=name, found=NO_RESULTS[parts[0]])
        if is_record(name):
            read_provenance(Path(name))
        return InputError(
            "no record vouches for it",
            where=name,
            expected="a run.json or <name>.run.json beside it that names it",
            next_step="If a rule makes it, snakemake will make it anew",
        )


def _records(folder: Path) -> dict[str, Record]:
    found = {}
    for path in filter(is_record, results_below(folder)):
        record = read_record(path)
        if record is not None:
            found.update({os.path.abspath(file): record for file in (path, *record.outputs)})
    return found
