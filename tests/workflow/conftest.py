"""A copy of the checkout in which a test may run, break and kill the workflow."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from small_run import POSES, deconvs, shapes
from watching import NOT_RESULTS, Told, jobs_told, results_of, stages_in

from ige.storage.provenance import read_provenance
from ige.workflow.records import path_of

COPIED = ("Snakefile", "params.yaml", "ige", "workflow", "profiles")
# Smaller than the tiny preset: what is tested is what runs, not what it learns.
SMALL = {
    "run": "small",
    "poses": POSES,
    "shapes": shapes([16, 32]),
    "models": {
        "shapes": {
            **deconvs(epochs=2),
            "ige": {"pyramid": 8, "steps": 1, "energy": {"width": 8}, "epochs": 6},
        }
    },
    "train": {
        "poses": ["mean-pose", "lifter-128-1", "ige-t2"],
        "shapes": ["mean-shape", "deconv", "ige"],
        "resolutions": [16],
    },
    "training": {"poses": {"epochs": 3}},
    "evaluation": {
        "poses": {"examples": 2},
        "shapes": {"resolution": 32, "examples": 1, "references": ["deconv"], "bootstrap": {"samples": 100}},
    },
}


class Checkout:
    """A copy of the project with a small preset, driven through the command line only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.preset = folder / "small.yaml"
        self.preset.write_text(yaml.safe_dump(SMALL))
        self.run_folder = folder / "runs" / "small"
        self.environment = os.environ | {"OMP_NUM_THREADS": "1"}

    def snakemake(self, *arguments: str, configfiles: tuple[str, ...] = ("small.yaml",)) -> list[str]:
        return [
            *(sys.executable, "-m", "snakemake", "--cores", "2"),
            *(("--configfile", *configfiles) if configfiles else ()),
            *arguments,
        ]

    def call(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.snakemake(*arguments, **options),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self, *arguments: str) -> None:
        done = self.call(*arguments)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]

    def planned(self, over: dict | None = None) -> Counter[str]:
        """What would run: jobs by rule and wildcards, from `snakemake -n`."""
        configfiles = ("small.yaml",)
        if over is not None:
            (self.folder / "over.yaml").write_text(yaml.safe_dump(over))
            configfiles = ("small.yaml", "over.yaml")
        done = self.call("-n", "--quiet", "host", configfiles=configfiles)
        assert done.returncode == 0, done.stdout + done.stderr
        return Counter(map(str, jobs_told(done.stdout + done.stderr)))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{name} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1))

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "out.txt").open("wb") as out:
            return subprocess.Popen(
                self.snakemake(*arguments),
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, process: subprocess.Popen[bytes], whole_group: bool) -> None:
        """`kill -9` of the run: of snakemake alone, or of it and all its jobs."""
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()

    def active_stages(self) -> set[str]:
        """The stages whose jobs are running in this checkout, e.g. `train-poses`."""
        return {stage for _, stage in stages_in(self.folder)}

    def jobs(self, **options: tuple[str, ...]) -> list[Told]:
        """All jobs that make something: what would run if everything were made anew."""
        done = self.call("-n", "--forceall", "--quiet", "host", **options)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        return jobs_told(said)

    def forget(self, *folders: str) -> None:
        """Lose a part of the results and all checkpoints, as a user might."""
        for name in (*folders, "checkpoints"):
            shutil.rmtree(self.run_folder / name, ignore_errors=True)

    def results(self) -> dict[str, bytes]:
        """All results of the run, but for what says when and where they were made."""
        return results_of(self.run_folder)


@pytest.fixture(scope="session")
def pristine(root, tmp_path_factory):
    """A copy of the checkout that nobody has run anything in."""
    folder = tmp_path_factory.mktemp("pristine")
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(root / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def checkout_in(pristine):
    """Make a checkout without any results in a folder that does not exist yet."""

    def make(folder: Path) -> Checkout:
        shutil.copytree(pristine, folder)
        return Checkout(folder)

    return make


@pytest.fixture
def fresh(checkout_in, tmp_path):
    """A checkout without any results."""
    return checkout_in(tmp_path / "checkout")


@pytest.fixture(scope="session")
def built_once(pristine, tmp_path_factory):
    """A checkout whose small run has been built; not to be changed."""
    folder = tmp_path_factory.mktemp("built") / "checkout"
    shutil.copytree(pristine, folder)
    checkout = Checkout(folder)
    checkout.build()
    return checkout


@pytest.fixture
def built(built_once, tmp_path):
    """A checkout with a built run, to be changed at will."""
    # Times are kept: Snakemake compares them.
    subprocess.run(["cp", "-a", str(built_once.folder), str(tmp_path / "checkout")], check=True)
    return Checkout(tmp_path / "checkout")


@pytest.fixture
def check_records(monkeypatch):
    """Compare the records of a built run with its jobs and with the files that are there."""

    def check(checkout: Checkout, configfiles: tuple[str, ...]) -> int:
        monkeypatch.chdir(checkout.folder)
        run = checkout.run_folder.relative_to(checkout.folder)
        jobs = [
            job for job in checkout.jobs(configfiles=configfiles) if min(job.outputs).startswith(f"{run}/")
        ]
        for job in jobs:
            _check_job(job)
        files = {path for path in run.rglob("*") if path.is_file()}
        results = {str(path) for path in files if path.relative_to(run).parts[0] not in NOT_RESULTS}
        assert results == {name for job in jobs for name in job.outputs}
        return len(jobs)

    return check


def _check_job(job: Told) -> None:
    """Each output but the records stands in one record, and all inputs stand in one at least."""
    records = {name for name in job.outputs if name.endswith("run.json")}
    made = {Path(name): read_provenance(Path(name)) for name in records}
    vouched = Counter(
        path_of(str(record.parent), name) for record in made for name in made[record]["outputs"]
    )
    read = {path_of(str(record.parent), name) for record in made for name in made[record]["inputs"]}
    assert vouched == Counter(job.outputs - records), job.rule
    assert read == job.inputs, job.rule
    assert {each["stage"] for each in made.values()} == {job.rule}
