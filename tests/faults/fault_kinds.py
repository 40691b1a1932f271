"""The kinds of faults: each draws its moment, place and size, strikes, and says what the user then runs."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from fault_damage import FILES, damaged, damaged_checkpoint, damaged_notes, damaged_unseen
from fault_mounts import cage, may_cage, mounted
from fault_stand import BUSY, PARTS, Failure, Missed, Part, Said, Stand, draw_part, dvc, snakemake
from fault_strike import Strike, Struck, struck_during

_KILLED = "ends without an error: its process was killed"
_SHORT = r"(the memory does not suffice|memory was short).*(Lower|Raise) [a-z]+\.[a-z_.]+"
# With less than libraries take, no parameter helps.
_NO_ROOM = "the memory does not suffice for the libraries alone.*ulimit"


def kill_snakemake(stand: Stand, rng: random.Random) -> Struck:
    """`kill -9` of Snakemake alone; its jobs are left behind."""
    return _kill(stand, rng, whole_group=False, tool=snakemake)


def kill_group(stand: Stand, rng: random.Random) -> Struck:
    """`kill -9` of Snakemake and all its jobs."""
    return _kill(stand, rng, whole_group=True, tool=snakemake)


def kill_dvc(stand: Stand, rng: random.Random) -> Struck:
    """`kill -9` of DVC, alone or with all that it started."""
    return _kill(stand, rng, whole_group=rng.random() < 0.5, tool=dvc)


def _kill(
    stand: Stand, rng: random.Random, whole_group: bool, tool: Callable[[str], tuple[str, ...]]
) -> Struck:
    name, part = draw_part(rng)
    command = tool(part.target)
    started, moment = struck_during(stand, rng, part, command)
    started.kill(whole_group)
    return Struck(command, {"part": name, "whole group": whole_group, **moment})


def kill_job(stand: Stand, rng: random.Random) -> Struck:
    """`kill -9` of one job; the run shows its log."""
    name, part = draw_part(rng)
    command = snakemake(part.target)
    jobs, picked = rng.randint(1, part.jobs), rng.random()
    for begun in (jobs, 1, 1):
        stand.lose(part)
        started = stand.start(command)
        if started.wait_for(lambda: started.begun() >= begun and bool(stand.jobs())):  # noqa: B023
            running = stand.jobs()
            if running:
                pid, stage = running[int(picked * len(running))]
                with suppress(ProcessLookupError):  # it ended meanwhile
                    os.kill(pid, signal.SIGKILL)
                drawn = {"part": name, "jobs begun": begun, "stage": stage}
                return Struck(command, drawn, _met(started.ended(), "the job had ended"), _KILLED)
        started.ended()
    raise Missed("no job was at work")


def _met(said: Said, why_not: str) -> Said:
    """What a run said that met the fault; a miss if it ended as if nothing were."""
    if said.code == 0:
        raise Missed(why_not)
    return said


def full_disk(stand: Stand, rng: random.Random) -> Struck:
    """Results, or the whole checkout, on a disk that is too small; then it is enlarged."""
    name, part = draw_part(rng)
    command, share = snakemake(part.target), rng.random()
    place = rng.choice((stand.folder / "runs", stand.folder))
    # Checkpoints are not counted: which of them come again depends on the part.
    stand.lose(Part("nothing", (), 0))
    needed = _bytes_below(place)
    stand.lose(part)
    used = _bytes_below(place)
    size = (used + int(0.6 * share * (needed - used))) // 4096 * 4096 + 32768
    aside = stand.scratch / "aside"
    place.rename(aside)
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)], check=True)
    done = subprocess.run(["cp", "-a", f"{aside}/.", str(place)], check=False, capture_output=True)
    if done.returncode != 0:
        raise Missed("the disk was made too small for what is there")
    subprocess.run(["rm", "-rf", str(aside)], check=True)
    said = stand.run(command)
    subprocess.run(["mount", "-o", "remount,size=1g", str(place)], check=True)
    drawn = {"part": name, "disk of": place.name, "bytes": size, "share": round(share, 3)}
    return Struck(command, drawn, _met(said, "the disk sufficed"), "(the|its) disk is full")


def _bytes_below(folder: Path) -> int:
    """What files and folders take in pages of a tmpfs."""
    paths = [folder, *folder.rglob("*")]
    return sum(-(-path.stat().st_size // 4096) * 4096 if path.is_file() else 0 for path in paths)


def read_only(stand: Stand, rng: random.Random) -> Struck:
    """A folder of results that cannot be written; then it can."""
    name, part = draw_part(rng)
    stand.lose(part)
    command = snakemake(part.target)
    (stand.run_folder / "checkpoints").mkdir()
    written = {(stand.run_folder / lost).parent for lost in part.lost}
    others = [stand.run_folder / name for name in ("logs", "locks", "checkpoints")]
    above = [stand.folder, stand.folder / ".snakemake", stand.folder / "runs", stand.run_folder]
    place = rng.choice((*above, *sorted(written), *others))
    with ExitStack() as stack:
        stack.enter_context(mounted("--bind", str(place), place=place))
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        said = stand.run(command)
    drawn = {"part": name, "folder": str(place.relative_to(stand.folder))}
    line = "cannot be written: .*([Rr]ead-only|no permission)"
    return Struck(command, drawn, _met(said, f"nobody writes to {place.name}"), line)


def two_runs(stand: Stand, rng: random.Random) -> Struck:
    """Two runs in one checkout: one works, the other is told."""
    name, part = draw_part(rng)
    stand.lose(part)
    tools = rng.choice(((snakemake, snakemake), (dvc, snakemake), (snakemake, dvc), (dvc, dvc)))
    first, second = (tool(part.target) for tool in tools)
    started = stand.start(first)
    jobs, seconds = rng.randint(0, 2), rng.uniform(0.0, 4.0)
    drawn = {"part": name, "jobs begun": jobs, "seconds more": round(seconds, 2)}
    drawn["commands"] = f"{first[0]} + {second[0]}"
    if not started.wait_for_job(jobs, seconds):
        raise Missed("the first run had ended")
    said = [stand.run(second), started.ended()]
    refused = [each for each in said if each.code != 0]
    if len(refused) > 1:
        raise Failure("neither of two runs worked")
    drawn["refused"] = bool(refused)
    line = f"{BUSY}|is busy, it is being blocked by|[Uu]nable to acquire lock"
    command = first if first[0] == "dvc" else second
    return Struck(command, drawn, refused[0] if refused else None, line)


def clock_back(stand: Stand, rng: random.Random) -> Struck:
    """The clock is set back: all files are of the future, before a run or between its two halves."""
    name, part = draw_part(rng)
    tool = rng.choice((snakemake, dvc))
    command, ahead = tool(part.target), rng.choice((60, 3600, 86_400, 3 * 365 * 86_400))
    drawn = {"part": name, "seconds ahead": ahead, "tool": command[0]}
    if rng.random() < 0.5:
        stand.lose(part)
        drawn["when"] = "before"
    else:
        started, moment = struck_during(stand, rng, part, command)
        started.kill(whole_group=True)
        drawn |= moment | {"when": "between two halves"}
    _move_times(stand.folder, ahead)
    return Struck(command, drawn)


def _move_times(folder: Path, seconds: int) -> None:
    for path in folder.rglob("*"):
        if not path.is_symlink() and ".git" not in path.parts:
            found = path.stat()
            moved = found.st_mtime_ns + seconds * 1_000_000_000
            os.utime(path, ns=(moved, moved))


def out_of_memory(stand: Stand, rng: random.Random) -> Struck:
    """A run that may not have the memory it needs, by the kernel or by a limit; then it may."""
    name = rng.choice(("lifter", "ige", "deconv"))
    part = PARTS[name]
    stand.lose(part)
    command, caged = snakemake(part.target), rng.random() < 0.7
    if caged and may_cage():
        megabytes, how, line = rng.randint(160, 300), "the kernel kills", _SHORT
        with cage(megabytes << 20, stand.scratch.name) as enter:
            said = stand.run((*enter, *command))
            stand.wait_until_idle()
    else:
        megabytes, how, line = rng.randint(600, 1300), "a limit of addresses", f"{_SHORT}|{_NO_ROOM}"
        said = stand.run(("prlimit", f"--as={megabytes << 20}", *command))
    # The kernel may pick Snakemake itself, which then says no more.
    silent = said.code == -signal.SIGKILL
    drawn = {"part": name, "megabytes": megabytes, "how": how, "snakemake killed": silent}
    return Struck(command, drawn, None if silent else _met(said, "the memory sufficed"), line)


KINDS: dict[str, Strike] = {
    "kill -9 of snakemake": kill_snakemake,
    "kill -9 of snakemake and its jobs": kill_group,
    "kill -9 of dvc": kill_dvc,
    "kill -9 of a job": kill_job,
    "full disk": full_disk,
    **{f"damaged {category}": damaged(category) for category in FILES},
    "damaged unseen": damaged_unseen,
    "damaged notes": damaged_notes,
    "damaged checkpoint": damaged_checkpoint,
    "read-only folder": read_only,
    "two runs at once": two_runs,
    "clock set back": clock_back,
    "out of memory": out_of_memory,
}
NEED_MOUNTS = ("full disk", "read-only folder")
