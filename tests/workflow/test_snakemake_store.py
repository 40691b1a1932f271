import os

import pytest

from ige.workflow.snakemake_store import SnakemakeStore

RECORD = {"rule": "tabulate_poses", "params": ["'0123'"], "input": ["a"], "input_checksums": {}}


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("table")
    return SnakemakeStore(tmp_path / ".snakemake")


def test_what_is_given_back_is_known_to_snakemake_itself(store, tmp_path):
    from snakemake.io import IOFile
    from snakemake.persistence.file import FilePersistence

    store.give_back("table.csv", RECORD)
    assert store.read("table.csv") == RECORD
    found = FilePersistence(nolock=True, path=tmp_path / ".snakemake").metadata(
        IOFile("table.csv", rule=None)
    )
    assert (found.rule, found.params, found.incomplete) == ("tabulate_poses", ["'0123'"], False)


def test_marked_results_are_unknown_until_they_are_given_back(store):
    store.give_back("table.csv", RECORD)
    store.mark("table.csv")
    assert store.read("table.csv") is None
    store.give_back("table.csv", RECORD)
    assert store.read("table.csv") == RECORD


def test_what_was_never_made_is_unknown(store):
    assert store.read("other.csv") is None


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]", b"{", b""])
def test_a_damaged_record_is_none_and_leaves_snakemake_unharmed(store, tmp_path, content):
    store.give_back("table.csv", RECORD)
    (path,) = (tmp_path / ".snakemake/metadata").iterdir()
    path.write_bytes(content)
    assert store.read("table.csv") is None
    store.give_back("table.csv", RECORD)
    assert store.read("table.csv") == RECORD


def test_a_damaged_record_of_what_is_marked_is_removed(store, tmp_path):
    store.give_back("table.csv", RECORD)
    (path,) = (tmp_path / ".snakemake/metadata").iterdir()
    path.write_bytes(b"\xff")
    store.mark("table.csv")
    assert not path.exists()


def test_the_record_of_a_file_that_was_written_over_since_is_not_this_ones(store, tmp_path):
    store.give_back("table.csv", RECORD)
    os.utime(tmp_path / "table.csv", (1, 1))
    assert store.read("table.csv") is None
    store.give_back("table.csv", RECORD)
    assert store.read("table.csv") == RECORD
    (tmp_path / "table.csv").unlink()
    assert store.read("table.csv") is None
