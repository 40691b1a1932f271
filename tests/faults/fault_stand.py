"""A copy of a built project in which one fault is injected: commands, kills, mounts, what must hold after."""

from __future__ import annotations

import importlib.util
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fault_mounts import mounts_below

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 420.0
PATIENCE_SECONDS = 60.0
TRACEBACK = "Traceback (most recent call last)"
# One run works; the other is told so, when it plans or when it is about to begin.
BUSY = "is still running in another process|another run has begun since this one was planned"
# More than one epoch, so that a training can be killed between two checkpoints.
MORE_EPOCHS = {
    "training": {"poses": {"epochs": 3}},
    "models": {"shapes": {"deconv": {"epochs": 3}}},
}


def _load_projects() -> Any:
    """Clones of the project as the tests of versions make them."""
    path = ROOT / "tests/versions/conftest.py"
    sys.path.insert(0, str(ROOT / "tests/writers"))  # what it imports
    spec = importlib.util.spec_from_file_location("projects_of_versions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


PROJECTS = _load_projects()
WATCHING = importlib.import_module("watching")  # of tests/writers, which the tests of versions need too


class Failure(Exception):
    """What must not happen after a fault."""


class Missed(Exception):
    """A fault that did not happen: what it aims at had ended, or nobody felt it."""


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    text: str

    def tells(self, pattern: str) -> bool:
        """Whether one line says this, and no traceback stands about."""
        return TRACEBACK not in self.text and re.search(pattern, self.text) is not None


@dataclass(frozen=True)
class Part:
    """Results that are lost before a fault, so that their jobs run: a part of a build, not all of it."""

    target: str
    lost: tuple[str, ...]
    jobs: int  # that then run, about


PARTS = {
    "everything": Part("all", ("data", "models", "scores", "tables", "figures", "curves", "report"), 20),
    "pose-data": Part("pose-data", ("data/poses",), 4),
    "shape-data": Part("shape-data", ("data/shapes",), 4),
    "lifter": Part("train-poses@lifter-128-1", ("models/poses/lifter-128-1", "scores/poses/lifter-128-1"), 2),
    "ige": Part("train-poses@ige-t2", ("models/poses/ige-t2", "scores/poses/ige-t2"), 2),
    "deconv": Part("train-shapes@deconv", ("models/shapes/deconv", "scores/shapes/deconv"), 2),
    "tables": Part("report", ("tables", "report"), 5),
    "figures": Part("report", ("figures", "curves", "report", "metrics.json"), 6),
}
_WEIGHTS = {"everything": 1, "tables": 3, "figures": 2}


def draw_part(rng: random.Random) -> tuple[str, Part]:
    """Draw a part by its name; a whole build is rare, since it takes long."""
    names = list(PARTS)
    (name,) = rng.choices(names, [_WEIGHTS.get(name, 4) for name in names])
    return name, PARTS[name]


def snakemake(target: str) -> tuple[str, ...]:
    """The command that builds a target."""
    return ("snakemake", "--cores", "2", "--", target)


def dvc(_: str) -> tuple[str, ...]:
    """The command that reproduces all stages: after one alone, records with other times make others run."""
    return ("dvc", "repro")


@dataclass
class Stand:
    """One copy of the built project, and a transcript of what is done to it."""

    project: Any
    scratch: Path
    expected: dict[str, bytes]
    transcript: list[str] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # The code of the copy, and nothing that other copies read.
        own = {"PYTHONPATH": str(self.folder), "DVC_SITE_CACHE_DIR": str(self.scratch / "dvc")}
        self.project.environment.update(own)

    @property
    def folder(self) -> Path:
        return self.project.folder

    @property
    def run_folder(self) -> Path:
        return self.project.run_folder

    def note(self, text: str) -> None:
        self.transcript.append(text)

    def start(self, command: Sequence[str]) -> Started:
        """Start a command in a process group of its own."""
        said = self.scratch / f"said-{len(self.processes)}.txt"
        with said.open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.project.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.processes.append(process)
        return Started(self, process, said, " ".join(command))

    def run(self, command: Sequence[str]) -> Said:
        """Run a command to its end."""
        return self.start(command).ended()

    def lose(self, part: Part, with_checkpoints: bool = True) -> None:
        """Lose results, and checkpoints if trainings shall begin anew."""
        for name in (*part.lost, *(("checkpoints",) if with_checkpoints else ())):
            path = self.run_folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def jobs(self) -> list[tuple[int, str]]:
        """The stages that work in this checkout: process and name."""
        found: list[tuple[int, str]] = WATCHING.stages_in(self.folder)
        return found

    def _processes(self) -> list[int]:
        return [pid for pid, _ in WATCHING.processes_in(self.folder)]

    def wait_until_idle(self, seconds: float = PATIENCE_SECONDS) -> bool:
        """Wait until no process works in this checkout; tell whether that came."""
        patience = time.monotonic() + seconds
        while self._processes():
            if time.monotonic() > patience:
                return False
            time.sleep(0.1)
        return True

    def end_all(self) -> None:
        """End what still works in this checkout, and take back what is mounted there."""
        for pid in self._processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.wait_until_idle(10.0)
        for process in self.processes:
            process.wait()
        for place in reversed(mounts_below(self.folder)):
            subprocess.run(["umount", "--lazy", place], check=False)

    def finish(self, command: Sequence[str]) -> list[str]:
        """Run a command until it succeeds, as a user would who does what the one line tells.

        Returns:
            the lines that told what to do before.
        """
        told = []
        for _ in range(3):
            said = self.run(command)
            if said.code == 0:
                return told
            if TRACEBACK in said.text:
                raise Failure(f"{' '.join(command)}: a traceback")
            if re.search(BUSY, said.text) and self.wait_until_idle():
                told.append("busy")
                continue
            raise Failure(f"{' '.join(command)}: ends with {said.code}")
        raise Failure(f"{' '.join(command)}: refused again and again")

    def check(self, command: Sequence[str]) -> None:
        """Results are those of an undisturbed run, and nobody has anything to do or to complain of."""
        found = self.project.results()
        for name in sorted(self.expected.keys() | found.keys()):
            if self.expected.get(name) != found.get(name):
                raise Failure(f"{name}: {_how(self.expected.get(name), found.get(name))}")
        leftovers = [path.name for path in self.run_folder.rglob("*.partial")]
        if leftovers:
            raise Failure(f"left over: {', '.join(leftovers)}")
        said = self.run(("snakemake", "-n", "--quiet", "all"))
        if said.code != 0 or PROJECTS.QUIET not in said.text:
            raise Failure("snakemake -n is not quiet")
        if self.run(("ige", "verify")).code != 0:
            raise Failure("ige verify finds faults")
        if command[0] == "dvc":
            said = self.run(("dvc", "status"))
            if "Data and pipelines are up to date." not in said.text:
                raise Failure("dvc status is not quiet")


@dataclass
class Started:
    """A command under way."""

    stand: Stand
    process: subprocess.Popen[bytes]
    file: Path
    command: str

    def text(self) -> str:
        return self.file.read_text(errors="replace")

    def begun(self) -> int:
        """How many jobs have begun."""
        return len(WATCHING.jobs_told(self.text()))

    def wait_for(self, moment: Callable[[], bool]) -> bool:
        """Wait for a moment; False if the command ends before."""
        patience = time.monotonic() + LIMIT_SECONDS
        while not moment():
            if self.process.poll() is not None:
                return False
            if time.monotonic() > patience:
                raise Failure(f"{self.command}: hangs")
            time.sleep(0.02)
        return self.process.poll() is None

    def wait_for_job(self, jobs: int, seconds: float) -> bool:
        """Wait until so many jobs have begun, and for some time more; False if the command ends before."""
        if not self.wait_for(lambda: self.begun() >= jobs):
            return False
        until = time.monotonic() + seconds
        return self.wait_for(lambda: time.monotonic() >= until)

    def kill(self, whole_group: bool) -> None:
        """`kill -9`, of this process alone or of its whole group; a miss if it had ended."""
        if whole_group:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        if self.ended().code != -signal.SIGKILL:
            raise Missed("the command had ended")

    def ended(self) -> Said:
        """Wait for the end; note what was said."""
        try:
            code = self.process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{self.command}: hangs") from error
        said = Said(code, self.text())
        self.stand.note(f"$ {self.command}\n{said.text}[exit code {code}]")
        return said


def _how(expected: bytes | None, found: bytes | None) -> str:
    if found is None:
        return "is missing"
    return "is not to be there" if expected is None else "differs from that of an undisturbed run"
