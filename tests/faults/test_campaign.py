"""The campaign's own parts: what is drawn, damaged, judged and counted."""

from __future__ import annotations

import random
from collections import Counter

import campaign
import pytest
from campaign import FAILED, RECOVERED, SKIPPED, Outcome, inject, plan, table, tally
from fault_damage import OWNERS, damage, owner_of
from fault_kinds import KINDS
from fault_stand import Failure, Said
from fault_strike import Struck


def test_each_kind_is_injected_ten_times_at_least_in_a_campaign_of_200():
    drawn = Counter(fault.kind for fault in plan(0, 200, list(KINDS)))
    assert set(drawn) == set(KINDS)
    assert min(drawn.values()) >= 10


def test_the_seed_draws_all():
    kinds = list(KINDS)
    assert plan(3, 50, kinds) == plan(3, 50, kinds) != plan(4, 50, kinds)
    first, second = plan(3, 2, kinds)
    assert first.rng().random() == first.rng().random() != second.rng().random()


@pytest.mark.parametrize("content", [b"", b"\0", bytes(2000), bytes(range(256)) * 9])
def test_damage_always_alters(tmp_path, content):
    path = tmp_path / "file"
    for seed in range(40):
        path.write_bytes(content)
        how = damage(path, random.Random(seed))
        assert path.read_bytes() != content, how


def test_the_owner_of_a_file_is_the_stage_that_makes_it():
    assert owner_of("data/poses/clips.h5", OWNERS) == "pose-data"
    assert owner_of("metrics.json", OWNERS) == "report"


def test_a_failed_run_must_tell_why_in_a_line():
    line = "cannot be written: .*full"
    assert Struck(("x",), said=Said(1, "a.h5: cannot be written: found the disk is full"), line=line).judge()
    assert not Struck(("x",), said=Said(0, ""), line=line).judge()
    assert not Struck(("x",)).judge()
    for text in ("another line", "Traceback (most recent call last)\na: cannot be written: full"):
        with pytest.raises(Failure):
            Struck(("x",), said=Said(1, text), line=line).judge()


def test_what_is_not_injected_is_told():
    outcomes = [Outcome(0, "two runs at once", RECOVERED), Outcome(1, "two runs at once", FAILED)]
    counts = tally(outcomes, ["full disk"])
    assert counts["two runs at once"]["injected"] == 2
    assert counts["full disk"][SKIPPED] == 1
    assert table(counts).splitlines()[-1].split() == ["all", "2", "1", "0", "1", "1"]


@pytest.mark.slow
def test_a_fault_is_met_and_a_result_that_is_not_made_anew_is_a_failure(tmp_path, monkeypatch):
    base = campaign.build(tmp_path, tmp_path / "base")
    fault = campaign.Fault(0, "damaged table", 5)
    assert inject(fault, base, tmp_path / "kept").verdict != FAILED
    wrong = dict(base.expected, **{"tables/poses.csv": b"another"})
    monkeypatch.setattr(base, "expected", wrong)
    outcome = inject(fault, base, tmp_path / "kept")
    assert outcome.verdict == FAILED
    assert "tables/poses.csv" in outcome.why
    assert (tmp_path / "kept/000/transcript.txt").is_file()
