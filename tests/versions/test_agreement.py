"""dvc.yaml and the rules are of one mind: targets, outputs, order and what decides."""

from __future__ import annotations

import json
import os
import re

import pytest
import yaml

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stages(built_once):
    """The stages of dvc.yaml with all names filled in, as DVC's lock has them."""
    return yaml.safe_load((built_once.folder / "dvc.lock").read_text())["stages"]


@pytest.fixture(scope="module")
def summary(built_once):
    """Every output of the rules, and the rule that makes it."""
    said = built_once.call("snakemake", "--detailed-summary")
    rows = [line.split("\t") for line in said.splitlines() if line.count("\t") > 5]
    return {row[0]: row[2] for row in rows if row[0].startswith("runs/")}


def owner_of(file, stages):
    """The stages whose outputs a file belongs to."""
    return [
        name
        for name, stage in stages.items()
        for out in stage["outs"]
        if file == out["path"] or file.startswith(out["path"] + "/")
    ]


def test_every_output_of_the_rules_belongs_to_one_stage(stages, summary):
    assert len(summary) > 40
    assert {file: owner_of(file, stages) for file in summary if len(owner_of(file, stages)) != 1} == {}


def test_every_output_of_a_stage_holds_outputs_of_the_rules(stages, summary):
    for name, stage in stages.items():
        for out in stage["outs"]:
            held = [file for file in summary if file == out["path"] or file.startswith(out["path"] + "/")]
            assert held or name == "plan", out["path"]


def test_every_stage_asks_snakemake_for_the_target_of_its_name(built_once, stages):
    targets = set(built_once.call("snakemake", "--list-rules", "--quiet", "all").split())
    for name, stage in stages.items():
        assert (
            re.fullmatch(r'PATH="\$PWD/\.venv/bin:\$PATH" snakemake --cores all -- (\S+)', stage["cmd"])[1]
            == name
        )
        assert name in targets


def test_stages_follow_each_other_as_the_jobs_do(stages, built_once):
    order = list(stages)
    for path in sorted(built_once.run_folder.rglob("*run.json")):
        folder = path.parent
        made = json.loads(path.read_text())["made"]
        mine = owner_of(os.path.relpath(path, built_once.folder), stages)[0]
        for name in made["inputs"]:
            file = os.path.relpath(os.path.normpath(folder / name), built_once.folder)
            (theirs,) = owner_of(file, stages)
            assert order.index(theirs) <= order.index(mine)
            if theirs != mine and theirs.split("@")[0] != mine.split("@")[0]:
                deps = [dep["path"] for dep in stages[mine]["deps"]]
                assert any(file.startswith(dep + "/") for dep in deps), (mine, file)


def test_the_plan_holds_what_snakemake_compares(built_once, stages):
    """Settings, code and command of every job stand in the plan of its stage, as its record has them."""
    for path in sorted(built_once.run_folder.rglob("*run.json")):
        record = json.loads(path.read_text())
        (mine,) = owner_of(os.path.relpath(path, built_once.folder), stages)
        plan = json.loads((built_once.run_folder / f"plan/{mine.replace('@', '/')}.json").read_text())
        made, text = record["made"], json.dumps(plan, sort_keys=True)
        assert json.dumps(made["code"]) in text
        assert json.dumps(record["workflow"]["code"]) in text
        if made["settings"]:
            assert json.dumps(made["settings"], sort_keys=True) in text


def test_no_mapping_of_params_yaml_is_shared(root):
    """What `dvc exp run -S` sets in a mapping that two places share is lost without a word."""
    seen = {}

    def walk(value, place):
        if isinstance(value, dict | list):
            assert id(value) not in seen, f"{place} and {seen[id(value)]} share a value"
            seen[id(value)] = place
            for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
                walk(inner, f"{place}.{key}")

    # Kept alive as a whole: ids are of living values.
    values = yaml.safe_load((root / "params.yaml").read_text())
    walk(values, "params.yaml")
