from __future__ import annotations

import os
import time

import pytest

from ige.base.errors import InputError, StorageError
from ige.workflow import places
from ige.workflow.places import bring_into_the_past, require_writable


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


def test_files_of_the_future_are_brought_back_and_others_keep_their_times(tmp_path):
    now = time.time()
    old, new, link = tmp_path / "old", tmp_path / "new", tmp_path / "link"
    for path, seconds in ((old, -3600), (new, 3600)):
        path.write_text("x")
        os.utime(path, (now, now + seconds))
    before = old.stat().st_mtime_ns
    link.symlink_to(new)
    os.utime(link, (now, now + 3600), follow_symlinks=False)
    bring_into_the_past([str(old), str(link), str(tmp_path / "not there")])
    assert old.stat().st_mtime_ns == before
    assert max(new.stat().st_mtime, link.lstat().st_mtime) <= time.time()


def test_a_file_of_the_future_that_is_not_ours_is_named(tmp_path, monkeypatch):
    path = tmp_path / "walk.bvh"
    path.write_text("x")
    os.utime(path, (0, time.time() + 3600))

    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(places.os, "utime", refuse)
    with pytest.raises(InputError, match=r"walk\.bvh: is of the future.*`touch` the file"):
        bring_into_the_past([str(path)])
