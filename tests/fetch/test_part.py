import errno

import pytest

from ige.base.errors import StorageError
from ige.fetch.part import Note, Part

NOTE = Note("https://a.example/f", '"tag"', 6)


def test_a_part_is_gone_on_with(tmp_path):
    part = Part(tmp_path / "f")
    part.begin(NOTE)
    part.append(b"abc")
    again = Part(tmp_path / "f")  # as after a kill: nothing was closed
    assert (again.size, again.note) == (3, NOTE)
    again.go_on(6)
    again.append(b"def")
    assert again.note is not None
    assert again.note.stitched
    assert again.content().sha256 == "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721"
    part.close()
    again.close()
    again.finish(tmp_path / "f")
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_bytes() == b"abcdef"


@pytest.mark.parametrize("note", [None, "", "{}", '{"url": 1, "more": 2}', "[1]"])
def test_a_part_without_a_good_note_is_thrown_away(tmp_path, note):
    (tmp_path / "f.part").write_bytes(b"abc")
    if note is not None:
        (tmp_path / "f.part.json").write_text(note)
    assert Part(tmp_path / "f").size == 0
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_line_and_keeps_what_was_written(tmp_path, monkeypatch):
    part = Part(tmp_path / "f")
    part.begin(NOTE)
    part.append(b"abc")

    class Full:
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    part.close()
    monkeypatch.setattr(part, "_stream", Full())
    with pytest.raises(StorageError, match="the disk is full"):
        part.append(b"def")
    assert Part(tmp_path / "f").size == 3
