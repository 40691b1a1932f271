"""Want of memory, told in one line that says what to lower."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from ige.base.errors import InputError
from ige.params.memory import memory_advice

# torch has a type of its own for GPUs alone; other libraries have none.
_TEXTS = re.compile(
    r"can't allocate memory|cannot allocate memory|out of memory|memory allocation failed|std::bad_alloc"
    r"|_ALLOC_FAILED|killed by signal: Killed",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"(?:tried to allocate|unable to allocate) ([\d.]+ ?[a-z]+)", re.IGNORECASE)


def lack_of_memory(command: str, error: BaseException) -> InputError | None:
    """Return what to tell the user if memory was short; None if the error has another reason.

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
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _is_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return isinstance(error, OSError | RuntimeError) and bool(_TEXTS.search(str(error)))
