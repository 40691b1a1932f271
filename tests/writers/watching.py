"""What tests see of a run: its results, the jobs that Snakemake tells of, and the processes at work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

NOT_RESULTS = {"logs", "locks", "checkpoints", "plan", "unlisted", "params.json"}


class Told(NamedTuple):
    """A job as Snakemake tells of it when it begins, or when it is planned."""

    rule: str
    wildcards: str
    inputs: frozenset[str]
    outputs: frozenset[str]

    def __str__(self) -> str:
        """The rule and what it is for: `train_poses ige-t2`."""
        # The wildcard of a model is its folder: told by its name.
        values = [value.replace("/", "@") for value in re.findall(r"=([\w/-]+)", self.wildcards)]
        return f"{self.rule} {'/'.join(values)}".strip()


def jobs_told(said: str) -> list[Told]:
    """The jobs that make something, in order; targets make nothing."""
    told = []
    for match in re.finditer(r"^(?:local)?rule (\S+):\n((?:    .*\n)*)", said, re.M):
        lines = dict(re.findall(r"^    (input|output|wildcards): (.*)$", match[2], re.M))
        files = [frozenset(filter(None, lines.get(name, "").split(", "))) for name in ("input", "output")]
        told.append(Told(match[1], lines.get("wildcards", ""), *files))
    return [job for job in told if job.outputs]


def results_of(run: Path) -> dict[str, bytes]:
    """All results below runs/<run>, but for what says when and where they were made."""
    files = {}
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run)
        if path.is_file() and name.parts[0] not in NOT_RESULTS:
            content = path.read_bytes()
            if path.name.endswith("run.json"):
                content = re.sub(rb'"circumstances": \{.*', b"", content, flags=re.S)
            files[str(name)] = content
    return files


def processes_in(folder: Path) -> Iterator[tuple[int, list[str]]]:
    """The processes that work in a folder: their ids and words."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
            if (process / "cwd").resolve() == folder:
                yield int(process.name), words
        except OSError:  # it ended meanwhile
            continue


def stages_in(folder: Path) -> list[tuple[int, str]]:
    """The jobs that work in a checkout: process and stage, e.g. `train-poses`."""
    return [(pid, words[2]) for pid, words in processes_in(folder) if _is_job(words)]


def _is_job(words: Sequence[str]) -> bool:
    return len(words) > 2 and Path(words[1]).name == "ige" and words[2] not in {"verify", "explain"}
