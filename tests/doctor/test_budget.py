from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from ige.doctor.budget import estimate, plan
from ige.params.load import read_params
from ige.params.params import Params


@pytest.fixture
def settings(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The committed parameters, seen from a folder without data and results."""
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow/sources.csv").symlink_to(root / "workflow/sources.csv")
    monkeypatch.chdir(tmp_path)
    for name in ("IGE_REAL_DATA", "HUMAN36M_COOKIE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return root / "params.yaml"


@pytest.fixture
def paper(root: Path) -> Path:
    """The preset that asks for all data."""
    return root / "workflow/presets/paper.yaml"


def told(settings: Path, *presets: Path, cores: int = 2) -> list[str]:
    out = io.StringIO()
    estimate(settings=settings, presets=presets, cores=cores, out=out)
    return out.getvalue().splitlines()


def column(lines: list[str], title: str) -> dict[str, str]:
    """The cells of a column by stage."""
    head = next(line for line in lines if line.startswith("stage"))
    end = head.index(title) + len(title)
    rows = lines[lines.index(head) + 1 :]
    cells = {}
    for row in rows:
        stage = re.split(r"\s{2,}", row)[0]
        cells[stage] = re.split(r"\s{2,}", row[:end])[-1].strip()
        if stage == "total":
            return cells
    raise AssertionError("no total")


def test_the_paper_is_told_before_any_data_is_there(settings: Path, paper: Path, tmp_path: Path) -> None:
    lines = told(settings, paper)
    text = " ".join(lines)
    assert "Human3.6M in full, as published, 527,599 frames" in text
    assert "sh 1,559,752 to train, 548,819 to test" in text
    assert "ShapeNet in full, as published: 43,785 models" in text
    assert "23 files that you bring" in text
    assert "the size of data_2d_h36m_cpn_ft_h36m_dbb.npz, which nobody tells" in text
    assert max(len(line) for line in lines) <= 120
    assert list(tmp_path.iterdir()) == [tmp_path / "workflow"], "nothing is written"


def test_hours_of_a_gpu_are_called_extrapolated(settings: Path, paper: Path) -> None:
    lines = told(settings, paper)
    hours = column(lines, "GPU-hours *")
    assert {stage for stage, cell in hours.items() if cell != "-"} == {"train_poses", "train_shapes", "total"}
    assert "* Extrapolated, no GPU was measured" in " ".join(lines)


def test_the_total_is_the_sum_of_its_parts(settings: Path, paper: Path) -> None:
    jobs = column(told(settings, paper), "jobs")
    total = jobs.pop("total")
    assert int(total.replace(",", "")) == sum(int(cell.replace(",", "")) for cell in jobs.values())
    assert jobs["train_poses"] == "76"
    assert (jobs["prepare_detections"], jobs["prepare_lifting_set"], jobs["fetch_file"]) == ("3", "12", "1")


def test_more_cores_take_less_time_and_more_memory(settings: Path, paper: Path) -> None:
    def days_and_memory(cores: int) -> tuple[float, float]:
        line = next(line for line in told(settings, paper, cores=cores) if line.startswith("On "))
        days, memory = re.findall(r"about ([\d,]+) days, at most ([\d.]+) GB", line)[0]
        return float(days), float(memory)

    few, many = days_and_memory(2), days_and_memory(16)
    # Not an eighth: no more cores shorten the longest training and what it starts from.
    assert many[0] < few[0] / 2
    assert many[1] > few[1] * 4


def test_a_small_run_takes_minutes(settings: Path) -> None:
    lines = told(settings)
    assert re.match(
        r"On 2 cores without a GPU: about (< )?0.\d h", next(ln for ln in lines if ln.startswith("On"))
    )
    assert "780 models in 13 categories, counted" in " ".join(lines)


def test_generated_shapes_count_before_the_meshes_beside_them_are_there(settings: Path, root: Path) -> None:
    lines = told(settings, root / "workflow/presets/open.yaml")
    assert "520 generated models in 13 categories; meshes are not there yet" in " ".join(lines)
    assert column(lines, "jobs")["prepare_shapes"] == "26", "train and validation of each category"


def test_trainings_of_shapes_are_named_among_the_longest(settings: Path, paper: Path) -> None:
    text = " ".join(told(settings, paper))
    longest = text[text.index("The longest trainings (all seeds of each): ") :]
    assert longest.split(": ")[1].startswith("ige-i4-13@256 ")
    assert "256 cells a side are extrapolated" in text


def test_what_exists_costs_nothing(settings: Path, tmp_path: Path) -> None:
    params: Params = read_params(settings, [])
    run = tmp_path / "runs" / params.run
    before = len(plan(params).work)
    (run / "data/poses").mkdir(parents=True)
    (run / "data/poses/clips.h5").touch()
    assert len(plan(params).work) == before - 1


def test_nothing_left_to_do(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ige.doctor.budget.jobs", lambda *_: [])
    monkeypatch.setattr("ige.doctor.budget.shape_jobs", lambda *_: [])
    monkeypatch.setattr("ige.doctor.budget.voxel_jobs", lambda *_: [])
    lines = told(settings)
    assert lines[1].startswith("Every result exists")
    assert "Rates" not in " ".join(lines)


def test_a_table_on_a_terminal(settings: Path, terminal: io.StringIO) -> None:
    estimate(settings=settings, presets=(), cores=None, out=terminal)
    assert "memory of a job" in terminal.getvalue()
    assert "prepare_clips" in terminal.getvalue()
