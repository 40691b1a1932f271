"""What Snakemake may believe of results: only what the records beside them vouch for.

Snakemake keeps its knowledge of results in `.snakemake/`, by path and time. Results come and go without it:
DVC checks out others, people edit or copy them, clocks are set back. So each record `run.json` holds, beside
the digests of what a job read and wrote, Snakemake's own record of that job. When the Snakefile is read,
records and files are compared: what is intact is given back to Snakemake, all else marked to be made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ige.base.digests import digest_of_json
from ige.storage.atomic import write_text
from ige.storage.digest_cache import DigestCache
from ige.workflow.places import SETTINGS

# The folders of results below runs/<run>; single files (metrics.json) lie in runs/<run> itself.
RESULTS = ("data", "models", "scores", "tables", "figures", "curves", "report")
RECORD = "run.json"
WORKFLOW = "workflow"  # the section of a record that holds Snakemake's own
SEAL = "seal"  # the digest of that section and of the circumstances, which `digest` leaves out


class Store(Protocol):
    """What is used of Snakemake's own records."""

    def read(self, result: str) -> dict[str, Any] | None:
        """Return the record of a result, None if there is none or its job did not end."""

    def give_back(self, result: str, record: dict[str, Any]) -> None:
        """Make a result known as the record tells."""

    def mark(self, result: str) -> None:
        """Let a result be made again."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A result that is not what a record says, or that none vouches for."""

    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record on disk, with the paths of its files as the rules write them."""

    path: str
    content: dict[str, Any]
    inputs: dict[str, str]
    outputs: dict[str, str]

    @property
    def made(self) -> dict[str, Any]:
        """What decided the results."""
        made: dict[str, Any] = self.content["made"]
        return made


def reconcile(run: Path, store: Store, digests: DigestCache, expected: Collection[str]) -> list[Fault]:
    """Make Snakemake believe of a run's results what their records vouch for, and nothing else.

    Also lays Snakemake's record of each finished job into the job's own.

    Args:
        run: the folder `runs/<run>`, as the rules write it.
        store: Snakemake's own records.
        digests: of files, by what they were when last looked at.
        expected: the results that the rules can make; others are nobody's and are left alone.

    Returns:
        what is to be made again although it is there.
    """
    faults, known, asked = [], set(), {*expected}
    for path in _records_below(run):
        record = read_record(path)
        results = [path, *(record.outputs if record else [])]
        if asked.isdisjoint(results):
            continue
        known.update(results)
        fault = Fault(path, "is no readable record") if record is None else _fault_of(record, store, digests)
        if fault is not None:
            faults.append(fault)
            for result in filter(os.path.exists, results):
                store.mark(result)
    for result in sorted(expected):
        if result not in known and os.path.exists(result):
            store.mark(result)
            faults.append(Fault(result, "has no record beside it"))
    digests.save()
    return faults


def results_below(run: Path) -> Iterator[str]:
    """Yield every file below a run that is a result or a record, in order; hidden files are none."""
    for folder in RESULTS:
        for place, folders, files in os.walk(run / folder):
            folders.sort()
            yield from (os.path.join(place, name) for name in sorted(files) if not name.startswith("."))
    if run.is_dir():
        yield from (str(path) for path in sorted(run.glob("*.json")) if path.name != SETTINGS)


def read_record(path: str) -> Record | None:
    """Read a record; None if it cannot be read or was altered."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        made, folder = content["made"], os.path.dirname(path)
        if digest_of_json(made) != content["digest"] or content.get(SEAL, seal(content)) != seal(content):
            return None
        return Record(path, content, _located(made["inputs"], folder), _located(made["outputs"], folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def seal(content: Mapping[str, Any]) -> str:
    """Return the digest of what a record says of when, where and how."""
    return digest_of_json([content.get("circumstances"), content.get(WORKFLOW)])


def is_record(path: str) -> bool:
    """Whether a file is called as records are: run.json, poses.run.json."""
    name = os.path.basename(path)
    return name == RECORD or name.endswith(f".{RECORD}")


def _records_below(run: Path) -> list[str]:
    return [path for path in results_below(run) if is_record(path)]


def path_of(folder: str, name: str) -> str:
    """Return a file as a record in a folder names it, without following links."""
    return os.path.normpath(os.path.join(folder, name))


def _located(digests: Mapping[str, str], folder: str) -> dict[str, str]:
    return {path_of(folder, name): digest for name, digest in digests.items()}


def fault_of_files(record: Record, digests: DigestCache) -> Fault | None:
    """Tell what of the files that a record names is not what it says; None if all are."""
    for result, digest in record.outputs.items():
        reason = _difference(result, digest, digests, "was changed after it had been made")
        if reason is not None:
            return Fault(result, reason)
    for name, digest in record.inputs.items():
        reason = _difference(name, digest, digests, "has changed")
        if reason is not None:
            return Fault(record.path, f"was made from {name}, which {reason}")
    return None


def _difference(file: str, digest: str, digests: DigestCache, changed: str) -> str | None:
    try:
        found = digests.digest(Path(file))
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if found == digest:
        return None
    return "is missing" if found is None else changed


def _fault_of(record: Record, store: Store, digests: DigestCache) -> Fault | None:
    fault = fault_of_files(record, digests)
    if fault is not None:
        return fault
    known = record.content.get(WORKFLOW)
    if known is None:
        known = store.read(record.path)
        if known is None or not _tells_of(known, record):
            return Fault(record.path, "was not completed")
        content = record.content | {WORKFLOW: known}
        write_text(Path(record.path), _text(content | {SEAL: seal(content)}))
    elif not _tells_of(known, record):
        return Fault(record.path, "holds the record of another job")
    for result in [record.path, *record.outputs]:
        store.give_back(result, known)
    return None


def _tells_of(known: dict[str, Any], record: Record) -> bool:
    """Whether Snakemake's record and ours are of the same job: not of one before or after it."""
    made, params = record.made, known.get("params") or []
    checksums = {
        os.path.normpath(name): value for name, value in (known.get("input_checksums") or {}).items()
    }
    return (
        known.get("rule") == made["stage"]
        and repr(made["code"]) in params
        and (not made["settings"] or repr(made["settings"]) in params)
        and all(_hex(checksums.get(name, digest)) == digest for name, digest in record.inputs.items())
    )


def _hex(checksum: str) -> str:
    return checksum.rpartition(":")[2]


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
