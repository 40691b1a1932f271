import threading
import time

import pytest

from ige.base.jobs import LockedError, only_holder
from ige.workflow import turns
from ige.workflow.places import RUN_LOCK


def look(run):
    with turns.looking(run) as started:
        return started


def test_who_looked_may_work(tmp_path):
    seen = look(tmp_path)
    with (
        turns.working(tmp_path, seen),
        pytest.raises(LockedError, match="this run is still running"),
        turns.looking(tmp_path),
    ):
        pass
    assert look(tmp_path) == 1


def test_who_looked_before_another_run_began_has_to_plan_anew(tmp_path):
    seen = look(tmp_path)
    with turns.working(tmp_path, seen):
        pass
    with (
        pytest.raises(LockedError, match=r"another run has begun since this one was planned\. Run the same"),
        turns.working(tmp_path, seen),
    ):
        pass
    with turns.working(tmp_path, look(tmp_path)):
        pass


def test_two_do_not_work_at_once(tmp_path):
    seen = look(tmp_path)
    with (
        only_holder(tmp_path / RUN_LOCK, "it", 0.0),
        pytest.raises(LockedError, match="this run is still running"),
        turns.working(tmp_path, seen),
    ):
        pass


def test_a_look_makes_no_run_end_but_wait(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(turns, "_SHORT_SECONDS", 0.0)
    seen, looked, begun = look(tmp_path), threading.Event(), []

    def work():
        looked.wait(60)
        with turns.working(tmp_path, seen):
            begun.append(True)

    worker = threading.Thread(target=work)
    worker.start()
    with turns.looking(tmp_path):
        looked.set()
        patience = time.monotonic() + 60
        while not caplog.records and time.monotonic() < patience:
            worker.join(0.01)
        assert not begun
    worker.join(60)
    assert begun == [True]
    assert "waiting for it" in caplog.text


def test_a_count_that_cannot_be_read_is_none(tmp_path):
    with turns.working(tmp_path, look(tmp_path)):
        pass
    (tmp_path / turns.STARTED).write_bytes(b"\xff")
    assert look(tmp_path) == 0
