"""Whether every file of a run still is what its record says.

Everything is read: what is kept of digests elsewhere is not asked, and forgotten where it was wrong. Logs,
locks, checkpoints, the plan, the copy of the parameters and what was set aside are nobody's results.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO, TypeAlias

from ige.base.digests import digest_of_file
from ige.base.errors import EXIT_CODE_USER_ERROR, InputError
from ige.base.jobs import LockedError
from ige.base.progress import progress
from ige.workflow.places import RUN_LOCK, forget_digests
from ige.workflow.records import Record, is_record, read_record
from ige.workflow.turns import require_idle
from ige.workflow.unexplained import LEFTOVER, NO_RESULTS, fault_of_record

_RUNS = Path("runs")
_NEXT_STEP = (
    "snakemake makes anew what is not as its record says; `dvc checkout` or `dvc pull` brings back what "
    "belongs to this commit. What no rule makes is yours to delete."
)
# What records say of a file: its digest, and which record it is.
_Said: TypeAlias = list[tuple[str, str]]


@dataclass(slots=True)
class Verdict:
    """What was found of a run.

    Attributes:
        faults: lines, by the file that each begins with.
        notes: lines about what is no fault.
        files: how many results and records there are.
        records: how many of them are records.
        read: bytes that were read.
    """

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: int = 0
    records: int = 0
    read: int = 0


def verify_all(names: Sequence[str], code: Mapping[str, str], out: TextIO) -> int:
    """Verify runs and print what was found.

    Args:
        names: of runs below runs/, or folders; none for all.
        code: the version of today of each stage's code.
        out: where to print.

    Returns:
        the exit code: 0, or 2 if there is a fault.

    Raises:
        InputError: if there is no such run, or none at all.
    """
    runs = [_run_called(name) for name in names] or sorted(path for path in _RUNS.glob("*") if path.is_dir())
    if not runs:
        raise InputError("no runs here", where=_RUNS, next_step="Make one with snakemake")
    faults = 0
    for run in runs:
        verdict = verify(run, code)
        for line in [*verdict.faults, *(f"note: {note}" for note in verdict.notes)]:
            print(line, file=out)
        print(f"{run}: {_in_a_line(verdict)}", file=out)
        faults += len(verdict.faults)
        if verdict.faults:
            # A disk that errs alters no time of a file: a run that only looked at times would not see it.
            forget_digests(run)
    if faults:
        print(_NEXT_STEP, file=out)
    return EXIT_CODE_USER_ERROR if faults else 0


def _run_called(name: str) -> Path:
    """Return the folder of a run that is called by its name or its folder.

    Raises:
        InputError: if it is none.
    """
    path = Path(name)
    run = _RUNS / path if len(path.parts) == 1 and path.name != os.pardir else path
    if not run.is_dir() or Path(os.path.abspath(run)).parent.name != _RUNS.name:
        raise InputError("no such run", where=run, expected="a folder below runs/")
    return run


def _in_a_line(verdict: Verdict) -> str:
    if not verdict.files and not verdict.faults:
        return "nothing there yet: no results and no records"
    told = _count(len(verdict.faults), "fault") if verdict.faults else "all as the records say"
    files = f"{_count(verdict.files, 'file')}, {verdict.records} of them records"
    return f"{files}, {verdict.read / 1e6:,.1f} MB read: {told}"


def verify(run: Path, code: Mapping[str, str]) -> Verdict:
    """Hold every file of a run, and what its results were made from, against the records.

    Args:
        run: runs/<run>.
        code: the version of today of each stage's code.
    """
    verdict = Verdict(notes=[*_under_way(run)])
    files = [*_files_of(run)]
    leftovers = [path for path in files if LEFTOVER.fullmatch(os.path.basename(path))]
    results = sorted({*files} - {*leftovers})
    verdict.files = len(results)
    records = [*_records(results, verdict)]
    _check_files(run, records, verdict)
    vouched = {file for record in records for file in record.outputs}
    for path in results:
        if path not in vouched and not is_record(path):
            verdict.faults.append(f"{path}: no record vouches for it")
    verdict.faults += [f"{path}: left over from a job that was killed; delete it" for path in leftovers]
    verdict.faults.sort()
    verdict.notes += _notes_on_code(records, code)
    return verdict


def _under_way(run: Path) -> Iterator[str]:
    if not (run / RUN_LOCK).is_file():
        return
    try:
        require_idle(run)
    except LockedError:
        yield f"{run}: a run is under way; what it has not finished yet counts as a fault"


def _files_of(run: Path) -> Iterator[str]:
    """Yield every result and record, and what was left over of one; other hidden files are nobody's."""
    for place, folders, names in os.walk(run):
        if Path(place) == run:
            folders[:] = [name for name in folders if name not in NO_RESULTS]
            names = [name for name in names if name not in NO_RESULTS]
        folders.sort()
        for name in sorted(names):
            if not name.startswith(".") or LEFTOVER.fullmatch(name):
                yield os.path.normpath(os.path.join(place, name))


def _records(results: list[str], verdict: Verdict) -> Iterator[Record]:
    for path in filter(is_record, results):
        verdict.records += 1
        record = read_record(path)
        if record is None:
            verdict.faults.append(str(fault_of_record(path)))
        else:
            yield record


def _check_files(run: Path, records: list[Record], verdict: Verdict) -> None:
    """Read every file that a record names, once, and hold it against all that is said of it."""
    makers, readers = defaultdict[str, _Said](list), defaultdict[str, _Said](list)
    for record in records:
        for said, digests in ((makers, record.outputs), (readers, record.inputs)):
            for path, stated in digests.items():
                said[path].append((stated, record.path))
    sizes = {path: _size(path) for path in [*makers, *readers]}
    with progress(f"verifying {run}", sum(sizes.values())) as bar:
        for path, size in sizes.items():
            digest, state = _look(path)
            verdict.faults += _faults_of(path, digest, state, makers[path], readers[path])
            verdict.read += size
            bar.advance(size)


def _faults_of(path: str, digest: str | None, state: str, makers: _Said, readers: _Said) -> Iterator[str]:
    if len(makers) > 1:
        yield f"{path}: {len(makers)} records vouch for it: {', '.join(record for _, record in makers)}"
    wrong = [record for said, record in makers if said != digest]
    if wrong:
        yield f"{path}: {state or 'edited since it was made'}; {wrong[0]} vouches for it"
        return
    wrong = [record for said, record in readers if said != digest]
    if wrong:
        more = f" and of {_count(len(wrong) - 1, 'more record')}" if len(wrong) > 1 else ""
        yield f"{path}: {state or 'changed'} since the results of {wrong[0]}{more} were made from it"


def _look(path: str) -> tuple[str | None, str]:
    """Return the digest of a file, or why there is none."""
    try:
        return digest_of_file(Path(path)), ""
    except (FileNotFoundError, NotADirectoryError):
        return None, "missing"
    except OSError as error:
        return None, f"unreadable ({error.strerror})"


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _notes_on_code(records: list[Record], code: Mapping[str, str]) -> Iterator[str]:
    found: Counter[tuple[str, str]] = Counter()
    for record in records:
        found[record.made["stage"], record.made["code"]] += 1
    for (stage, version), count in sorted(found.items()):
        now = code.get(stage, "gone")
        if version != now:
            yield f"{stage}: {_count(count, 'record')} of code {version}, today's is {now}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
