"""How a file came to be, told of a run of two jobs that is made of records alone."""

from __future__ import annotations

import json
from pathlib import Path

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
    assert "29.bvh\n             MISSING today, no record here tells who made it" in text


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


def test_what_was_set_aside_is_explained_by_the_record_beside_it(run):
    (run / "unlisted/data").mkdir(parents=True)
    (run / "data/poses").rename(run / "unlisted/data/poses")
    path = run / "unlisted/data/poses/projection/test.h5"
    told = explain(path)
    assert (told.stage, told.set_aside, told.is_current) == ("prepare_lifting_set", True, True)
    assert [file.path for file in told.inputs] == ["runs/r/unlisted/data/poses/clips.h5"]
    assert explain(Path(told.inputs[0].path)).inputs[0].path == "data/sources/mocap/walk.bvh"
    text = text_of(told)
    assert "  set aside  nothing asks for it any more" in text
    assert "  rebuild" not in text


def test_what_was_set_aside_was_made_from_what_was_not(run):
    (run / "unlisted/data/poses").mkdir(parents=True)
    (run / "data/poses/projection").rename(run / "unlisted/data/poses/projection")
    (clips,) = explain(run / "unlisted/data/poses/projection/test.h5").inputs
    assert (clips.path, clips.state, clips.stage) == ("runs/r/data/poses/clips.h5", "intact", "prepare_clips")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda text: text.replace('"run"', '"rum"', 1), "params.json: run: missing, and 1 more"),
        (lambda text: text[:-5], "params.json, line "),
        (lambda _: "[]", "params.json: holds no parameters"),
    ],
)
def test_parameters_that_are_not_valid_today_are_not_compared(run, spoil, reason):
    path = run / "params.json"
    path.write_text(spoil(path.read_text()))
    told = explain(run / "data/poses/clips.h5")
    assert (told.settings_changed, told.rebuild) == (None, None)
    assert told.settings_fault.startswith(f"runs/r/{reason}")
    text = text_of(told)
    assert "code and inputs are so, too; parameters cannot be compared" in text
    assert f"\nparameters, not compared: runs/r/{reason}" in text
    assert f"  rebuild    no command while this is so: runs/r/{reason}" in text


def test_today_tells_what_is_not_as_it_was_and_no_more(run, monkeypatch):
    clips, skipped = run / "data/poses/clips.h5", run / "data/poses/skipped.csv"
    assert "made; code, parameters of the last run and inputs are so, too\n" in text_of(explain(clips))
    skipped.unlink()
    told = " ".join(text_of(explain(clips)).split())
    assert "inputs are so, too; other outputs of the same job are NOT: see below" in told
    monkeypatch.setitem(MODULES, "prepare_clips", "ige.poses.train")
    told = " ".join(text_of(explain(clips)).split())
    assert "parameters of the last run and inputs are so, too; code and other outputs of the same" in told
    assert "today MISSING record" in " ".join(text_of(explain(skipped)).split())


def test_a_folder_in_place_of_a_file_is_unreadable(run):
    clips = run / "data/poses/clips.h5"
    clips.unlink()
    clips.mkdir()
    assert explain(clips).state == "unreadable"
    assert "UNREADABLE today, made by prepare_clips" in text_of(
        explain(run / "data/poses/projection/test.h5")
    )


def test_of_many_outputs_the_one_that_was_asked_about_is_first(run, params):
    poses = run / "data/poses"
    outputs = [put(poses / f"{number:02}.csv", str(number)) for number in range(20)]
    record(poses, "prepare_clips", "many", stages.prepare_clips(params).subtree(), [], outputs)
    told = explain(outputs[17])
    digest = next(file.sha256 for file in told.outputs if file.path.endswith("17.csv"))
    text = text_of(told)
    assert f"outputs of the same job (20)\n  {digest[:10]} {told.path}\n" in text
    assert "and 8 more, all unchanged" in text


def test_an_edited_record_is_named_by_itself_and_by_its_files(run):
    path = run / "data/poses/clips.run.json"
    content = json.loads(path.read_text())
    content["circumstances"]["host"] = "another"
    path.write_text(json.dumps(content | {"seal": "of the host before"}))
    with pytest.raises(InputError, match=r"clips\.run\.json: an edited provenance record"):
        explain(path)
    named = "no record vouches for it: .* found runs/r/data/poses/clips.run.json: damaged or edited"
    with pytest.raises(InputError, match=named):
        explain(run / "data/poses/clips.h5")
    text = text_of(explain(run / "data/poses/projection/test.h5"))
    assert "unchanged, no record here tells who made it" in text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("data/poses/nothing.h5", "no such file"),
        ("logs/a.log", "is no result"),
        ("params.json", "the parameters of the last run"),
        ("data/poses/mine.h5", "no record vouches for it"),
        ("data/poses/bad.run.json", "an edited provenance record"),
        ("data/poses/.clips.h5.17.partial", "left over from a job that was killed"),
        ("data/poses", r"is a folder: expected a file in it, e.g. clips.h5, projection/test.h5, skipped.csv"),
        (".", r"runs/r: is a folder: expected .* data/poses/clips.h5, "),
        ("tables", "is a folder: found no file in it"),
        ("unlisted/curves/a.csv", "no record vouches for it: found what was set aside"),
        ("../../params.yaml", "is no file of a run"),
    ],
)
def test_what_no_record_vouches_for_is_one_line(run, name, told):
    put(run / "logs/a.log", "")
    put(run / "data/poses/mine.h5", "")
    put(run / "data/poses/.clips.h5.17.partial", "")
    put(run / "unlisted/curves/a.csv", "")
    (run / "tables").mkdir()
    text = (run / "data/poses/clips.run.json").read_text()
    put(run / "data/poses/bad.run.json", text.replace('"code": "', '"code": "0'))
    with pytest.raises(InputError, match=told) as caught:
        explain(run / name)
    assert "\n" not in str(caught.value)
