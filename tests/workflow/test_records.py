import json

import pytest

from ige.base.digests import digest_of_file
from ige.storage.digest_cache import DigestCache
from ige.storage.provenance import write_provenance
from ige.workflow.records import reconcile

CODE, SETTINGS = "0123456789ab", {"rate": 1e-3}


class Store:
    """Snakemake's records, in memory."""

    def __init__(self):
        self.records, self.marked = {}, set()

    def read(self, result):
        return None if result in self.marked else self.records.get(result)

    def give_back(self, result, record):
        self.records[result] = record
        self.marked.discard(result)

    def mark(self, result):
        self.marked.add(result)


class Run:
    """A run of one job that made a table from a score."""

    def __init__(self, folder):
        self.folder = folder / "runs/demo"
        self.score, self.table = self.folder / "scores/a.json", self.folder / "tables/poses.csv"
        self.record = self.folder / "tables/poses.run.json"
        for path in (self.score, self.table):
            path.parent.mkdir(parents=True)
        self.score.write_text("score")
        self.store = Store()
        self.make("table")

    def make(self, content, code=CODE):
        """Do what the job does, and what Snakemake keeps of it."""
        self.table.write_text(content)
        self.known = {
            "rule": "tabulate_poses",
            "params": [repr(code), repr(SETTINGS)],
            "input_checksums": {str(self.score): f"sha256:{digest_of_file(self.score)}"},
        }
        write_provenance(
            self.record,
            stage="tabulate_poses",
            settings=SETTINGS,
            code=code,
            inputs=[self.score],
            outputs=[self.table],
        )
        self.store.records = dict.fromkeys(self.results, self.known)

    @property
    def results(self):
        return [str(self.table), str(self.record)]

    def reconcile(self):
        """The faults that are found, by result."""
        faults = reconcile(self.folder, self.store, DigestCache(None), self.results)
        return {fault.result: fault.reason for fault in faults}


@pytest.fixture
def run(tmp_path):
    made = Run(tmp_path)
    assert made.reconcile() == {}
    return made


def test_snakemakes_record_is_kept_beside_the_result_and_given_back(run):
    assert json.loads(run.record.read_text())["workflow"] == run.known
    run.store.records = {}
    assert run.reconcile() == {}
    assert run.store.records == dict.fromkeys(run.results, run.known)


def test_a_record_of_later_results_gives_way_to_that_of_those_that_lie_there(run):
    run.store.records = {key: {"rule": "tabulate_poses", "params": ["of later"]} for key in run.results}
    assert run.reconcile() == {}
    assert run.store.records[str(run.table)] == run.known


def test_an_edited_result_is_made_again(run):
    run.table.write_text("edited")
    assert run.reconcile() == {str(run.table): "was changed after it had been made"}
    assert run.store.marked == set(run.results)


def test_a_result_whose_input_changed_is_made_again_whatever_the_times_say(run):
    run.score.write_text("other")
    assert run.reconcile() == {str(run.record): f"was made from {run.score}, which has changed"}
    assert run.store.marked == set(run.results)


def test_a_result_whose_input_is_gone_is_not_believed(run):
    run.score.unlink()
    assert "is missing" in run.reconcile()[str(run.record)]
    assert run.store.marked == set(run.results)


def test_a_result_without_record_is_not_believed(run):
    run.record.unlink()
    assert run.reconcile() == {str(run.table): "has no record beside it"}
    assert run.store.marked == {str(run.table)}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"rate": 0.001', '"rate": 0.002'),
        lambda text: text.replace('"device": "cpu"', '"device": "cpv"'),
        lambda text: text.replace("sha256:", "sha257:"),
    ],
)
def test_a_spoilt_record_vouches_for_nothing(run, spoil):
    run.record.write_text(spoil(run.record.read_text()))
    assert run.reconcile()[str(run.record)] == "is no readable record"
    assert set(run.results) == run.store.marked


def test_what_nobody_makes_is_left_alone(run):
    (run.folder / "tables/notes.txt").write_text("mine")
    assert run.reconcile() == {}
    assert run.store.marked == set()


def test_a_job_that_snakemake_did_not_see_ending_is_done_again(run):
    run.make("table two")
    run.store.marked = set(run.results)
    assert run.reconcile() == {str(run.record): "was not completed"}


def test_snakemakes_record_of_an_earlier_job_is_not_taken_for_this_ones(run):
    earlier = run.known
    run.make("table two", code="ba9876543210")
    run.store.records = dict.fromkeys(run.results, earlier)
    assert run.reconcile() == {str(run.record): "was not completed"}


def test_a_restored_result_is_believed_although_a_job_for_it_was_broken_off(run):
    run.store.marked = set(run.results)
    assert run.reconcile() == {}
    assert run.store.marked == set()


def test_what_cannot_be_read_is_told_by_name(run, monkeypatch):
    def digest(self, file):
        if file.name == "a.json":
            raise PermissionError(13, "Permission denied", str(file))
        return digest_of_file(file)

    monkeypatch.setattr(DigestCache, "digest", digest)
    assert run.reconcile() == {
        str(run.record): f"was made from {run.score}, which cannot be read (Permission denied)"
    }
    assert run.store.marked == set(run.results)


def test_a_fault_of_what_nobody_asks_for_is_not_told(run):
    run.table.write_text("edited")
    assert reconcile(run.folder, run.store, DigestCache(None), ["runs/demo/tables/other.csv"]) == []
    assert run.store.marked == set()
