"""What the Snakefile does around the rules: settings, locks, and errors in one line."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ige.base.errors import EXIT_CODE_USER_ERROR, IgeError
from ige.base.jobs import LOCK_FOLDER, WORKFLOW_PID, LockedError
from ige.params.load import validate, write_params
from ige.params.params import Params
from ige.storage.atomic import storage_error
from ige.storage.digest_cache import DigestCache
from ige.storage.file_digests import DIGEST_FOLDER
from ige.workflow import places, turns
from ige.workflow.code import write_versions
from ige.workflow.failures import explain_silence
from ige.workflow.plan import Planner, write_plan
from ige.workflow.records import Fault, reconcile
from ige.workflow.snakemake_store import SnakemakeStore
from ige.workflow.unlisted import UNLISTED, set_aside, take_back

Result = TypeVar("Result")
_held = ExitStack()
_seen: dict[Path, int] = {}
_SNAKEMAKE = Path(".snakemake")
_MOST_FAULTS = 10


def or_exit(call: Callable[[], Result]) -> Result:
    """Return what `call` returns, or end the whole process with the one line of its error."""
    try:
        return call()
    except IgeError as error:
        _exit(str(error))
        raise AssertionError("unreachable") from error


def params_or_exit(config: Mapping[str, Any]) -> Params:
    """Validate Snakemake's merged configuration, or end with what `ige` would say of it."""
    return or_exit(lambda: validate(config))


def prepare(locks: Path, versions: dict[str, str], versions_file: Path, *, main: bool) -> None:
    """Write the versions of the code, and tell jobs whose they are and where their locks lie.

    A job on a node of a cluster is run by a Snakemake of its own, which reads the Snakefile once more: it
    ends with that one and lives on without the one that submitted it.

    Args:
        locks: the folder of the locks of a run.
        versions: of the code of all stages.
        versions_file: where they are written.
        main: whether this is the Snakemake that was called by the user.
    """
    # On a full disk Snakemake's own log fails, too: tracebacks of its lines would hide the line of a job.
    logging.raiseExceptions = False
    if main:
        or_exit(lambda: write_versions(versions_file, versions))
    or_exit(lambda: _make_folder(locks))
    os.environ[WORKFLOW_PID] = str(os.getpid())
    os.environ[LOCK_FOLDER] = str(locks.resolve())
    os.environ[DIGEST_FOLDER] = str(places.DIGESTS_OF_INPUTS.resolve())


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading of the Snakefile finds out of a run.

    Attributes:
        run: the folder `runs/<run>`, as the rules write it.
        planner: says what decides each stage, for dvc.yaml.
        expected: every file that the rules can make.
        folders: those below the run that hold nothing else.
        dry: whether nothing but a plan is asked for.
    """

    run: Path
    planner: Planner
    expected: Collection[str]
    folders: Collection[str]
    dry: bool


def look(reading: Reading) -> None:
    """Compare a run with its records, before Snakemake plans; end the process if another one works on it.

    Snakemake then believes what the records vouch for and nothing else. What was set aside and is asked for
    again is taken back. The plan that dvc.yaml depends on is kept true, and what params.yaml no longer asks
    for is set aside: but not by a dry run. While another process works, that says that it compared nothing.
    """
    try:
        with turns.looking(reading.run) as started:
            take_back(reading.run, reading.expected)
            if not reading.dry:
                _follow_params(reading)
            faults = _reconcile(reading.run, reading.expected)
        _seen[reading.run] = started
    except LockedError as error:
        if not reading.dry:
            _exit(str(error))
        _warn(
            f"A run of {reading.run} is under way: what is planned here knows neither its end nor any record."
        )
        return
    except IgeError as error:
        _exit(str(error))
    if faults:
        _warn(_told(faults))


def _follow_params(reading: Reading) -> None:
    write_plan(reading.run / "plan", reading.planner)
    moved = set_aside(reading.run, reading.folders, reading.expected)
    if moved:
        _warn(f"No longer asked for, kept in {reading.run / UNLISTED}: {', '.join(_shortened(moved))}")


def _shortened(paths: Sequence[str]) -> list[str]:
    more = [f"and {len(paths) - _MOST_FAULTS} more"] if len(paths) > _MOST_FAULTS else []
    return [*paths[:_MOST_FAULTS], *more]


def keep_records(run: Path, expected: Collection[str]) -> None:
    """Lay Snakemake's records of the jobs that ended beside their results, while the lock is held."""
    or_exit(lambda: _reconcile(run, expected))


def _reconcile(run: Path, expected: Collection[str]) -> list[Fault]:
    digests = DigestCache(run / places.DIGESTS_OF_RUN)
    try:
        return reconcile(run, SnakemakeStore(_SNAKEMAKE), digests, expected)
    except OSError as error:
        raise storage_error(Path(error.filename or _SNAKEMAKE), error) from error


def _told(faults: Sequence[Fault]) -> str:
    shown = [f"  {fault.result} {fault.reason}" for fault in faults[:_MOST_FAULTS]]
    if len(faults) > len(shown):
        shown.append(f"  and {len(faults) - len(shown)} more")
    return "\n".join(["To be made again, since their records do not vouch for them:", *shown])


def start(run: Path, params: Params) -> None:
    """Hold a run as long as this process lives, and write its settings for the jobs.

    Ends at once if another process works on it, or has done so since this one looked. Only the holder writes:
    a dry run with other parameters must not change what the jobs of a run under way read.
    """
    or_exit(lambda: _held.enter_context(turns.working(run, _seen[run])))
    or_exit(lambda: write_params(run / places.SETTINGS, params))


def look_at_places(read: Iterable[str], written: Iterable[str]) -> None:
    """End a run before its first job if it cannot write to some place; mend the times of its inputs."""
    or_exit(lambda: places.require_writable(written))
    or_exit(lambda: places.bring_into_the_past(read))


def warn_of_missing(source: str) -> None:
    """Say in a plan that data is missing."""
    _warn(f"{source}: data is missing; `ige check-data` (with the same --configfile) tells what")


def end_for_want_of_data(screen: str) -> None:
    """End a run before its first job, since data is missing."""
    _exit(f"\n{screen}\nWith --keep-going the same command builds now what needs none of it.")


def say_that_data_came(source: str) -> None:
    """Say that a download has ended and that another run builds from it."""
    _warn(
        f"{source} is here now. Run the same command again to build from it: "
        "before, nobody knew what it holds."
    )


def explain_failure(run: str, logs: Sequence[str]) -> None:
    """Say what to do after a failed job; its own line stands above, from its log.

    Args:
        run: the folder `runs/<run>`.
        logs: Snakemake's own logs of this call.
    """
    silence = explain_silence([Path(log) for log in logs], Path(run) / "logs")
    if silence is not None:
        logging.getLogger("snakemake").error(silence)
    logging.getLogger("snakemake").error(
        "A job failed: its last lines stand above, all of them in %s/logs/. Mend that and run the same "
        "command again: finished results are kept, trainings go on from their checkpoints.",
        run,
    )


def _make_folder(folder: Path) -> None:
    # At once, so that a place that cannot be written is told in our words and not in Snakemake's.
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error) from error


def _warn(text: str) -> None:
    logging.getLogger("snakemake").warning(text)


def _exit(message: str) -> None:
    # Not sys.exit: Snakemake would turn it into exit code 1 and a traceback of the Snakefile.
    sys.stdout.flush()
    print(message, file=sys.stderr, flush=True)  # noqa: T201
    os._exit(EXIT_CODE_USER_ERROR)
