"""The kinds of faults: each draws its moment, place and size, strikes, and says what the user then runs."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fault_damage import damage, files_of, owner_of
from fault_stand import (
    BUSY,
    PARTS,
    Failure,
    Part,
    Said,
    Stand,
    Started,
    draw_part,
    dvc,
    mounted,
    snakemake,
)


@dataclass
class Struck:
    """What a fault was, and how it was met.

    Attributes:
        command: what the user runs again.
        drawn: what was drawn.
        said: the end of the run that met the fault; None if it was killed.
        line: what this run must have told in a line if it failed.
    """

    command: Sequence[str]
    drawn: dict[str, Any] = field(default_factory=dict)
    said: Said | None = None
    line: str | None = None

    def judge(self) -> bool:
        """Whether the user was told; raises if a failed run did not tell in its way."""
        if self.said is None or self.said.code == 0:
            return False
        if self.line is not None and not self.said.tells(self.line):
            raise Failure(f"the run that met the fault does not say, in a line: {self.line}")
        return True


Strike = Callable[[Stand, random.Random], Struck]


def _struck_during(
    stand: Stand, rng: random.Random, part: Part, command: Sequence[str], *, keep: bool = False
) -> tuple[Started, dict[str, Any]]:
    """Start a command and wait for a drawn moment; try an earlier one where the command ends before it."""
    jobs = rng.randint(0, part.jobs)
    seconds = rng.uniform(0.0, 3.5 if jobs == 0 else 2.5)
    for moment in ((jobs, seconds), (jobs, 0.0), (jobs // 2, 0.0), (0, 0.5)):
        stand.lose(part, with_checkpoints=not keep)
        started = stand.start(command)
        if started.wait_for_job(*moment):
            return started, {"jobs begun": moment[0], "seconds more": round(moment[1], 2)}
        started.ended()
    raise Failure("the command always ended before the fault")


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
    started, moment = _struck_during(stand, rng, part, command)
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
                os.kill(pid, 9)
                drawn = {"part": name, "jobs begun": begun, "stage": stage}
                return Struck(command, drawn, started.ended(), rf"ige {stage}: .*killed.*params\.yaml")
        started.ended()
    raise Failure("no job was at work")


def full_disk(stand: Stand, rng: random.Random) -> Struck:
    """Results on a disk that is too small; then it is enlarged."""
    name, part = draw_part(rng)
    command, share = snakemake(part.target), rng.random()
    runs = stand.folder / "runs"
    needed = _bytes_below(runs)
    stand.lose(part)
    used = _bytes_below(runs)
    size = (used + int(0.8 * share * (needed - used))) // 4096 * 4096 + 65536
    aside = stand.folder / "runs-aside"
    runs.rename(aside)
    runs.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(runs)], check=True)
    done = subprocess.run(["cp", "-a", f"{aside}/.", str(runs)], check=False, capture_output=True)
    if done.returncode != 0:
        raise Failure("the disk was made too small for what is there")
    subprocess.run(["rm", "-rf", str(aside)], check=True)
    said = stand.run(command)
    subprocess.run(["mount", "-o", "remount,size=1g", str(runs)], check=True)
    return Struck(command, {"part": name, "bytes": size, "share": round(share, 3)}, said, "the disk is full")


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
    place = rng.choice((stand.folder / "runs", stand.run_folder, *sorted(written), *others))
    with ExitStack() as stack:
        stack.enter_context(mounted("--bind", str(place), place=place))
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        said = stand.run(command)
    drawn = {"part": name, "folder": str(place.relative_to(stand.folder))}
    return Struck(command, drawn, said, "cannot be written: .*(read-only|no permission)")


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
    together = started.wait_for_job(jobs, seconds)
    said = [stand.run(second), started.ended()]
    refused = [each for each in said if each.code != 0]
    if len(refused) > 1:
        raise Failure("neither of two runs worked")
    drawn["at the same time"] = together
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
        started, moment = _struck_during(stand, rng, part, command)
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
    """A run that may not have the memory it needs; then it may."""
    name, part = draw_part(rng)
    stand.lose(part)
    command, megabytes = snakemake(part.target), rng.randint(350, 850)
    said = stand.run(("prlimit", f"--as={megabytes << 20}", *command))
    return Struck(command, {"part": name, "megabytes": megabytes}, said, r"memory.*params\.yaml")


# By category: its files, and the part whose jobs read them.
FILES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "set": (("data/poses/clips.h5", "data/poses/projection/*.h5"), ("lifter", "ige")),
    "shard": (("data/shapes/car/*.h5",), ("deconv",)),
    "model": (("models/**/*.pt", "models/**/history.csv"), ("figures",)),
    "score": (("scores/**/seed0.json", "scores/**/examples.h5"), ("tables", "figures")),
    "record": (("**/run.json", "**/*.run.json"), ("tables", "figures")),
    "table": (
        ("tables/*", "figures/**/*", "curves/**/*", "metrics.json", "report/*", "data/**/*.csv"),
        ("tables",),
    ),
}
OWNERS = {
    "data/poses": "pose-data",
    "data/shapes": "shape-data",
    "models/poses/lifter-128-1": "train-poses@lifter-128-1",
    "scores/poses/lifter-128-1": "train-poses@lifter-128-1",
    "models/poses/ige-t2": "train-poses@ige-t2",
    "scores/poses/ige-t2": "train-poses@ige-t2",
    "models/shapes/deconv": "train-shapes@deconv",
    "scores/shapes/deconv": "train-shapes@deconv",
    "": "report",
}


def damaged(category: str) -> Strike:
    """Files of one category that are damaged at rest, or while jobs read them."""

    def strike(stand: Stand, rng: random.Random) -> Struck:
        patterns, readers = FILES[category]
        path = rng.choice(files_of(stand.run_folder, patterns))
        name = str(path.relative_to(stand.run_folder))
        target = owner_of(name, OWNERS)
        if rng.random() < 0.6:
            how = damage(path, rng)
            command = rng.choice((snakemake, dvc))(target)
            said = stand.run(command)
            if said.code != 0 or name not in said.text:
                raise Failure(f"{name} is damaged at rest, and the next run does not make it anew by name")
            return Struck(command, {"file": name, "how": how, "when": "at rest", "tool": command[0]})
        part = PARTS[rng.choice(readers)]
        command = snakemake("all" if target == "report" else part.target)
        started, moment = _struck_during(stand, rng, part, command, keep=True)
        # The run may be making this very file.
        how = damage(path, rng) if path.is_file() else "not there at this moment"
        said = started.ended()
        drawn = {"file": name, "how": how, "when": "in a run", **moment}
        return Struck(snakemake("all"), drawn, said, r"ige [a-z-]+: .*: .*(expected|found|edited)")

    strike.__doc__ = f"A damaged {category}: named, made anew, never used."
    return strike


def damaged_unseen(stand: Stand, rng: random.Random) -> Struck:
    """A disk that errs: a file has another content under its old times; `ige verify` finds it."""
    patterns = FILES[rng.choice([category for category in FILES if category != "record"])][0]
    path = rng.choice(files_of(stand.run_folder, patterns))
    name = str(path.relative_to(stand.run_folder))
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    times = path.stat()
    how = damage(path, rng)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    remembered = stand.run_folder / "locks/digests.json"
    known = json.loads(remembered.read_text()) if remembered.is_file() else {}
    found = path.stat()
    state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    remembered.write_text(json.dumps(known | {str(path): (state, before)}))
    command = snakemake(owner_of(name, OWNERS))
    quiet = stand.run(command)
    if name in quiet.text:
        raise Failure(f"{name} is seen, though its times are as before: the fault is not what it should be")
    said = stand.run(("ige", "verify"))
    if said.code == 0:
        raise Failure(f"ige verify does not find {name}")
    return Struck(command, {"file": name, "how": how}, said, re.escape(name))


def damaged_checkpoint(stand: Stand, rng: random.Random) -> Struck:
    """A training that goes on from a damaged checkpoint: it starts over."""
    name = rng.choice(("lifter", "ige", "deconv"))
    part = PARTS[name]
    command = snakemake(part.target)
    finished = rng.random() < 0.5
    if finished:
        stand.lose(part, with_checkpoints=False)
    else:
        started, _ = _struck_during_training(stand, part, command)
        started.kill(whole_group=True)
        stand.wait_until_idle()
    folder = stand.run_folder / "checkpoints" / Path(part.lost[0]).relative_to("models")
    files = [path for path in sorted(folder.rglob("*.pt")) if path.is_file()]
    path = rng.choice(files)
    how = damage(path, rng)
    said = stand.run(command)
    log = stand.run_folder / "logs" / f"train_{Path(part.lost[0]).relative_to('models').parts[0]}"
    told = "".join(file.read_text() for file in log.rglob("*.log"))
    if said.code != 0 or "starts over" not in told:
        raise Failure("a damaged checkpoint was used, or ended the training")
    return Struck(command, {"part": name, "file": path.name, "how": how, "training was finished": finished})


def _struck_during_training(stand: Stand, part: Part, command: Sequence[str]) -> tuple[Started, None]:
    """Wait for the first checkpoint of a training."""
    stand.lose(part)
    started = stand.start(command)
    checkpoints = stand.run_folder / "checkpoints"
    started.wait_for(lambda: any(checkpoints.rglob("*.pt")))
    return started, None


KINDS: dict[str, Strike] = {
    "kill -9 of snakemake": kill_snakemake,
    "kill -9 of snakemake and its jobs": kill_group,
    "kill -9 of dvc": kill_dvc,
    "kill -9 of a job": kill_job,
    "full disk": full_disk,
    **{f"damaged {category}": damaged(category) for category in FILES},
    "damaged unseen": damaged_unseen,
    "damaged checkpoint": damaged_checkpoint,
    "read-only folder": read_only,
    "two runs at once": two_runs,
    "clock set back": clock_back,
    "out of memory": out_of_memory,
}
NEED_MOUNTS = ("full disk", "read-only folder")
