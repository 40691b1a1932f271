"""Memory that a process frees and needs again."""

from __future__ import annotations

import ctypes

# From malloc.h of the GNU C library.
_TRIM_THRESHOLD, _TOP_PAD, _MAPPINGS = -1, -2, -4
_PAD_BYTES = 64 << 20


def keep_freed_memory() -> bool:
    """Let the process keep large blocks that it frees, for the next time; tell whether it can.

    The GNU C library gives blocks from 32 MiB on back to the system, which clears every page anew when it is
    touched again: tenfold what a pass over the memory costs. A process grows to its largest need and stays
    there. Other C libraries go on as they are. Call it before the large work begins.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = {_TRIM_THRESHOLD: -1, _TOP_PAD: _PAD_BYTES, _MAPPINGS: 0}
    return {mallopt(name, value) for name, value in settings.items()} == {1}
