from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ige.doctor import report as module
from ige.doctor.check import Check
from ige.doctor.report import examine, report


@pytest.fixture(autouse=True)
def _without_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLATFORMS", ())


@pytest.fixture
def settings(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed parameters, seen from a folder without data."""
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow/sources.csv").symlink_to(root / "workflow/sources.csv")
    monkeypatch.chdir(tmp_path)
    for name in ("IGE_REAL_DATA", "HUMAN36M_COOKIE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return root / "params.yaml"


def test_a_machine_that_has_everything(settings: Path, tmp_path: Path) -> None:
    out = io.StringIO()
    assert report(settings=settings, presets=[], out=out) == 0
    lines = out.getvalue().splitlines()
    assert lines[-1] == "A run can start: snakemake --cores all"
    names = [line.split()[1] for line in lines[:-1] if not line.startswith(" ")]
    assert names[:3] == ["python", "ige", "torch"]
    assert "11 x train_poses" in out.getvalue()
    assert list(tmp_path.iterdir()) == [tmp_path / "workflow"], "nothing is written"


def test_missing_data_is_told_with_what_to_do(settings: Path, root: Path) -> None:
    out = io.StringIO()
    assert report(settings=settings, presets=[root / "workflow/presets/paper.yaml"], out=out) == 2
    lines = out.getvalue().splitlines()
    poses, shapes = (
        next(at for at, line in enumerate(lines) if name in line) for name in (" poses ", " shapes ")
    )
    assert "missing" in lines[poses]
    assert "metadata.xml" in lines[poses]
    assert "-> ige check-data" in lines[poses + 1]
    assert "missing" in lines[shapes]
    assert lines[-1] == "A run cannot start yet, missing: poses, shapes."


def test_parameters_that_ask_for_what_no_source_has(settings: Path, tmp_path: Path) -> None:
    (tmp_path / "zebra.yaml").write_text("shapes: {categories: [zebra]}")
    checks = examine(settings, [tmp_path / "zebra.yaml"])
    assert (checks[-1].name, checks[-1].status) == ("data", "missing")
    assert "zebra" in checks[-1].found


def test_parameters_that_cannot_be_read(tmp_path: Path) -> None:
    checks = examine(tmp_path / "params.yaml", [])
    assert checks[-1].name == "parameters"
    assert checks[-1].status == "missing"
    (tmp_path / "params.yaml").write_text("run: demo\nposse: 1\n")
    assert "posse: unknown name; did you mean poses?" in examine(tmp_path / "params.yaml", [])[-1].found


def test_a_warning_does_not_keep_a_run_from_starting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        module, "examine", lambda *_: [Check("dvc", "warning", "not installed", "install it")]
    )
    out = io.StringIO()
    assert report(settings=tmp_path, presets=[], out=out) == 0
    assert out.getvalue().splitlines()[:2] == ["warning  dvc  not installed", "              -> install it"]


def test_a_table_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, terminal: io.StringIO
) -> None:
    checks = [Check("data", "missing", "no [files] here", "see docs")]
    monkeypatch.setattr(module, "examine", lambda *_: checks)
    assert report(settings=tmp_path, presets=[], out=terminal) == 2
    assert "what to do" in terminal.getvalue()
    assert "no [files] here" in terminal.getvalue()  # brackets are text, not markup


def test_it_answers_without_torch_pyrender_snakemake_and_dvc(settings: Path, root: Path) -> None:
    code = (
        "import sys; sys.modules.update({name: None for name in ('torch', 'pyrender', 'snakemake', 'dvc')});"
        "from ige.doctor import report as r; r.PLATFORMS = ();"
        f"sys.exit(r.report(settings=r.Path({str(settings)!r}), presets=[], out=sys.stdout))"
    )
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "torch cannot be imported" in done.stdout
    assert done.stdout.endswith("A run cannot start yet, missing: device.\n")
