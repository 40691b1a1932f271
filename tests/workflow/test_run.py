from __future__ import annotations

import errno
import io
import logging

import pytest

from ige.base.errors import StorageError
from ige.base.jobs import LOCK_FOLDER, WORKFLOW_PID
from ige.storage.file_digests import DIGEST_FOLDER
from ige.workflow import run


def test_a_full_disk_under_the_notes_of_snakemake_is_told_in_a_line(tmp_path, monkeypatch):
    def reconcile(*_):
        raise OSError(errno.ENOSPC, "No space left on device", ".snakemake/metadata/abc")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "reconcile", reconcile)
    with pytest.raises(StorageError, match="metadata/abc: cannot be written: found the disk is full"):
        run._reconcile(tmp_path, [])


def test_a_full_disk_under_snakemakes_log_hides_nothing_that_is_told(tmp_path, monkeypatch, capsys):
    class Full(io.StringIO):
        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(logging, "raiseExceptions", True)
    for name in (LOCK_FOLDER, WORKFLOW_PID, DIGEST_FOLDER):
        monkeypatch.setenv(name, "")
    run.prepare(tmp_path / "locks", {}, tmp_path / "code.json", main=False)
    handler = logging.StreamHandler(Full())
    handler.emit(logging.makeLogRecord({"msg": "a line of the log"}))
    assert capsys.readouterr().err == ""
