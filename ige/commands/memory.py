"""Want of memory, told in one line that says what to lower."""

from __future__ import annotations

import errno
import re
import resource
from collections.abc import Iterator

from ige.base.errors import IgeError, InputError
from ige.params.memory import memory_advice

# torch has a type of its own for GPUs alone; other libraries have none.
_TEXTS = re.compile(
    r"can't allocate memory|cannot allocate memory|out of memory|memory allocation failed|std::bad_alloc"
    r"|_ALLOC_FAILED|killed by signal: Killed|failed to map segment|cannot map zero-fill pages",
    re.IGNORECASE,
)
# What else fails for want of address space, where a limit of it is set (ulimit -v).
_TEXTS_UNDER_A_LIMIT = re.compile(r"start new thread|could not create a primitive", re.IGNORECASE)
# What libraries take of addresses without any data: torch, numba and h5py; and those of the report.
LIBRARIES_BYTES, REPORT_LIBRARIES_BYTES = 950_000_000, 500_000_000
_AMOUNT = re.compile(r"(?:tried to allocate|unable to allocate) ([\d.]+ ?[a-z]+)", re.IGNORECASE)


def lack_of_memory(command: str, error: BaseException) -> InputError | None:
    """Return what to tell the user if memory was short; None if the error has another reason.

    An error of ours tells the user already: it stands unless want of memory led to it directly.

    Args:
        command: the subcommand that ended, e.g. `train-poses`.
        error: what ended it.
    """
    for cause in _causes(error):
        if _is_of_memory(cause):
            amount = _AMOUNT.search(str(cause))
            return InputError(
                "the memory does not suffice",
                found=f"no room for {amount[1]} more" if amount else None,
                next_step=memory_advice(command.replace("-", "_")),
            )
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what led to it; of one that tells already what to do, its direct cause alone."""
    cause: BaseException | None = error
    while isinstance(cause, IgeError):
        cause = cause.__cause__
    while cause is not None:
        yield cause
        cause = None if isinstance(error, IgeError) else cause.__cause__ or cause.__context__


def _is_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    if not isinstance(error, ImportError | OSError | RuntimeError):
        return False
    text = str(error)
    return bool(_TEXTS.search(text) or (_limit() is not None and _TEXTS_UNDER_A_LIMIT.search(text)))


def require_addresses(needed: int) -> None:
    """End before a library is loaded for which there is no room: with less, OpenBLAS waits for ever.

    Args:
        needed: what the libraries of a command take, bytes.

    Raises:
        InputError: if a limit of the address space is below what libraries alone take.
    """
    limit = _limit()
    if limit is not None and limit < needed:
        raise InputError(
            "the memory does not suffice for the libraries alone",
            expected=f"{needed / 1e9:.2f} GB of addresses",
            found=f"a limit of {limit / 1e9:.2f} GB",
            next_step="Raise it (`ulimit -v`), and run the same command again",
        )


def _limit() -> int | None:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit
