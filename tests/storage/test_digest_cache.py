import hashlib
import json
import os

import pytest

from ige.storage import digest_cache
from ige.storage.digest_cache import DigestCache


def sha(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def settled(monkeypatch):
    """Files count as old enough to be remembered."""
    monkeypatch.setattr(digest_cache, "is_settled", lambda state: True)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file.h5"
    path.write_bytes(b"one")
    return path


def test_what_is_known_is_not_read_again(tmp_path, file, settled, monkeypatch):
    cache = DigestCache(tmp_path / "digests.json")
    assert cache.digest(file) == sha(b"one")
    cache.save()
    monkeypatch.setattr(digest_cache, "known_digest", lambda path: 1 / 0)
    assert DigestCache(tmp_path / "digests.json").digest(file) == sha(b"one")


def test_an_edit_that_keeps_size_and_time_is_seen(tmp_path, file, settled):
    cache = DigestCache(tmp_path / "digests.json")
    cache.digest(file)
    before = file.stat()
    file.write_bytes(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.digest(file) == sha(b"two")


def test_a_file_that_was_just_written_is_not_remembered(tmp_path, file):
    cache = DigestCache(tmp_path / "digests.json")
    assert cache.digest(file) == sha(b"one")
    cache.save()
    assert not (tmp_path / "digests.json").exists()


def test_a_file_that_is_gone(tmp_path, file, settled):
    cache = DigestCache(tmp_path / "digests.json")
    cache.digest(file)
    file.unlink()
    assert cache.digest(file) is None
    cache.save()
    assert json.loads((tmp_path / "digests.json").read_text()) == {}


@pytest.mark.parametrize("content", ["", "[1]", '{"a": 1}', '{"a": [[1], "x"]}', "\x00"])
def test_a_spoilt_cache_costs_time_alone(tmp_path, file, content):
    (tmp_path / "digests.json").write_text(content)
    assert DigestCache(tmp_path / "digests.json").digest(file) == sha(b"one")
