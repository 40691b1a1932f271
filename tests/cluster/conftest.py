"""A checkout on a cluster of one node, which `make test-slurm` starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from watching import results_of

CALLS = {
    "slurm": (
        *("--workflow-profile", "profiles/slurm"),
        # The node keeps no accounts of past jobs, and its jobs are short.
        *("--slurm-no-account", "--slurm-status-command", "squeue"),
        *("--slurm-init-seconds-before-status-checks", "2"),
        *("--group-components", "shards=3"),
    ),
    "local": ("--cores", "2"),
}
COPIED = ("Snakefile", "params.yaml", "ige", "workflow", "profiles")


class Checkout:
    """A copy of the project with the tiny preset, in one folder for all results."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self.run_folder = folder / "runs/tiny"
        self.environment = os.environ | {"OMP_NUM_THREADS": "1"}
        folder.mkdir()
        for name in COPIED:
            copy = shutil.copytree if (root / name).is_dir() else shutil.copy2
            copy(root / name, folder / name)

    def start(self, where: str, *targets: str, options: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        """Start a run on `slurm` or `local`, with over.yaml on top if there is one."""
        over = ["over.yaml"] if (self.folder / "over.yaml").exists() else []
        presets = ["--configfile", "workflow/presets/tiny.yaml", *over]
        with (self.folder / "out.txt").open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "snakemake", *CALLS[where], *options, *presets, "--", *targets],
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def build(self, where: str, *targets: str) -> None:
        assert self.start(where, *targets).wait() == 0, self.said()[-6000:]

    def change(self, over: dict) -> None:
        (self.folder / "over.yaml").write_text(yaml.safe_dump(over))

    def said(self) -> str:
        return (self.folder / "out.txt").read_text()

    def results(self) -> dict[str, bytes]:
        """All results of the run, but for what says when and where they were made."""
        return results_of(self.run_folder)


@pytest.fixture(scope="session")
def slurm() -> None:
    """A Slurm that takes jobs."""
    if shutil.which("sinfo") is None or subprocess.run(["sinfo"], capture_output=True).returncode != 0:
        if os.environ.get("SLURM_IS_THERE"):
            pytest.fail("Slurm was started and takes no jobs")
        pytest.skip("no Slurm takes jobs here; `make test-slurm` starts one")


@pytest.fixture(scope="session")
def on_slurm(slurm: None, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that was built on Slurm."""
    checkout = Checkout(tmp_path_factory.mktemp("slurm") / "checkout", root)
    checkout.build("slurm", "all")
    return checkout


@pytest.fixture(scope="session")
def local(slurm: None, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that was built on this machine, without Slurm."""
    checkout = Checkout(tmp_path_factory.mktemp("local") / "checkout", root)
    checkout.build("local", "all")
    return checkout
