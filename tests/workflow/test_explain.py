"""How a file came to be, told of a run of two jobs that is made of records alone."""

from __future__ import annotations

import json

import pytest

from ige.base.codehash import code_version
from ige.base.errors import InputError
from ige.params import stages
from ige.params.load import write_params
from ige.params.stages import MODULES
from ige.storage.provenance import write_provenance
from ige.workflow.explain import Run
from ige.workflow.explain_text import text_of

COMMAND = "ige prepare-lifting-set --clips runs/r/data/poses/clips.h5 --models a b c d e f >log 2>&1"


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def record(folder, stage, name, settings, inputs, outputs, **asked):
    code = code_version(MODULES[stage])
    given = {"settings": settings, "code": code, "inputs": inputs, "outputs": outputs, "asked": asked}
    write_provenance(folder / f"{name}.run.json", stage=stage, **given)


@pytest.fixture
def run(tmp_path, monkeypatch, params):
    """A motion file, the clips made of it, and the pairs made of those; seen from the checkout."""
    monkeypatch.chdir(tmp_path)
    poses = tmp_path / "runs/r/data/poses"
    write_params(tmp_path / "runs/r/params.json", params)
    motion = put(tmp_path / "data/sources/mocap/walk.bvh", "motion")
    clips, skipped = put(poses / "clips.h5", "clips"), put(poses / "skipped.csv", "")
    record(
        poses, "prepare_clips", "clips", stages.prepare_clips(params).subtree(), [motion], [clips, skipped]
    )
    pairs = put(poses / "projection/test.h5", "pairs")
    settings = stages.prepare_lifting_set(params, "projection").subtree()
    asked = {"observation": "projection", "split": "test"}
    record(pairs.parent, "prepare_lifting_set", "test", settings, [clips], [pairs], **asked)
    path = pairs.parent / "test.run.json"
    workflow = {"shellcmd": COMMAND, "log": ["runs/r/logs/a.log"]}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"workflow": workflow}))
    return tmp_path / "runs/r"


def explain(path):
    return Run.around(path).explain(path)


def test_a_file_tells_its_job_inputs_and_command(run):
    told = explain(run / "data/poses/projection/test.h5")
    assert (told.path, told.state, told.is_current) == (
        "runs/r/data/poses/projection/test.h5",
        "intact",
        True,
    )
    assert (told.stage, told.asked) == ("prepare_lifting_set", {"observation": "projection", "split": "test"})
    (clips,) = told.inputs
    assert (clips.path, clips.state, clips.stage) == ("runs/r/data/poses/clips.h5", "intact", "prepare_clips")
    assert (told.ran, told.log) == (COMMAND, ["runs/r/logs/a.log"])
    settings = "--configfile runs/r/params.json --replace-workflow-config"
    assert told.rebuild == f"snakemake --cores 1 {settings} --force -- {told.path}"


def test_a_record_tells_of_itself(run):
    told = explain(run / "data/poses/clips.run.json")
    assert (told.stage, told.state, told.record) == ("prepare_clips", "intact", told.path)
    assert [file.stage for file in told.inputs] == [None]


def test_all_jobs_before_it_are_told_up_to_the_sources(run):
    path = run / "data/poses/projection/test.h5"
    found = Run.around(path)
    before = [*found.ancestors(found.explain(path))]
    assert [(distance, one.stage) for distance, one in before] == [(1, "prepare_clips")]
    assert before[0][1].inputs[0].path == "data/sources/mocap/walk.bvh"


def test_what_has_changed_is_told(run, changed):
    (run / "data/poses/clips.h5").write_text("other clips")
    write_params(run / "params.json", changed({"poses": {"lifting": {"frame_step": 7}}}))
    told = explain(run / "data/poses/projection/test.h5")
    assert not told.is_current
    assert [file.state for file in told.inputs] == ["edited"]
    (line,) = told.settings_changed
    assert line.startswith("frame_step: ")
    assert line.endswith(" then, 7 now")
    text = text_of(told)
    assert f"  changed: {line}\n" in text
    assert "CHANGED since, made by prepare_clips" in text
    assert explain(run / "data/poses/clips.h5").state == "edited"


def test_another_code_is_told(run, monkeypatch):
    monkeypatch.setitem(MODULES, "prepare_lifting_set", "ige.poses.prepare")
    told = explain(run / "data/poses/projection/test.h5")
    assert told.code != told.code_now
    assert f"{told.code}, CHANGED since: today it is {told.code_now}" in text_of(told)


def test_names_that_the_parameters_no_longer_know_are_told(run, values):
    del values["poses"]["lifting"]["observations"]["projection"]
    values["train"]["observations"] = ["noisy"]
    (run / "params.json").write_text(json.dumps(values))
    told = explain(run / "data/poses/projection/test.h5")
    assert told.settings_changed is None
    assert "parameters, runs/r/params.json knows no such job any more" in text_of(told)


def test_a_missing_file_is_explained_all_the_same(run):
    (run / "data/poses/clips.h5").unlink()
    assert explain(run / "data/poses/clips.h5").state == "missing"


def test_words_fit_a_terminal_and_commands_can_be_copied(run):
    path = run / "data/poses/projection/test.h5"
    found = Run.around(path)
    text = text_of(found.explain(path), [*found.ancestors(found.explain(path))])
    assert max(map(len, text.splitlines())) <= 100
    assert "--models a b c d [and 2 more] \\\n" in text
    rebuild = text.split("  rebuild    ")[1].split("\n\n")[0].replace("\\\n", "")
    assert rebuild.split() == found.explain(path).rebuild.split()
    assert "jobs before it (1), nearest first\n  prepare_clips\n" in text


def test_many_files_are_told_in_short_and_what_is_wrong_of_them_always(run, params):
    poses = run / "data/poses"
    motions = [put(run / f"../../data/sources/mocap/{number}.bvh", "m") for number in range(30)]
    settings = stages.prepare_clips(params).subtree()
    clips, skipped = poses / "clips.h5", poses / "skipped.csv"
    record(poses, "prepare_clips", "clips", settings, motions, [clips, skipped])
    motions[29].unlink()
    text = text_of(explain(clips))
    assert "and 18 more, all unchanged" in text
    assert text.count(".bvh\n") == 12
    assert "29.bvh\n             MISSING today, not made by a job of this run" in text


def test_it_is_the_same_from_another_folder(run, monkeypatch):
    monkeypatch.chdir(run / "data/poses")
    told = explain(run / "data/poses/projection/test.h5")
    assert (told.path, told.inputs[0].stage) == ("projection/test.h5", "prepare_clips")
    assert told.rebuild.startswith("cd ../../../.. && snakemake --cores 1 --configfile runs/r/params.json")


def test_without_a_copy_of_the_parameters_those_of_the_checkout_count(run):
    (run / "params.json").rename(run / "../../params.yaml")
    told = explain(run / "data/poses/clips.h5")
    assert (told.settings_file, told.settings_changed) == ("params.yaml", [])
    assert told.rebuild == "snakemake --cores 1 --force -- runs/r/data/poses/clips.h5"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("data/poses/nothing.h5", "no such file"),
        ("logs/a.log", "is no result"),
        ("params.json", "the parameters of the last run"),
        ("data/poses/mine.h5", "no record vouches for it"),
        ("data/poses/bad.run.json", "an edited provenance record"),
        ("../../params.yaml", "is no file of a run"),
    ],
)
def test_what_no_record_vouches_for_is_one_line(run, name, told):
    put(run / "logs/a.log", "")
    put(run / "data/poses/mine.h5", "")
    text = (run / "data/poses/clips.run.json").read_text()
    put(run / "data/poses/bad.run.json", text.replace('"code": "', '"code": "0'))
    with pytest.raises(InputError, match=told) as caught:
        explain(run / name)
    assert "\n" not in str(caught.value)
