from __future__ import annotations

import errno

import pytest

from ige.base.errors import StorageError
from ige.workflow import run


def test_a_full_disk_under_the_notes_of_snakemake_is_told_in_a_line(tmp_path, monkeypatch):
    def reconcile(*_):
        raise OSError(errno.ENOSPC, "No space left on device", ".snakemake/metadata/abc")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "reconcile", reconcile)
    with pytest.raises(StorageError, match="metadata/abc: cannot be written: found the disk is full"):
        run._reconcile(tmp_path, [])
