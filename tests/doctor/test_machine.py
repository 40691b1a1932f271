from __future__ import annotations

import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from ige.doctor import machine
from ige.doctor.machine import check_device, check_disk, check_processors, gigabytes


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with 10 GB left."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage(100e9, 90e9, 10e9))


@pytest.mark.usefixtures("disk")
@pytest.mark.parametrize(
    ("needed", "status"), [(0.0, "ok"), (8e9, "ok"), (9e9, "missing"), (11e9, "missing")]
)
def test_disk_must_hold_what_is_to_be_written_and_some_more(
    tmp_path: Path, needed: float, status: str
) -> None:
    check = check_disk(tmp_path / "runs" / "demo", needed)
    assert check.status == status
    assert "10.0 GB free" in check.found
    assert (str(tmp_path) in check.advice) == (status == "missing")


def test_disk_of_a_folder_below_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert check_disk(Path("runs/demo"), 0.0).status == "ok"


def test_device_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    check = check_device()
    assert check.status == "missing"
    assert "torch cannot be imported" in check.found


@pytest.mark.parametrize(("driver", "status"), [(None, "ok"), ("/usr/bin/nvidia-smi", "warning")])
def test_a_gpu_that_torch_cannot_use_is_told(
    monkeypatch: pytest.MonkeyPatch, driver: str | None, status: str
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr("ige.training.devices.choose_device", lambda _: torch.device("cpu"))
    monkeypatch.setattr(shutil, "which", lambda _: driver)
    assert check_device().status == status


def test_processors_are_those_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda _: {1, 4, 5})
    assert check_processors().found == "3 (snakemake --cores 3)"


def test_sizes_are_written_as_people_read_them() -> None:
    assert (gigabytes(2.34e9), gigabytes(3.4e6)) == ("2.3 GB", "3 MB")
