"""Files of a run held against its records, in a run of two jobs that is made of records alone."""

from __future__ import annotations

import io
import json
import os
import shutil

import pytest

from ige.base.errors import InputError
from ige.base.jobs import only_holder
from ige.storage.provenance import write_provenance
from ige.workflow.records import seal
from ige.workflow.verify import verify, verify_all

CODE = {"prepare_clips": "abc", "tabulate_poses": "def"}
CLIPS, TABLE, SOURCE = "data/poses/clips.h5", "tables/poses.csv", "../../data/walk.bvh"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Clips made of a motion file, and a table made of the clips."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs/r"
    for name in (CLIPS, TABLE, SOURCE, "logs/a.log", "locks/run.lock", "plan/report.json", "params.json"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    jobs = {"prepare_clips": (SOURCE, CLIPS), "tabulate_poses": (CLIPS, TABLE)}
    for stage, (read, made) in jobs.items():
        files = {"inputs": [folder / read], "outputs": [folder / made]}
        record = (folder / made).with_suffix(".run.json")
        write_provenance(record, stage=stage, settings={}, code=CODE[stage], **files)
    return folder


def faults(run, code=CODE):
    return verify(run.relative_to(run.parents[1]), code).faults


def test_an_untouched_run_has_no_fault(run):
    verdict = verify(run, CODE)
    assert (verdict.faults, verdict.notes, verdict.files, verdict.records) == ([], [], 4, 2)
    assert verdict.read == sum(len(name) for name in (SOURCE, CLIPS, TABLE))


def test_an_edited_result_is_one_fault_and_not_one_for_each_reader(run):
    (run / CLIPS).write_text("edited")
    (fault,) = faults(run)
    record = "runs/r/data/poses/clips.run.json"
    assert fault == f"runs/r/data/poses/clips.h5: edited since it was made; {record} vouches for it"


def test_a_flipped_bit_is_seen_whatever_its_times(run):
    path = run / TABLE
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    (fault,) = faults(run)
    assert fault.startswith("runs/r/tables/poses.csv: edited")


def test_what_was_remembered_of_files_is_forgotten_where_it_was_wrong(run):
    remembered = [run / "locks/digests.json", run.parents[1] / ".snakemake/ige-digests/a.json"]
    for path in remembered:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert verify_all(["r"], CODE, io.StringIO()) == 0
    assert all(path.is_file() for path in remembered)
    (run / TABLE).write_text("edited")
    assert verify_all(["r"], CODE, io.StringIO()) == 2
    assert not any(path.exists() for path in remembered)


@pytest.mark.parametrize(
    ("spoil", "how"),
    [(lambda path: path.write_text("new"), "changed"), (lambda path: path.unlink(), "missing")],
)
def test_another_source_is_a_fault_of_what_was_made_from_it(run, spoil, how):
    spoil(run / SOURCE)
    (fault,) = faults(run)
    record = "runs/r/data/poses/clips.run.json"
    assert fault == f"data/walk.bvh: {how} since the results of {record} were made from it"


def test_a_missing_result_is_a_fault(run):
    (run / TABLE).unlink()
    (fault,) = faults(run)
    assert fault.startswith("runs/r/tables/poses.csv: missing; ")


def test_a_result_that_was_made_anew_and_is_no_longer_what_a_table_was_made_from(run):
    (run / CLIPS).write_text("other clips")
    files = {"inputs": [run / SOURCE], "outputs": [run / CLIPS]}
    record = (run / CLIPS).with_suffix(".run.json")
    write_provenance(record, stage="prepare_clips", settings={}, code="abc", **files)
    (fault,) = faults(run)
    assert fault.startswith(
        "runs/r/data/poses/clips.h5: changed since the results of runs/r/tables/poses.run.json"
    )


def test_a_damaged_record_is_named_and_vouches_for_nothing(run):
    record = run / "tables/poses.run.json"
    record.write_text(record.read_text().replace("def", "deg"))
    assert [fault.split(": ")[:2] for fault in faults(run)] == [
        ["runs/r/tables/poses.csv", "no record vouches for it"],
        ["runs/r/tables/poses.run.json", "an edited provenance record. Rebuild it with snakemake"],
    ]
    record.write_text("{")
    assert any("no readable provenance record" in fault for fault in faults(run))


def test_a_record_whose_circumstances_were_edited_is_named(run):
    record = run / "tables/poses.run.json"
    content = json.loads(record.read_text())
    record.write_text(json.dumps(content | {"seal": seal(content)}))
    assert faults(run) == []
    content["circumstances"]["host"] = "another"
    record.write_text(json.dumps(content | {"seal": "of the host before"}))
    assert "runs/r/tables/poses.run.json: an edited provenance record. Rebuild it with snakemake" in faults(
        run
    )


def test_files_of_nobody_and_leftovers_are_faults_and_other_hidden_files_are_not(run):
    for name in ("tables/mine.csv", "tables/.poses.csv.17.partial", "tables/.gitignore", ".gitignore"):
        (run / name).write_text("")
    assert faults(run) == [
        "runs/r/tables/.poses.csv.17.partial: left over from a job that was killed; delete it",
        "runs/r/tables/mine.csv: no record vouches for it",
    ]


@pytest.mark.parametrize(
    ("readers", "told"), [(1, ""), (2, " and of 1 more record"), (3, " and of 2 more records")]
)
def test_all_that_was_made_from_a_changed_file_is_counted(run, readers, told):
    for number in range(1, readers):
        (run / f"tables/{number}.csv").write_text("")
        files = {"inputs": [run / SOURCE], "outputs": [run / f"tables/{number}.csv"]}
        record = run / f"tables/{number}.run.json"
        write_provenance(record, stage="tabulate_poses", settings={}, code="def", **files)
    (run / SOURCE).write_text("new")
    (fault,) = faults(run)
    assert fault.endswith(f".run.json{told} were made from it")


def test_a_folder_in_place_of_a_file_is_unreadable_and_a_file_in_place_of_a_folder_hides_it(run):
    (run / TABLE).unlink()
    (run / TABLE).mkdir()
    (fault,) = faults(run)
    assert fault.startswith("runs/r/tables/poses.csv: unreadable (Is a directory); ")
    shutil.rmtree(run / "data")
    (run / "data").write_text("")
    assert "runs/r/data: no record vouches for it" in faults(run)
    (run / TABLE).rmdir()
    (run / TABLE).write_text(TABLE)
    record = "runs/r/tables/poses.run.json"
    missing = f"runs/r/data/poses/clips.h5: missing since the results of {record} were made from it"
    assert missing in faults(run)


def test_two_records_of_one_file_are_a_fault(run):
    files = {"inputs": [], "outputs": [run / TABLE]}
    write_provenance(run / "tables/again.run.json", stage="tabulate_poses", settings={}, code="def", **files)
    (fault,) = faults(run)
    assert "2 records vouch for it" in fault


def test_other_code_is_a_note_and_no_fault(run):
    verdict = verify(run, CODE | {"tabulate_poses": "new"})
    assert verdict.faults == []
    assert verdict.notes == ["tabulate_poses: 1 record of code def, today's is new"]


def test_a_run_under_way_is_told(run):
    with only_holder(run / "locks/run.lock", "this run", patience_seconds=0.0):
        (note,) = verify(run, CODE).notes
    assert "a run is under way" in note
    assert verify(run, CODE).notes == []


def test_all_runs_are_verified_and_told_in_a_line_each(run):
    out = io.StringIO()
    assert verify_all([], CODE, out) == 0
    assert out.getvalue() == "runs/r: 4 files, 2 of them records, 0.0 MB read: all as the records say\n"
    (run / TABLE).unlink()
    (run / "../s").mkdir()
    out = io.StringIO()
    assert verify_all([], CODE, out) == 2
    lines = out.getvalue().splitlines()
    assert lines[1].endswith(": 1 fault")
    assert lines[2] == "runs/s: nothing there yet: no results and no records"
    assert verify_all(["s"], CODE, io.StringIO()) == 0
    assert verify_all(["runs/s/"], CODE, io.StringIO()) == 0


@pytest.mark.parametrize(
    ("here", "name"), [(".", "r/"), (".", "runs/r/"), ("runs/r", "."), ("runs/r/data", "..")]
)
def test_a_run_is_known_by_name_or_folder(run, monkeypatch, here, name):
    monkeypatch.chdir(run.parents[1] / here)
    out = io.StringIO()
    assert verify_all([name], CODE, out) == 0
    assert ": 4 files, 2 of them records" in out.getvalue()


@pytest.mark.parametrize("name", ["..", ".", "runs", "runs/r/data", "/"])
def test_no_other_folder_is_taken_for_a_run(run, name):
    with pytest.raises(InputError, match="no such run: expected a folder below runs/"):
        verify_all([name], CODE, io.StringIO())


def test_no_runs_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no runs here"):
        verify_all([], CODE, io.StringIO())
    with pytest.raises(InputError, match="no such run"):
        verify_all(["other"], CODE, io.StringIO())
