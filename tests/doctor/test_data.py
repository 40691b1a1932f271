from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ige.doctor.data import check_data, count_frames
from ige.fetch.presence import Presence
from ige.fetch.source_list import SourceFile
from ige.params.params import Params
from ige.workflow.sources import SourceData, pose_data

Changed = Callable[[dict[str, Any]], Params]

HEADER = b"HIERARCHY\nROOT Hips\n{\n}\nMOTION\nFrames: %d\nFrame Time: 0.01\n"


@pytest.fixture
def mocap(changed: Changed) -> Params:
    skip = [{"pattern": "broken*", "reason": "cut"}]
    return changed({"poses": {"source": "mocap", "mocap": {"repeats": ["amc/*"], "skip": skip}}})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the motion files of $IGE_REAL_DATA lie."""
    monkeypatch.setenv("IGE_REAL_DATA", str(tmp_path))
    (tmp_path / "mocap").mkdir()
    return tmp_path / "mocap"


def test_generated_poses_need_no_data(params: Params) -> None:
    check = check_data(params, None)
    assert (check.status, check.found) == ("ok", "poses are generated, nothing to download")


def test_a_missing_folder_says_where_to_put_it(
    mocap: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IGE_REAL_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    check = check_data(mocap, pose_data(mocap))
    assert check.status == "missing"
    assert "data/sources/mocap" in check.found
    assert "docs/mocap.md" in check.found


def test_a_folder_without_motions_and_one_with(mocap: Params, folder: Path) -> None:
    (folder / "manifest.csv").write_text("file\n")
    assert check_data(mocap, pose_data(mocap)).status == "missing"
    (folder / "a.bvh").write_bytes(HEADER % 3)
    check = check_data(mocap, pose_data(mocap))
    assert check.status == "ok"
    assert check.found.startswith("1 motion files")


def test_missing_files_of_human36m_are_named(params: Params, lacking: Callable[..., SourceData]) -> None:
    check = check_data(params, lacking("h36m", "Poses_S1.tgz", "Poses_S11.tgz"))
    assert check.status == "missing"
    assert "2 files missing or not as they should be: Poses_S{1,11}.tgz" in check.found
    assert "ige check-data" in check.advice


def test_files_of_human36m_that_are_there(changed: Changed) -> None:
    h36m = changed({"poses": {"source": "h36m"}})
    file = SourceFile("h36m", "official", "S1.tgz")
    found = (Presence(file, "present", (Path("S1.tgz"),), ""),)
    check = check_data(h36m, SourceData("h36m", Path("data/sources/h36m"), {"official": found}))
    assert (check.status, check.found) == ("ok", "official of h36m in data/sources/h36m")


def test_frames_are_counted_from_headers_and_sizes(mocap: Params, folder: Path) -> None:
    (folder / "a.bvh").write_bytes(HEADER % 30)
    (folder / "b.BVH.gz").write_bytes(gzip.compress(HEADER.replace(b"\n", b"\r\n") % 500))
    (folder / "c.amc").write_bytes(b"x" * 767 * 7)
    (folder / "amc").mkdir()
    (folder / "amc" / "repeated.amc").write_bytes(b"x" * 76700)
    (folder / "broken_1.bvh").write_bytes(HEADER % 9999)
    assert count_frames(mocap, folder) == 30 + 500 + 7


def test_files_that_cannot_be_read_count_nothing(mocap: Params, folder: Path) -> None:
    (folder / "a.bvh.gz").write_bytes(b"no archive")
    (folder / "b.bvh.gz").write_bytes(gzip.compress(HEADER * 100)[:40])
    (folder / "c.bvh").write_bytes(bytes(1000))
    assert count_frames(mocap, folder) == 0
