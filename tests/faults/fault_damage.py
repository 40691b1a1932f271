"""Damage to files: bits that flip, ends that are lost, pages of zeros; at rest, in a run, or unseen."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from fault_stand import PARTS, Failure, Missed, Part, Stand, draw_part, dvc, snakemake
from fault_strike import Strike, Struck, struck_during

PAGE_BYTES = 512
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


def damage(path: Path, rng: random.Random) -> str:
    """Damage a file in its place, so that its content is another; return how."""
    content = path.read_bytes()
    altered, how = _altered(content, rng)
    while altered == content or (path.suffix == ".json" and _same_values(altered, content)):
        altered, how = _altered(content, rng)
    with path.open("r+b") as stream:
        stream.write(altered)
        stream.truncate()
    return how


def _same_values(altered: bytes, content: bytes) -> bool:
    """Whether JSON says the same: without the end of its last line it does."""
    try:
        return bool(json.loads(altered) == json.loads(content))
    except ValueError:
        return False


def _altered(content: bytes, rng: random.Random) -> tuple[bytes, str]:
    how = rng.choice(("flip", "flip", "cut", "cut", "zeros")) if content else "append"
    if how == "append":
        return b"\0", "one byte too many"
    place = rng.randrange(len(content))
    if how == "flip":
        altered = bytearray(content)
        altered[place] ^= 1 << rng.randrange(8)
        return bytes(altered), f"a bit of byte {place} flipped"
    if how == "cut":
        place = rng.choice((0, place, len(content) - 1))
        return content[:place], f"cut to {place} of {len(content)} bytes"
    start = place // PAGE_BYTES * PAGE_BYTES
    zeros = bytes(min(PAGE_BYTES, len(content) - start))
    return content[:start] + zeros + content[start + PAGE_BYTES :], f"zeros from byte {start} on"


def damage_in_a_run(path: Path, rng: random.Random) -> str:
    """Damage a file that a run may be making anew at this very moment; a miss if it does."""
    try:
        before = path.stat().st_ino
        how = damage(path, rng)
        if path.stat().st_ino == before:
            return how
    except FileNotFoundError:
        pass
    raise Missed(f"{path.name} was being made anew")


def files_of(run: Path, patterns: Sequence[str]) -> list[Path]:
    """The files below a run that match a pattern, in order."""
    return sorted({path for pattern in patterns for path in run.glob(pattern) if path.is_file()})


def owner_of(name: str, owners: Mapping[str, str]) -> str:
    """The stage that makes a file, by the longest beginning of its name below the run."""
    return owners[max((start for start in owners if name.startswith(start)), key=len)]


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
        started, moment = struck_during(stand, rng, part, command, keep=True)
        how = damage_in_a_run(path, rng)
        said = started.ended()
        drawn = {"file": name, "how": how, "when": "in a run", **moment}
        line = rf"ige [a-z-]+: .*{re.escape(name)}.*(expected|found|edited|changed)"
        return Struck(snakemake("all"), drawn, said, line)

    strike.__doc__ = f"A damaged {category}: named, made anew, never used."
    return strike


def damaged_unseen(stand: Stand, rng: random.Random) -> Struck:
    """A disk that errs: a file has another content under its old times; `ige verify` finds it."""
    patterns = FILES[rng.choice([category for category in FILES if category != "record"])][0]
    # Records are read each time, so no damage to them is unseen.
    unread = [path for path in files_of(stand.run_folder, patterns) if not path.name.endswith("run.json")]
    path = rng.choice(unread)
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


def damaged_notes(stand: Stand, rng: random.Random) -> Struck:
    """Damage to what the workflow notes beside results: it costs time at most, and no result."""
    run = stand.run_folder
    notes = rng.choice(
        (
            run.glob("plan/**/*.json"),
            run.glob("params.json"),
            run.glob("locks/digests.json"),
            stand.folder.glob(".snakemake/metadata/*"),
            stand.folder.glob(".snakemake/ige-code.json"),
            stand.folder.glob("workflow/code.json"),
        )
    )
    # A stage of which something is to be made, or one of which all is there.
    name, part = draw_part(rng)
    path = rng.choice(sorted(path for path in notes if path.is_file()))
    if rng.random() < 0.5:
        stand.lose(part)
    how = damage(path, rng)
    command = rng.choice((snakemake, dvc))(part.target)
    drawn = {"part": name, "file": str(path.relative_to(stand.folder)), "how": how, "tool": command[0]}
    return Struck(command, drawn)


def damaged_checkpoint(stand: Stand, rng: random.Random) -> Struck:
    """A training that goes on from a damaged checkpoint: it starts over."""
    name = rng.choice(("lifter", "ige", "deconv"))
    part = PARTS[name]
    command = snakemake(part.target)
    finished = rng.random() < 0.5
    if finished:
        stand.lose(part, with_checkpoints=False)
    else:
        _kill_in_training(stand, part, command)
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


def _kill_in_training(stand: Stand, part: Part, command: Sequence[str]) -> None:
    """Kill a training after its first checkpoint."""
    stand.lose(part)
    started = stand.start(command)
    checkpoints = stand.run_folder / "checkpoints"
    started.wait_for(lambda: any(checkpoints.rglob("*.pt")))
    started.kill(whole_group=True)
    stand.wait_until_idle()
    if files_of(stand.run_folder, [f"{part.lost[0]}/**/model.pt"]):
        raise Missed("the training had ended")
