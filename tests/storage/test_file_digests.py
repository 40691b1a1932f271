import os

import pytest

from ige.base.digests import digest_of_file
from ige.base.errors import InputError
from ige.storage import file_digests
from ige.storage.file_digests import DIGEST_FOLDER, known_digest, note_states, require_unchanged


@pytest.fixture
def read(monkeypatch):
    """The files that were really read, in order; nothing is known yet, and any file is big."""
    names = []

    def digest(path):
        names.append(path.name)
        return digest_of_file(path)

    monkeypatch.setattr(file_digests, "digest_of_file", digest)
    monkeypatch.setattr(file_digests, "_BIG_BYTES", 0)
    monkeypatch.setattr(file_digests, "_of_this_process", {})
    return names


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file that was written long ago: in that no time is too young to be trusted."""
    monkeypatch.setattr(file_digests, "_SETTLED_NS", -1)
    path = tmp_path / "a.zip"
    path.write_bytes(b"one")
    return path


def as_another_process(monkeypatch):
    monkeypatch.setattr(file_digests, "_of_this_process", {})


def test_a_file_is_read_once_by_all_processes(file, read, tmp_path, monkeypatch):
    expected = digest_of_file(file)
    assert [known_digest(file, tmp_path / "kept") for _ in range(2)] == [expected] * 2
    as_another_process(monkeypatch)
    monkeypatch.setenv(DIGEST_FOLDER, str(tmp_path / "kept"))
    assert known_digest(file) == expected
    assert read == ["a.zip"]


def test_small_files_leave_no_note(file, read, tmp_path, monkeypatch):
    monkeypatch.setattr(file_digests, "_BIG_BYTES", 4)
    known_digest(file, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_an_edit_is_seen_also_with_its_length_and_time_of_before(file, read, tmp_path):
    known_digest(file, tmp_path / "kept")
    before = file.stat()
    file.write_bytes(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert known_digest(file, tmp_path / "kept") == digest_of_file(file)
    assert len(read) == 2


def test_a_file_of_this_very_moment_is_not_trusted(file, read, tmp_path, monkeypatch):
    monkeypatch.setattr(file_digests, "_SETTLED_NS", 3_600_000_000_000)
    for _ in range(2):
        known_digest(file, tmp_path / "kept")
    assert len(read) == 2
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("spoil", [lambda text: "", lambda text: text.replace('"sha256": "', '"sha256": "0')])
def test_a_damaged_note_costs_time_alone(file, read, tmp_path, monkeypatch, spoil):
    known_digest(file, tmp_path / "kept")
    (note,) = (tmp_path / "kept").iterdir()
    note.write_text(spoil(note.read_text()))
    as_another_process(monkeypatch)
    assert known_digest(file, tmp_path / "kept") == digest_of_file(file)
    assert len(read) == 2


def test_a_folder_that_cannot_be_written_costs_time_alone(file, read, tmp_path):
    (tmp_path / "kept").write_text("a file")
    assert known_digest(file, tmp_path / "kept") == digest_of_file(file)


@pytest.fixture
def noted(file, monkeypatch):
    monkeypatch.setattr(file_digests, "_noted", {})
    note_states([file, file.parent, file.parent / "not-there"])
    return file


def test_what_was_not_touched_or_only_linked_to_is_unchanged(noted):
    require_unchanged(noted)
    os.link(noted, noted.with_name("another-name"))
    noted.read_bytes()
    require_unchanged(noted)
    require_unchanged(noted.parent / "not-there")


def replace(file):
    state = file.stat()
    file.with_name("new").write_bytes(b"two")
    os.utime(file.with_name("new"), ns=(state.st_atime_ns, state.st_mtime_ns))
    file.with_name("new").replace(file)


@pytest.mark.parametrize(
    "change", [replace, lambda file: file.write_bytes(b"other"), lambda file: file.unlink()]
)
def test_what_changes_while_it_is_read_is_told(noted, change):
    change(noted)
    with pytest.raises(InputError, match=r"a\.zip: changed while it was read"):
        require_unchanged(noted)
