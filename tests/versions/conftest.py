"""Clones of the project under git and DVC, with a run that takes seconds, driven by commands only."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_run import POSES, deconvs, shapes
from watching import jobs_told, results_of

from ige.params.load import merge

COPIED = (
    *("Snakefile", "params.yaml", "dvc.yaml", ".dvcignore", ".gitignore"),
    *("ige", "workflow", "profiles", "data/sources/README.md", ".dvc/config", ".dvc/.gitignore"),
)
TINY = {
    "run": "tiny",
    "poses": POSES,
    "shapes": shapes([16]),
    "models": {"shapes": deconvs(epochs=1)},
    "train": {"poses": ["lifter-128-1", "ige-t2"], "shapes": ["deconv"], "resolutions": [16]},
    "training": {"poses": {"epochs": 1}},
    "evaluation": {
        "poses": {"examples": 2},
        "shapes": {"resolution": 16, "examples": 1, "references": [], "bootstrap": {"samples": 100}},
    },
}
CACHES = ("copy", "hardlink", "symlink")
# What DVC keeps in its cache; the rest lies in git.
CACHED = ("data", "models", "scores", "figures", "curves", "report")
QUIET = "Nothing to be done (all requested files are present and up to date)."


@dataclass(frozen=True)
class Ran:
    """What a command ran: jobs as `rule wildcards`, and the stages of DVC."""

    jobs: set[str] = field(default_factory=set)
    stages: set[str] = field(default_factory=set)
    said: str = ""


class Project:
    """A clone of the project whose results DVC versions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run_folder = folder / "runs" / "tiny"
        self.made = Ran()
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = os.environ | {"OMP_NUM_THREADS": "1", "PATH": path, "DVC_NO_ANALYTICS": "1"}

    def call(self, *command: str, fails: bool = False) -> str:
        """Run a command; return what it said on both channels."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout[-6000:]
        return done.stdout

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command in a process group of its own, its words in out.txt."""
        with (self.folder / "out.txt").open("wb") as out:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def repro(self, *arguments: str) -> Ran:
        return ran(self.call("dvc", "repro", *arguments))

    def experiment(self, value: str, how: tuple[str, ...] = ()) -> Ran:
        return ran(self.call("dvc", "exp", "run", *how, "-S", value))

    def snakemake(self, *arguments: str) -> Ran:
        """Run the workflow without DVC, then let DVC take over what it made."""
        made = ran(self.call("snakemake", "--cores", "2", *arguments))
        self.call("dvc", "commit", "--force")
        return made

    def planned(self, *targets: str) -> set[str]:
        """The jobs that would run."""
        return ran(self.call("snakemake", "-n", "--quiet", "host", "--", *targets)).jobs

    def commit(self, message: str = "results") -> str:
        """Commit all that git shall keep; return the commit."""
        self.call("git", "add", "--all")
        self.call("git", "commit", "--quiet", "--allow-empty", "-m", message)
        return self.call("git", "rev-parse", "HEAD").strip()

    def assert_quiet(self) -> None:
        """Neither tool has anything to do, and every file is what its record says."""
        said = self.call("snakemake", "-n", "--quiet", "all")
        assert QUIET in said, said[-4000:]
        status = self.call("dvc", "status")
        assert "Data and pipelines are up to date." in status, status
        verified = self.call(sys.executable, "-m", "ige", "verify")
        assert "all as the records say" in verified, verified
        assert "note:" not in verified, verified

    def set(self, values: dict[str, Any]) -> None:
        """Change params.yaml by hand."""
        path = self.folder / "params.yaml"
        path.write_text(plain_yaml(merge(yaml.safe_load(path.read_text()), values)))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{name} no longer holds {old!r}"
        replace(path, text.replace(old, new, 1).encode())

    def append(self, name: str, text: str) -> None:
        path = self.folder / name
        replace(path, path.read_bytes() + text.encode())

    def results(self) -> dict[str, bytes]:
        """All results, but for what says when and where they were made."""
        return results_of(self.run_folder)


def replace(path: Path, content: bytes) -> None:
    """Edit as editors do: write a new file in the place of the old one, which may be a link into a cache."""
    path.unlink()
    path.write_bytes(content)


def ran(said: str) -> Ran:
    """Read what ran from what the tools said."""
    jobs = list(map(str, jobs_told(said)))
    assert len(jobs) == len(set(jobs)), f"a job ran twice: {sorted(jobs)}"
    return Ran(set(jobs), set(re.findall(r"^Running stage '([^']+)'", said, re.M)), said)


def plain_yaml(values: dict[str, Any]) -> str:
    """Write YAML without aliases: DVC loses what it sets where two places share a mapping."""
    dumper = type("Plain", (yaml.SafeDumper,), {"ignore_aliases": lambda *_: True})
    return yaml.dump(values, Dumper=dumper, sort_keys=False)


def make_project(root: Path, folder: Path, over: dict[str, Any] | None = None) -> Project:
    """Make a project without results in a folder that does not exist yet."""
    for name in COPIED:
        source, target = root / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    project = Project(folder)
    project.set(merge(TINY, over or {}))
    project.call("git", "init", "--quiet", "--initial-branch", "main")
    for name, value in (("user.name", "A user"), ("user.email", "user@example.org")):
        project.call("git", "config", name, value)
    project.commit("a clone")
    return project


@pytest.fixture(scope="session")
def project_in(root: Path) -> Callable[..., Project]:
    """Make a project without results in a folder that does not exist yet."""
    return lambda folder, over=None: make_project(root, folder, over)


@pytest.fixture(scope="session")
def built_once(project_in: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project built by `dvc repro` and committed; not to be changed."""
    project = project_in(tmp_path_factory.mktemp("built") / "project")
    project.made = project.repro()
    project.commit()
    return project


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[..., Project]:
    """Copy a project, to be changed at will."""

    def copy(project: Project, name: str = "project") -> Project:
        subprocess.run(["cp", "-a", str(project.folder), str(tmp_path / name)], check=True)
        return Project(tmp_path / name)

    return copy


@pytest.fixture
def project(built_once: Project, copy_of: Callable[..., Project]) -> Project:
    """A built project, to be changed at will."""
    return copy_of(built_once)


@pytest.fixture(params=CACHES)
def linked(request: pytest.FixtureRequest, project: Project) -> Project:
    """A project whose workspace and cache are linked in each of the ways that DVC knows."""
    how = request.param
    if how != "copy":
        project.call("dvc", "config", "--local", "cache.type", how)
        project.call("dvc", "checkout", "--relink")
        project.assert_quiet()
    # DVC copies in silence where it cannot link.
    assert {how_linked(path) for path in cached(project)} == {how}
    return project


def cached(project: Project) -> list[Path]:
    """The files that DVC keeps in its cache; it links none that is empty."""
    paths = [path for name in CACHED for path in (project.run_folder / name).rglob("*")]
    return [path for path in paths if path.is_file() and path.stat().st_size]


def how_linked(path: Path) -> str:
    """How a file of the workspace hangs on the cache."""
    if path.is_symlink():
        return "symlink"
    return "hardlink" if path.stat().st_nlink > 1 else "copy"
