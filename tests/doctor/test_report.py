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


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _without_rendering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLATFORMS", ())


@pytest.fixture
def settings(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed parameters, seen from an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IGE_REAL_DATA", raising=False)
    return root / "params.yaml"


def test_a_machine_that_has_everything(settings: Path, tmp_path: Path) -> None:
    out = io.StringIO()
    assert report(settings=settings, presets=[], out=out) == 0
    lines = out.getvalue().splitlines()
    assert lines[-1] == "A run can start: snakemake --cores all"
    names = [line.split()[1] for line in lines[:-1] if not line.startswith(" ")]
    assert names[:3] == ["python", "ige", "torch"]
    assert "11 x train_poses" in out.getvalue()
    assert list(tmp_path.iterdir()) == []  # nothing is written


def test_missing_data_is_told_with_what_to_do(settings: Path, root: Path) -> None:
    out = io.StringIO()
    assert report(settings=settings, presets=[root / "workflow/presets/open.yaml"], out=out) == 2
    assert "missing  poses" in out.getvalue()
    assert "-> BVH or ASF/AMC files in $IGE_REAL_DATA/mocap" in out.getvalue()
    assert out.getvalue().endswith("A run cannot start yet, missing: poses.\n")


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


def test_a_table_on_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    checks = [Check("data", "missing", "no [files] here", "see docs")]
    monkeypatch.setattr(module, "examine", lambda *_: checks)
    out = Terminal()
    assert report(settings=tmp_path, presets=[], out=out) == 2
    assert "what to do" in out.getvalue()
    assert "no [files] here" in out.getvalue()  # brackets are text, not markup


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
