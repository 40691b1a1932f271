from __future__ import annotations

import os

import pytest

from ige.base.errors import StorageError
from ige.workflow import places
from ige.workflow.places import require_writable


def test_files_that_can_be_made_are_no_fault_and_nothing_is_touched(tmp_path):
    require_writable([str(tmp_path / "a/b/c.json"), str(tmp_path / "d.json"), "beside.json"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flag", "reason"), [(os.ST_RDONLY, "the file system is read-only"), (0, "no permission to write here")]
)
def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch, flag, reason):
    shut = tmp_path / "models"
    shut.mkdir()
    # Root may write anywhere, so the system's answers are stood in for.
    monkeypatch.setattr(places.os, "access", lambda folder, _: folder != str(shut))
    monkeypatch.setattr(places.os, "statvfs", lambda _: type("Facts", (), {"f_flag": flag}))
    with pytest.raises(StorageError) as caught:
        require_writable([str(tmp_path / "tables/a.csv"), str(shut / "new/model.pt")])
    assert str(caught.value).startswith(f"{shut}: cannot be written: found {reason}. ")
