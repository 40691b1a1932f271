"""What of a run no record tells about, and why: in one line each."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from ige.base.errors import InputError
from ige.storage.provenance import read_provenance
from ige.workflow.places import SETTINGS
from ige.workflow.records import is_record
from ige.workflow.unlisted import UNLISTED

NO_RESULTS = {
    "logs": "what a job said",
    "locks": "what a run needs while it goes on",
    "checkpoints": "the state of an unfinished training",
    "plan": "what dvc.yaml depends on",
    UNLISTED: "what was set aside since nothing asks for it any more",
    SETTINGS: "the parameters of the last run",
}
LEFTOVER = re.compile(r"\..+\.\d+\.partial")
_MOST_FILES = 3


def fault_of_record(path: str) -> InputError:
    """Tell what is wrong with a record that cannot be used."""
    try:
        read_provenance(Path(path))
    except InputError as error:
        return error
    # What decides the results is whole: so it is the rest, which has a seal of its own.
    return InputError("an edited provenance record", where=path, next_step="Rebuild it with snakemake")


def why_not(name: str, run: Path, explained: Collection[str], damaged: Sequence[str]) -> InputError:
    """Tell why nothing can be told of a path.

    Args:
        name: the path, as seen from the working directory.
        run: runs/<run>, likewise.
        explained: absolute paths of the files that records of the run vouch for.
        damaged: paths of the records of the run that cannot be used.
    """
    parts = Path(os.path.relpath(name, run)).parts
    kind = NO_RESULTS.get(parts[0]) if parts else None
    if not os.path.lexists(name):
        return InputError("no such file, and no record of one", where=name, found=_above(name, damaged))
    if kind and parts[0] != UNLISTED:
        return InputError("is no result, so it has no record", where=name, found=kind)
    if os.path.isdir(name):
        return _of_folder(name, explained)
    if LEFTOVER.fullmatch(os.path.basename(name)):
        next_step = "Delete it, unless a run is under way"
        return InputError("left over from a job that was killed", where=name, next_step=next_step)
    if os.path.abspath(name) in map(os.path.abspath, damaged):
        return fault_of_record(name)
    found = _above(name, damaged)
    if kind and not found:
        return InputError("no record vouches for it", where=name, found=kind)
    return InputError(
        "no record vouches for it",
        where=name,
        expected="a run.json or <name>.run.json beside it that names it",
        found=found,
        next_step=None if kind else "If a rule makes it, snakemake will make it anew",
    )


def _above(name: str, damaged: Sequence[str]) -> str | None:
    """Name the damaged records that may have told of a file: those in the folders that it lies in."""
    folders = {str(folder) for folder in Path(os.path.abspath(name)).parents}
    found = [path for path in damaged if os.path.dirname(os.path.abspath(path)) in folders]
    return f"{_listed(found)}: damaged or edited" if found else None


def _of_folder(name: str, explained: Collection[str]) -> InputError:
    within = os.path.join(os.path.abspath(name), "")
    files = sorted(path[len(within) :] for path in explained if path.startswith(within))
    files = [path for path in files if not is_record(path)]
    if not files:
        return InputError("is a folder", where=name, found="no file in it that a record vouches for")
    return InputError("is a folder", where=name, expected=f"a file in it, e.g. {_listed(files)}")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_FILES
    return ", ".join(names[:_MOST_FILES]) + (f" and {more} more" if more > 0 else "")
