"""The tools that tell of results, as a user calls them."""

from __future__ import annotations

import json

import pytest

from ige.cli import main
from ige.params.load import write_params
from ige.storage.provenance import write_provenance


@pytest.fixture
def table(tmp_path, monkeypatch, params):
    """A table with its record."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "runs/r/tables/poses.csv"
    write_params(tmp_path / "runs/r/params.json", params)
    path.parent.mkdir()
    path.write_text("a,b\n")
    record = path.with_suffix(".run.json")
    write_provenance(record, stage="draw_poses", settings={}, code="abc", inputs=[], outputs=[path])
    return "runs/r/tables/poses.csv"


def test_explain_prints_words_or_json(table, capsys):
    assert main(["explain", table]) == 0
    assert capsys.readouterr().out.startswith(f"{table}\n  made by    draw_poses\n")
    assert main(["explain", table, "--all"]) == 0
    assert capsys.readouterr().out.endswith("jobs before it: none\n")
    assert main(["explain", table, "--json", "--all"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["stage"], told["state"], told["code"], told["before"]) == ("draw_poses", "intact", "abc", [])


def test_explain_of_what_is_no_result_is_one_line(table, capsys):
    assert main(["explain", "runs/r/params.json"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("ige explain: runs/r/params.json: is no result")


def test_explain_of_a_run_with_other_parameters_than_the_schema_knows(table, tmp_path, capsys):
    (tmp_path / "runs/r/params.json").write_text('{"retired": 1}')
    assert main(["explain", table, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["settings_changed"], told["rebuild"]) == (None, None)
    assert told["settings_fault"].startswith("runs/r/params.json: ")


def test_verify_ends_with_2_if_there_is_a_fault(table, tmp_path, capsys):
    assert main(["verify"]) == 0
    assert "all as the records say" in capsys.readouterr().out
    (tmp_path / table).write_text("a,c\n")
    assert main(["verify", "r"]) == 2
    assert capsys.readouterr().out.startswith(f"{table}: edited since it was made")
