"""The campaign's own parts: what is drawn, damaged, judged and counted."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice

import campaign
import pytest
from campaign import ATTEMPTS, FAILED, MISSED, RECOVERED, SKIPPED, Outcome, chosen, inject, plan, table, tally
from fault_damage import OWNERS, damage, damage_in_a_run, owner_of
from fault_kinds import _SHORT, KINDS
from fault_stand import Failure, Missed, Said
from fault_strike import Struck

from ige.params.memory import memory_advice


def test_each_kind_is_drawn_ten_times_at_least_in_a_campaign_of_200():
    drawn = Counter(fault.kind for fault in chosen(0, 200, KINDS))
    assert set(drawn) == set(KINDS)
    assert min(drawn.values()) >= 10


def test_the_seed_draws_all():
    first, second = islice(plan(3), 2)
    assert [first, second] == chosen(3, 2, KINDS) != chosen(4, 2, KINDS)
    assert first.rng().random() == first.rng().random() != second.rng().random()


def test_a_number_is_the_same_fault_whatever_else_is_chosen():
    (fault,) = chosen(0, 200, KINDS, only=30)
    alone = chosen(0, 9, [fault.kind])
    assert [each.kind for each in alone] == [fault.kind] * 9
    assert fault in alone
    assert fault in chosen(0, 50, KINDS)


@pytest.mark.parametrize("content", [b"", b"\0", bytes(2000), bytes(range(256)) * 9])
def test_damage_always_alters(tmp_path, content):
    path = tmp_path / "file"
    for seed in range(40):
        path.write_bytes(content)
        how = damage(path, random.Random(seed))
        assert path.read_bytes() != content, how


def test_damage_to_a_record_alters_what_it_says(tmp_path):
    path = tmp_path / "some.run.json"
    for seed in range(40):
        path.write_text('{"a": 1}\n')
        damage(path, random.Random(seed))
        assert path.read_text(errors="replace").strip() != '{"a": 1}'


def test_a_file_that_a_run_is_making_anew_is_not_damaged(tmp_path, monkeypatch):
    path = tmp_path / "file"
    with pytest.raises(Missed):
        damage_in_a_run(path, random.Random(0))
    path.write_bytes(b"content")
    assert damage_in_a_run(path, random.Random(0))

    def damage_too_late(path, rng):
        path.rename(tmp_path / "replaced")
        path.write_bytes(b"content")

    monkeypatch.setattr("fault_damage.damage", damage_too_late)
    with pytest.raises(Missed):
        damage_in_a_run(path, random.Random(0))


def test_want_of_memory_is_told_by_the_parameter_to_lower():
    found = "ige train-poses: the memory does not suffice. "
    assert Said(1, found + memory_advice("train_poses")).tells(_SHORT)
    assert not Said(1, found + memory_advice("no_stage")).tells(_SHORT)


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


def test_what_did_not_happen_is_not_counted_as_injected():
    kind = "two runs at once"
    verdicts = (RECOVERED, FAILED, MISSED, MISSED)
    outcomes = [Outcome(number, kind, verdict) for number, verdict in enumerate(verdicts)]
    counts = tally([*outcomes, Outcome(4, "full disk", SKIPPED)])
    assert (counts[kind]["injected"], counts[kind][MISSED]) == (2, 2)
    assert (counts["full disk"]["injected"], counts["full disk"][SKIPPED]) == (0, 1)
    assert table(counts).splitlines()[-1].split() == ["all", "2", "1", "0", "1", "2", "1"]


def test_a_fault_that_was_missed_is_drawn_anew(monkeypatch):
    def miss(fault, base, kept):
        draws.append(fault.rng().random())
        return Outcome(fault.number, fault.kind, RECOVERED if len(draws) == 3 else MISSED, fault.attempt)

    draws: list[float] = []
    monkeypatch.setattr(campaign, "inject", miss)
    (fault,) = chosen(0, 1, KINDS)
    outcomes = campaign.inject_until_it_happens(fault, None, None)
    assert [outcome.verdict for outcome in outcomes] == [MISSED, MISSED, RECOVERED]
    assert len(set(draws)) == 3
    assert len(campaign.inject_until_it_happens(fault, None, None)) == ATTEMPTS


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
