"""What needs root: file systems that are mounted for a while, and groups of processes with little memory."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Of the first and the second version of control groups.
_GROUPS = {
    Path("/sys/fs/cgroup/memory"): "memory.limit_in_bytes",
    Path("/sys/fs/cgroup"): "memory.max",
}


def may_mount(scratch: Path) -> bool:
    """Whether file systems can be mounted here."""
    place = scratch / "mounted"
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)], capture_output=True, check=False
    )
    if done.returncode == 0:
        subprocess.run(["umount", str(place)], check=True)
    return done.returncode == 0


def mounts_below(folder: Path) -> list[str]:
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [place for place in places if Path(place) == folder or folder in Path(place).parents]


@contextmanager
def mounted(*arguments: str, place: Path) -> Iterator[None]:
    """Mount something for a while."""
    subprocess.run(["mount", *arguments, str(place)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def may_cage() -> bool:
    """Whether the memory of a group of processes can be limited here."""
    return _group() is not None


def _group() -> tuple[Path, str] | None:
    for folder, limit in _GROUPS.items():
        probe = folder / f"ige-faults-{os.getpid()}"
        try:
            probe.mkdir()
        except OSError:
            continue
        there = (probe / limit).is_file()
        probe.rmdir()
        if there:
            return folder, limit
    return None


@contextmanager
def cage(limit_bytes: int, name: str) -> Iterator[tuple[str, ...]]:
    """Make a group of processes with so much memory; yield the words before a command that runs in it."""
    found = _group()
    assert found is not None
    place = found[0] / f"ige-faults-{os.getpid()}-{name}"
    place.mkdir()
    (place / found[1]).write_text(str(limit_bytes))
    try:
        yield ("bash", "-c", f'echo $$ >{place}/cgroup.procs; exec "$@"', "bash")
    finally:
        place.rmdir()
