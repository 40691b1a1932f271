"""What a run does that meets another one, edited code, or a source that changes under its hands."""

from __future__ import annotations

import json
import shutil

import pytest

from ige.base.jobs import only_holder
from ige.workflow.places import RUN_LOCK
from ige.workflow.unlisted import UNLISTED

pytestmark = pytest.mark.slow
MODEL = "models/poses/ige-t2/seed0/model.pt"


def test_no_run_trusts_what_it_could_not_compare(built):
    content = bytearray((built.run_folder / MODEL).read_bytes())
    content[-100] ^= 1
    (built.run_folder / MODEL).write_bytes(content)
    with only_holder(built.run_folder / RUN_LOCK, "this run", 0.0):
        done = built.call()
        assert done.returncode == 2
        assert "this run is still running in another process" in done.stderr.splitlines()[-1]
        looked = built.call("-n")
        assert looked.returncode == 0
        assert "knows neither its end nor any record" in looked.stderr + looked.stdout
    assert "train_poses ige-t2" in built.planned()


def test_a_dry_run_leaves_results_and_plan_as_they_are(built):
    before = state(built)
    fewer = {"train": {"poses": ["mean-pose"]}, "training": {"poses": {"epochs": 9}}}
    assert "train_poses mean-pose" not in built.planned(over=fewer)
    assert state(built) == before


def state(checkout):
    files = [path for path in checkout.run_folder.rglob("*") if "locks" not in path.parts and path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_what_left_the_list_goes_even_if_nothing_else_is_to_be_done(built):
    """It came back in another way than by a run: by `dvc checkout`, or by hand."""
    fewer = built.folder / "fewer.yaml"
    fewer.write_text(json.dumps({"train": {"poses": ["mean-pose", "lifter-128-1"]}}))
    both = ("small.yaml", "fewer.yaml")
    assert built.call(configfiles=both).returncode == 0
    gone = built.run_folder / UNLISTED / "models/poses/ige-t2"
    assert gone.is_dir()
    shutil.copytree(gone, built.run_folder / "models/poses/ige-t2")
    done = built.call(configfiles=both)
    assert "Nothing to be done" in done.stderr + done.stdout
    assert not (built.run_folder / "models/poses/ige-t2").exists()


def test_code_that_was_edited_during_a_run_scores_nothing(built, built_once):
    """The edit comes with the first job and concerns the second."""
    built.forget("models/poses/ige-t2", "scores/poses/ige-t2")
    edited = built.folder / "ige/poses/evaluate.py"
    text = edited.read_text()
    process = built.start()
    while "train-poses" not in built.active_stages():
        assert process.poll() is None
    edited.write_text(text + "\nEDITED = 1\n")
    assert process.wait() != 0
    said = (built.folder / "out.txt").read_text()
    assert "ige evaluate-poses: ige/poses/evaluate.py, or what it imports: its code was edited after" in said
    assert not (built.run_folder / "scores/poses/ige-t2").exists() or not any(
        (built.run_folder / "scores/poses/ige-t2").rglob("*.json")
    )
    edited.write_text(text)
    built.build()
    assert built.results() == built_once.results()
