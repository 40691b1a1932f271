import json
import os

import pytest

from ige.base import codehash
from ige.base.errors import InputError
from ige.params.stages import MODULES
from ige.workflow import code
from ige.workflow.code import versions, write_versions


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two modules instead of ours, with one stage; the folder of its files."""
    folder = tmp_path / "root/ige"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "stage.py").write_text("from ige import near\n\nA = near.B\n")
    (folder / "near.py").write_text("B = 1\n")
    (folder / "far.py").write_text("C = 1\n")
    monkeypatch.setattr(code, "Package", lambda known: codehash.Package(tmp_path / "root", known))
    monkeypatch.setattr(code, "MODULES", {"stage": "ige.stage"})
    return folder


@pytest.fixture
def kept(package, tmp_path):
    """A folder that holds the cache of the package."""
    versions(tmp_path / "kept")
    return tmp_path / "kept"


@pytest.fixture
def parsed(monkeypatch):
    """The contents of the files that are parsed from now on."""
    contents = []
    facts_of = codehash.facts_of
    monkeypatch.setattr(
        codehash, "facts_of", lambda content: (contents.append(content), facts_of(content))[1]
    )
    return contents


def test_the_committed_versions_are_true(root):
    committed = json.loads((root / "workflow/code.json").read_text())
    assert committed == versions(), "run `snakemake -n` and commit workflow/code.json"


def test_every_stage_has_a_version_and_the_file_is_left_alone(tmp_path):
    found = versions()
    assert set(found) == set(MODULES)
    path = tmp_path / "code.json"
    write_versions(path, found)
    os.utime(path, (1, 1))
    write_versions(path, found)
    assert path.stat().st_mtime == 1
    write_versions(path, found | {"train_poses": "other"})
    assert json.loads(path.read_text())["train_poses"] == "other"
    path.write_bytes(b"\xff")
    write_versions(path, found)
    assert json.loads(path.read_text()) == found


def test_what_is_kept_is_not_parsed_again_and_says_the_same(tmp_path, parsed):
    true = versions(tmp_path)
    assert parsed
    (cache,) = tmp_path.iterdir()
    os.utime(cache, (1, 1))
    parsed.clear()
    assert versions(tmp_path) == true == versions()
    assert parsed == []
    assert cache.stat().st_mtime == 1, "an unchanged cache is left alone"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: "[" * 100_000,
        lambda text: "\0",
        lambda text: text.replace('"code": "', '"code": "0', 1),
        lambda text: text.replace('"imports": []', '"imports": ["ige.far"]', 1),
        lambda text: text.replace('"python": "3', '"python": "2', 1),
        lambda text: text.replace('"facts": "', '"facts": "0', 1),
        lambda text: text.replace('"files"', '"flies"', 1),
    ],
)
def test_a_damaged_or_foreign_cache_costs_time_alone(kept, parsed, damage):
    true = versions(kept)
    cache = kept / "ige-code.json"
    text = cache.read_text()
    damaged = damage(text)
    assert damaged != text
    cache.write_text(damaged)
    parsed.clear()
    assert versions(kept) == true
    assert len(parsed) == 3, "all files of the stage"
    assert cache.read_text() == text, "it is made anew"


def test_a_place_that_cannot_be_read_or_written_costs_time_alone(package, kept, tmp_path):
    true = versions(kept)
    (kept / "ige-code.json").write_bytes(b"\xff\x00")
    assert versions(kept) == true
    assert versions(package / "near.py" / "below") == true
    (tmp_path / "other/ige-code.json").mkdir(parents=True)
    assert versions(tmp_path / "other") == true


def test_the_cache_follows_the_files(package, kept, parsed):
    """A file that has changed is parsed alone; what no file holds any more is dropped."""
    first = versions(kept)
    (package / "near.py").write_text("B = 2\n")
    second = versions(kept)
    assert (parsed, first == second) == ([b"B = 2\n"], False)
    assert len(json.loads((kept / "ige-code.json").read_text())["files"]) == 3
    (package / "near.py").write_text("B = 1\n")
    assert versions(kept) == first


def test_a_job_begins_with_the_planned_code_alone(kept, package):
    planned = versions(kept)["stage"]
    (package / "far.py").write_text("C = 2\n")
    code.require_planned("stage", planned, kept)
    (package / "near.py").write_text("B = 2\n")
    with pytest.raises(
        InputError, match=f"ige/stage.py.*was edited.*expected version {planned}.*again"
    ) as error:
        code.require_planned("stage", planned, kept)
    assert "\n" not in str(error.value)
