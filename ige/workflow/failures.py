"""Jobs that ended without a word: killed from outside, mostly because memory was short."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from ige.params.memory import memory_advice

# What Snakemake says of a failed job; a cluster adds a log of its own.
_LOGS_OF_FAILED = re.compile(r"^ *log: (.+?) \(check log file", re.MULTILINE)
_LITTLE_ROOM = 1 << 26  # bytes; the outputs of the failed job are gone by now
_SAID = re.compile(r"^ige [a-z-]+: |^Traceback \(most recent call last\)", re.MULTILINE)


def explain_silence(told: Sequence[Path], logs: Path) -> str | None:
    """Tell of a failed job whose log names no error; None if each failure is told in its log.

    Of a group of jobs Snakemake names all, those that succeeded too: the one that wrote last is told of.

    Args:
        told: Snakemake's own logs of this call.
        logs: the folder of the logs of jobs, `runs/<run>/logs`.
    """
    named = _LOGS_OF_FAILED.findall("\n".join(map(_text, told)))
    paths = [Path(name) for names in named for name in names.split(", ")]
    own = [path for path in dict.fromkeys(paths) if logs in path.parents and path.is_file()]
    if not own or any(_SAID.search(_text(path)) for path in own):
        return None
    last = max(own, key=lambda path: path.stat().st_mtime_ns)
    stage = last.relative_to(logs).parts[0].removesuffix(".log")
    room = shutil.disk_usage(logs).free
    if room < _LITTLE_ROOM:
        # The error of a full disk may itself find no place in the log.
        return (
            f"{last} ends without an error, and its disk is full ({room / 1e6:.1f} MB are left): make room."
        )
    return (
        f"{last} ends without an error: its process was killed from outside: by hand, by a queue for its "
        f"time, or, most often, because memory was short. {memory_advice(stage)}."
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
