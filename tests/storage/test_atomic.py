import errno
import os
import resource
import signal
import subprocess
import sys

import pytest

from ige.base.errors import StorageError
from ige.storage.atomic import atomic_path, storage_error, write_bytes, write_text


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    write_text(tmp_path / "a", "old")

    def fail_half_way():
        with atomic_path(tmp_path / "a") as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert (tmp_path / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_a_killed_writer_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path):
    killed = subprocess.Popen(["true"])
    killed.wait()
    (tmp_path / f".a.{killed.pid}.partial").write_text("half")
    living = tmp_path / ".a.1.partial"
    living.write_text("being written")
    write_text(tmp_path / "a", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.1.partial", "a"]


def test_folders_are_made_and_line_ends_kept(tmp_path):
    write_text(tmp_path / "b" / "c" / "d", "x\ny\n")
    assert (tmp_path / "b" / "c" / "d").read_bytes() == b"x\ny\n"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "read-only"),
    ],
)
def test_the_reason_is_told_in_one_line(tmp_path, number, words):
    text = str(storage_error(tmp_path / "a", OSError(number, os.strerror(number))))
    assert words in text
    assert "\n" not in text
    assert "run the same command again" in text


WRITERS = """
import sys
from pathlib import Path
import numpy as np
from ige.base.errors import StorageError
path = Path(sys.argv[1])
try:
    if sys.argv[2] == "arrays":
        from ige.storage.arrays import write_arrays
        write_arrays(path, "x", {"a": np.ones(300_000)}, {})
    elif sys.argv[2] == "tensors":
        import torch
        from ige.storage.tensors import write_tensors
        write_tensors(path, "x", {"a": torch.ones(300_000)}, {})
    else:
        from ige.storage.records import write_record
        write_record(path, "x", {"a": [1.5] * 300_000})
except StorageError as error:
    print(error)
    sys.exit(2)
"""


@pytest.mark.parametrize("what", ["arrays", "tensors", "record"])
def test_a_write_that_fails_half_way_is_one_line_and_leaves_nothing(tmp_path, what):
    def small_files_only():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [sys.executable, "-c", WRITERS, str(tmp_path / "out"), what],
        capture_output=True,
        text=True,
        preexec_fn=small_files_only,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stdout
    assert "refuses a file of this size" in done.stdout
    assert done.stdout.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_bytes(tmp_path):
    write_bytes(tmp_path / "a", b"\x00\xff")
    assert (tmp_path / "a").read_bytes() == b"\x00\xff"


def test_an_unwritable_folder_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a part of this path is a file"):
        write_text(tmp_path / "file" / "x", "")
